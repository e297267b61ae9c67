"""Products and their pictures; imports and the rows that they refused."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the tables as they stood at this revision."""
    _products()
    _imports()


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _products() -> None:
    op.create_table(
        "product",
        _text("room"),
        _text("sku"),
        sa.Column("link_no", sa.Integer),
        *(_text(name) for name in ("name", "seller", "picture")),
        _number("price_minor"),
        *(sa.Column(name, sa.BigInteger) for name in ("floor_minor", "stock")),
        _text("facts"),
        _number("updated_at"),
        sa.PrimaryKeyConstraint("room", "sku", name="pk_product"),
        sa.UniqueConstraint("room", "link_no", name="uq_product_room_link_no"),
    )
    op.create_table(
        "picture",
        _text("hash"),
        _text("media_type"),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("width", "height")),
        sa.Column("data", sa.LargeBinary, nullable=False),
        _number("created_at"),
        sa.PrimaryKeyConstraint("hash", name="pk_picture"),
    )


def _imports() -> None:
    op.create_table(
        "import_job",
        *(_text(name) for name in ("id", "room", "kind", "name", "plan", "state")),
        *(_number(name) for name in ("rows", "accepted", "duplicate", "rejected", "started_at")),
        _text("started_by"),
        _number("ended_at"),
        sa.PrimaryKeyConstraint("id", name="pk_import_job"),
    )
    op.create_index("ix_import_job_started_at", "import_job", ["started_at"])
    op.create_table(
        "import_rejection",
        _text("job_id"),
        _number("line"),
        _text("code"),
        _text("params"),
        sa.PrimaryKeyConstraint("job_id", "line", name="pk_import_rejection"),
    )
