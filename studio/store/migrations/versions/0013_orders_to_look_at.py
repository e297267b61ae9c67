"""Orders that somebody should look at are found without reading all the others."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """An index of those alone that have a note: a handful among millions."""
    some = sa.text("note <> ''")
    op.create_index("ix_purchase_note", "purchase", ["note"], sqlite_where=some, postgresql_where=some)
