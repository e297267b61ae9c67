"""What it costs to look at a million fans: the count of all figures, a day of history, and what the engine's loop feels of it.

    python -m benchmarks.analysis [--fans 1000000]

It prints a table and writes benchmarks/results/analysis.json; it changes no store but its own.
"""

import argparse
import asyncio
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import Engine, create_engine

from benchmarks.results import Figure, at_most, publish
from studio.analysis import worker
from studio.analysis.judge import At
from studio.analysis.overview import Overview
from studio.model.day_set import DaySet
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store import bulk, migrate, tables
from studio.store.working import Person, Purchase

NOW_MS = 1_795_348_800_000
DAY_MS = 86_400_000
CATEGORIES = ("口红", "精华", "面膜", "防晒", "")


def fill(engine: Engine, fans: int) -> None:
    """A file of so many fans, one in five of whom bought, as Zipf has it."""
    seed = random.Random(7)
    today = ShowDays("Asia/Shanghai").day_of(NOW_MS)
    with engine.begin() as connection:
        migrate.upgrade(connection)
    for first in range(1, fans + 1, 10_000):
        persons, purchases, boughts = [], [], []
        for number in range(first, min(first + 10_000, fans + 1)):
            seen = seed.randrange(0, 300)
            days = DaySet.of([today - seen - n * seed.randrange(1, 9) for n in range(min(30, int(seed.paretovariate(1.0))))])
            orders = min(20, int(seed.paretovariate(1.2))) if seed.random() < 0.2 else 0
            paid = sorted(NOW_MS - seed.randrange(0, 300) * DAY_MS for _ in range(orders))
            for n, at_ms in enumerate(paid):
                purchases.append(
                    Purchase(f"o{number}-{n}", "douyin", number, number, 150_00, 0, 150_00, 0, "CNY", 0, at_ms, at_ms).to_row()
                )
                boughts.append((f"o{number}-{n}", "douyin", seed.choice(CATEGORIES), 1, 150_00))
            row = Person(
                number, spent_minor=orders * 150_00, orders=orders, first_seen_at=NOW_MS - 300 * DAY_MS, active_at=NOW_MS - seen * DAY_MS
            )
            row.last_order_at, row.visit_days = (paid[-1] if paid else None), days
            persons.append(row.to_row())
        with engine.begin() as connection:
            bulk.insert(connection, tables.person, persons)
            bulk.insert(connection, tables.purchase, purchases)
            bulk.insert(connection, tables.bought, boughts)


async def measured(order: worker.Order) -> tuple[float, float, Overview | None]:
    """(seconds, longest gap of the loop in ms, the figures if they were asked for)."""
    longest, found, running = 0.0, None, True

    async def beat() -> None:
        nonlocal longest
        while running:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            longest = max(longest, time.perf_counter() - before - 0.005)

    pulse = asyncio.create_task(beat())
    started = time.perf_counter()
    async for message in worker.follow(order):
        if isinstance(message, Overview):
            found = message
    seconds, running = time.perf_counter() - started, False
    await pulse
    return seconds, longest * 1000, found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fans", type=int, default=1_000_000)
    fans = parser.parse_args().fans
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/fans.db")
        fill(engine, fans)
        days = ShowDays("Asia/Shanghai")
        at = At(NOW_MS, days.day_of(NOW_MS), Rules(), "CNY")
        order = worker.Order(engine.url, at, "Asia/Shanghai")
        count_s, count_gap_ms, found = asyncio.run(measured(order))
        assert found is not None
        assert found.fans == fans
        day_s, day_gap_ms, _ = asyncio.run(measured(worker.Order(engine.url, at, "Asia/Shanghai", (at.today - 1,))))
        engine.dispose()
        size_mb = Path(folder, "fans.db").stat().st_size / 1e6
    figures = [
        Figure("fans", fans, "", ""),
        Figure("the file", round(size_mb), "MB", ""),
        Figure("count all figures", round(count_s, 1), "s", ""),
        Figure("count, a fan", round(count_s / fans * 1e6, 1), "µs", ""),
        Figure("note a day of history", round(day_s, 1), "s", ""),
        at_most("longest gap of the engine's loop while counting", count_gap_ms, 50, "ms"),
        at_most("longest gap of the engine's loop while noting", day_gap_ms, 50, "ms"),
        Figure("memory of the worker at most", round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000), "MB", ""),
    ]
    return 0 if publish("analysis", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
