"""Birthdays are contacts, sealed like a phone: the table that nothing was ever written to goes."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Drop it; a gift is a row of points, once for a person and year."""
    op.drop_index("ix_birthday_month_day", "birthday")
    op.drop_table("birthday")
