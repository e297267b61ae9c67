"""What each event does to the rows of a batch: the loyalty rules applied to loaded objects, without SQL.

Whatever comes in any order, twice or in pieces ends in the same rows; it decides nothing that depends on *now*.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from studio.model import loyalty
from studio.model.events import CHECKIN_WORDS, HIDE_ME_WORD, LATE_MS, SHOW_ME_WORD, FanEvent, matches_keyword
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store.working import Batch, FanDay, Identity, Person, Purchase, Received

_SHORT_TEXT: Final = 40
"""Longer chat is no command: nobody repeats 签到 more than twenty times."""
_ACTIVE_TYPES: Final = frozenset(
    {"enter", "chat", "like", "gift", "share", "checkin", "follow", "order_placed", "order", "member", "paid_chat"}
)
_SHOP_TYPES: Final = frozenset({"refund", "shipped", "delivered"})
"""Told by the shop's system, hours or weeks later: they say nothing of how the fan is called now."""


@dataclass(frozen=True, slots=True)
class Reducer:
    """The rules of one room."""

    rules: Rules
    show_days: ShowDays
    currency: str

    def is_duplicate_order(self, batch: Batch, event: FanEvent) -> bool:
        """Whether the order of this event is paid already: the event then changes nothing."""
        if event.type != "order":
            return False
        known = batch.purchases.get((event.platform, event.order))
        return known is not None and known.amount_minor is not None

    def apply(self, batch: Batch, seq: int, received: Received) -> None:
        """One event that is new. `seq` is its number in the ledger."""
        event = received.event
        identity = batch.identities.get((event.platform, event.fan_id)) if event.fan_id else None
        person = batch.persons[identity.person_id] if identity else None
        if identity is not None and person is not None:
            self._acted(batch, identity, person, event)
            self._present(batch, person, received)
            action = _PERSON_ACTIONS.get(event.type)
            if action is not None:
                action(self, batch, person, identity, received)
        if event.order:
            order_action = _ORDER_ACTIONS[event.type]
            order_action(self, batch, seq, person, event)

    def _acted(self, batch: Batch, identity: Identity, person: Person, event: FanEvent) -> None:
        batch.last_identity[person.person_id] = identity
        if event.type not in _SHOP_TYPES:
            _profile(batch, identity, event, max(person.active_at, person.left_at, person.unfollowed_at))
        person.first_seen_at = min(person.first_seen_at, event.at_ms)
        if event.type in _ACTIVE_TYPES:
            person.active_at = max(person.active_at, event.at_ms)
        if event.club_level:
            _follow(person, event.at_ms)

    def _present(self, batch: Batch, person: Person, received: Received) -> None:
        """Visit, presence and watched time."""
        event = received.event
        is_leave = event.type == "leave"
        if not (is_leave or event.is_visit):
            return
        day = self.show_days.day_of(event.at_ms)
        if is_leave:
            person.left_at = max(person.left_at, event.at_ms)
        else:
            person.last_seen_at = max(person.last_seen_at, event.at_ms)
            if day not in person.visit_days:
                person.visit_days = person.visit_days.with_day(day)
        if received.received_ms - event.at_ms <= LATE_MS:
            watch = fan_day(batch, person.person_id, day).watch
            is_told = watch.leave(event.at_ms) if is_leave else watch.add(event.at_ms)
            if not is_told:
                batch.recounts.add((person.person_id, day))
            self.judge_watched(batch, person, day, event.at_ms)

    def judge_watched(self, batch: Batch, person: Person, day: int, at_ms: int) -> None:
        """Give or take back the points of a watched half hour."""
        is_enough = fan_day(batch, person.person_id, day).watch.watched_ms >= self.rules.watched_ms
        if is_enough and day not in person.watched_days:
            person.watched_days = person.watched_days.with_day(day)
            give_points(batch, person, "watched", at_ms, self.rules.watched_points, str(day))
        elif not is_enough and day in person.watched_days:
            person.watched_days = person.watched_days.without_day(day)
            give_points(batch, person, "watched", at_ms, -self.rules.watched_points, str(day))

    def chat(self, batch: Batch, person: Person, _identity: Identity, received: Received) -> None:
        event = received.event
        person.chats += 1
        fan_day(batch, person.person_id, self.show_days.day_of(event.at_ms)).chats += 1
        if len(event.text) > _SHORT_TEXT:
            return
        if received.is_live and any(matches_keyword(event.text, word) for word in CHECKIN_WORDS):
            self.checkin(batch, person, _identity, received)
        elif matches_keyword(event.text, SHOW_ME_WORD):
            _consent(person, "named", event.at_ms)
        elif matches_keyword(event.text, HIDE_ME_WORD):
            _consent(person, "hidden", event.at_ms)

    def checkin(self, batch: Batch, person: Person, _identity: Identity, received: Received) -> None:
        event = received.event
        if received.received_ms - event.at_ms > LATE_MS:
            return
        day = self.show_days.day_of(event.at_ms)
        if day not in person.checkin_days:
            person.checkin_days = person.checkin_days.with_day(day)
            give_points(batch, person, "checkin", event.at_ms, self.rules.checkin_points, str(day))

    def like(self, _batch: Batch, person: Person, _identity: Identity, received: Received) -> None:
        person.likes += received.event.count

    def share(self, batch: Batch, person: Person, _identity: Identity, received: Received) -> None:
        day = self.show_days.day_of(received.event.at_ms)
        if day in person.share_days:
            return
        before = loyalty.counted_shares(person.share_days, self.rules)
        person.share_days = person.share_days.with_day(day)
        new = loyalty.counted_shares(person.share_days, self.rules) - before
        if new:
            give_points(batch, person, "share", received.event.at_ms, new * self.rules.share_points, str(day))

    def gift(self, batch: Batch, person: Person, identity: Identity, received: Received) -> None:
        event = received.event
        paid_minor = event.paid_minor
        if event.combo and event.combo_total is not None:
            key = (event.combo, identity.identity_id)
            new = event.combo_total - batch.combos.get(key, 0)
            if new <= 0:
                return
            batch.combos[key] = event.combo_total
            batch.touched_combos.add(key)
            if new != event.count and event.count:
                # Messages were lost or overtaken: what is new costs what this message says a piece costs.
                paid_minor = paid_minor * new // event.count
        if event.currency == self.currency:
            person.gifts_minor += paid_minor

    def support(self, batch: Batch, person: Person, identity: Identity, received: Received) -> None:
        event = received.event
        if event.currency == self.currency:
            person.support_minor += event.paid_minor
        if event.type == "paid_chat":
            self.chat(batch, person, identity, received)

    def followed(self, _batch: Batch, person: Person, _identity: Identity, received: Received) -> None:
        _follow(person, received.event.at_ms)

    def unfollowed(self, batch: Batch, person: Person, _identity: Identity, received: Received) -> None:
        at_ms = received.event.at_ms
        if at_ms <= person.unfollowed_at:
            return
        person.unfollowed_at = at_ms
        if person.followed_at is not None and person.followed_at <= at_ms:
            person.followed_at = None
            if at_ms < max(person.active_at, person.left_at):
                batch.refollows.add(person.person_id)

    def placed(self, batch: Batch, _seq: int, person: Person | None, event: FanEvent) -> None:
        purchase = _purchase(batch, event)
        purchase.placed_at = _earliest(purchase.placed_at, event.at_ms)
        if purchase.person_id is None and person is not None:
            purchase.person_id = person.person_id

    def paid(self, batch: Batch, seq: int, person: Person | None, event: FanEvent) -> None:
        purchase = _purchase(batch, event)
        is_counted = event.currency == self.currency
        purchase.person_id = person.person_id if person else None
        purchase.amount_minor, purchase.currency = event.amount_minor, event.currency
        purchase.is_promo, purchase.paid_at = int(event.is_promo), event.at_ms
        self._confirm(purchase)
        batch.spend_rows.append(_spend_row(seq, purchase, "order", event, event.amount_minor if is_counted else 0))
        if not is_counted:
            purchase.note = "currency"
            return
        purchase.counted_minor = event.amount_minor
        if person is not None:
            _bought(person, event)
            self._spent(batch, person, event, event.amount_minor)
        self._settle_refunds(batch, seq, purchase, event)
        if person is not None:
            person.refunds += purchase.refunds

    def refund(self, batch: Batch, seq: int, _person: Person | None, event: FanEvent) -> None:
        purchase = _purchase(batch, event)
        if event.currency != self.currency or purchase.currency not in ("", self.currency):
            purchase.note = "refund_currency"
            batch.spend_rows.append(_spend_row(seq, purchase, "refund", event, 0, "currency"))
            return
        purchase.refunded_minor += event.amount_minor
        purchase.refunds += 1
        if purchase.amount_minor is None:
            batch.spend_rows.append(_spend_row(seq, purchase, "refund", event, 0, "before_order"))
            return
        self._settle_refunds(batch, seq, purchase, event)
        owner = batch.persons.get(purchase.person_id) if purchase.person_id is not None else None
        if owner is not None:
            owner.refunds += 1

    def _settle_refunds(self, batch: Batch, seq: int, purchase: Purchase, event: FanEvent) -> None:
        amount_minor = purchase.amount_minor or 0
        counted_minor = max(0, amount_minor - purchase.refunded_minor)
        change_minor = counted_minor - purchase.counted_minor
        if purchase.refunded_minor > amount_minor:
            purchase.note = "refund_over_amount"
        if event.type == "refund" or change_minor:
            batch.spend_rows.append(_spend_row(seq, purchase, "refund", event, change_minor, purchase.note))
        purchase.counted_minor = counted_minor
        owner = batch.persons.get(purchase.person_id) if purchase.person_id is not None else None
        if owner is not None and change_minor:
            self._spent(batch, owner, event, change_minor)

    def _spent(self, batch: Batch, person: Person, event: FanEvent, change_minor: int) -> None:
        before = loyalty.order_points(person.spent_minor, self.rules)
        person.spent_minor += change_minor
        change = loyalty.order_points(person.spent_minor, self.rules) - before
        if change:
            give_points(batch, person, event.type, event.at_ms, change, event.order)

    def _confirm(self, purchase: Purchase) -> None:
        if purchase.paid_at is not None:
            purchase.confirmed_at = loyalty.confirmed_at_ms(purchase.paid_at, purchase.delivered_at, self.rules)

    def shipped(self, batch: Batch, _seq: int, _person: Person | None, event: FanEvent) -> None:
        purchase = _purchase(batch, event)
        purchase.shipped_at = _earliest(purchase.shipped_at, event.at_ms)

    def delivered(self, batch: Batch, _seq: int, _person: Person | None, event: FanEvent) -> None:
        purchase = _purchase(batch, event)
        purchase.delivered_at = _earliest(purchase.delivered_at, event.at_ms)
        self._confirm(purchase)


