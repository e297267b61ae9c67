"""Who is here, in board order, and what of it the picture may show.

It holds the fans that are present and no clock: every call says what time it is.
"""

import heapq
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from studio.model import loyalty, privacy
from studio.model.day_set import EMPTY, DaySet
from studio.model.fans import Fan
from studio.model.loyalty import PRESENT_MS, Rules
from studio.model.privacy import NamesShown
from studio.model.scene import AirBoard, AirFact, AirFan, Greeting
from studio.model.segments import LAYER_NAMES

AIR_ROWS: Final = 6
GREETING_MS: Final = 4_000
MAX_GREETINGS: Final = 5
"""More than this waiting become one: six greetings are 24 s, and the sixth would be old news."""
GREET_AGAIN_MS: Final = 30 * 60_000
"""A phone that loses its network for a minute is no new arrival."""

OrderKey: TypeAlias = tuple[int, int, int, str, str, int]


def order_key(fan: Fan, now_ms: int, rules: Rules, *, is_present: bool) -> OrderKey:
    """Present regulars, other present, absent regulars; within these by tier and net spend, both descending, platform and id."""
    is_regular = fan.is_regular(now_ms, rules)
    group = 0 if is_present and is_regular else 1 if is_present else 2
    return group, -int(fan.tier(rules)), -fan.spent_minor, fan.platform, fan.fan_id, fan.person_id


class PresentFans:
    """The fans that are here, kept sorted in board order, so that no change needs a query or a sort."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._fans: dict[int, Fan] = {}
        self._keys: dict[int, OrderKey] = {}
        self._order: list[OrderKey] = []
        self._leaving: list[tuple[int, int]] = []
        """(when somebody may stop being present without another event, person), a heap with at most one entry a person."""
        self._ripening: list[tuple[int, int]] = []
        """(when a follower becomes a regular, person), a heap, likewise."""
        self._due: set[tuple[str, int]] = set()
        """Who has an entry in which heap."""
        self.regulars = 0

    def __len__(self) -> int:
        return len(self._fans)

    def __contains__(self, person_id: int) -> bool:
        return person_id in self._fans

    def __iter__(self) -> Iterator[Fan]:
        return (self._fans[key[-1]] for key in self._order)

    def get(self, person_id: int) -> Fan | None:
        """The fan, when present."""
        return self._fans.get(person_id)

    def put(self, fan: Fan, now_ms: int) -> bool:
        """Take over a fan's newest picture; whether this person was not here before and is now. Staff are never here."""
        if fan.is_staff or not fan.is_present(now_ms):
            self.drop(fan.person_id)
            return False
        old, key = self._keys.get(fan.person_id), order_key(fan, now_ms, self._rules, is_present=True)
        if old != key:
            self._place(fan, old, key)
        self._fans[fan.person_id] = fan
        return old is None

    def _place(self, fan: Fan, old: OrderKey | None, key: OrderKey) -> None:
        if old is None:
            self._plan("leaving", self._leaving, fan.last_seen_at_ms + PRESENT_MS, fan.person_id)
        else:
            self._unplace(old)
        self._keys[fan.person_id] = key
        insort(self._order, key)
        self.regulars += key[0] == 0
        if key[0] == 1 and fan.followed_at_ms is not None:
            self._plan("ripening", self._ripening, fan.followed_at_ms + self._rules.regular_followed_ms + 1, fan.person_id)

    def _plan(self, what: str, heap: list[tuple[int, int]], at_ms: int, person_id: int) -> None:
        if (what, person_id) not in self._due:
            self._due.add((what, person_id))
            heapq.heappush(heap, (at_ms, person_id))

    def _unplace(self, key: OrderKey) -> None:
        del self._order[bisect_left(self._order, key)]
        self.regulars -= key[0] == 0

    def drop(self, person_id: int) -> bool:
        """Take somebody off; whether they were there."""
        key = self._keys.pop(person_id, None)
        if key is None:
            return False
        del self._fans[person_id]
        self._unplace(key)
        return True

    def pass_time(self, now_ms: int) -> None:
        """Take off whom half an hour has passed, and make regulars of those whose seven days are full."""
        while self._leaving and self._leaving[0][0] <= now_ms:
            _, person_id = heapq.heappop(self._leaving)
            self._due.discard(("leaving", person_id))
            fan = self._fans.get(person_id)
            if fan is not None and fan.is_present(now_ms):
                self._plan("leaving", self._leaving, fan.last_seen_at_ms + PRESENT_MS, person_id)
            elif fan is not None:
                self.drop(person_id)
        while self._ripening and self._ripening[0][0] <= now_ms:
            _, person_id = heapq.heappop(self._ripening)
            self._due.discard(("ripening", person_id))
            fan = self._fans.get(person_id)
            if fan is not None:
                self.put(fan, now_ms)


