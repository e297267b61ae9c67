"""`file:` – events of a JSONL file, replayed by their own times times a speed; 0 is as fast as they are taken.

It never drops a line: one that can't be used comes out as a Rejection with its number.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from studio.errors import InvalidInput
from studio.model.events import MAX_LINE_BYTES, FanEvent, Rejection, parse_line
from studio.model.settings import AudienceSettings

_SLICE_S = 0.002
"""How long lines are parsed before the loop gets its turn: a heartbeat of 50 ms stays far away."""
_AHEAD_S = 0.02
"""Events due within this are handed out at once: the store is written and the board told ten times a second, and each wake costs."""


class FileFeed:
    """A file of events. The first event is due at once, the others by the distance of their times."""

    def __init__(self, path: str, settings: AudienceSettings, wall_ms: Callable[[], int]) -> None:
        self._path = Path(path)
        self._room = settings.room
        self._speed = settings.speed
        self._wall_ms = wall_ms
        if not self._path.is_file():
            raise InvalidInput("events.no_file", path=path)

    def history(self) -> Iterator[FanEvent]:
        """A file has none: all of it is the show."""
        return iter(())

    def invite(self, keyword: str, seconds: float) -> None:
        """What is written is written."""

    async def events(self) -> AsyncIterator[FanEvent | Rejection]:
        """Raises InvalidInput when the file can't be read."""
        first_ms, started = -1, 0.0
        turn_ends = time.monotonic() + _SLICE_S
        for number, line in enumerate(self._lines(), 1):
            item = parse_line(line, number, self._wall_ms(), room=self._room)
            if item is None:
                continue
            if isinstance(item, FanEvent) and self._speed > 0:
                if first_ms < 0:
                    first_ms, started = item.at_ms, time.monotonic()
                due = started + (item.at_ms - first_ms) / 1000 / self._speed
                if due - time.monotonic() > _AHEAD_S:
                    await asyncio.sleep(due - time.monotonic())
                    turn_ends = time.monotonic() + _SLICE_S
            if time.monotonic() > turn_ends:
                await asyncio.sleep(0)
                turn_ends = time.monotonic() + _SLICE_S
            yield item

    def _lines(self) -> Iterator[bytes]:
        """Lines, one that is too long only as far as it shows that."""
        try:
            with self._path.open("rb") as file:
                while line := file.readline(MAX_LINE_BYTES + 2):
                    if len(line) > MAX_LINE_BYTES + 1:
                        yield line
                        while line and not line.endswith(b"\n"):
                            line = file.readline(MAX_LINE_BYTES)
                        continue
                    yield line.rstrip(b"\r\n")
        except OSError as error:
            raise InvalidInput("events.unreadable", path=str(self._path)) from error
