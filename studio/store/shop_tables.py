"""The tables of orders that shops tell of (each message once, what happened, whose it is) and of the codes that open a member's page.

No buyer's name, address or number stands here; uniqueness does, and no query.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, String, Table, Text, UniqueConstraint

from studio.store.metadata import metadata

_Serial = BigInteger().with_variant(Integer, "sqlite")

shop_message = Table(
    "shop_message",
    metadata,
    Column("message_id", String(200), primary_key=True),
    Column("hook", String(40), primary_key=True),
    Column("received_at", BigInteger, nullable=False),
)
"""Ids of webhooks that were taken, so that the same one again has no effect; forgotten after 30 days."""

shop_event = Table(
    "shop_event",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("hook", String(40), nullable=False),
    Column("event_id", String(400), nullable=False),
    Column("order_no", String(200), nullable=False),
    Column("type", String(20), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("payload", Text, nullable=False, default=""),
    UniqueConstraint("event_id", "hook"),
    Index("ix_shop_event_order_no", "order_no", "hook"),
)
"""Ledger: what a shop said, once; it stands in `event` too as soon as the buyer is known."""

shop_order = Table(
    "shop_order",
    metadata,
    Column("order_no", String(200), primary_key=True),
    Column("hook", String(40), primary_key=True),
    Column("label", String(100), nullable=False),
    Column("state", String(10), nullable=False),
    Column("code", String(8)),
    Column("code_from", String(10), nullable=False, default=""),
    Column("code_at", BigInteger, nullable=False, default=0),
    Column("platform", Text, nullable=False, default=""),
    Column("fan_id", Text, nullable=False, default=""),
    Column("bound_at", BigInteger, nullable=False, default=0),
    Column("first_at", BigInteger, nullable=False),
    Column("is_paid", SmallInteger, nullable=False, default=0),
    Column("amount_minor", BigInteger, nullable=False, default=0),
    Column("refunded_minor", BigInteger, nullable=False, default=0),
    Column("currency", String(3), nullable=False, default=""),
    Column("items", Text, nullable=False, default=""),
    Column("settled_by", String(200), nullable=False, default=""),
    UniqueConstraint("code"),
    Index("ix_shop_order_state", "state", "first_at"),
)
"""An order of a shop: `waiting` for its buyer, `bound` to one, or `dismissed`. `code` is there while it waits."""

coupon_use = Table(
    "coupon_use",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("code", String(20), nullable=False),
    Column("hook", String(40), nullable=False),
    Column("order_no", String(200), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("ref", String(400), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    UniqueConstraint("code", "ref", "hook"),
    Index("ix_coupon_use_order_no", "order_no", "hook"),
)
"""Ledger: a coupon was used in an order (`use`), and what a refund took back (`reversal`, a negative amount)."""

member_code = Table(
    "member_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("platform", Text, nullable=False),
    Column("fan_id", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("made_by", String(200), nullable=False),
    Column("revoked_at", BigInteger, nullable=False, default=0),
    Index("ix_member_code_fan_id", "fan_id", "platform"),
)
"""Personal codes that open a member's own page, as SHA-256 alone."""