@dataclass(slots=True)
class Greeter:
    """Arrivals of regulars, one greeting at a time (wall clock in ms)."""

    waiting: deque[Fan] = field(default_factory=deque)
    current: Fan | None = None
    others: int = 0
    starts_at_ms: int = 0
    _greeted: dict[int, int] = field(default_factory=dict)

    def arrived(self, fan: Fan, now_ms: int) -> None:
        """Somebody to greet, unless they were greeted within the half hour."""
        if now_ms - self._greeted.get(fan.person_id, -GREET_AGAIN_MS) < GREET_AGAIN_MS:
            return
        if len(self._greeted) > 10_000:
            self._greeted = {person: at for person, at in self._greeted.items() if now_ms - at < GREET_AGAIN_MS}
        self._greeted[fan.person_id] = now_ms
        self.waiting.append(fan)
        self.pass_time(now_ms)

    def pass_time(self, now_ms: int) -> None:
        """End a greeting after its four seconds and begin the next."""
        if self.current is not None and now_ms < self.starts_at_ms + GREETING_MS:
            return
        self.current, self.others = None, 0
        if self.waiting:
            self.current, self.starts_at_ms = self.waiting.popleft(), now_ms
            if len(self.waiting) >= MAX_GREETINGS:
                self.others = len(self.waiting)
                self.waiting.clear()

    def forget(self, person_id: int) -> None:
        """Somebody hides: no greeting for them, not even the one on the picture."""
        self.waiting = deque(fan for fan in self.waiting if fan.person_id != person_id)
        if self.current is not None and self.current.person_id == person_id:
            self.current = None

    @property
    def ends_at_ms(self) -> int:
        """When the picture needs another look; 0 when nobody is greeted."""
        return self.starts_at_ms + GREETING_MS if self.current is not None else 0


@dataclass(frozen=True, slots=True)
class AirRules:
    """What decides how a fan may stand on the picture."""

    rules: Rules
    names: NamesShown = "opt_in"
    show_amounts: bool = False
    today: int = 0
    live_days: DaySet = EMPTY
    currency: str = "CNY"


def air_fan(fan: Fan, air: AirRules) -> AirFan:
    """A fan as the audience may see them."""
    before = fan.visit_days.last_before(air.today)
    return AirFan(
        key=f"{fan.platform}:{fan.fan_id}",
        name=privacy.air_name(fan.name, fan.on_air, air.names),
        tier=fan.tier(air.rules),
        is_devoted=fan.layer(air.today) == "devoted",
        fact=_fact(fan, air),
        last_visit_days=None if before is None else air.today - before,
    )


def _fact(fan: Fan, air: AirRules) -> AirFact:
    if air.show_amounts and fan.on_air == "named":
        missing_minor = loyalty.to_next_minor(fan.spent_minor, air.rules)
        if missing_minor is not None and fan.spent_minor > 0:
            return AirFact("to_next", missing_minor, loyalty.next_tier_name(fan.spent_minor, air.rules) or "", air.currency)
    streak = loyalty.streak_days(fan.checkin_days, air.live_days, air.today)
    if streak >= 2:
        return AirFact("streak", streak)
    visits = len(fan.visit_days)
    return AirFact("first_visit", 1) if visits <= 1 else AirFact("visits", visits)


def air_rows(fans: Iterable[Fan], air: AirRules) -> tuple[AirFan, ...]:
    """The first rows of the board, without those who hide."""
    rows: list[AirFan] = []
    for fan in fans:
        if privacy.is_shown(fan.on_air):
            rows.append(air_fan(fan, air))
            if len(rows) == AIR_ROWS:
                break
    return tuple(rows)


def air_board(version: int, present: PresentFans, greeter: Greeter, air: AirRules) -> AirBoard:
    """The snapshot for the picture."""
    greeting = None
    if greeter.current is not None:
        greeting = Greeting(air_fan(greeter.current, air), greeter.starts_at_ms, greeter.others)
    return AirBoard(version, present.regulars, air_rows(present, air), greeting)


def board_row(fan: Fan, now_ms: int, today: int, live_days: DaySet, rules: Rules) -> dict[str, object]:
    """A row of `GET /v1/board`, but for the times, which the caller formats."""
    return {
        "platform": fan.platform,
        "id": fan.fan_id,
        "name": fan.name,
        "tier": rules.tiers[fan.tier(rules) - 1].name,
        "tier_rank": int(fan.tier(rules)),
        "layer": LAYER_NAMES[fan.layer(today)],
        "regular": fan.is_regular(now_ms, rules),
        "points": fan.points,
        "spent_minor": fan.spent_minor,
        "to_next_minor": loyalty.to_next_minor(fan.spent_minor, rules),
        "next_tier": loyalty.next_tier_name(fan.spent_minor, rules),
        "visits": len(fan.visit_days),
        "streak_days": loyalty.streak_days(fan.checkin_days, live_days, today),
        "last_order_at": fan.last_order_at_ms,
    }
