"""How much may wait for the writer: who comes when it is full waits outside, first come, first served.

It knows no store.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator


class WaitingRoom:
    """Loop thread only. `size` places in all; somebody may need several."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._outside: deque[tuple[int, asyncio.Future[None]]] = deque()

    @property
    def is_full(self) -> bool:
        """Somebody would have to wait outside now."""
        return bool(self._outside) or self._free <= 0

    @contextlib.asynccontextmanager
    async def places(self, count: int) -> AsyncGenerator[None, None]:
        """So many places, as soon as they are free and everybody who came before has theirs."""
        await self._take(count)
        try:
            yield
        finally:
            self._free += count
            self._let_in()

    async def _take(self, count: int) -> None:
        if not self._outside and self._free >= count:
            self._free -= count
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._outside.append((count, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._free += count
            self._let_in()
            raise

    def _let_in(self) -> None:
        while self._outside and (self._outside[0][1].done() or self._free >= self._outside[0][0]):
            count, turn = self._outside.popleft()
            if not turn.done():
                self._free -= count
                turn.set_result(None)
