"""Who is who: merges and splits as a ledger, contacts, holds; money and points name the account instead of the person."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Until now every account was a person of the same number: the ledger's numbers stay what they are."""
    op.execute("ALTER TABLE spend RENAME COLUMN person_id TO identity_id")
    op.drop_index("ix_points_person_id", "points")
    op.execute("ALTER TABLE points RENAME COLUMN person_id TO identity_id")
    op.create_index("ix_points_identity_id", "points", ["identity_id"])
    op.add_column("purchase", sa.Column("identity_id", sa.BigInteger))
    op.execute("UPDATE purchase SET identity_id = person_id")
    _links()
    _kept()


def _links() -> None:
    op.create_table(
        "link",
        sa.Column("seq", _Serial, autoincrement=True),
        _text("kind"),
        _number("at"),
        _text("asked_by"),
        _text("reason"),
        sa.Column("undoes", sa.BigInteger),
        sa.PrimaryKeyConstraint("seq", name="pk_link"),
    )
    op.create_table(
        "link_account",
        *(_number(name) for name in ("identity_id", "seq", "before", "after")),
        sa.PrimaryKeyConstraint("identity_id", "seq", name="pk_link_account"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_link_account_seq", "link_account", ["seq"])


def _kept() -> None:
    op.create_table(
        "contact",
        _number("identity_id"),
        _text("kind"),
        _text("lookup"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        _number("at"),
        _text("source"),
        sa.PrimaryKeyConstraint("identity_id", "kind", "lookup", name="pk_contact"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_contact_lookup", "contact", ["lookup", "kind"])
    op.create_table(
        "hold",
        sa.Column("identity_id", sa.BigInteger, nullable=False, autoincrement=False),
        _number("at"),
        _text("asked_by"),
        _text("reason"),
        sa.PrimaryKeyConstraint("identity_id", name="pk_hold"),
    )
    op.create_table("retention_mark", _text("field"), _number("seq"), sa.PrimaryKeyConstraint("field", name="pk_retention_mark"))


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger, nullable=False)
