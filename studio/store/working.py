"""The rows that a batch of events works on, as objects: loaded, changed in memory, written back together.

They carry state and its form in the store; the rules are in `studio.store.reduce`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.model.day_set import EMPTY, DaySet
from studio.model.events import FanEvent
from studio.model.fans import Fan
from studio.model.loyalty import Watch
from studio.model.privacy import OnAir


@dataclass(frozen=True, slots=True)
class Received:
    """An event, when the room received it (room clock), and whether the room was live then."""

    event: FanEvent
    received_ms: int
    is_live: bool = False


@dataclass(slots=True)
class Person:
    """A row of `person`, in the table's order up to `is_staff`."""

    person_id: int
    spent_minor: int = 0
    gifts_minor: int = 0
    support_minor: int = 0
    points: int = 0
    adjusted_points: int = 0
    bonus_tickets: int = 0
    orders: int = 0
    promo_orders: int = 0
    refunds: int = 0
    first_order_at: int | None = None
    last_order_at: int | None = None
    first_seen_at: int = 0
    last_seen_at: int = 0
    left_at: int = -1
    active_at: int = 0
    followed_at: int | None = None
    unfollowed_at: int = -1
    on_air: OnAir = ""
    on_air_at: int = -1
    likes: int = 0
    chats: int = 0
    visits: int = 0
    visit_days: DaySet = EMPTY
    checkin_days: DaySet = EMPTY
    watched_days: DaySet = EMPTY
    share_days: DaySet = EMPTY
    is_staff: bool = False
    counted: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Tier, spend, gifts and orders that the counters hold for this person; tier 0 for none."""
    stored: tuple[Any, ...] | None = None
    """The row as it stands in the store, None for a person who has none."""

    @property
    def figures(self) -> tuple[int, int, int]:
        """What the counters sum up."""
        return self.spent_minor, self.gifts_minor, self.orders

    @classmethod
    def from_row(cls, row: Sequence[Any], tier: int) -> "Person":
        """The loaded row; `tier` is what the counters hold for it."""
        person = cls(*row[:23], *map(DaySet.from_bytes, row[23:27]), is_staff=bool(row[27]))
        person.counted = (tier, *person.figures)
        person.stored = tuple(row)
        return person

    def to_row(self) -> tuple[Any, ...]:
        """The row to store."""
        return (
            self.person_id,
            self.spent_minor,
            self.gifts_minor,
            self.support_minor,
            self.points,
            self.adjusted_points,
            self.bonus_tickets,
            self.orders,
            self.promo_orders,
            self.refunds,
            self.first_order_at,
            self.last_order_at,
            self.first_seen_at,
            self.last_seen_at,
            self.left_at,
            self.active_at,
            self.followed_at,
            self.unfollowed_at,
            self.on_air,
            self.on_air_at,
            self.likes,
            self.chats,
            len(self.visit_days),
            self.visit_days.to_bytes(),
            self.checkin_days.to_bytes(),
            self.watched_days.to_bytes(),
            self.share_days.to_bytes(),
            int(self.is_staff),
        )

    def to_fan(self, identity: "Identity") -> Fan:
        """The frozen picture of this person that the loop thread keeps."""
        return Fan(
            person_id=self.person_id,
            platform=identity.platform,
            fan_id=identity.fan_id,
            name=identity.name,
            spent_minor=self.spent_minor,
            points=self.points,
            orders=self.orders,
            last_order_at_ms=self.last_order_at,
            first_seen_at_ms=self.first_seen_at,
            last_seen_at_ms=self.last_seen_at,
            left_at_ms=self.left_at,
            followed_at_ms=self.followed_at,
            on_air=self.on_air,
            visit_days=self.visit_days,
            checkin_days=self.checkin_days,
            is_staff=self.is_staff,
        )


@dataclass(slots=True)
class Identity:
    """A row of `identity`, in the table's order."""

    identity_id: int
    person_id: int
    platform: str
    fan_id: str
    name: str = ""
    name_at: int = -1
    avatar: str = ""
    club_level: int = 0
    is_member: int = 0
    is_changed: bool = False

    def to_row(self) -> tuple[Any, ...]:
        """The row to store."""
        return (
            self.identity_id,
            self.person_id,
            self.platform,
            self.fan_id,
            self.name,
            self.name_at,
            self.avatar,
            self.club_level,
            self.is_member,
        )


