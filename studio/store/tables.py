"""The tables of the fan file: a ledger that only grows, and projections that `fans rebuild` can make again from it.

It holds no query and no rule. Keys begin with the part that differs most: one list of ids is looked up for all platforms.
Times are milliseconds since 1970, money is minor units, days count from 1970-01-01. An index of some rows only names its condition for
SQLite: PostgreSQL's, the same, stands in the migrations, because naming it here loads that dialect at every start, a tenth of a second.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, Table, Text, UniqueConstraint, text
from sqlalchemy.schema import MetaData

from studio.store.analysis_tables import bought
from studio.store.metadata import metadata as _metadata

metadata: MetaData = _metadata

_Serial = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in a column that is called INTEGER."""

EVENT_BLOCK_BITS: Final = 17
"""The ledger's index by account begins anew every 131,072 events: a batch then writes into the last few megabytes, however long the
ledger has become. Fewer would be more places to look in for one account, more would be more pages for a batch."""

event = Table(
    "event",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("platform", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("room", Text, nullable=False),
    Column("identity_id", BigInteger),
    Column("is_live", SmallInteger, nullable=False, default=0),
    Column("payload", Text, nullable=False, default=""),
    UniqueConstraint("event_id", "platform"),
    Index("ix_event_block", text(f"(seq >> {EVENT_BLOCK_BITS})"), "identity_id", "at"),
)
"""Ledger: everything that happened, once. `payload` is the rest of the event as JSON. By account: `studio.store.ledger.of_accounts`."""

spend = Table(
    "spend",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("event_seq", BigInteger, nullable=False),
    Column("platform", Text, nullable=False),
    Column("order_no", Text, nullable=False),
    Column("identity_id", BigInteger),
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("counted_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Index("ix_spend_platform_order_no", "platform", "order_no"),
)
"""Ledger: each movement of money, and the account that paid; the sum of `counted_minor` is the net spend."""

points = Table(
    "points",
    metadata,
    Column("seq", _Serial, primary_key=True, autoincrement=True),
    Column("identity_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("delta", BigInteger, nullable=False),
    Column("ref", Text, nullable=False, default=""),
    Column("click_id", Text),
    UniqueConstraint("click_id"),
    Index("ix_points_identity_id", "identity_id"),
)
"""Ledger: each movement of points, on the account that it was given to. `REMADE_POINTS` follow from the rest; all other kinds don't."""

redemption = Table(
    "redemption",
    metadata,
    Column("points_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("room", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("value_minor", BigInteger, nullable=False, default=0),
    Column("currency", Text, nullable=False, default=""),
    Column("state", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("asked_by", Text, nullable=False, default=""),
    Column("done_at", BigInteger, nullable=False, default=0),
    Column("done_by", Text, nullable=False, default=""),
    Index("ix_redemption_state_at", "state", "at"),
)
"""Kept: what points were taken for and a person hands over, by the row of the ledger that took them; `state` is todo, done or back."""

REMADE_POINTS: tuple[str, ...] = ("order", "refund", "checkin", "watched", "share", "import", "merge", "split", "undo", "erase")
"""Kinds of points that a rebuild makes again; the others were given or taken by hand, stay, and move with their account."""

live_day = Table(
    "live_day",
    metadata,
    Column("room", Text, primary_key=True),
    Column("show_day", Integer, primary_key=True),
)
"""Ledger: the show days on which a room was live."""

rule_change = Table(
    "rule_change",
    metadata,
    Column("number", _Serial, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("from_day", Integer, nullable=False),
    Column("by", Text, nullable=False),
    Column("rules", Text, nullable=False),
)
"""Ledger: each set of loyalty rules that was applied, as JSON; what is earned follows it from a show day on."""

person = Table(
    "person",
    metadata,
    Column("person_id", _Serial, primary_key=True, autoincrement=False),
    Column("spent_minor", BigInteger, nullable=False, default=0),
    Column("gifts_minor", BigInteger, nullable=False, default=0),
    Column("support_minor", BigInteger, nullable=False, default=0),
    Column("points", BigInteger, nullable=False, default=0),
    Column("adjusted_points", BigInteger, nullable=False, default=0),
    Column("bonus_tickets", Integer, nullable=False, default=0),
    Column("orders", Integer, nullable=False, default=0),
    Column("promo_orders", Integer, nullable=False, default=0),
    Column("refunds", Integer, nullable=False, default=0),
    Column("first_order_at", BigInteger),
    Column("last_order_at", BigInteger),
    Column("first_seen_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False, default=0),
    Column("left_at", BigInteger, nullable=False, default=-1),
    Column("active_at", BigInteger, nullable=False, default=0),
    Column("followed_at", BigInteger),
    Column("unfollowed_at", BigInteger, nullable=False, default=-1),
    Column("on_air", Text, nullable=False, default=""),
    Column("on_air_at", BigInteger, nullable=False, default=-1),
    Column("likes", BigInteger, nullable=False, default=0),
    Column("chats", Integer, nullable=False, default=0),
    Column("visits", Integer, nullable=False, default=0),
    Column("visit_days", LargeBinary),
    Column("checkin_days", LargeBinary),
    Column("watched_days", LargeBinary),
    Column("share_days", LargeBinary),
    Column("is_staff", SmallInteger, nullable=False, default=0),
    Index("ix_person_spent_minor", "spent_minor"),
    Index("ix_person_follower", "spent_minor", sqlite_where=text("followed_at IS NOT NULL")),
    Index("ix_person_points", "points"),
    Index("ix_person_last_order_at", "last_order_at"),
    Index("ix_person_staff", "is_staff", sqlite_where=text("is_staff = 1")),
)
"""Projection: one human. `visit_days` and its kin are `DaySet`s."""

identity = Table(
    "identity",
    metadata,
    Column("identity_id", _Serial, primary_key=True, autoincrement=False),
    Column("person_id", BigInteger, nullable=False),
    Column("platform", Text, nullable=False),
    Column("fan_id", Text, nullable=False),
    Column("name", Text, nullable=False, default=""),
    Column("name_at", BigInteger, nullable=False, default=-1),
    Column("avatar", Text, nullable=False, default=""),
    Column("club_level", Integer, nullable=False, default=0),
    Column("is_member", SmallInteger, nullable=False, default=0),
    UniqueConstraint("fan_id", "platform"),
    Index("ix_identity_person_id", "person_id"),
)
"""An account on a platform, and whose it is: a person bears the lowest number among its accounts. All but the ids is projection."""

name = Table(
    "name",
    metadata,
    Column("identity_id", BigInteger, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("first_seen_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Projection: every display name that an account has borne."""

name_pair = Table(
    "name_pair",
    metadata,
    Column("pair", BigInteger, primary_key=True, autoincrement=False),
    Column("identity_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Projection: the pairs of signs of all names of an account, by which any part of a name is found (`studio.model.name_search`)."""

fan_day = Table(
    "fan_day",
    metadata,
    Column("person_id", BigInteger, primary_key=True),
    Column("show_day", Integer, primary_key=True),
    Column("chats", Integer, nullable=False, default=0),
    Column("watched_ms", BigInteger, nullable=False, default=0),
    Column("covered_until", BigInteger, nullable=False, default=0),
    Column("last_at", BigInteger, nullable=False, default=0),
    Column("left_at", BigInteger, nullable=False, default=-1),
    sqlite_with_rowid=False,
)
"""Projection: what somebody did on one show day; the last three columns let the next event go on counting watched time."""

purchase = Table(
    "purchase",
    metadata,
    Column("order_no", Text, primary_key=True),
    Column("platform", Text, primary_key=True),
    Column("person_id", BigInteger),
    Column("identity_id", BigInteger),
    Column("amount_minor", BigInteger),
    Column("refunded_minor", BigInteger, nullable=False, default=0),
    Column("counted_minor", BigInteger, nullable=False, default=0),
    Column("refunds", Integer, nullable=False, default=0),
    Column("currency", Text, nullable=False, default=""),
    Column("is_promo", SmallInteger, nullable=False, default=0),
    Column("placed_at", BigInteger),
    Column("paid_at", BigInteger),
    Column("shipped_at", BigInteger),
    Column("delivered_at", BigInteger),
    Column("confirmed_at", BigInteger),
    Column("note", Text, nullable=False, default=""),
    Index("ix_purchase_person_id", "person_id", "paid_at"),
    Index("ix_purchase_note", "note", sqlite_where=text("note <> ''")),
)
"""Projection: one order. `amount_minor` is empty until it is known; `note` says what a person should look at."""

combo = Table(
    "combo",
    metadata,
    Column("combo", Text, primary_key=True),
    Column("identity_id", BigInteger, primary_key=True),
    Column("total", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False, server_default="0"),
    Column("paid_minor", BigInteger, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)
"""Projection: how much of a gift combo's running total is counted, and what the message said that brought it there."""

counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""Projection: figures over everybody: `tier:N`, `fans`, `spent_minor`, `gifts_minor`, `orders`; when the first and last event happened."""

spend_count = Table(
    "spend_count",
    metadata,
    Column("shift", SmallInteger, primary_key=True),
    Column("bucket", BigInteger, primary_key=True),
    Column("fans", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Projection: how many fans have spent an amount with `bucket` as its upper bits (`spent_minor >> shift`); for `spend_rank`."""

PROJECTIONS: tuple[Table, ...] = (person, name, name_pair, fan_day, purchase, bought, combo, counter, spend_count)
"""What a rebuild empties; of `identity` it resets the columns that events fill."""
