"""The fan file: ledger and projections."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Lay the first schema."""
