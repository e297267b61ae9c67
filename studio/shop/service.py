"""The shop's side of a room: webhooks become events of the ledger once their buyer is known; the rest waits in a queue.

It believes no message about who bought: only a viewer who says the order's one-time code is its buyer.
"""

import asyncio
import contextlib
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Connection

from studio.bus import Bus
from studio.connectors.shopify import read_shopify
from studio.connectors.standard_shop import read_standard
from studio.errors import StoreUnavailable
from studio.model.events import LATE_MS, FanEvent
from studio.model.settings import HookSettings
from studio.model.shop import CODE_LENGTH, CODE_SIGNS, said_code
from studio.shop.hook_book import HookBook, HookKeys
from studio.shop.queue_rows import queue_row
from studio.shop.tries import Tries
from studio.store import shop_store
from studio.store.database import Database
from studio.store.shop_store import Message

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_CODES: Final = 1_000
"""Codes said in chat that may wait for the store; beyond it the newest is not looked at, and its viewer says it again."""
_SHOWN: Final = 50
_AGAIN_S: Final = 2.0
_TELL_S: Final = 0.25


class Ledger(Protocol):
    """Where events go: the audience's file."""

    def __call__(self, work: Callable[[Connection], tuple[T, Sequence[FanEvent]]]) -> Awaitable[T]:
        """Run `work` and store the events that it answers in its own transaction."""
        ...


@dataclass(frozen=True, slots=True)
class ShopChanged:
    """The queue of orders without a buyer is another one; `locked` names a viewer who said too many wrong codes."""

    queue: dict[str, Any]
    locked: str = ""


@dataclass(frozen=True, slots=True)
class HookRefused:
    """A message of a hook was not believed, for this reason; told at most once a minute."""

    name: str
    code: str


class Shop:
    """Loop thread only."""

    def __init__(self, database: Database, bus: Bus, record: Ledger, keys: HookKeys, wall_ms: Callable[[], int]) -> None:
        self._database = database
        self._bus = bus
        self._record = record
        self._wall_ms = wall_ms
        self.hooks = HookBook(keys, wall_ms, lambda name, error: bus.publish(HookRefused(name, error.code)))
        self._tries = Tries()
        self._said: deque[tuple[FanEvent, str]] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._queue: dict[str, Any] = {"waiting": 0, "rows": []}
        self._telling: asyncio.Task[None] | None = None

    def configure(self, hooks: Sequence[HookSettings]) -> None:
        """The profile's hooks; keys are looked up anew."""
        self.hooks.configure(hooks)

    async def start(self) -> None:
        """Take up the queue. Raises StoreUnavailable."""
        await self._database.write(partial(shop_store.forget_old_messages, now_ms=self._wall_ms()))
        await self._refresh()

    async def stop(self) -> None:
        """Idempotent; codes that wait are said again by their viewers."""
        tasks = [task for task in (self._pump, self._telling) if task is not None]
        self._pump = self._telling = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def queue(self) -> dict[str, Any]:
        """{waiting, rows}: how many orders wait for their buyer, and the newest of them."""
        return self._queue

    async def verify(self, name: str, headers: Mapping[str, str], body: bytes) -> str:
        """The id of a message whose signature holds. Raises NotFound, Unauthenticated."""
        return await self.hooks.verify(name, headers, body)

    async def take(self, name: str, message_id: str, topic: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """{state, code?}: a message that was verified, durable when this answers. Raises InvalidInput, StoreUnavailable."""
        hook, now_ms = self.hooks.hook(name), self._wall_ms()
        is_shopify = hook.kind == "shopify"
        news = read_shopify(topic, document, name, now_ms) if is_shopify else read_standard(document, name, now_ms)
        if news is None:
            return {"state": "ignored"}
        message = Message(name, message_id, news, now_ms)

        def work(connection: Connection) -> tuple[shop_store.Taken, Sequence[FanEvent]]:
            taken = shop_store.take(connection, message, _new_code())
            return taken, taken.events

        taken = await self._record(work)
        if taken.is_new:
            self._tell_soon()
        row = queue_row(taken.order) if "hook" in taken.order else taken.order
        return {name: row[name] for name in ("state", "code") if row.get(name)}

    async def orders(self, state: str, limit: int, after: int) -> dict[str, Any]:
        """{rows, total, after}: a page of orders in a state."""
        found, total = await self._database.read(lambda connection: shop_store.orders(connection, state, limit, after))
        return {"rows": [queue_row(row) for row in found], "total": total, "after": found[-1]["first_at"] if len(found) == limit else None}

    async def renew_code(self, hook: str, order: str, by: str) -> dict[str, Any]:
        """A new code for an order without a buyer. Raises NotFound, Conflict."""
        code, now_ms = _new_code(), self._wall_ms()
        row = await self._database.write(lambda connection: shop_store.renew_code(connection, hook, order, code, by, now_ms))
        await self._refresh()
        return queue_row(row)

    async def dismiss(self, hook: str, order: str, by: str) -> dict[str, Any]:
        """Out of the queue. Raises NotFound, Conflict."""
        row = await self._database.write(lambda connection: shop_store.dismiss(connection, hook, order, by))
        await self._refresh()
        return queue_row(row)

    def on_event(self, event: FanEvent, received_at_ms: int) -> None:
        """Given each event as it is received: a chat that is a code binds its order. Never blocks."""
        if event.type != "chat" or not event.fan_id or received_at_ms - event.at_ms > LATE_MS:
            return
        code = said_code(event.text)
        if not code or len(self._said) >= MAX_CODES or self._tries.is_locked((event.platform, event.fan_id), time.monotonic()):
            return
        self._said.append((event, code))
        if self._pump is None or self._pump.done():
            self._pump = asyncio.get_running_loop().create_task(self._bind_said(), name="shop-codes")

    async def settled(self) -> None:
        """Wait until every code that was said is looked at."""
        if self._pump is not None:
            await asyncio.wait({self._pump})

    async def _bind_said(self) -> None:
        while self._said:
            event, code = self._said[0]
            try:
                await self._bind(event, code)
            except StoreUnavailable:
                await asyncio.sleep(_AGAIN_S)
                continue
            self._said.popleft()

    async def _bind(self, event: FanEvent, code: str) -> None:
        fan = (event.platform, event.fan_id)
        if self._tries.is_locked(fan, time.monotonic()):
            return

        def work(connection: Connection) -> tuple[bool, Sequence[FanEvent]]:
            found = shop_store.bind(connection, *fan, code, self._wall_ms())
            return found is not None, found or ()

        if await self._record(work):
            log.info("An order was bound to a viewer of %s by its code", event.platform)
            self._tell_soon()
        elif self._tries.note_wrong(fan, time.monotonic()):
            self._bus.publish(ShopChanged(self._queue, locked=event.name or event.fan_id))

    def _tell_soon(self) -> None:
        """Four times a second at most: a flood of orders is read back as one."""
        if self._telling is None or self._telling.done():
            self._telling = asyncio.get_running_loop().create_task(self._tell(), name="shop-queue")

    async def _tell(self) -> None:
        await asyncio.sleep(_TELL_S)
        with contextlib.suppress(StoreUnavailable):
            await self._refresh()

    async def _refresh(self) -> None:
        found = await self.orders("waiting", _SHOWN, 0)
        self._queue = {"waiting": found["total"], "rows": found["rows"]}
        self._bus.publish(ShopChanged(self._queue))


def _new_code() -> str:
    number = secrets.randbits(5 * CODE_LENGTH)
    return "".join(CODE_SIGNS[number >> 5 * place & 31] for place in range(CODE_LENGTH))
