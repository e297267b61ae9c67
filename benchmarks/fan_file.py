"""How fast events become a fan file, how fast it answers, and what it costs, against the bounds of a file with ten million fans.

    python -m benchmarks.fan_file [--part sqlite|postgresql|growth|memory] [--fans 1000000 10000000] [--events 60000]

The files are laid once (a minute for ten million fans, 3 GB under benchmarks/results/files) and copied for each measurement.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks import crowded_file, fan_load
from benchmarks.fan_load import apart, made_events
from benchmarks.postgres import postgresql
from benchmarks.results import Figure, at_least, at_most, exactly, publish
from studio.model.event_lines import to_line
from studio.model.events import parse_line
from tests.e2e.show import run_live

LOOKED_AT = 5_000
"""Events a second that are written while fans are looked up."""
SECONDS = 20
GROWN_FROM = 150_000
"""Events from which ten times as many are ten times the work: a smaller file is a few pages that each batch writes whole, and each event
costs a sixth less."""
LEAST_PER_S = {1_000_000: 10_000, 10_000_000: 7_000}


def in_sqlite(folder: Path, events: int, fans: int) -> Iterator[Figure]:
    """A file that holds so many fans already; those who act are chosen by Zipf."""
    named = f"{fans // 1_000_000} M fans"
    store, bare = (folder / f"{name}.db" for name in ("store", "bare"))
    crowded_file.put(store, fans)
    crowded_file.put(bare, fans)
    url = f"sqlite:///{store}"
    written, bare_per_s = apart(fan_load.write_beside_bare, url, bare, events, fans)
    yield at_least(f"ingest, {named}", written.per_s, LEAST_PER_S.get(fans, 0), "events/s")
    yield Figure(f"the processor's time for an event, {named}", round(written.cpu_us, 1), "µs")
    yield Figure(f"bare sqlite3 with the same rows, {named}", round(bare_per_s), "events/s")
    yield at_least(f"ingest against bare sqlite3, {named}", written.per_s / bare_per_s, 0.5, "×")
    looked = apart(fan_load.look_up_while_writing, url, fans, LOOKED_AT, SECONDS)
    times = looked.times_ms
    yield Figure(f"an idle thread wakes late, p99, before {named}", round(looked.wake_p99_ms, 2), "ms")
    yield at_least(f"written while looking up, {named}", looked.written_per_s, LOOKED_AT * 0.98, "events/s")
    yield Figure(f"look-up p50 meanwhile, {named}", round(times[len(times) // 2], 2), "ms")
    yield at_most(f"look-up p99 meanwhile, {named}", times[len(times) * 99 // 100], 2, "ms")
    asked = apart(fan_load.ask, url, fans)
    yield at_most(f"top 50, {named}", asked.top_ms, 10, "ms")
    yield at_most(f"exact rank with the whole card, {named}", asked.rank_ms, 10, "ms")
    yield exactly(f"ranks that differ from a count of everybody, {named}", asked.wrong_ranks, 0, "")
    yield at_most(f"tier histogram, {named}", asked.tiers_ms, 10, "ms")
    for path in folder.glob("*.db*"):
        path.unlink()


def in_postgresql(_folder: Path, events: int) -> Iterator[Figure]:
    """An empty database on a server that syncs to the disk."""
    with postgresql() as url:
        yield at_least("ingest, PostgreSQL", apart(fan_load.write_all, url, events, 0).per_s, 8_000, "events/s")


def growth(folder: Path, events: int) -> Iterator[Figure]:
    """Ten times the events, between two runs of once."""
    before, many, few = (
        apart(fan_load.write_all, f"sqlite:///{folder / f'grown-{number}.db'}", count, 0)
        for number, count in enumerate((events, 10 * events, events))
    )
    yield at_most("time for ten times the events", 5 * (before.per_s + few.per_s) / many.per_s, 11, "×")
    yield at_most("memory for ten times the events", many.peak_mb / few.peak_mb, 11, "×")


def parsing(_folder: Path, events: int) -> Iterator[Figure]:
    """One thread reads lines into events."""
    lines = [to_line(one).encode() for one in made_events(min(events, 20_000), 0)]
    now_ms = fan_load.START_MS + 10**9
    started = time.perf_counter()
    for number, line in enumerate(lines, 1):
        parse_line(line, number, now_ms)
    yield Figure("lines parsed", round(len(lines) / (time.perf_counter() - started)), "lines/s")


def memory(folder: Path, fans: int) -> Iterator[Figure]:
    """A studio whose fans act for a while, beside one with an empty file."""
    none, full = (_studio_mb(folder, count, fans) for count in (0, fans))
    yield Figure("the studio's memory with an empty file", none, "MB")
    yield at_most(f"more with {fans // 1_000_000} M fans in the file", full - none, 150, "MB")


def _studio_mb(folder: Path, in_file: int, fans: int) -> float:
    home = folder / f"studio-{in_file}"
    home.mkdir()
    crowded_file.put(home / "encore.db", in_file)
    start_ms = time.time_ns() // 1_000_000
    lines = (to_line(replace(one, at_ms=start_ms + number)) for number, one in enumerate(made_events(20_000, fans)))
    (home / "events.jsonl").write_text("\n".join(lines), encoding="utf-8")
    show = run_live(
        home,
        {
            "video": {"width": 640, "height": 360, "fps": 15, "source": "testcard"},
            "output": [{"name": "archive", "path": "show.mp4"}],
            "audience": {"events": f"file:{home / 'events.jsonl'}"},
        },
        25,
    )
    assert show.code == 0, show.errors[-2000:]
    assert show.report["events"]["accepted"] > 10_000, show.report["events"]
    return show.report["process"]["rss_mb_end"]


def main() -> int:
    """Command line."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--part", choices=("sqlite", "postgresql", "growth", "memory"))
    asked.add_argument("--fans", type=int, nargs="+", default=[1_000_000, 10_000_000])
    asked.add_argument("--events", type=int, default=60_000)
    given = asked.parse_args()
    parts: dict[str, Callable[[Path], Iterator[Figure]]] = {
        "sqlite": lambda folder: (figure for fans in given.fans for figure in in_sqlite(folder, given.events, fans)),
        "postgresql": lambda folder: in_postgresql(folder, given.events),
        "growth": lambda folder: (*growth(folder, GROWN_FROM), *parsing(folder, given.events)),
        "memory": lambda folder: memory(folder, max(given.fans)),
    }
    figures: list[Figure] = []
    for name, measure in parts.items():
        if given.part in (None, name):
            with tempfile.TemporaryDirectory(prefix="encore-bench-") as folder:
                figures += measure(Path(folder))
    return 0 if publish("fan_file" if given.part is None else f"fan_file_{given.part}", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
