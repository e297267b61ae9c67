"""Orders from shops, coupons used in them, codes of members' pages."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the tables as they stood at this revision."""
    _messages()
    _events()
    _orders()
    _coupon_uses()
    _member_codes()


def _text(name: str, length: int | None = None) -> sa.Column:
    return sa.Column(name, sa.String(length) if length else sa.Text, nullable=False)


def _whole(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _serial() -> sa.Column:
    return sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True)


def _messages() -> None:
    op.create_table(
        "shop_message",
        _text("message_id", 200),
        _text("hook", 40),
        _whole("received_at"),
        sa.PrimaryKeyConstraint("message_id", "hook", name="pk_shop_message"),
    )


def _events() -> None:
    op.create_table(
        "shop_event",
        _serial(),
        _text("hook", 40),
        _text("event_id", 400),
        _text("order_no", 200),
        _text("type", 20),
        _whole("at"),
        _whole("received_at"),
        _text("payload"),
        sa.PrimaryKeyConstraint("seq", name="pk_shop_event"),
        sa.UniqueConstraint("event_id", "hook", name="uq_shop_event_event_id_hook"),
    )
    op.create_index("ix_shop_event_order_no", "shop_event", ["order_no", "hook"])


def _orders() -> None:
    op.create_table(
        "shop_order",
        _text("order_no", 200),
        _text("hook", 40),
        _text("label", 100),
        _text("state", 10),
        sa.Column("code", sa.String(8)),
        _text("code_from", 10),
        _whole("code_at"),
        _text("platform"),
        _text("fan_id"),
        _whole("bound_at"),
        _whole("first_at"),
        sa.Column("is_paid", sa.SmallInteger, nullable=False),
        _whole("amount_minor"),
        _whole("refunded_minor"),
        _text("currency", 3),
        _text("items"),
        _text("settled_by", 200),
        sa.PrimaryKeyConstraint("order_no", "hook", name="pk_shop_order"),
        sa.UniqueConstraint("code", name="uq_shop_order_code"),
    )
    op.create_index("ix_shop_order_state", "shop_order", ["state", "first_at"])


def _coupon_uses() -> None:
    op.create_table(
        "coupon_use",
        _serial(),
        _text("code", 20),
        _text("hook", 40),
        _text("order_no", 200),
        _text("kind", 10),
        _text("ref", 400),
        _whole("at"),
        _whole("amount_minor"),
        _text("currency", 3),
        sa.PrimaryKeyConstraint("seq", name="pk_coupon_use"),
        sa.UniqueConstraint("code", "ref", "hook", name="uq_coupon_use_code_ref_hook"),
    )
    op.create_index("ix_coupon_use_order_no", "coupon_use", ["order_no", "hook"])


def _member_codes() -> None:
    op.create_table(
        "member_code",
        _text("code_hash", 64),
        _text("platform"),
        _text("fan_id"),
        _whole("made_at"),
        _text("made_by", 200),
        _whole("revoked_at"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_member_code"),
    )
    op.create_index("ix_member_code_fan_id", "member_code", ["fan_id", "platform"])
