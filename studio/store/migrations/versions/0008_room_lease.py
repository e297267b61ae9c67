"""Which studio writes for which room."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the table as it stood at this revision."""
    op.create_table(
        "room_lease",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("room", "holder", "studio")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("since", "expires_at")),
        sa.PrimaryKeyConstraint("room", name="pk_room_lease"),
    )
