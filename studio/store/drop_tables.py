"""The tables of drops: what was ordered, who entered, who was drawn, which coupons are out, what is still to be delivered.

Uniqueness stands here and not in code; no query and no rule does.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from studio.store.metadata import metadata

drops = Table(
    "drops",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("room", String(100), nullable=False),
    Column("click_id", String(100), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("spec", Text, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("is_draft", Boolean, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("created_token", String(100), nullable=False),
    Column("created_role", String(20), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("approved_by", String(200), nullable=False, default=""),
    Column("approved_at_ms", BigInteger, nullable=False, default=0),
    Column("number", Integer),
    Column("rules", Text, nullable=False, default=""),
    Column("seed", LargeBinary, nullable=False, default=b""),
    Column("opening", String(64), nullable=False, default=""),
    Column("closing", String(64), nullable=False, default=""),
    Column("opened_at_ms", BigInteger, nullable=False, default=0),
    Column("closes_at_ms", BigInteger, nullable=False, default=0),
    Column("closed_at_ms", BigInteger, nullable=False, default=0),
    Column("settled_at_ms", BigInteger, nullable=False, default=0),
    Column("entries", Integer, nullable=False, default=0),
    Column("issue_limit", Integer, nullable=False, default=0),
    Column("issued", Integer, nullable=False, default=0),
    Column("cancel_reason", Text, nullable=False, default=""),
    UniqueConstraint("room", "click_id", name="uq_drops_room_click_id"),
    UniqueConstraint("room", "number", name="uq_drops_room_number"),
    CheckConstraint("issued >= 0 AND issued <= issue_limit", name="issued_within_limit"),
)
Index("ix_drops_room_created", drops.c.room, drops.c.created_at_ms)

entries = Table(
    "drop_entries",
    metadata,
    Column("drop_id", String(32), ForeignKey("drops.id"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("person", String(300), nullable=False),
    Column("platform", String(100), nullable=False),
    Column("fan_id", String(200), nullable=False),
    Column("name", Text, nullable=False),
    Column("shown", Text, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("fan", String(64), nullable=False),
    Column("tickets", Integer, nullable=False),
    Column("source", String(10), nullable=False),
    Column("badge", Integer, nullable=False),
    Column("is_devoted", Boolean, nullable=False),
    Column("received_at_ms", BigInteger, nullable=False),
    Column("entered_by", String(200), nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    UniqueConstraint("drop_id", "person", name="uq_drop_entries_person"),
    UniqueConstraint("drop_id", "platform", "fan_id", name="uq_drop_entries_identity"),
)

ranks = Table(
    "drop_ranks",
    metadata,
    Column("drop_id", String(32), ForeignKey("drops.id"), primary_key=True),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("n", Integer, nullable=False),
    Column("passed_over", Text, nullable=False, default=""),
    UniqueConstraint("drop_id", "n", name="uq_drop_ranks_n"),
)

claims = Table(
    "coupon_claims",
    metadata,
    Column("drop_id", String(32), ForeignKey("drops.id"), primary_key=True),
    Column("claim_id", String(200), primary_key=True),
    Column("code", String(20), nullable=False, unique=True),
    Column("person", String(300), nullable=False),
    Column("slot", Integer, nullable=False),
    Column("platform", String(100), nullable=False),
    Column("fan_id", String(200), nullable=False),
    Column("claimed_at_ms", BigInteger, nullable=False),
    UniqueConstraint("drop_id", "person", "slot", name="uq_coupon_claims_person"),
    UniqueConstraint("drop_id", "platform", "fan_id", "slot", name="uq_coupon_claims_identity"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("drop_id", String(32), ForeignKey("drops.id"), primary_key=True),
    Column("ref", String(200), primary_key=True),
    Column("platform", String(100), nullable=False),
    Column("fan_id", String(200), nullable=False),
    Column("what", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("done_at_ms", BigInteger, nullable=False, default=0),
    Column("done_by", String(200), nullable=False, default=""),
)
Index("ix_deliveries_state", deliveries.c.state, deliveries.c.created_at_ms)
