"""Ingest that is killed with SIGKILL at any moment, again and again: what was acknowledged stands in the file, once.

python -m tests.studio.store.kills URL FIRST     the child: stores events from a number on and says what is acknowledged
"""

import asyncio
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from studio.model.events import FanEvent
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store import fan_archive, tables
from studio.store.database import Database
from studio.store.fan_store import FanStore
from studio.store.working import Received

ROOT = Path(__file__).resolve().parents[3]
BATCH = 20
AT_MS = 1_795_348_800_000
AGAIN = 60
"""Events before the last acknowledged one that are sent again, as a connector does that didn't hear the answer."""


def event_of(number: int) -> FanEvent:
    """The same number is the same event."""
    kind = ("order", "like", "chat", "gift")[number % 4]
    more = {
        "order": {"order": f"o{number}", "amount_minor": 100 + number % 7, "currency": "CNY"},
        "like": {"count": number % 5},
        "chat": {"text": "好看"},
        "gift": {"gift": "玫瑰", "count": 1, "paid_minor": 10, "currency": "CNY"},
    }[kind]
    return FanEvent(f"e{number}", kind, AT_MS + number * 100, "douyin", room="r1", fan_id=f"u{number % 50}", **more)


def figures_of(count: int) -> tuple[int, int, int, int]:
    """Spend, likes, chats and gifts of the first so many events."""
    events = [event_of(number) for number in range(count)]
    return (
        sum(event.amount_minor for event in events),
        sum(event.count for event in events if event.type == "like"),
        sum(event.type == "chat" for event in events),
        sum(event.paid_minor for event in events),
    )


@dataclass
class Outcome:
    """What a series of kills did."""

    runs: int = 0
    acknowledged: int = 0
    stored: int = 0
    lost: int = 0
    wrong: int = 0
    """Runs after which the figures weren't those of the events in the ledger."""
    slowest_open_s: float = 0.0


async def ingest(url: str, first: int) -> None:
    """Store batches for ever; several wait at once, as connectors do."""
    database, store = Database(url, room="r1"), FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY")
    await database.open()

    async def put(start: int) -> None:
        received = [Received(event := event_of(number), event.at_ms) for number in range(start, start + BATCH)]
        await database.write(lambda connection: store.apply(connection, received), rows=BATCH)
        print(start + BATCH, flush=True)

    print("open", flush=True)
    while True:
        await asyncio.gather(*(put(first + ahead * BATCH) for ahead in range(3)))
        first += 3 * BATCH


async def kill_again_and_again(url: str, runs: int, seed: int = 1) -> Outcome:
    """So many children one after another on one store, each looked at after its end."""
    dice, outcome = random.Random(seed), Outcome()
    for _ in range(runs):
        said = await asyncio.to_thread(_one_life, url, max(0, outcome.acknowledged - AGAIN), dice.random() * 0.3)
        outcome.runs += 1
        outcome.acknowledged = max(outcome.acknowledged, said)
        await _look(url, outcome)
    return outcome


def _one_life(url: str, first: int, seconds: float) -> int:
    """Up to which event was acknowledged; the first life of a store lasts until one is."""
    words = [sys.executable, "-m", "tests.studio.store.kills", url, str(first)]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == "open\n"
        first_said = "" if first else child.stdout.readline()
        time.sleep(seconds)
        child.kill()
        said = [int(line) for line in (first_said + child.stdout.read()).splitlines(keepends=True) if line.endswith("\n")]
    child.wait()
    return max(said, default=0)


async def _look(url: str, outcome: Outcome) -> None:
    started = time.monotonic()
    database = Database(url)
    await database.open()
    outcome.slowest_open_s = max(outcome.slowest_open_s, time.monotonic() - started)
    numbers, told = await database.read(_told)
    await database.close()
    outcome.stored = len(numbers)
    outcome.lost += len(set(range(outcome.acknowledged)) - set(numbers))
    # Batches are stored in the order in which they were given: what stands there is the first so many, each once.
    outcome.wrong += sorted(numbers) != list(range(len(numbers))) or told != figures_of(len(numbers))


def _told(connection: Connection) -> tuple[list[int], tuple[int, ...]]:
    person = tables.person.c
    sums = select(func.sum(person.spent_minor), func.sum(person.likes), func.sum(person.chats), func.sum(person.gifts_minor))
    numbers = [int(name[1:]) for name in connection.execute(select(tables.event.c.event_id)).scalars()]
    return numbers, tuple(int(value or 0) for value in connection.execute(sums).one())


async def is_what_a_rebuild_says(url: str) -> bool:
    """Whether the projections are those that the ledger gives."""
    database, store = Database(url), FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY")
    await database.open()
    before = await database.read(lambda connection: list(fan_archive.export_lines(connection)))
    await database.write(lambda connection: fan_archive.rebuild(connection, store))
    after = await database.read(lambda connection: list(fan_archive.export_lines(connection)))
    await database.close()
    return before == after


if __name__ == "__main__":
    asyncio.run(ingest(sys.argv[1], int(sys.argv[2])))
