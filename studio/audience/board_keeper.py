"""The board in memory: who is here, who is greeted, and when the picture has to be told (loop thread).

It asks the store for nothing: every fan that changes is handed in.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final, cast

from studio.audience.news import BoardChanged
from studio.bus import Bus
from studio.model import privacy
from studio.model.absent import AbsentRegulars
from studio.model.board import AirRules, Greeter, PresentFans, air_board, board_row
from studio.model.board_meter import BoardMeter
from studio.model.day_set import EMPTY, DaySet
from studio.model.events import format_time
from studio.model.fans import Fan
from studio.model.lookalikes import Lookalikes
from studio.model.loyalty import Rules
from studio.model.privacy import NamesShown, OnAir
from studio.model.room_clock import RoomClock, ShowDays
from studio.model.scene import AirBoard
from studio.model.settings import OverlaySettings

_BOARD_EVERY_S: Final = 0.1
_TICK_S: Final = 0.5
_MAX_CONSENTS: Final = 50_000


@dataclass(slots=True)
class _Drawn:
    """What was published last, and the events received since that changed what is drawn (monotonic ns)."""

    board: AirBoard = field(default_factory=AirBoard)
    newest: AirBoard = field(default_factory=AirBoard)
    causes_ns: list[int] = field(default_factory=list)
    published_s: float = float("-inf")
    timer: asyncio.TimerHandle | None = None


class BoardKeeper:
    """Publishes `BoardChanged` at once for the first change, then at most ten times a second."""

    def __init__(
        self, bus: Bus, rules: Rules, clock: RoomClock, show_days: ShowDays, overlay: OverlaySettings, wall_ms: Callable[[], int]
    ) -> None:
        self._bus = bus
        self._rules = rules
        self._clock = clock
        self._show_days = show_days
        self._overlay = overlay
        self._wall_ms = wall_ms
        self._present = PresentFans(rules)
        self._absent = AbsentRegulars(rules)
        self._greeter = Greeter()
        self._lookalikes = Lookalikes(lambda number: number in self._present)
        self._consents: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._drawn = _Drawn()
        self._ticker: asyncio.Task[None] | None = None
        self.live_days: DaySet = EMPTY
        self.currency = "CNY"
        self.meter = BoardMeter()

    def start(self) -> None:
        """Begin to let time pass."""
        self._ticker = asyncio.create_task(self._pass_time(), name="audience-time")

    async def stop(self) -> None:
        """Idempotent."""
        ticker, self._ticker = self._ticker, None
        if ticker is not None:
            ticker.cancel()
            await asyncio.gather(ticker, return_exceptions=True)
        if self._drawn.timer is not None:
            self._drawn.timer.cancel()
            self._drawn.timer = None

    @property
    def air(self) -> AirBoard:
        """The newest published snapshot."""
        return self._drawn.board

    def configure(self, overlay: OverlaySettings) -> None:
        """Other rules for names and amounts."""
        self._overlay = overlay
        self.changed({})

    def take_rules(self, rules: Rules, now_ms: int) -> None:
        """Other loyalty rules: everybody here is sorted again; the absent are to be asked for from the store."""
        self._rules = rules
        known, self._present = self._present, PresentFans(rules)
        for fan in known:
            self._present.put(replace(fan, is_staff=(fan.platform, fan.fan_id) in rules.staff), now_ms)
        self._absent = AbsentRegulars(rules)

    def take_absent(self, fans: Iterable[Fan], *, is_all: bool) -> None:
        """The first regulars who aren't here, as the store has them; `is_all` when there are no others."""
        self._absent.fill((fan for fan in fans if fan.person_id not in self._present), is_all=is_all)

    @property
    def needs_absent(self) -> bool:
        """Whether so many of the absent regulars are gone that the store must be asked for more."""
        return self._absent.is_short

    def keep(self, fan: Fan, now_ms: int, *, is_greeted: bool) -> None:
        """A fan's newest picture."""
        self._consents[fan.platform, fan.fan_id] = fan.on_air
        self._consents.move_to_end((fan.platform, fan.fan_id))
        if len(self._consents) > _MAX_CONSENTS:
            self._consents.popitem(last=False)
        has_arrived = self._present.put(fan, now_ms)
        self._absent.put(fan, now_ms, is_present=fan.person_id in self._present)
        if fan.is_staff or fan.is_regular(now_ms, self._rules):
            self._lookalikes.note(fan)
        if fan.on_air == "hidden":
            self._greeter.forget(fan.person_id)
        elif has_arrived and is_greeted and fan.is_regular(now_ms, self._rules):
            self._greeter.arrived(fan, self._wall_ms())

    def known(self) -> set[int]:
        """The numbers of the persons that are kept, here or not."""
        return {fan.person_id for fan in self._present} | self._absent.known()

    def fan(self, person_id: int) -> Fan | None:
        """One of them, as it was told last; another object after each change."""
        return self._present.get(person_id) or self._absent.get(person_id)

    def forget(self, person_ids: Iterable[int], accounts: Iterable[tuple[str, str]]) -> None:
        """Persons who are no more: merged into another, or erased."""
        for person_id in person_ids:
            self._present.drop(person_id)
            self._absent.forget(person_id)
            self._greeter.forget(person_id)
            self._lookalikes.forget(person_id)
        for account in accounts:
            self._consents.pop(account, None)

    def taken_for(self, name: str, fan: Fan | None) -> str:
        """Whose name this one can be taken for: staff's, or that of another regular who is here; empty for nobody's."""
        return self._lookalikes.taken_for(name, fan)

    def air_name(self, platform: str, fan_id: str, name: str) -> str:
        """A name as the picture may show it."""
        consent = cast("OnAir", self._consents.get((platform, fan_id), ""))
        return privacy.air_name(name, consent, cast("NamesShown", self._overlay.names))

    def rows(self, limit: int) -> dict[str, Any]:
        """`GET /v1/board`."""
        now_ms = self._clock.now_ms()
        today = self._show_days.day_of(now_ms)
        self._present.pass_time(now_ms)
        fans = list(islice(self._present, limit))
        present = len(fans)
        if present < limit:
            fans += self._absent.first(limit - present, now_ms)
        rows = [board_row(fan, now_ms, today, self.live_days, self._rules) for fan in fans]
        for number, (row, fan) in enumerate(zip(rows, fans, strict=True)):
            row["last_order_at"] = None if fan.last_order_at_ms is None else format_time(fan.last_order_at_ms)
            row["present"] = number < present
            row["looks_like"] = self.taken_for(fan.name, fan)
        return {"version": self.air.version, "present": len(self._present), "regulars": self._present.regulars, "rows": rows}

    def changed(self, causes: Mapping[str, list[int]]) -> None:
        """Fans may have changed: `causes` are the moments of receipt by the key of the fan. Tells the picture if it shows that."""
        before, after = self._drawn.newest, self._draw()
        if before == after:
            return
        self._drawn.newest = after
        old, new = {row.key: row for row in before.rows}, {row.key: row for row in after.rows}
        for key, moments in causes.items():
            if old.get(key) != new.get(key):
                self._drawn.causes_ns += moments
        wait_s = self._drawn.published_s + _BOARD_EVERY_S - time.monotonic()
        if wait_s <= 0:
            self.publish()
        elif self._drawn.timer is None:
            self._drawn.timer = asyncio.get_running_loop().call_later(wait_s, self.publish)

    def publish(self) -> None:
        """Give the picture a new version."""
        drawn = self._drawn
        if drawn.timer is not None:
            drawn.timer.cancel()
            drawn.timer = None
        drawn.published_s = time.monotonic()
        drawn.board = replace(drawn.newest, version=drawn.board.version + 1)
        self.meter.published(drawn.board.version, drawn.causes_ns)
        drawn.causes_ns = []
        self._bus.publish(BoardChanged(drawn.board))

    def _draw(self) -> AirBoard:
        now_ms = self._clock.now_ms()
        air = AirRules(
            rules=self._rules,
            names=cast("NamesShown", self._overlay.names),
            show_amounts=self._overlay.show_amounts,
            today=self._show_days.day_of(now_ms),
            live_days=self.live_days,
            currency=self.currency,
        )
        return air_board(0, self._present, self._greeter, air)

    async def _pass_time(self) -> None:
        while True:
            ends_ms = self._greeter.ends_at_ms
            until_s = (ends_ms - self._wall_ms()) / 1000 if ends_ms else _TICK_S
            await asyncio.sleep(min(max(until_s, 0.02), _TICK_S))
            self._present.pass_time(self._clock.now_ms())
            self._greeter.pass_time(self._wall_ms())
            self.changed({})
