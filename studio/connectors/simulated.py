"""`simulated:SEED` – a rehearsal audience: people with a history of 120 days, and an endless show of what they do.

The same seed and start give the same trace; nobody in it is real, and it asks nothing of a network.
"""

import asyncio
import heapq
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from random import Random
from typing import Any, Final
from urllib.parse import parse_qsl

from studio.connectors.cast import CHAT, GIFTS, PRODUCTS, Member, cast
from studio.errors import InvalidInput
from studio.model.events import FanEvent, Rejection
from studio.model.room_clock import ShowDays
from studio.model.settings import AudienceSettings

HISTORY_DAYS: Final = 120
_HISTORY_FANS: Final = 200
"""More people than this have no past: a load test wants numbers, not stories."""
_SHOW_STARTS_MS: Final = 14 * 3_600_000
"""A show begins at 20:00, fourteen hours into the show day."""
_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 3_600_000
_EARLY_FANS: Final = 14
"""Who is here when the show begins: the first frame has a board."""
_KINDS: Final = {
    "chat": 56,
    "like": 15,
    "move": 17,
    "gift": 6,
    "order": 2.5,
    "refund": 0.5,
    "checkin": 1,
    "share": 0.5,
    "follow": 0.5,
    "again": 1,
}


class SimulatedFeed:
    """`simulated:SEED`, with `?fans=200&rate=5` for another size or pace."""

    def __init__(self, word: str, settings: AudienceSettings, wall_ms: Callable[[], int]) -> None:
        seed, _, query = word.partition("?")
        options = {"fans": 200.0, "rate": 5.0}
        try:
            options.update((name, float(value)) for name, value in parse_qsl(query, strict_parsing=bool(query)) if name in options)
        except ValueError as error:
            raise InvalidInput("audience.events", events=f"simulated:{word}") from error
        if not (1 <= options["fans"] <= 1_000_000 and 0 < options["rate"] <= 100_000):
            raise InvalidInput("audience.events", events=f"simulated:{word}")
        self._seed = seed
        self._settings = settings
        self._days = ShowDays(settings.timezone)
        self._start_ms = wall_ms()
        self._speed = settings.speed or 1.0
        self._rate = options["rate"]
        self._cast = cast(seed, int(options["fans"]))
        self._show = Show(self._cast, Random(f"encore-show:{seed}:{self._start_ms}"), self._start_ms, settings, self._rate)

    def history(self) -> Iterator[FanEvent]:
        """The last 120 days, and who has come a little before the show."""
        today = self._days.day_of(self._start_ms)
        for day in range(today - HISTORY_DAYS, today):
            if day % 7 not in (0, 4):
                yield from self._past_show(day, today)
        yield from self._show.early(self._cast[:_EARLY_FANS])

    async def events(self) -> AsyncIterator[FanEvent | Rejection]:
        """Without end."""
        started = time.monotonic()
        turn_ends = started
        while True:
            event = self._show.next()
            wait_s = (event.at_ms - self._start_ms) / 1000 / self._speed - (time.monotonic() - started)
            if wait_s > 0.005:
                await asyncio.sleep(wait_s)
                turn_ends = time.monotonic() + 0.002
            elif time.monotonic() > turn_ends:
                await asyncio.sleep(0)
                turn_ends = time.monotonic() + 0.002
            yield event

    def invite(self, keyword: str, seconds: float) -> None:
        """Two of three who are here write the keyword within the time, most of them soon."""
        self._show.invite(keyword, seconds * self._speed)

    def _past_show(self, day: int, today: int) -> list[FanEvent]:
        # One generator a day: the same day is the same past, whenever the program is started.
        random = Random(f"encore-past:{self._seed}:{day}")
        starts_ms = self._days.starts_ms(day) + _SHOW_STARTS_MS
        events: list[FanEvent] = []
        for member in self._cast[:_HISTORY_FANS]:
            dice = random.random(), random.random(), random.random(), random.randrange(_HOUR_MS)
            if today - day > member.known_days or dice[0] >= member.comes:
                continue
            past = _Past(f"{self._seed}-{day}-{member.fan_id}", member, starts_ms + dice[3], self._settings)
            events += past.visit(is_checkin=dice[1] < 0.8, is_talkative=dice[2] < 0.35)
            if dice[2] < member.buys:
                # A generator of their own: how long ago it was decides what has happened since, not what others do.
                events += past.purchase(Random(f"{self._seed}:{day}:{member.fan_id}"), (today - day) * 24 * _HOUR_MS)
        return sorted(events, key=lambda event: (event.at_ms, event.id))


