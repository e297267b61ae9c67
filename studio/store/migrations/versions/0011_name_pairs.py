"""Names by any part of them: the index of pairs of signs, filled from the names that are known."""

import sqlalchemy as sa
from alembic import op

from studio.store import name_fill

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the table as it stood at this revision, and fill it."""
    op.create_table(
        "name_pair",
        sa.Column("pair", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("identity_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    name_fill.fill(op.get_bind())
