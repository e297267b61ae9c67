"""What is won or had for points and not yet handed out: a list to work off, told anew whenever something adds to it.

It sends nothing to anybody; a person does, and says so here.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any, Final

from studio.bus import Bus
from studio.drops.clock import Clock
from studio.drops.shelf import DropChanged
from studio.errors import StoreUnavailable
from studio.model.drops import Principal
from studio.store import handout_list
from studio.store.database import Database

_SHOWN: Final = 50
"""Rows that every window is told of; the count says how many there are, and the call gives more."""
_TELL_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class HandoutsChanged:
    """{waiting, rows}: the list is another one."""

    queue: dict[str, Any]


class Handouts:
    """Loop thread only."""

    def __init__(self, database: Database, bus: Bus, clock: Clock, room: str) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._room = room
        self._telling: asyncio.Task[None] | None = None
        self._is_due = False
        self.queue: dict[str, Any] = {"waiting": 0, "rows": []}
        """{waiting, rows}: how many things wait, and the oldest of them."""
        bus.subscribe(DropChanged, self._on_drop)

    async def refresh(self) -> None:
        """Read the list and tell it. Raises StoreUnavailable."""
        rows, waiting = await self._database.read(
            lambda connection: (
                handout_list.handouts_in(connection, self._room, "todo", _SHOWN),
                handout_list.count_waiting(connection, self._room),
            )
        )
        self.queue = {"waiting": waiting, "rows": rows}
        self._bus.publish(HandoutsChanged(self.queue))

    async def stop(self) -> None:
        """Idempotent."""
        telling, self._telling = self._telling, None
        if telling is not None:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def rows(self, state: str, limit: int) -> dict[str, Any]:
        """{rows}: to be handed out, oldest first; or done, newest first."""
        found = await self._database.read(lambda connection: handout_list.handouts_in(connection, self._room, state, limit))
        return {"rows": found}

    async def done(self, drop_id: str, ref: str, principal: Principal) -> dict[str, Any]:
        """It was handed out; the list as it is then. Raises NotFound unless it was to do."""
        now_ms = self._clock.wall_ms()
        await self._database.write(lambda connection: handout_list.mark_done(connection, drop_id, ref, principal.name, now_ms))
        await self.refresh()
        return self.queue

    async def undo(self, drop_id: str, ref: str) -> dict[str, Any]:
        """It wasn't after all; the list as it is then. Raises NotFound unless it was marked so."""
        await self._database.write(lambda connection: handout_list.put_back(connection, drop_id, ref))
        await self.refresh()
        return self.queue

    def _on_drop(self, change: DropChanged) -> None:
        is_lottery_over = change.drop["state"] == "drawn"
        is_handed_by_hand = change.drop.get("fulfilment") == "manual" and change.drop["issued"]
        if is_lottery_over or is_handed_by_hand:
            self.tell_soon()

    def tell_soon(self) -> None:
        """Something was added or taken out. Four times a second at most: a rush for coupons is read back as one."""
        self._is_due = True
        if self._telling is None or self._telling.done():
            self._telling = asyncio.get_running_loop().create_task(self._tell(), name="handouts")

    async def _tell(self) -> None:
        while self._is_due:
            await asyncio.sleep(_TELL_S)
            self._is_due = False
            with contextlib.suppress(StoreUnavailable):
                await self.refresh()
