"""A long show at 720p: what grows? Memory by the hour, threads, handles, processes, and frames that were skipped.

    python -m benchmarks.soak [--seconds 7200]

The sample clip with the look on goes to an RTMP server on this machine; the engine is looked at from outside, once a second. The slope is the
one of least squares over what comes after the warm-up (a sixth of the time, 30 s at least).
"""

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from benchmarks.results import Figure, at_most, exactly, publish
from tests.e2e.show import ROOT, engine
from tests.servers import nginx

SAMPLE = ROOT / "resources" / "sample" / "presenter.mp4"
LONG_S = 1800
"""From here on the slope means something: over a minute the allocator's pages are all there is to see."""


@dataclass(frozen=True)
class Sample:
    """One look at the engine."""

    at_s: float
    memory_mb: float
    threads: int
    handles: int
    processes: int


@dataclass(frozen=True)
class Soaked:
    """What a show left: the samples after the warm-up, frames skipped and encoded, and how often the output connected."""

    samples: list[Sample]
    skipped: int
    encoded: int
    connects: int

    def slope_mb_per_hour(self) -> float:
        """How fast memory grows."""
        times = np.array([sample.at_s for sample in self.samples])
        return float(np.polyfit(times, np.array([sample.memory_mb for sample in self.samples]), 1)[0] * 3600)

    def growth(self, name: str) -> float:
        """How much more there is of something at the end (the median of a quarter) than at the start of what is looked at."""
        values = [getattr(sample, name) for sample in self.samples]
        quarter = max(1, len(values) // 4)
        return float(np.median(values[-quarter:]) - np.median(values[:quarter]))


def look(process: psutil.Process, began_s: float) -> Sample:
    """From outside, as a system monitor sees it."""
    with process.oneshot():
        memory = process.memory_info().rss / 2**20
        return Sample(time.monotonic() - began_s, memory, process.num_threads(), process.num_fds(), len(process.children(recursive=True)))


def soak(folder: Path, seconds: float, **video: object) -> Soaked:
    """A show of so many seconds."""
    with nginx() as server:
        tables = {
            "video": {"width": 1280, "height": 720, "fps": 30, "source": f"file:{SAMPLE}", **video},
            "audio": {"source": f"file:{SAMPLE}"},
            "look": {"smooth": 0.5, "whiten": 0.3},
            "encoder": {"bitrate_kbps": 2500, "preset": "superfast"},
            "output": [{"name": "main", "server": server.server, "key": "soak"}],
            "audience": {"events": "simulated:7"},
        }
        with engine(folder, tables) as running:
            process = psutil.Process(running.process.pid)
            running.call("POST", "/v1/live/start")
            warm_s = max(30.0, seconds / 6) if seconds > 40 else seconds / 2
            time.sleep(warm_s)
            before, began_s, samples = running.call("GET", "/v1/health")[1], time.monotonic(), list[Sample]()
            while time.monotonic() - began_s < seconds - warm_s:
                samples.append(look(process, began_s))
                time.sleep(1)
            after = running.call("GET", "/v1/health")[1]
            video_before, video_after = before["video"], after["video"]
            return Soaked(
                samples,
                video_after["skipped"] - video_before["skipped"],
                video_after["encoded"] - video_before["encoded"],
                after["outputs"][0]["connects"],
            )


def figures(soaked: Soaked, seconds: float) -> list[Figure]:
    """The table."""
    slope = soaked.slope_mb_per_hour()
    return [
        Figure("frames encoded", soaked.encoded, "frames"),
        exactly("frames skipped after the warm-up", soaked.skipped, 0, "frames"),
        at_most("memory", slope, 1.0, "MB/hour")
        if seconds >= LONG_S
        else Figure("memory (too short to judge)", round(slope, 1), "MB/hour"),
        Figure("memory from first to last quarter", round(soaked.growth("memory_mb"), 2), "MB"),
        *(exactly(f"{name} more", soaked.growth(name), 0, "") for name in ("threads", "handles", "processes")),
        exactly("connections of the output", soaked.connects, 1, ""),
    ]


def main() -> int:
    """One show, then the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=7200)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as temporary:
        soaked = soak(Path(temporary), seconds)
    return 0 if publish("soak", figures(soaked, seconds)) else 1


if __name__ == "__main__":
    sys.exit(main())
