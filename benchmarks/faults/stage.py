"""A running engine with one output that suffers and two that mustn't notice: a second server and a recording."""

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.results import Figure, at_most
from tests import decode
from tests.clips import make_noise_clip
from tests.e2e.show import Engine, engine
from tests.servers import nginx

WIDTH, HEIGHT, FPS = 640, 360, 30
CLIP_S = 6
GAP_MS = 50.0
"""The engine's loop may be held up so long."""
_STALL_MS, STALL_FRAMES = 500.0, 10
"""In the suite, where a shared machine may stand still for a moment: what a network that blocks would cost is many times that."""


def until(holds: Callable[[], Any], patience_s: float = 60.0) -> float:
    """Seconds until it holds; fails in words when it never does."""
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > patience_s:
            raise TimeoutError(f"not within {patience_s} s")
        time.sleep(0.02)
    return time.monotonic() - begun


def spread(name: str, seconds: list[float], bound_s: float) -> list[Figure]:
    """Times of one fault again and again: the shortest, the median, and the longest against the bound."""
    return [
        Figure(f"{name}, shortest of {len(seconds)}", round(min(seconds), 2), "s"),
        Figure(f"{name}, median", round(statistics.median(seconds), 2), "s"),
        at_most(f"{name}, longest", max(seconds), bound_s, "s"),
    ]


class Stage:
    """The engine on air. `main` is the output under test, `witness` and `archive` the others."""

    def __init__(self, running: Engine, folder: Path, slack: float) -> None:
        self.running = running
        self.slack = slack
        """Times of the bounds: 1 for the table, 3 in the suite, where the machine does other things too."""
        self.began_s = time.monotonic()
        """When it was told to go live."""
        self._folder = folder
        self._before: dict[str, Any] = {}
        self._longest_gap_ms = 0.0

    def since_start(self, holds: Callable[[], Any], patience_s: float) -> float:
        """Seconds from going live until it was found to hold."""
        until(holds, patience_s)
        return time.monotonic() - self.began_s

    def output(self, name: str = "main") -> dict[str, Any]:
        """An output's row now."""
        live = self.running.call("GET", "/v1/live")[1]
        return next(output for output in live["outputs"] if output["name"] == name)

    def is_live(self) -> bool:
        """Whether the output under test is."""
        return self.output()["state"] == "live"

    def begin(self) -> None:
        """From here on the others' losses count."""
        self._before = self._counters()
        self._longest_gap_ms = 0.0

    def health(self) -> dict[str, Any]:
        """The report now; remembers how long the loop was held up."""
        report = self.running.call("GET", "/v1/health")[1]
        self._longest_gap_ms = max(self._longest_gap_ms, report["loop"]["gap_ms_recent"])
        return report

    def watch(self, seconds: float, look: Callable[[], Any] = lambda: None) -> None:
        """Let time pass, looking every 0.1 s."""
        begun = last = time.monotonic()
        while time.monotonic() - begun < seconds:
            look()
            if time.monotonic() - last > 5:
                self.health()
                last = time.monotonic()
            time.sleep(0.1)

    def bystanders(self, row: str) -> list[Figure]:
        """What the fault cost the others."""
        lacking = self._lacking()
        self.health()
        after = self._counters()
        lost = {name: after[name] - self._before[name] for name in after}
        return [
            *(at_most(f"{row}: {name}", value, 0 if self.slack == 1 else STALL_FRAMES, "frames") for name, value in lost.items()),
            at_most(f"{row}: pictures that the recording lacks", lacking, after["skipped"], "frames"),
            at_most(f"{row}: the loop's longest gap", self._longest_gap_ms, GAP_MS if self.slack == 1 else _STALL_MS, "ms"),
        ]

    def _counters(self) -> dict[str, int]:
        report = self.running.call("GET", "/v1/health")[1]
        rows = {output["name"]: output for output in report["outputs"]}
        lost = {f"lost by {name}": rows[name]["dropped"] + rows[name]["missed"] for name in ("witness", "archive")}
        return {"skipped": report["video"]["skipped"], **lost}

    def _lacking(self) -> int:
        """Of the pictures between the first and the last of the recording, as ffprobe reads it while it is written."""
        times = sorted(decode.packet_times(self._folder / "show.mkv"))
        return round((times[-1] - times[0]) * FPS) + 1 - len(times)

    def within(self, name: str, seconds: float, bound_s: float) -> Figure:
        """A time against its bound."""
        return at_most(name, seconds, bound_s * self.slack, "s")

    def all_within(self, name: str, seconds: list[float], bound_s: float) -> list[Figure]:
        """The times of a fault that came again and again, the longest against its bound."""
        return spread(name, seconds, bound_s * self.slack)


@contextlib.contextmanager
def on_air(
    folder: Path, output: dict[str, str], *, bitrate_kbps: int = 2000, slack: float = 1.0, more: Sequence[dict[str, str]] = ()
) -> Iterator[Stage]:
    """Publish a clip of noise, which takes whatever rate it is given, to `output`, to a second server, into a file, and to `more`."""
    clip = folder / "noise.mp4"
    if not clip.exists():
        make_noise_clip(clip, width=WIDTH, height=HEIGHT, fps=FPS, seconds=CLIP_S)
    with nginx() as witness:
        tables = {
            "video": {"width": WIDTH, "height": HEIGHT, "fps": FPS, "source": f"file:{clip}"},
            "audio": {"source": "tone"},
            "look": {"enabled": False},
            "overlay": {"fan_board": False, "ticker": False},
            "encoder": {"codec": "libx264", "bitrate_kbps": bitrate_kbps, "preset": "ultrafast"},
            "output": [
                {"name": "main", **output},
                {"name": "witness", "server": witness.server, "key": "witness"},
                {"name": "archive", "path": str(folder / "show.mkv")},
                *more,
            ],
        }
        with engine(folder, tables) as running:
            stage = Stage(running, folder, slack)
            running.call("POST", "/v1/live/start")
            stage.began_s = time.monotonic()
            until(lambda: stage.output("witness")["frames"] > FPS and stage.output("archive")["state"] == "live", 60)
            stage.begin()
            yield stage
