"""kill -9 in the middle of ingest, and of what takes several steps; `make faults` does it a hundred times."""

import json
import subprocess
import sys

import pytest

from tests.studio.store.kills import ROOT, is_what_a_rebuild_says, kill_again_and_again


async def test_killed_during_ingest_nothing_acknowledged_is_lost_and_nothing_is_counted_twice(store_url):
    outcome = await kill_again_and_again(store_url, 3)
    assert (outcome.lost, outcome.wrong) == (0, 0)
    assert outcome.stored >= outcome.acknowledged > 0
    assert await is_what_a_rebuild_says(store_url)


@pytest.mark.parametrize("work", ["migrate:0004", "erase", "restore", "compact"])
def test_killed_midway_the_file_says_what_it_said_or_what_it_was_to_say(work):
    assert killed(work) == []


@pytest.mark.parametrize("work", ["migrate:0001", "erase"])
def test_killed_midway_a_server_says_what_it_said_or_what_it_was_to_say(work, postgres):
    assert killed(work, 2, postgres.url("postgres")) == []


def killed(work, lives=3, *server):
    """What was wrong after so many lives; in a process of its own, which may fork."""
    words = [sys.executable, "-m", "tests.studio.store.kills_midway", work, str(lives), "1", *server]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["runs"] == lives
    return found["wrong"]
