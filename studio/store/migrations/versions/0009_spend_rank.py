"""How many fans have spent what, so that a fan's place is read and not counted; staff found without looking at everybody."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_BITS = 8


def upgrade() -> None:
    """Add the table, and fill it from the persons that are there, the lowest level first."""
    op.create_table(
        "spend_count",
        sa.Column("shift", sa.SmallInteger, primary_key=True),
        sa.Column("bucket", sa.BigInteger, primary_key=True),
        sa.Column("fans", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO spend_count SELECT 0, spent_minor, COUNT(*) FROM person WHERE is_staff = 0 AND spent_minor > 0 GROUP BY spent_minor"
    )
    for shift in range(_BITS, 64, _BITS):
        op.execute(
            f"INSERT INTO spend_count SELECT {shift}, bucket >> {_BITS}, SUM(fans) FROM spend_count"  # noqa: S608 - our own numbers
            f" WHERE shift = {shift - _BITS} GROUP BY bucket >> {_BITS}"
        )
    only_staff = sa.text("is_staff = 1")
    op.create_index("ix_person_staff", "person", ["is_staff"], sqlite_where=only_staff, postgresql_where=only_staff)
