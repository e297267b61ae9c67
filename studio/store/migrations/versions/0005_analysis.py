"""What was bought by category, and where each fan stood at the end of a show day."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_PAGE = 1_000


def upgrade() -> None:
    """Add the tables as they stood at this revision, and fill the first from the orders in the ledger."""
    bought = op.create_table(
        "bought",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("order_no", "platform", "category")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("qty", "amount_minor")),
        sa.PrimaryKeyConstraint("order_no", "platform", "category", name="pk_bought"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "standing",
        sa.Column("person_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("show_day", sa.Integer, nullable=False, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("segment", "layer")),
        sa.PrimaryKeyConstraint("person_id", "show_day", name="pk_standing"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_standing_show_day", "standing", ["show_day"])
    op.create_table(
        "standing_day",
        sa.Column("show_day", sa.Integer, nullable=False, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("segment", "layer")),
        sa.Column("fans", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("show_day", "segment", "layer", name="pk_standing_day"),
        sqlite_with_rowid=False,
    )
    _fill(op.get_bind(), bought)


def _fill(connection: sa.Connection, bought: sa.Table) -> None:
    event = sa.table("event", *(sa.column(name) for name in ("seq", "type", "platform", "payload")))
    after = 0
    while True:
        query = sa.select(event.c.seq, event.c.platform, event.c.payload).where(event.c.type == "order", event.c.seq > after)
        page = connection.execute(query.order_by(event.c.seq).limit(_PAGE)).all()
        if not page:
            return
        rows = [row for _, platform, payload in page for row in _rows(platform, json.loads(payload or "{}"))]
        if rows:
            connection.execute(bought.insert(), rows)
        after = page[-1].seq


def _rows(platform: str, order: dict) -> list[dict]:
    found: dict[str, list[int]] = {}
    for item in json.loads(order.get("items") or "[]"):
        sums = found.setdefault(item["category"].strip(), [0, 0])
        sums[0] += item["qty"]
        sums[1] = min(sums[1] + item["qty"] * item["price_minor"], 10**13)
    return [
        {"order_no": order["order"], "platform": platform, "category": name, "qty": sums[0], "amount_minor": sums[1]}
        for name, sums in found.items()
    ]
