"""The tables of products and their pictures. Uniqueness stands here: one product a SKU, one product a link number.

No query and no rule does.
"""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text, UniqueConstraint

from studio.store.metadata import metadata

product = Table(
    "product",
    metadata,
    Column("room", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("link_no", Integer),
    Column("name", Text, nullable=False),
    Column("seller", Text, nullable=False, default=""),
    Column("picture", Text, nullable=False, default=""),
    Column("price_minor", BigInteger, nullable=False),
    Column("floor_minor", BigInteger),
    Column("stock", BigInteger),
    Column("facts", Text, nullable=False, default="[]"),
    Column("updated_at", BigInteger, nullable=False),
    UniqueConstraint("room", "link_no", name="uq_product_room_link_no"),
)
"""What a room sells. `facts` is a JSON list of texts, `picture` a key of `picture` or empty."""

picture = Table(
    "picture",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
"""Pictures by the SHA-256 of their bytes: kept in the store, so that a backup has them and every studio of an agency sees them."""
