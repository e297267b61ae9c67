"""The table that says which studio writes for which room; nothing in it is about fans."""

from sqlalchemy import BigInteger, Column, Table, Text

from studio.store.metadata import metadata

room_lease = Table(
    "room_lease",
    metadata,
    Column("room", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("studio", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
"""`holder` is new for each opening of the store, `studio` is the computer's name, for people."""
