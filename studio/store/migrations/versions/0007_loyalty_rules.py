"""Rules as a ledger, birthdays, and what a gift combo's message said that brought its total where it is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the tables and columns as they stood at this revision; known combos are told again from the ledger when they go on."""
    op.create_table(
        "rule_change",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("from_day", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
    )
    op.create_table(
        "birthday",
        sa.Column("identity_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("month_day", sa.SmallInteger, nullable=False),
        sa.Column("told_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_birthday_month_day", "birthday", ["month_day"])
    for name in ("count", "paid_minor"):
        op.add_column("combo", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