_PERSON_ACTIONS: Final[dict[str, Callable[[Reducer, Batch, Person, Identity, Received], None]]] = {
    "chat": Reducer.chat,
    "checkin": Reducer.checkin,
    "like": Reducer.like,
    "share": Reducer.share,
    "gift": Reducer.gift,
    "member": Reducer.support,
    "paid_chat": Reducer.support,
    "follow": Reducer.followed,
    "unfollow": Reducer.unfollowed,
}
_ORDER_ACTIONS: Final[dict[str, Callable[[Reducer, Batch, int, Person | None, FanEvent], None]]] = {
    "order_placed": Reducer.placed,
    "order": Reducer.paid,
    "refund": Reducer.refund,
    "shipped": Reducer.shipped,
    "delivered": Reducer.delivered,
}


def fan_day(batch: Batch, person_id: int, day: int) -> FanDay:
    """The row of a person's show day, made when there is none."""
    found = batch.days.get((person_id, day))
    if found is None:
        found = batch.days[person_id, day] = FanDay(person_id, day)
    return found


def give_points(batch: Batch, person: Person, kind: str, at_ms: int, delta: int, ref: str) -> None:
    """Move points, with a row of the ledger."""
    person.points += delta
    batch.point_rows.append((person.person_id, kind, at_ms, delta, ref, None))