@dataclass(slots=True)
class FanDay:
    """A row of `fan_day`."""

    person_id: int
    show_day: int
    chats: int = 0
    watch: Watch = field(default_factory=Watch)

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "FanDay":
        """The loaded row."""
        return cls(row[0], row[1], row[2], Watch(row[3], row[4], row[5], row[6]))

    def to_row(self) -> tuple[Any, ...]:
        """The row to store."""
        watch = self.watch
        return (
            self.person_id,
            self.show_day,
            self.chats,
            watch.watched_ms,
            watch.covered_until_ms,
            watch.last_at_ms,
            watch.left_at_ms,
        )


@dataclass(slots=True)
class Purchase:
    """A row of `purchase`, in the table's order."""

    order_no: str
    platform: str
    person_id: int | None = None
    identity_id: int | None = None
    amount_minor: int | None = None
    refunded_minor: int = 0
    counted_minor: int = 0
    refunds: int = 0
    currency: str = ""
    is_promo: int = 0
    placed_at: int | None = None
    paid_at: int | None = None
    shipped_at: int | None = None
    delivered_at: int | None = None
    confirmed_at: int | None = None
    note: str = ""

    def to_row(self) -> tuple[Any, ...]:
        """The row to store."""
        return (
            self.order_no,
            self.platform,
            self.person_id,
            self.identity_id,
            self.amount_minor,
            self.refunded_minor,
            self.counted_minor,
            self.refunds,
            self.currency,
            self.is_promo,
            self.placed_at,
            self.paid_at,
            self.shipped_at,
            self.delivered_at,
            self.confirmed_at,
            self.note,
        )


@dataclass(frozen=True, slots=True)
class ComboTop:
    """How far a gift combo is counted, and the message that brought it there."""

    total: int
    count: int
    paid_minor: int


@dataclass(slots=True)
class Batch:
    """Everything that one batch of events touches, and the ledger rows that it adds."""

    identities: dict[tuple[str, str], Identity] = field(default_factory=dict)
    persons: dict[int, Person] = field(default_factory=dict)
    days: dict[tuple[int, int], FanDay] = field(default_factory=dict)
    purchases: dict[tuple[str, str], Purchase] = field(default_factory=dict)
    combos: dict[tuple[str, int], ComboTop] = field(default_factory=dict)
    nets_minor: dict[int, dict[int, int]] = field(default_factory=dict)
    """Net spend by stretch of one rate (`RuleBook.rates`), of those with orders; empty while there was one rate only."""
    last_seq: int = 0
    """The ledger up to here is what this batch and those before it know."""
    last_identity: dict[int, Identity] = field(default_factory=dict)
    """The account by which each touched person acted last."""
    touched_purchases: set[tuple[str, str]] = field(default_factory=set)
    touched_combos: set[tuple[str, int]] = field(default_factory=set)
    spend_rows: list[tuple[Any, ...]] = field(default_factory=list)
    point_rows: list[tuple[Any, ...]] = field(default_factory=list)
    bought_rows: list[tuple[Any, ...]] = field(default_factory=list)
    """What new orders hold of each category, in the table's order."""
    name_rows: list[tuple[Any, ...]] = field(default_factory=list)
    recounts: set[tuple[int, int]] = field(default_factory=set)
    """(person, show day) whose watched time must be told again from the ledger: an event came out of order."""
    reprofiles: set[tuple[str, str]] = field(default_factory=set)
    """Accounts that were told another name, level or membership out of order: the latest is looked up in the ledger."""
    regifts: set[int] = field(default_factory=set)
    """Persons whose gifts must be told again from the ledger: a combo's messages came with gaps or out of order."""
    refollows: set[int] = field(default_factory=set)
    """Persons whose unfollow came out of order: follows after it are looked up in the ledger."""
