"""The fan side of the engine: fan file, audience, drops and the feed that fills them, opened and closed together.

It decides nothing of its own; what it shows and tells comes from the audience and the drops.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from studio.analysis.desk import Analysis
from studio.app import loyalty_file
from studio.app.chat_feed import ChatFeed
from studio.app.notices import Notices
from studio.app.profile import default_path
from studio.app.room_files import RoomFiles, RoomTools
from studio.app.stream import Send
from studio.audience import (
    Audience,
    BoardChanged,
    ChatSeen,
    FeedEnded,
    LineRejected,
    Members,
    RulesChanged,
    StoreTrouble,
    Ticker,
    TickerChanged,
)
from studio.audience.loyalty_desk import Counter
from studio.audience.rules_told import tiers_told
from studio.bus import Bus
from studio.connectors import EventFeed, open_feed
from studio.drops import DropChanged, Drops, HandoutsChanged, House
from studio.engine.session import BoardShown
from studio.model.events import FanEvent
from studio.model.privacy import masked_name
from studio.model.scene import AirBoard, AirDrop
from studio.model.settings import AudienceSettings, LimitSettings, Settings
from studio.model.shop import said_code
from studio.remote.roles import Principal
from studio.shop import HookKeys, HookRefused, ProductShown, Shop, ShopChanged
from studio.store.database import Database
from studio.store.secrets import Secrets
from studio.store.vault import open_vault

log = logging.getLogger(__name__)

DROPS_IN_STATE = 20
"""Drops that a new client is told of at once; older ones are a call away."""
BOARD_ROWS = 50
_REFUSALS = {"hooks.signature": "hooks.refused"}
"""What a message was refused for, as the host is told; anything else is a key that is missing or can't be used."""


