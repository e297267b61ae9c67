"""Drops: orders, entries, ranks, coupons out, deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables as they stood at this revision."""
    _drops()
    _entries()
    _ranks()
    _claims()
    _deliveries()


def _text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=False)


def _time(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _drop_id(table: str) -> tuple[sa.Column, sa.ForeignKeyConstraint]:
    return _text("drop_id", 32), sa.ForeignKeyConstraint(["drop_id"], ["drops.id"], name=f"fk_{table}_drop_id")


def _drops() -> None:
    op.create_table(
        "drops",
        _text("id", 32),
        _text("room", 100),
        _text("click_id", 100),
        _text("kind", 20),
        _text("state", 20),
        sa.Column("spec", sa.Text, nullable=False),
        _text("currency", 3),
        sa.Column("is_draft", sa.Boolean, nullable=False),
        _text("created_by", 200),
        _text("created_token", 100),
        _text("created_role", 20),
        _time("created_at_ms"),
        _text("approved_by", 200),
        _time("approved_at_ms"),
        sa.Column("number", sa.Integer),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("seed", sa.LargeBinary, nullable=False),
        _text("opening", 64),
        _text("closing", 64),
        *(_time(name) for name in ("opened_at_ms", "closes_at_ms", "closed_at_ms", "settled_at_ms")),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("entries", "issue_limit", "issued")),
        sa.Column("cancel_reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drops"),
        sa.UniqueConstraint("room", "click_id", name="uq_drops_room_click_id"),
        sa.UniqueConstraint("room", "number", name="uq_drops_room_number"),
        sa.CheckConstraint("issued >= 0 AND issued <= issue_limit", name="ck_drops_issued_within_limit"),
    )
    op.create_index("ix_drops_room_created", "drops", ["room", "created_at_ms"])


def _entries() -> None:
    op.create_table(
        "drop_entries",
        *_drop_id("drop_entries"),
        sa.Column("n", sa.Integer, nullable=False, autoincrement=False),
        _text("person", 300),
        _text("platform", 100),
        _text("fan_id", 200),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("shown", sa.Text, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        _text("fan", 64),
        sa.Column("tickets", sa.Integer, nullable=False),
        _text("source", 10),
        sa.Column("badge", sa.Integer, nullable=False),
        sa.Column("is_devoted", sa.Boolean, nullable=False),
        _time("received_at_ms"),
        _text("entered_by", 200),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("drop_id", "n", name="pk_drop_entries"),
        sa.UniqueConstraint("drop_id", "person", name="uq_drop_entries_person"),
        sa.UniqueConstraint("drop_id", "platform", "fan_id", name="uq_drop_entries_identity"),
    )


def _ranks() -> None:
    op.create_table(
        "drop_ranks",
        *_drop_id("drop_ranks"),
        sa.Column("rank", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("passed_over", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("drop_id", "rank", name="pk_drop_ranks"),
        sa.UniqueConstraint("drop_id", "n", name="uq_drop_ranks_n"),
    )


def _claims() -> None:
    op.create_table(
        "coupon_claims",
        *_drop_id("coupon_claims"),
        _text("claim_id", 200),
        _text("code", 20),
        _text("person", 300),
        sa.Column("slot", sa.Integer, nullable=False),
        _text("platform", 100),
        _text("fan_id", 200),
        _time("claimed_at_ms"),
        sa.PrimaryKeyConstraint("drop_id", "claim_id", name="pk_coupon_claims"),
        sa.UniqueConstraint("code", name="uq_coupon_claims_code"),
        sa.UniqueConstraint("drop_id", "person", "slot", name="uq_coupon_claims_person"),
        sa.UniqueConstraint("drop_id", "platform", "fan_id", "slot", name="uq_coupon_claims_identity"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        *_drop_id("deliveries"),
        _text("ref", 200),
        _text("platform", 100),
        _text("fan_id", 200),
        sa.Column("what", sa.Text, nullable=False),
        _text("state", 10),
        _time("created_at_ms"),
        _time("done_at_ms"),
        _text("done_by", 200),
        sa.PrimaryKeyConstraint("drop_id", "ref", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_state", "deliveries", ["state", "created_at_ms"])
