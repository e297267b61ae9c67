"""Names by any part of them: the index of pairs of signs, filled from the names that are known."""

from itertools import islice

import sqlalchemy as sa
from alembic import op

from studio.model.name_search import all_pairs

revision = "0011"
down_revision = "0010"
_NAMES = 20_000
"""Names a slice: sorted, so that neighbours in the index are written together."""


def upgrade() -> None:
    """Add the table as it stood at this revision; a million names take some twenty seconds, once."""
    table = op.create_table(
        "name_pair",
        sa.Column("pair", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("identity_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    known = connection.execute(sa.text('SELECT identity_id, name FROM "name"'))
    written: set[tuple[int, int]] = set()
    while rows := list(islice(known, _NAMES)):
        fresh = {(pair, row[0]) for row in rows for pair in all_pairs([row[1]])}
        # An account's names follow one another: what the last slice wrote of it may come again.
        new = sorted(fresh - written)
        written = fresh
        if new:
            connection.execute(table.insert(), [{"pair": pair, "identity_id": account} for pair, account in new])
