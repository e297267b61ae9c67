"""What a fan file says after its engine was killed while it stored events, or did what takes several steps."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.results import Figure, at_most
from studio.store import migrate
from tests.studio.store.kills import is_what_a_rebuild_says, kill_again_and_again

WORKS = (*(f"migrate:{version}" for version in migrate.known_revisions()[:-1]), "erase", "restore", "compact")
"""What takes several steps: an older file brought up to date, a fan erased, a backup restored, a file written anew."""


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


def midway_killed(_folder: Path, times: int, _slack: float) -> list[Figure]:
    """Kill -9 in the middle of what takes several steps: the file says what it said before, or what it was to say."""
    figures = []
    for work in WORKS:
        # Apart: it forks.
        words = [sys.executable, "-m", "tests.studio.store.kills_midway", work, str(times), "1"]
        found = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
        print(*found["wrong"], sep="\n", end="")
        figures.append(
            at_most(
                f"{work} killed {found['runs']} times ({found['after']} of them done): wrong afterwards", len(found["wrong"]), 0, "times"
            )
        )
    return figures
