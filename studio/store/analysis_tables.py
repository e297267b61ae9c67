"""The tables that analysis reads beside the fan file's own: what was bought by category, and where each fan stood at the end of a day.

It holds no query and no rule.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from studio.store.metadata import metadata

bought = Table(
    "bought",
    metadata,
    Column("order_no", Text, primary_key=True),
    Column("platform", Text, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("qty", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Projection: what a paid order holds of each category, as its items say. An order without items has no row."""

standing = Table(
    "standing",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("show_day", Integer, primary_key=True, autoincrement=False),
    Column("segment", Text, nullable=False),
    Column("layer", Text, nullable=False),
    Index("ix_standing_show_day", "show_day"),
    sqlite_with_rowid=False,
)
"""Ledger: segment and layer of a fan at the end of a show day, where they differ from the day before; without a row: other, new."""

standing_day = Table(
    "standing_day",
    metadata,
    Column("show_day", Integer, primary_key=True, autoincrement=False),
    Column("segment", Text, primary_key=True),
    Column("layer", Text, primary_key=True),
    Column("fans", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Ledger: how many fans stood where at the end of a show day; its rows are written last, so a day that has them is complete."""
