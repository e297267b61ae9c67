"""The fan file: ledger and projections."""

from alembic import op

from studio.store import tables

revision = "0001"
down_revision = None

_TABLES = (
    tables.event,
    tables.spend,
    tables.points,
    tables.live_day,
    tables.person,
    tables.identity,
    tables.name,
    tables.fan_day,
    tables.purchase,
    tables.combo,
    tables.counter,
)


def upgrade() -> None:
    """Lay the first schema."""
    tables.metadata.create_all(op.get_bind(), tables=_TABLES)
