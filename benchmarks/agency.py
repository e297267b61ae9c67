"""Three studios that write to one PostgreSQL at once: how soon what one writes is on another's board.

python -m benchmarks.agency
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

from benchmarks.postgres import postgresql
from benchmarks.results import Figure, at_most, publish
from studio.audience import Audience
from studio.bus import Bus
from studio.model.events import FanEvent
from studio.model.settings import AudienceSettings
from studio.store.database import Database

CHANGES = 100
EVENTS_A_SECOND = 300
"""Of each studio besides, by fans of its own: a busy room."""


class Studio:
    """One room's audience on its own connections."""

    def __init__(self, url: str, room: str, journals: Path) -> None:
        self.room = room
        self.number = 0
        self.database = Database(url, room=room)
        settings = AudienceSettings(store=url, room=room)
        self.audience = Audience(self.database, Bus(asyncio.get_running_loop()), settings, journals=journals)

    async def __aenter__(self) -> Self:
        await self.database.open()
        await self.audience.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.audience.close()
        await self.database.close()

    async def say(self, kind: str, fan: str, **more: object) -> None:
        """One event through the way in."""
        self.number += 1
        at_ms = time.time_ns() // 1_000_000
        values = {"id": f"{self.room}-{self.number}", "type": kind, "at_ms": at_ms, "platform": "douyin", "room": self.room, "fan_id": fan}
        await self.audience.submit(FanEvent(**{**values, **more}), may_drop=False)  # type: ignore[arg-type]

    def spent(self, fan: str) -> int:
        """What the board says of somebody."""
        return next((row["spent_minor"] for row in self.audience.board(500)["rows"] if row["id"] == fan), 0)


async def chatter(studio: Studio) -> None:
    """Chat for ever."""
    while True:
        await studio.say("chat", f"{studio.room}-fan{studio.number % 400}", text="好看")
        await asyncio.sleep(1 / EVENTS_A_SECOND)


async def measure(url: str, folder: Path) -> list[float]:
    """Seconds from an order's submission in one studio to the other's board, for each change."""
    async with AsyncExitStack() as stack:
        studios = [await stack.enter_async_context(Studio(url, f"r{number}", folder)) for number in range(3)]
        for studio in studios:
            await studio.say("enter", "shared")
            await studio.audience.drained()
        await asyncio.sleep(1)
        chats = [asyncio.create_task(chatter(studio)) for studio in studios]
        seen: list[float] = []
        for number in range(CHANGES):
            one, other = studios[number % 3], studios[(number + 1) % 3]
            started = time.perf_counter()
            await one.say("order", "shared", order=f"o{number}", amount_minor=100, currency="CNY")
            while other.spent("shared") < (number + 1) * 100:  # noqa: ASYNC110 - the board is what is looked at
                await asyncio.sleep(0.002)
            seen.append(time.perf_counter() - started)
        for chat in chats:
            chat.cancel()
        await asyncio.gather(*chats, return_exceptions=True)
        return seen


def main() -> int:
    """The table."""
    with postgresql() as url, tempfile.TemporaryDirectory() as folder:
        seen = sorted(asyncio.run(measure(url, Path(folder))))
    figures = [
        Figure("an order in one studio to another studio's board, median", round(statistics.median(seen) * 1000), "ms"),
        at_most("the same, p99", round(seen[int(len(seen) * 0.99) - 1] * 1000), 1000, "ms"),
        at_most("the same, at most", round(seen[-1] * 1000), 1000, "ms"),
    ]
    return 0 if publish("agency", figures) else 1


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    sys.exit(main())
