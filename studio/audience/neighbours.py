"""What other studios on the same store change reaches this room's board: told by number, read from the store (loop thread).

Presence stays the room's own: somebody who chats in another room isn't here.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any, Final

from studio.audience.board_keeper import BoardKeeper
from studio.errors import StoreUnavailable
from studio.model.fans import Fan
from studio.store import fan_queries
from studio.store.database import Database
from studio.store.listener import Heard

log = logging.getLogger(__name__)

_PAUSE_S: Final = 0.1
"""Between two looks: what was told meanwhile is read at once. A tenth of the second in which a change must be seen."""
_STRANGERS_EVERY_S: Final = 1.0
"""Whom the board doesn't know, and who may have become a regular in another room, are read apart: they are the many."""
_MOST: Final = 1_000
"""Persons read at a time, and of those whom the board doesn't know at most: of a crowd, it asks for the first regulars instead."""
_AGAIN_S: Final = 2.0


class Neighbours:
    """`follow_rules` and `refresh_absent` are the audience's own; `now_ms` is the room's clock."""

    def __init__(
        self,
        database: Database,
        board: BoardKeeper,
        follow_rules: Callable[[], Coroutine[Any, Any, object]],
        refresh_absent: Callable[[], Coroutine[Any, Any, None]],
        now_ms: Callable[[], int],
    ) -> None:
        self._database = database
        self._board = board
        self._follow_rules = follow_rules
        self._refresh_absent = refresh_absent
        self._now_ms = now_ms
        self._waiting: set[int] = set()
        self._strangers: set[int] = set()
        self._strangers_at = 0.0
        self._is_all = False
        self._has_work = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen; where nobody else writes to the store, nothing is ever heard."""
        self._task = asyncio.create_task(self._run(), name="neighbours")
        self._database.listen(self.heard)

    async def stop(self) -> None:
        """Idempotent."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def heard(self, persons: Heard) -> None:
        """These persons changed, or anything may have."""
        if persons is None:
            self._is_all = True
        else:
            self._waiting |= persons
        self._has_work.set()

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_STRANGERS_EVERY_S if self._strangers else None):
                    await self._has_work.wait()
            self._has_work.clear()
            try:
                await self._take()
            except StoreUnavailable as error:
                log.info("What other studios changed is read later: %s", error)
                self._is_all = True
                self._has_work.set()
                await asyncio.sleep(_AGAIN_S)
            await asyncio.sleep(_PAUSE_S)

    async def _take(self) -> None:
        await self._follow_rules()
        is_all, self._is_all = self._is_all, False
        waiting, self._waiting = self._waiting, set()
        known = self._board.known()
        self._strangers |= waiting - known
        await self._refresh(known if is_all else waiting & known)
        self._board.changed({})
        is_due = time.monotonic() >= self._strangers_at
        if is_all or (self._strangers and is_due):
            self._strangers_at = time.monotonic() + _STRANGERS_EVERY_S
            strangers, self._strangers = self._strangers, set()
            await self._refresh(set(sorted(strangers)[:_MOST]))
            if is_all or len(strangers) > _MOST:
                await self._refresh_absent()
            self._board.changed({})

    async def _refresh(self, persons: set[int]) -> None:
        numbers = sorted(persons)
        for start in range(0, len(numbers), _MOST):
            await self._read(numbers[start : start + _MOST])

    async def _read(self, asked: list[int]) -> None:
        before = {number: self._board.fan(number) for number in asked}
        fans = {fan.person_id: fan for fan in await self._database.read(partial(fan_queries.fans_of, person_ids=asked))}
        now_ms = self._now_ms()
        for number in asked:
            known = self._board.fan(number)
            if known is not before[number]:
                # Our own room wrote about this fan while we read: who of both was later isn't known, so it is read again.
                self.heard(frozenset([number]))
            elif number not in fans:
                self._board.forget([number], ())
            else:
                self._board.keep(seen_here(fans[number], known), now_ms, is_greeted=False)


def seen_here(fan: Fan, known: Fan | None) -> Fan:
    """The fan as the store has it, here when this room saw it, and under the account by which it acts here."""
    if known is None:
        return replace(fan, last_seen_at_ms=0, left_at_ms=-1)
    account = (known.platform, known.fan_id)
    name = fan.name if (fan.platform, fan.fan_id) == account else known.name
    seen = {"last_seen_at_ms": known.last_seen_at_ms, "left_at_ms": known.left_at_ms}
    return replace(fan, platform=known.platform, fan_id=known.fan_id, name=name, **seen)
