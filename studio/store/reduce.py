"""What each event does to the rows of a batch: the loyalty rules applied to loaded objects, without SQL.

Whatever comes in any order, twice or in pieces ends in the same rows; it decides nothing that depends on *now*.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from studio.model import points
from studio.model.events import IMPORT, LATE_MS, ON_AIR, ORDER_TYPES, VISIT_TYPES, FanEvent
from studio.model.keywords import CHECKIN_WORDS, HIDE_ME_WORD, SHOW_ME_WORD, command_in
from studio.model.privacy import OnAir
from studio.model.rule_book import RoomRules
from studio.store.reduce_orders import apply_order, earliest, give_points
from studio.store.working import Batch, ComboTop, FanDay, Identity, Person, Received

ACTIVE_TYPES: Final = frozenset(
    {"enter", "chat", "like", "gift", "share", "checkin", "follow", "order_placed", "order", "member", "paid_chat"}
)
SHOP_TYPES: Final = frozenset({"refund", "shipped", "delivered"})
"""Told by the shop's system, hours or weeks later: they say nothing of how the fan is called now."""
_SAID_BY_OTHERS: Final = SHOP_TYPES | {ON_AIR}
_NO_COMBO: Final = ComboTop(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Reducer:
    """The rules of one room."""

    room: RoomRules

    def is_duplicate_order(self, batch: Batch, event: FanEvent) -> bool:
        """Whether the order of this event is paid already: the event then changes nothing."""
        if event.type != "order":
            return False
        known = batch.purchases.get((event.platform, event.order))
        return known is not None and known.amount_minor is not None

    def apply(self, batch: Batch, seq: int, received: Received) -> Identity | None:
        """One event that is new; the fan's account, if it is identified. `seq` is its number in the ledger."""
        event = received.event
        identity = self.act(batch, received)
        if event.type in ORDER_TYPES:
            apply_order(self.room, batch, seq, identity, event)
        return identity

    def act(self, batch: Batch, received: Received) -> Identity | None:
        """What the event says of its fan, orders apart; the fan's account, if it is identified."""
        event = received.event
        if not event.fan_id:
            return None
        identity = batch.identities.get((event.platform, event.fan_id))
        if identity is None:
            return None
        person = batch.persons[identity.person_id]
        self._acted(batch, identity, person, event)
        self._present(batch, person, received)
        action = _PERSON_ACTIONS.get(event.type)
        if action is not None:
            action(self, batch, person, identity, received)
        return identity

    def _acted(self, batch: Batch, identity: Identity, person: Person, event: FanEvent) -> None:
        batch.last_identity[person.person_id] = identity
        if event.type not in _SAID_BY_OTHERS:
            _profile(batch, identity, person, event)
            if event.club_level and event.type != "unfollow":
                _follow(person, event.at_ms)
        person.first_seen_at = min(person.first_seen_at, event.at_ms)
        if event.type in ACTIVE_TYPES:
            person.active_at = max(person.active_at, event.at_ms)

    def _present(self, batch: Batch, person: Person, received: Received) -> None:
        """Visit, presence and watched time."""
        event = received.event
        is_leave = event.type == "leave"
        if not is_leave and event.type not in VISIT_TYPES:
            return
        day = self.room.show_days.day_of(event.at_ms)
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
            self.judge_watched(batch, person, day, watch.watched_ms, event.at_ms)

    def judge_watched(self, batch: Batch, person: Person, day: int, watched_ms: int, at_ms: int) -> None:
        """Give or take back the points of a watched half hour."""
        rules = self.room.book.on(day)
        is_enough = watched_ms >= rules.watched_ms
        if is_enough and day not in person.watched_days:
            person.watched_days = person.watched_days.with_day(day)
            give_points(batch, person, "watched", at_ms, rules.watched_points, str(day))
        elif not is_enough and day in person.watched_days:
            person.watched_days = person.watched_days.without_day(day)
            give_points(batch, person, "watched", at_ms, -rules.watched_points, str(day))

    def chat(self, batch: Batch, person: Person, identity: Identity, received: Received) -> None:
        """Chat: history, check-in, and what the fan says about being named."""
        event = received.event
        person.chats += 1
        fan_day(batch, person.person_id, self.room.show_days.day_of(event.at_ms)).chats += 1
        command = command_in(event.text)
        if command in CHECKIN_WORDS and received.is_live:
            self.checkin(batch, person, identity, received)
        elif command == SHOW_ME_WORD:
            _consent(person, "named", event.at_ms)
        elif command == HIDE_ME_WORD:
            _consent(person, "hidden", event.at_ms)

    def checkin(self, batch: Batch, person: Person, _identity: Identity, received: Received) -> None:
        """A check-in, once a show day."""
        event = received.event
        if received.received_ms - event.at_ms > LATE_MS:
            return
        day = self.room.show_days.day_of(event.at_ms)
        if day not in person.checkin_days:
            person.checkin_days = person.checkin_days.with_day(day)
            give_points(batch, person, "checkin", event.at_ms, self.room.book.on(day).checkin_points, str(day))

    def like(self, _batch: Batch, person: Person, _identity: Identity, received: Received) -> None:
        """Likes."""
        person.likes += received.event.count

    def share(self, batch: Batch, person: Person, _identity: Identity, received: Received) -> None:
        """A share: points once a show day, at most three a week."""
        day = self.room.show_days.day_of(received.event.at_ms)
        if day in person.share_days:
            return
        before = points.share_points(person.share_days, self.room.book)
        person.share_days = person.share_days.with_day(day)
        new = points.share_points(person.share_days, self.room.book) - before
        if new:
            give_points(batch, person, "share", received.event.at_ms, new, str(day))

    def gift(self, batch: Batch, person: Person, identity: Identity, received: Received) -> None:
        """A gift: paid for what is new by the combo's running total."""
        event = received.event
        if event.combo and event.combo_total is not None and not self._is_next_of_combo(batch, person, identity, event):
            return
        if event.currency == self.room.currency:
            person.gifts_minor += event.paid_minor

    def _is_next_of_combo(self, batch: Batch, person: Person, identity: Identity, event: FanEvent) -> bool:
        """Whether the message tells just the pieces after those that are counted; if not, the person's gifts are told again."""
        key, total = (event.combo, identity.identity_id), event.combo_total or 0
        top = batch.combos.get(key, _NO_COMBO)
        said = (event.count, event.paid_minor if event.currency == self.room.currency else 0)
        if total <= top.total:
            # The end of a combo often repeats its last message, or says nothing of its own.
            if event.count and (total, *said) != (top.total, top.count, top.paid_minor):
                batch.regifts.add(person.person_id)
            return False
        batch.combos[key] = ComboTop(total, *said)
        batch.touched_combos.add(key)
        if total - top.total == event.count and (top.count or not top.total):
            return True
        batch.regifts.add(person.person_id)
        return False

    def imported(self, batch: Batch, person: Person, _identity: Identity, received: Received) -> None:
        """Points that the fan had elsewhere."""
        event = received.event
        if event.points:
            give_points(batch, person, event.type, event.at_ms, event.points, event.id)

    def support(self, batch: Batch, person: Person, identity: Identity, received: Received) -> None:
        """A membership or a paid chat."""
        event = received.event
        if event.currency == self.room.currency:
            person.support_minor += event.paid_minor
        if event.type == "paid_chat":
            self.chat(batch, person, identity, received)

    def followed(self, _batch: Batch, person: Person, _identity: Identity, received: Received) -> None:
        """A follow."""
        _follow(person, received.event.at_ms)

    def unfollowed(self, batch: Batch, person: Person, _identity: Identity, received: Received) -> None:
        """An unfollow: following starts again."""
        at_ms = received.event.at_ms
        if at_ms <= person.unfollowed_at:
            return
        person.unfollowed_at = at_ms
        if person.followed_at is not None and person.followed_at <= at_ms:
            person.followed_at = None
            # A follow after it may have come before: also one that only an import's club level tells, which is no act of the fan.
            batch.refollows.add(person.person_id)


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
    IMPORT: Reducer.imported,
    ON_AIR: lambda _reducer, _batch, person, _identity, received: _moderated(person, received.event),
}


