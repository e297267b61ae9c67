"""What a fan file says after its engine was killed while it stored events."""

import asyncio
from pathlib import Path

from benchmarks.results import Figure, at_most
from tests.studio.store.kills import is_what_a_rebuild_says, kill_again_and_again


def ingest_killed(folder: Path, times: int, slack: float) -> list[Figure]:
    """Kill -9 in the middle of ingest, again and again on one file: what was acknowledged stands in it, once, and it opens."""
    url = f"sqlite:///{folder}/encore.db"
    outcome = asyncio.run(kill_again_and_again(url, times))
    is_same = asyncio.run(is_what_a_rebuild_says(url))
    return [
        Figure(f"ingest killed {outcome.runs} times: events acknowledged", outcome.acknowledged, "events"),
        at_most("ingest killed: acknowledged events lost", outcome.lost, 0, "events"),
        at_most("ingest killed: times that a figure was wrong", outcome.wrong, 0, "times"),
        at_most("ingest killed: times that a rebuild said otherwise", int(not is_same), 0, "times"),
        at_most("ingest killed: slowest opening afterwards", round(outcome.slowest_open_s, 2), 3 * slack, "s"),
    ]