class Room:
    """One room; loop thread only."""

    def __init__(
        self,
        bus: Bus,
        settings: Settings,
        send: Send,
        notices: Notices,
        changed: Callable[[], None],
        tools: RoomTools,
    ) -> None:
        self._settings = settings
        self._send = send
        self._notices = notices
        self._changed = changed
        self._feed: EventFeed | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._chat = ChatFeed(send)
        self._is_open = False
        self._rules_file = tools.rules_file
        self._invited: set[str] = set()
        self._database = Database(settings.audience.store, room=settings.audience.room)
        self.audience = Audience(self._database, bus, settings.audience, settings.overlay, journals=default_path().parent / "journals")
        self.analysis = Analysis(self._database, settings.audience, self.audience.moment)
        self.drops = Drops(self._database, bus, _house(self.audience, settings.audience, lambda: self._settings.remote.limits))
        self.audience.persons.use_vault(lambda: open_vault(Secrets(default_path().parent)))
        self.audience.loyalty.counter = self._counter()
        self.ticker = Ticker(bus, self.audience.moment, _wall_ms)
        self.members = Members(self._database, self.audience.fan, _wall_ms, settings.audience.timezone)
        self.shop = Shop(self._database, bus, self.audience.record, HookKeys(tools.find_secret, _keep_secret), _wall_ms)
        self.shop.configure(settings.hook)
        self.files = RoomFiles(self._database, bus, self.audience, settings.audience, tools, _wall_ms)
        self.audience.on_receive(self._on_received)
        bus.subscribe(BoardChanged, self._on_board)
        bus.subscribe(DropChanged, self._on_drop)
        _pass_on(bus, send)
        bus.subscribe(ChatSeen, self._chat.seen)
        bus.subscribe(TickerChanged, lambda _: changed())
        bus.subscribe(ShopChanged, self._on_shop)
        bus.subscribe(RulesChanged, self._on_rules)
        _tell_troubles(bus, notices)
        bus.subscribe(BoardShown, lambda shown: self.audience.shown(shown.version, shown.time_ns))

    def _counter(self) -> Counter:
        of = self._settings.audience
        return Counter(of.room, of.currency, lambda: self._settings.remote.limits, self.drops.handouts.tell_soon)

    async def open(self) -> None:
        """Open the fan file, take up where it is, then let events in. Raises StoreUnavailable, InvalidInput for the feed."""
        self._feed = open_feed(self._settings.audience, _wall_ms)
        await self.files.restore_planned(self._notices, self._settings.overlay.locale)
        await self._database.open()
        self._is_open = True
        await self.audience.open()
        if self._rules_file is not None:
            await loyalty_file.take(self._rules_file, self.audience.rules, self._notices)
        await self.drops.start()
        await self.shop.start()
        await self.files.products.put_back()
        self.analysis.start()
        self.audience.persons.start(lambda: self._settings.privacy)
        if self._feed is not None:
            task = asyncio.create_task(self._follow(self._feed), name="feed")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Store what waits, end everything; idempotent."""
        self._chat.stop()
        self.ticker.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._is_open:
            self._is_open = False
            await self.files.copies.stop()
            await self.files.products.stop()
            await self.audience.persons.stop()
            await self.shop.stop()
            await self.analysis.stop()
            await self.drops.stop()
            await self.audience.close()
            await self._database.close()

    async def set_live(self, *, is_live: bool) -> None:
        """On or off air."""
        if self._is_open:
            await self.audience.set_live(is_live)

    def reconfigure(self, settings: Settings) -> None:
        """Other rules for names and amounts, at once; another fan file is for the next start."""
        self._settings = settings
        self.audience.configure(settings.overlay)
        self.shop.configure(settings.hook)

    def air_board(self) -> AirBoard | None:
        """The board for the picture, None before the fan file is open."""
        return self.audience.air_board() if self._is_open else None

    def air_drop(self) -> AirDrop | None:
        """The drop card for the picture."""
        return self.drops.snapshot() if self._is_open else None

    async def ingest(self, lines: bytes, principal: Principal) -> dict[str, Any]:
        """Take NDJSON, durable before it is answered; the server has taken out what a bound connector may not say."""
        result = await self.audience.ingest(lines, source=principal.platform or principal.name)
        await self.drops.settled()
        await self.shop.settled()
        rejected = [{"line": item.line, "error": item.error} for item in result.rejected]
        return {"accepted": result.accepted, "duplicate": result.duplicate, "rejected": rejected}

    async def erase(self, platform: str, fan_id: str, principal: Principal) -> dict[str, Any]:
        """Delete a person from the file, the board, the chat and the drops that are shown. Raises NotFound, Conflict."""
        gone = await self.audience.persons.erase(platform, fan_id, principal.name)
        self._chat.forget(gone.accounts)
        await self.drops.reload()
        return {**gone.told(), "identities": gone.accounts}

    def stream_state(self) -> list[tuple[str, dict[str, Any]]]:
        """Board, drops and chat, for a client that has just connected."""
        if not self._is_open:
            return []
        drops = [("drop", drop) for drop in reversed(self.drops.drops()[:DROPS_IN_STATE])]
        queues = [("shop", self.shop.queue), ("handouts", self.drops.handouts.queue)]
        state = [("shown", self.files.showcase.now.told()), ("rules", self._tiers()), ("board", self.audience.board(BOARD_ROWS))]
        return [*state, *drops, *queues, ("chat", self._chat.newest)]

    def events_report(self) -> dict[str, Any]:
        """{received, accepted, duplicate, rejected, board_ms_p99}."""
        return self.audience.report()

    async def _follow(self, feed: EventFeed) -> None:
        await self.audience.follow(feed)

    def _on_received(self, event: FanEvent, received_at_ms: int) -> None:
        """Entries are taken before any queue. A replayed event carries its own old time: for a drop it happens now."""
        if not self._is_open or event.type != "chat" or not (self.drops.is_any_open or said_code(event.text)):
            return
        if self.audience.clock.is_replaying:
            event, received_at_ms = replace(event, at_ms=_wall_ms()), _wall_ms()
        self.drops.on_event(event, received_at_ms)
        self.shop.on_event(event, received_at_ms)

    def _on_rules(self, _: RulesChanged) -> None:
        self._changed()
        self._send("rules", self._tiers())

    def _tiers(self) -> dict[str, Any]:
        book = self.audience.book
        return {"number": book.number, "currency": self._settings.audience.currency, "tiers": tiers_told(book.rules)}

    def _on_board(self, _: BoardChanged) -> None:
        self._changed()
        self._send("board", lambda: self.audience.board(BOARD_ROWS))

    def _on_drop(self, change: DropChanged) -> None:
        drop = change.drop
        if drop["state"] == "open" and drop["id"] not in self._invited:
            self._invited.add(drop["id"])
            self.audience.invite(str(drop["keyword"]), float(drop["seconds"]))
        self._changed()
        self._send("drop", drop)

    def _on_shop(self, change: ShopChanged) -> None:
        if change.locked:
            self._notices.add("warn", "hooks.wrong_codes", name=change.locked)
        self._send("shop", change.queue)


def _keep_secret(name: str, value: str) -> None:
    Secrets(default_path().parent).put(name, value)


def _house(audience: Audience, settings: AudienceSettings, limits: Callable[[], LimitSettings]) -> House:
    return House(
        room=settings.room,
        currency=settings.currency,
        time_zone=settings.timezone,
        lookup=audience.lookup,
        mask=masked_name,
        air_name=audience.air_name,
        limits=limits,
        tiers=lambda: [tier.name for tier in audience.book.rules.tiers],
    )


def _pass_on(bus: Bus, send: Send) -> None:
    """News that windows get as they are."""
    bus.subscribe(HandoutsChanged, lambda changed: send("handouts", changed.queue))
    bus.subscribe(ProductShown, lambda shown: send("shown", shown.told()))


def _tell_troubles(bus: Bus, notices: Notices) -> None:
    """What goes wrong on the way in, as notices."""

    def trouble(found: StoreTrouble) -> None:
        if not found.code:
            notices.add("good", "store.back")
            return
        notices.add("bad", found.code, **found.params)
        if found.is_kept:
            notices.add("info", "store.kept")

    bus.subscribe(StoreTrouble, trouble)
    bus.subscribe(LineRejected, lambda rejected: notices.add("warn", "events.line_rejected", line=rejected.line, reason=rejected.error))
    bus.subscribe(FeedEnded, lambda _: notices.add("info", "events.feed_ended"))
    bus.subscribe(HookRefused, lambda refused: notices.add("warn", _REFUSALS.get(refused.code, "hooks.no_key"), name=refused.name))


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000