class _Past:
    """One fan's visit to one past show."""

    def __init__(self, tag: str, member: Member, at_ms: int, settings: AudienceSettings) -> None:
        self._tag, self._member, self._at_ms, self._settings = tag, member, at_ms, settings

    def visit(self, *, is_checkin: bool, is_talkative: bool) -> list[FanEvent]:
        events = [self._event("enter", 0)]
        if self._member.follows:
            events.append(self._event("follow", 1_000))
        if self._member.is_open:
            events.append(self._event("chat", 2_000, text="亮牌"))
        if is_checkin and self._member.habit in ("devoted", "core"):
            events.append(self._event("checkin", 3_000))
        if is_talkative:
            events += [self._event("chat", minute * _MINUTE_MS, text=CHAT[minute % len(CHAT)]) for minute in range(4, 32, 4)]
        return events

    def purchase(self, random: Random, past_ms: int) -> list[FanEvent]:
        sku, name, category, price_minor = PRODUCTS[random.randrange(len(PRODUCTS))]
        quantity = random.choice((1, 1, 1, 2, 3))
        item = {"sku": sku, "name": name, "category": category, "qty": quantity, "price_minor": price_minor}
        order = f"{self._tag}-o"
        money = {"order": order, "amount_minor": price_minor * quantity, "currency": self._settings.currency}
        is_promo = random.random() < 0.4
        events = [self._event("order", 10 * _MINUTE_MS, items=json.dumps([item], ensure_ascii=False), is_promo=is_promo, **money)]
        if past_ms > 96 * _HOUR_MS:
            events.append(self._event("delivered", 72 * _HOUR_MS, order=order))
            if random.random() < 0.06:
                events.append(self._event("refund", 90 * _HOUR_MS, **money))
        return events

    def _event(self, kind: str, after_ms: int, **more: Any) -> FanEvent:
        member = self._member
        return FanEvent(
            id=f"{self._tag}-{kind}-{after_ms}",
            type=kind,
            at_ms=self._at_ms + after_ms,
            platform=member.platform,
            room=self._settings.room,
            fan_id=member.fan_id,
            name=member.name,
            **more,
        )


