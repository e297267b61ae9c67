"""Answers to 查积分 and 签到 on the picture: one after the other, by masked name, and not to the same fan all the time.

It tells points and check-ins, never an amount; who is hidden or works here gets no answer on the picture.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from studio.audience.news import ChatItem, ChatSeen
from studio.bus import Bus
from studio.model import loyalty
from studio.model.events import LATE_MS
from studio.model.fans import Fan
from studio.model.keywords import CHECKIN_WORDS, POINTS_WORD, command_in
from studio.model.privacy import masked_name
from studio.model.scene import AirTicker
from studio.store.fan_detail import Moment

COOL_DOWN_S: Final = 60.0
"""Between two answers of the same kind to one fan: a chat of a thousand people would otherwise be the ticker of the quickest three."""
SHOWN_S: Final = 3.0
"""How long an answer stays: two short facts are read in two seconds."""
MAX_WAITING: Final = 20
"""A minute's worth of answers; beyond it a question gets none, and may be asked again."""
_MAX_ASKED: Final = 20_000


@dataclass(frozen=True, slots=True)
class TickerChanged:
    """Another answer is on the picture, or none."""


class Ticker:
    """Loop thread only. `moment` gives the room's now and its rules."""

    def __init__(self, bus: Bus, moment: Callable[[], Moment], wall_ms: Callable[[], int]) -> None:
        self._bus = bus
        self._moment = moment
        self._wall_ms = wall_ms
        self._waiting: deque[tuple[str, Fan]] = deque()
        self._asked: OrderedDict[tuple[int, str], float] = OrderedDict()
        self._shown: AirTicker | None = None
        self._timer: asyncio.TimerHandle | None = None
        bus.subscribe(ChatSeen, self._seen)

    @property
    def air(self) -> AirTicker | None:
        """What stands on the picture."""
        return self._shown

    def stop(self) -> None:
        """Idempotent."""
        if self._timer is not None:
            self._timer.cancel()
        self._waiting.clear()

    def _seen(self, seen: ChatSeen) -> None:
        now_ms = self._moment().now_ms
        for item in seen.items:
            command = command_in(item.text)
            if (command == POINTS_WORD or command in CHECKIN_WORDS) and now_ms - item.at_ms <= LATE_MS:
                self._ask(POINTS_WORD if command == POINTS_WORD else CHECKIN_WORDS[0], item)
        if self._shown is None:
            self._next()

    def _ask(self, command: str, item: ChatItem) -> None:
        fan = item.fan
        if fan is None or fan.is_staff or fan.on_air == "hidden" or len(self._waiting) >= MAX_WAITING:
            return
        moment = self._moment()
        if command != POINTS_WORD and moment.today not in fan.checkin_days:
            return  # off air, or too late: it was no check-in
        key, now_s = (fan.person_id, command), time.monotonic()
        if now_s - self._asked.get(key, float("-inf")) < COOL_DOWN_S:
            return
        self._asked[key] = now_s
        self._asked.move_to_end(key)
        if len(self._asked) > _MAX_ASKED:
            self._asked.popitem(last=False)
        self._waiting.append((command, fan))

    def _next(self) -> None:
        self._timer = None
        before, self._shown = self._shown, None
        if self._waiting:
            self._shown = self._answer(*self._waiting.popleft())
            self._timer = asyncio.get_running_loop().call_later(SHOWN_S, self._next)
        if self._shown != before:
            self._bus.publish(TickerChanged())

    def _answer(self, command: str, fan: Fan) -> AirTicker:
        moment, now_ms = self._moment(), self._wall_ms()
        return AirTicker(
            kind="points" if command == POINTS_WORD else "checkin",
            name=masked_name(fan.name),
            tier=fan.tier(moment.rules),
            is_devoted=fan.layer(moment.today) == "devoted",
            points=fan.points,
            streak=loyalty.streak_days(fan.checkin_days, moment.live_days, moment.today),
            starts_at_ms=now_ms,
            ends_at_ms=now_ms + round(SHOWN_S * 1000),
            waiting=len(self._waiting),
        )