def fan_day(batch: Batch, person_id: int, day: int) -> FanDay:
    """The row of a person's show day, made when there is none."""
    found = batch.days.get((person_id, day))
    if found is None:
        found = batch.days[person_id, day] = FanDay(person_id, day)
    return found


def _profile(batch: Batch, identity: Identity, person: Person, event: FanEvent) -> None:
    """The account's name, picture, club level and membership: what its latest event says."""
    if event.name and (event.name != identity.name or event.at_ms < identity.name_at):
        batch.name_rows.append((identity.identity_id, event.name, event.at_ms))
    told = profile_of(event, identity)
    if told == (identity.name, identity.avatar, identity.club_level, identity.is_member):
        identity.name_at = max(identity.name_at, event.at_ms)
    elif event.at_ms > max(identity.name_at, person.active_at, person.left_at, person.unfollowed_at):
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
        person.followed_at = earliest(person.followed_at, at_ms)


def _consent(person: Person, said: OnAir, at_ms: int) -> None:
    # At one moment 隐身 wins: it is the word that protects.
    if at_ms > person.on_air_at or (at_ms == person.on_air_at and said == "hidden"):
        person.on_air, person.on_air_at = said, at_ms


def _moderated(person: Person, event: FanEvent) -> None:
    """Hidden from the picture or shown on it by those who run the show: no visit, no chat."""
    _consent(person, "hidden" if event.text == HIDE_ME_WORD else "named", event.at_ms)
