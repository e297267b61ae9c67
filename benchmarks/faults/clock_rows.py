"""The system's clock is set forward and back by an hour in the middle of a show: only what shows the time of day changes."""

import time
from itertools import pairwise
from pathlib import Path

from benchmarks.faults.stage import FPS, until
from benchmarks.results import Figure, at_most, exactly
from tests.decode import decode_errors, packet_times
from tests.e2e.show import Engine, engine

_WATCHED = ("picture.", "stage.", "sound.")
_LOOK_FRAMES = 75


def clock_set(folder: Path, slack: float) -> list[Figure]:
    """Forward, back beyond where it was, and right again."""
    setting = folder / "clock"
    setting.write_text("0")
    tables = {
        "video": {"width": 320, "height": 180, "fps": FPS, "source": "testcard"},
        "audio": {"source": "tone"},
        "encoder": {"bitrate_kbps": 400, "preset": "ultrafast"},
        "output": [{"name": "archive", "path": str(folder / "show.mkv")}],
        "audience": {"events": "simulated:3"},
    }
    with engine(folder, tables, script="tests/e2e/with_clock.py", more={"TEST_CLOCK": str(setting)}) as running:
        running.call("POST", "/v1/live/start")
        until(lambda: _encoded(running) > 2 * FPS)
        before = running.call("GET", "/v1/health")[1]["video"]
        elapsed_s, began_s = running.call("GET", "/v1/live")[1]["elapsed_s"], time.monotonic()
        notices, off_air, slates, off_s = 0, 0, 0, [0.0]
        for shift in ("3600", "-3600", "0"):
            setting.write_text(shift)
            due = _encoded(running) + _LOOK_FRAMES
            until(lambda frames=due: _encoded(running) > frames)
            live = running.call("GET", "/v1/live")[1]
            off_s.append(abs(live["elapsed_s"] - elapsed_s - (time.monotonic() - began_s)))
            off_air += live["state"] != "live"
            slates += live["slate"]["on"]
            standing = running.call("GET", "/v1/health")[1]["standing"]
            notices += sum(row["code"].startswith(_WATCHED) for row in standing)
        after, passed_s = running.call("GET", "/v1/health")[1]["video"], time.monotonic() - began_s
        running.call("POST", "/v1/live/stop")
    skipped = after["skipped"] - before["skipped"]
    times = sorted(packet_times(folder / "show.mkv"))
    gaps_s = [later - earlier for earlier, later in pairwise(times)]
    return [
        exactly("clock set: looks at which it wasn't on air", off_air, 0, ""),
        exactly("clock set: notices and slates", notices + slates, 0, ""),
        at_most("clock set: the time on air is told wrong by", max(off_s), 10 * slack, "s"),
        at_most(
            "clock set: pictures beyond the rate", after["encoded"] + skipped - before["encoded"] - passed_s * FPS, 15 * slack, "frames"
        ),
        at_most("clock set: skipped", skipped, 0 if slack == 1 else 5 * FPS, "frames"),
        at_most("clock set: longest gap in the recording", max(gaps_s), 1.5 / FPS if slack == 1 else 5 + skipped / FPS, "s"),
        at_most("clock set: pictures closer than 20 ms", sum(gap <= 0.02 for gap in gaps_s), 0, "frames"),
        exactly("clock set: errors of a decoder", len(decode_errors(folder / "show.mkv")), 0, ""),
    ]


def _encoded(running: Engine) -> int:
    return running.call("GET", "/v1/health")[1]["video"]["encoded"]