def _profile(batch: Batch, identity: Identity, event: FanEvent, last_ms: int) -> None:
    """The account's name, picture, club level and membership: what its latest event says."""
    if event.name and (event.name != identity.name or event.at_ms < identity.name_at):
        batch.name_rows.append((identity.identity_id, event.name, event.at_ms))
    told = profile_of(event, identity)
    if told == (identity.name, identity.avatar, identity.club_level, identity.is_member):
        identity.name_at = max(identity.name_at, event.at_ms)
    elif event.at_ms > max(identity.name_at, last_ms):
        identity.name, identity.avatar, identity.club_level, identity.is_member = told
        identity.name_at, identity.is_changed = event.at_ms, True
    else:
        batch.reprofiles.add((identity.platform, identity.fan_id))


def profile_of(event: FanEvent, known: Identity) -> tuple[str, str, int, int]:
    """Name, picture, club level and membership after an event that tells some of them."""
    is_member = 1 if event.type == "member" else known.is_member if event.is_member is None else int(event.is_member)
    return event.name or known.name, event.avatar or known.avatar, event.club_level or known.club_level, is_member


def _follow(person: Person, at_ms: int) -> None:
    if at_ms > person.unfollowed_at:
        person.followed_at = _earliest(person.followed_at, at_ms)


def _consent(person: Person, said: str, at_ms: int) -> None:
    # At one moment 隐身 wins: it is the word that protects.
    if at_ms > person.on_air_at or (at_ms == person.on_air_at and said == "hidden"):
        person.on_air, person.on_air_at = said, at_ms


def _purchase(batch: Batch, event: FanEvent) -> Purchase:
    key = (event.platform, event.order)
    batch.touched_purchases.add(key)
    found = batch.purchases.get(key)
    if found is None:
        found = batch.purchases[key] = Purchase(event.platform, event.order)
    return found


def _bought(person: Person, event: FanEvent) -> None:
    person.orders += 1
    person.promo_orders += event.is_promo
    person.first_order_at = _earliest(person.first_order_at, event.at_ms)
    person.last_order_at = max(person.last_order_at or 0, event.at_ms)


def _earliest(known_ms: int | None, at_ms: int) -> int:
    return at_ms if known_ms is None else min(known_ms, at_ms)


def _spend_row(seq: int, purchase: Purchase, kind: str, event: FanEvent, counted_minor: int, note: str = "") -> tuple[object, ...]:
    return (
        seq,
        purchase.platform,
        purchase.order_no,
        purchase.person_id,
        kind,
        event.at_ms,
        event.amount_minor,
        counted_minor,
        event.currency,
        note,
    )
