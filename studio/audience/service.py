"""The audience of one room: joins the way in, the fan file and the board (loop thread).

It makes no rule of its own: rules are in `studio.model`, the file is `studio.store`.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from studio.audience.board_keeper import BoardKeeper
from studio.audience.fan_desk import FanDesk
from studio.audience.import_desk import ImportDesk
from studio.audience.intake import Intake
from studio.audience.live_days import LiveDays
from studio.audience.loyalty_desk import LoyaltyDesk
from studio.audience.neighbours import Neighbours
from studio.audience.news import CHEERING, ChatItem, ChatSeen, Cheered, FeedEnded, IngestResult, LineRejected, RulesChanged
from studio.audience.person_desk import PersonDesk
from studio.audience.recording import Work, log_failure, record
from studio.audience.rules_desk import RulesDesk
from studio.audience.stubborn_store import BATCH, Arrival, StubbornStore
from studio.bus import Bus
from studio.connectors import EventFeed
from studio.model.absent import KEPT
from studio.model.drops import FanStanding
from studio.model.events import ON_AIR, FanEvent, Rejection
from studio.model.fans import Fan
from studio.model.loyalty import Rules
from studio.model.room_clock import RoomClock, ShowDays
from studio.model.rule_book import RuleBook
from studio.model.scene import AirBoard
from studio.model.settings import AudienceSettings, OverlaySettings
from studio.store import fan_detail, fan_queries, rule_ledger
from studio.store.database import Database
from studio.store.fan_store import Applied, FanStore
from studio.store.journal import journal_of
from studio.store.staff import sync_staff
from studio.store.working import Received

T = TypeVar("T")
EntryHook = Callable[[FanEvent, int], None]
_CLOSE_S: Final = 5.0
_QUARTER_MS: Final = 900_000
"""No time zone is off by less: all moments of a quarter of an hour are of one show day, and a batch asks for it once."""


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


class Audience:
    """What `ingest`, `redeem` and `load_history` answer is durable. The database is opened and closed by whoever made it.

    `journals` is the folder that takes what a server can't; beside a SQLite file there is room for it.
    """

    def __init__(
        self,
        database: Database,
        bus: Bus,
        settings: AudienceSettings,
        overlay: OverlaySettings | None = None,
        rules: Rules | None = None,
        *,
        journals: Path | None = None,
        wall_ms: Callable[[], int] = _wall_ms,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._database = database
        self._bus = bus
        self._settings = settings
        self._overlay = overlay or OverlaySettings()
        self.book = RuleBook.of(rules or Rules())
        self._wall_ms = wall_ms
        self._monotonic_ns = monotonic_ns
        self.clock = RoomClock(wall_ms)
        self._days = ShowDays(settings.timezone)
        self._store = FanStore(self.book.rules, self._days, settings.currency)
        self._board = BoardKeeper(bus, self.book.rules, self.clock, self._days, self._overlay, wall_ms)
        self._board.currency = settings.currency
        self._live_days = LiveDays(database, settings.room, self._board)
        self._neighbours = Neighbours(database, self._board, self.follow_rules, self._refresh_absent, self.clock.now_ms)
        journal, missed = journal_of(database, settings.room, journals), partial(self._neighbours.heard, None)
        self._stubborn = StubbornStore(database, self._store, journal, bus, self._applied, missed)
        self._intake = Intake(database, self._stubborn, bus, self._receive)
        self.persons = PersonDesk(database, self._store, self.moment, self._board)
        self.loyalty = LoyaltyDesk(database, self.moment, self._keep, self.persons.vault)
        self.rules = RulesDesk(database, self._store, self.follow_rules, self.clock.now_ms)
        self.fan_desk = FanDesk(database, self.moment, settings.currency, lambda: self._overlay.locale, self._board)
        self.imports = ImportDesk(database, self._store, settings, wall_ms, self._keep)
        self._hooks: list[EntryHook] = []
        self._is_live = False
        self._writes: set[asyncio.Task[None]] = set()
        self._feed: EventFeed | None = None

    async def open(self) -> None:
        """Take up where the store is: who is here, which days were live. Raises StoreUnavailable."""
        self._take_book(await self._database.write(partial(sync_staff, store=self._store)))
        now_ms = self.clock.now_ms()
        await self._live_days.load()
        for fan in await self._database.read(partial(fan_queries.recently_seen, room=self._settings.room, now_ms=now_ms)):
            self._board.keep(fan, now_ms, is_greeted=False)
        await self._refresh_absent()
        await self._stubborn.apply_journal()
        self._board.changed({})
        self._board.start()
        self._intake.start()
        self._neighbours.start()

    async def close(self) -> None:
        """Store what waits, end the tasks; idempotent."""
        await self.imports.stop()
        await self._neighbours.stop()
        await self._intake.stop(_CLOSE_S)
        await self._live_days.stop(_CLOSE_S)
        await self._board.stop()
        await asyncio.gather(*self._writes, return_exceptions=True)

    def configure(self, overlay: OverlaySettings) -> None:
        """Other rules for names and amounts on the picture; hot."""
        self._overlay = overlay
        self._board.configure(overlay)

    async def set_live(self, is_live: bool) -> None:  # noqa: FBT001 - it is the state itself
        """The room goes on or off air: 签到 in chat counts while live, and the show day is a live day."""
        self._is_live = is_live
        if is_live and self._settings.events == "none":  # a replay has no part in today: its events tell the days that it was live
            self._live_days.add([self._days.day_of(self.clock.now_ms())])
        else:
            self._board.meter.forget()

    def on_receive(self, hook: EntryHook) -> Callable[[], None]:
        """Call `hook(event, received_at_ms)` for each event as it is received, before any queue; the answer ends that."""
        self._hooks.append(hook)
        return lambda: self._hooks.remove(hook) if hook in self._hooks else None

    async def ingest(self, lines: bytes, *, source: str = "api") -> IngestResult:
        """Take NDJSON; answered once all of it is durable. Raises TooManyRequests, StoreUnavailable."""
        return await self._intake.ingest(lines, source, self._settings.room, self._wall_ms)

    async def submit(self, event: FanEvent, *, may_drop: bool = True) -> None:
        """Take an event of a connector; returns when it has a place in the queue."""
        await self._intake.submit(event, may_drop=may_drop)

    async def drained(self) -> None:
        """Wait until everything that was submitted is stored."""
        await self._intake.drained()

    async def record(self, work: Work[T]) -> T:
        """Run `work` and store the events that it answers in its own transaction. Raises StoreUnavailable."""
        now_ms, is_live = self.clock.now_ms(), self._is_live
        return await record(self._database, self._store, work, lambda event: Received(event, now_ms, is_live), self._applied)

    async def follow(self, feed: EventFeed) -> None:
        """Replay a feed to its end: its history at once and unseen, then its events when they are due; none is dropped."""
        self._feed = feed
        await self.load_history(feed.history())
        async for item in feed.events():
            if isinstance(item, Rejection):
                self._intake.counts.received += 1
                self._intake.counts.rejected += 1
                self._bus.publish(LineRejected(item.line, item.error))
            else:
                self.clock.replayed(item.at_ms)
                await self._intake.submit(item, may_drop=False)
        await self._intake.drained()
        self._bus.publish(FeedEnded())

    def invite(self, keyword: str, seconds: float) -> None:
        """A drop asks for a keyword: a rehearsal audience answers, real people read the picture."""
        if self._feed is not None:
            self._feed.invite(keyword, seconds)

    async def load_history(self, events: Iterable[FanEvent]) -> int:
        """Store what happened before the show as if received then, each of its days live; how many events were new."""
        accepted = 0
        source = iter(events)
        days: set[int] = set()
        while batch := [Received(event, event.at_ms, is_live=True) for event in islice(source, BATCH)]:
            days.update(self._days.day_of(one.event.at_ms) for one in batch)
            applied = await self._database.write(partial(self._store.apply, received=batch), rows=len(batch))
            accepted += applied.accepted
            now_ms = self.clock.now_ms()
            for fan in applied.fans.values():
                self._board.keep(fan, now_ms, is_greeted=False)
        self._live_days.add(sorted(days))
        await self._live_days.noted()
        self._board.changed({})
        return accepted

    def board(self, limit: int = 50) -> dict[str, Any]:
        """`GET /v1/board`."""
        return self._board.rows(min(max(limit, 0), KEPT // 2))

    def air_board(self) -> AirBoard:
        """The newest snapshot for the picture."""
        return self._board.air

    def air_name(self, platform: str, fan_id: str, name: str) -> str:
        """A name as the picture may show it: the nickname of those who opted in, else masked."""
        return self._board.air_name(platform, fan_id, name)

    async def fan(self, platform: str, fan_id: str) -> dict[str, Any]:
        """`GET /v1/fans/{platform}/{id}`. Raises NotFound."""
        return await self.fan_desk.card(platform, fan_id)

    async def fans(self, sort: fan_queries.Sort, limit: int = 50, after: str = "") -> dict[str, Any]:
        """`GET /v1/fans`: a page, and what to give as `after` for the next. Raises InvalidInput."""
        return await self.fan_desk.page(sort, limit, after)

    async def follow_rules(self) -> RuleBook:
        """Take up the rules that the ledger holds now: they were changed, here or by another studio on this store."""
        book = await self._database.read(lambda connection: rule_ledger.load_book(connection, self._store.defaults))
        if book.number != self.book.number:
            self._take_book(book)
            await self._refresh_absent()
            self._board.changed({})
        return self.book

    def _take_book(self, book: RuleBook) -> None:
        self.book = book
        self._board.take_rules(book.rules, self.clock.now_ms())
        self._bus.publish(RulesChanged(book.number, book.rules))

    def _keep(self, fan: Fan) -> None:
        self._board.keep(fan, self.clock.now_ms(), is_greeted=False)

    def moment(self) -> fan_detail.Moment:
        """Now, and the rules that hold."""
        return fan_detail.Moment(self.clock.now_ms(), self.book, self._days, self._board.live_days)

    def lookup(self, connection: Connection, platform: str, fan_id: str) -> FanStanding:
        """Who may enter a drop is judged by this, inside the transaction of the entry (store's thread)."""
        return fan_queries.standing(connection, platform, fan_id, self.moment())

    def shown(self, version: int, at_ns: int) -> None:
        """The first encoded frame with this version of the board left (monotonic)."""
        self._board.meter.shown(version, at_ns)

    def report(self) -> dict[str, Any]:
        """The report's `events`."""
        return {**asdict(self._intake.counts), "board_ms_p99": round(self._board.meter.p99_ms(), 1)}

    def _receive(self, event: FanEvent) -> Arrival:
        self._intake.counts.received += 1
        now_ms = self.clock.now_ms()
        for hook in self._hooks:
            hook(event, now_ms)
        return Arrival(Received(event, now_ms, self._is_live), self._monotonic_ns())

    def _applied(self, batch: list[Arrival], applied: Applied) -> None:
        now_ms = self.clock.now_ms()
        for fan in applied.fans.values():
            self._board.keep(fan, now_ms, is_greeted=True)
        quarters = {one.received.received_ms // _QUARTER_MS for one in batch if one.received.is_live}
        self._live_days.add({self._days.day_of(quarter * _QUARTER_MS) for quarter in quarters})
        causes: dict[str, list[int]] = {}
        chat: list[ChatItem] = []
        for arrival, person_id in zip(batch, applied.persons, strict=True):
            fan = applied.fans.get(person_id)
            if fan is not None:
                causes.setdefault(f"{fan.platform}:{fan.fan_id}", []).append(arrival.received_ns)
            if person_id >= 0 and arrival.received.event.text and arrival.received.event.type != ON_AIR:
                event = arrival.received.event
                alike = self._board.taken_for(event.name, fan)
                chat.append(ChatItem.of(event, fan, now_ms, self.book.rules, alike))
        if chat:
            self._bus.publish(ChatSeen(tuple(chat)))
        cheered = CHEERING & {one.received.event.type for one, person_id in zip(batch, applied.persons, strict=True) if person_id >= 0}
        if cheered:
            self._bus.publish(Cheered(cheered))
        self._board.changed(causes)
        if applied.rules_number != self.book.number:
            self._start(self.follow_rules())
        if self._board.needs_absent:
            self._start(self._refresh_absent())

    async def _refresh_absent(self) -> None:
        asked = partial(fan_queries.regulars, limit=KEPT, now_ms=self.clock.now_ms(), rules=self.book.rules)
        fans = await self._database.read(asked)
        self._board.take_absent(fans, is_all=len(fans) < KEPT)

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._writes.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._writes.discard(task)
        log_failure(task)