class Show:
    """What the audience does from the start on: a heap of what is due, refilled as it is taken."""

    def __init__(self, members: tuple[Member, ...], random: Random, start_ms: int, settings: AudienceSettings, rate: float) -> None:
        self._members = members
        self._random = random
        self._start_ms = start_ms
        self._settings = settings
        self._rate = rate
        self._now_ms = float(start_ms)
        self._due: list[tuple[int, int, FanEvent]] = []
        self._number = 0
        self._here: list[Member] = []
        self._places: dict[str, int] = {}
        self._orders: list[tuple[Member, str, int]] = []
        self._last: FanEvent | None = None
        self._kinds, self._weights = list(_KINDS), list(_KINDS.values())
        for place, member in enumerate(self._waiting_regulars()):
            self._plan(1_200 + place * 2_700, "enter", member)

    def early(self, members: tuple[Member, ...]) -> list[FanEvent]:
        """Who came in the minutes before."""
        events = []
        for place, member in enumerate(members):
            self._come(member)
            events.append(self._event("enter", member, self._start_ms - (len(members) - place) * 20_000))
        return events

    def next(self) -> FanEvent:
        """The next event in order of time."""
        if not self._due or self._due[0][0] > self._now_ms:
            self._now_ms += self._random.expovariate(self._rate) * 1000
            self._act(int(self._now_ms))
        return self._take()

    def invite(self, keyword: str, seconds: float) -> None:
        """Those who are here answer within the time."""
        for member in tuple(self._here):
            if self._random.random() < 0.67:
                after_ms = int(1_500 + seconds * 900 * self._random.random() ** 2)
                self._push(self._event("chat", member, int(self._now_ms) + after_ms, text=keyword))

    def _take(self) -> FanEvent:
        event = heapq.heappop(self._due)[2]
        member = self._members[(int(event.fan_id) - 7_000_000) // 37]
        if event.type == "enter":
            self._come(member)
        elif event.type == "leave":
            self._go(member)
        self._last = event
        return event

    def _waiting_regulars(self) -> tuple[Member, ...]:
        return self._members[_EARLY_FANS : _EARLY_FANS + 16]

    def _act(self, at_ms: int) -> None:
        kind = self._random.choices(self._kinds, self._weights)[0]
        if kind == "again" and self._last is not None:
            self._push(self._last)
            return
        if kind == "move" and (len(self._here) < 40 or self._random.random() < 0.52):
            self._push(self._event("enter", self._random.choice(self._members), at_ms))
            return
        member = self._random.choice(self._here) if self._here else self._members[0]
        self._push(self._made(kind, member, at_ms))

    def _made(self, kind: str, member: Member, at_ms: int) -> FanEvent:
        make = {"gift": self._gift, "order": self._order, "refund": self._refund}.get(kind)
        if make is not None:
            return make(member, at_ms)
        if kind == "like":
            return self._event("like", member, at_ms, count=self._random.randint(1, 20))
        if kind in ("share", "follow"):
            return self._event(kind, member, at_ms)
        if kind == "move":
            return self._event("leave", member, at_ms)
        is_opening = member.is_open and self._random.random() < 0.05
        text = "签到" if kind == "checkin" else "亮牌" if is_opening else self._random.choice(CHAT)
        return self._event("chat", member, at_ms, text=text)

    def _refund(self, member: Member, at_ms: int) -> FanEvent:
        if not self._orders:
            return self._order(member, at_ms)
        buyer, order, amount_minor = self._orders.pop(self._random.randrange(len(self._orders)))
        part_minor = amount_minor if self._random.random() < 0.5 else amount_minor // 2
        return self._event("refund", buyer, at_ms, order=order, amount_minor=part_minor, currency=self._settings.currency)

    def _gift(self, member: Member, at_ms: int) -> FanEvent:
        gift, price_minor = self._random.choice(GIFTS)
        combo, times = f"c{self._number}", self._random.choice((1, 1, 3, 5))
        money = {"gift": gift, "combo": combo, "count": 1, "paid_minor": price_minor, "currency": self._settings.currency}
        for total in range(2, times + 1):
            self._push(self._event("gift", member, at_ms + 600 * (total - 1), combo_total=total, **money))
        return self._event("gift", member, at_ms, combo_total=1, **money)

    def _order(self, member: Member, at_ms: int) -> FanEvent:
        sku, name, category, price_minor = self._random.choice(PRODUCTS)
        order = f"{self._start_ms}-{self._number}"
        item = {"sku": sku, "name": name, "category": category, "qty": 1, "price_minor": price_minor}
        self._orders.append((member, order, price_minor))
        return self._event(
            "order",
            member,
            at_ms,
            order=order,
            amount_minor=price_minor,
            currency=self._settings.currency,
            items=json.dumps([item], ensure_ascii=False),
            is_promo=self._random.random() < 0.3,
        )

    def _plan(self, after_ms: int, kind: str, member: Member) -> None:
        self._push(self._event(kind, member, self._start_ms + after_ms))

    def _push(self, event: FanEvent) -> None:
        heapq.heappush(self._due, (event.at_ms, self._number, event))
        self._number += 1

    def _event(self, kind: str, member: Member, at_ms: int, **more: Any) -> FanEvent:
        self._number += 1
        return FanEvent(
            id=f"{self._start_ms}-{self._number}",
            type=kind,
            at_ms=at_ms,
            platform=member.platform,
            room=self._settings.room,
            fan_id=member.fan_id,
            name=member.name,
            **more,
        )

    def _come(self, member: Member) -> None:
        if member.fan_id not in self._places:
            self._places[member.fan_id] = len(self._here)
            self._here.append(member)

    def _go(self, member: Member) -> None:
        place = self._places.pop(member.fan_id, None)
        if place is not None:
            last = self._here.pop()
            if last is not member:
                self._here[place] = last
                self._places[last.fan_id] = place
