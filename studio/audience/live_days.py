"""The show days on which this room was live: known at once, and noted in the store as soon as it takes them (loop thread).

It decides no streak; days that can't be noted now are tried again until they are.
"""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Final

from studio.audience.board_keeper import BoardKeeper
from studio.errors import StoreUnavailable
from studio.store import fan_queries
from studio.store.database import Database

_AGAIN_S: Final = 2.0


class LiveDays:
    """The board shows streaks by them."""

    def __init__(self, database: Database, room: str, board: BoardKeeper) -> None:
        self._database = database
        self._room = room
        self._board = board
        self._unnoted: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """What the store has."""
        self._board.live_days = await self._database.read(partial(fan_queries.live_days, room=self._room))

    def add(self, days: Iterable[int]) -> None:
        """The room was live on these."""
        new = [day for day in days if day not in self._board.live_days]
        for day in new:
            self._board.live_days = self._board.live_days.with_day(day)
        self._unnoted.update(new)
        if self._unnoted and self._task is None:
            self._task = asyncio.create_task(self._note(), name="live-days")

    async def noted(self) -> None:
        """Wait until the store has them all."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def stop(self, deadline_s: float) -> None:
        """Note what is left, as far as the deadline allows; idempotent. Events received live tell the day again from the journal."""
        task = self._task
        if task is not None:
            await asyncio.wait([task], timeout=deadline_s)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _note(self) -> None:
        try:
            while self._unnoted:
                days = sorted(self._unnoted)
                try:
                    await self._database.write(partial(fan_queries.note_live_days, room=self._room, days=days))
                    self._unnoted.difference_update(days)
                except StoreUnavailable:
                    await asyncio.sleep(_AGAIN_S)
        finally:
            self._task = None
