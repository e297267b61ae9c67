"""What points were taken for waits in a list until somebody hands it over."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the table; what was redeemed before it isn't listed: nobody knows any more what has been handed over."""
    op.create_table(
        "redemption",
        sa.Column("points_seq", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("room", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("value_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("done_at", sa.BigInteger, nullable=False),
        sa.Column("done_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("points_seq", name="pk_redemption"),
    )
    op.create_index("ix_redemption_state_at", "redemption", ["state", "at"])
