"""The ledger's index by account begins anew every 131,072 events; when the first and the last event happened is a figure."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """A batch then writes a few pages of the index, not one for each of its fans; and nobody reads the ledger for its first moment."""
    op.drop_index("ix_event_identity_id_at", "event")
    op.create_index("ix_event_block", "event", [sa.text("(seq >> 17)"), "identity_id", "at"])
    for name, of in (("first_event_at", "min"), ("last_event_at", "max")):
        told = f"SELECT '{name}' AS name, {of}(at) AS value FROM event"  # noqa: S608 - our own words
        op.execute(f"INSERT INTO counter (name, value) SELECT name, value FROM ({told}) AS told WHERE value IS NOT NULL")  # noqa: S608
