"""The fault table: what breaks, how soon it is seen, how soon it is over, and what it cost the others.

    python -m benchmarks.faults

Each row is a running engine on a real RTMP server with a recording beside it. "Others" are the frames that the recording lost.
"""

import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.results import Figure, at_most, publish
from tests.e2e.show import Engine, engine
from tests.encoder.ingest import ingest
from tests.mjpeg_camera import MjpegCamera
from tests.servers import Nginx, nginx

SMALL = {
    "video": {"width": 640, "height": 360, "fps": 30, "source": "testcard"},
    "audio": {"source": "tone"},
    "encoder": {"bitrate_kbps": 800, "preset": "ultrafast"},
}
PATIENCE_S = 30.0


@dataclass
class Row:
    """One fault as it went. Seconds are -1 where they don't apply."""

    name: str
    seen_s: float = -1.0
    over_s: float = -1.0
    lost: int = 0
    loop_gap_ms: float = 0.0


def state_of(running: Engine, name: str) -> str:
    """An output's state now."""
    live = running.call("GET", "/v1/live")[1]
    return next((output["state"] for output in live["outputs"] if output["name"] == name), "")


def until(holds: Callable[[], Any]) -> float:
    """Seconds until it holds; -1 when it never does."""
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE_S:
        if holds():
            return time.monotonic() - started
        time.sleep(0.02)
    return -1.0


@contextlib.contextmanager
def on_air(folder: Path, server: str) -> Iterator[Engine]:
    """An engine that publishes and records."""
    outputs = [{"name": "main", "server": server, "key": "faults"}, {"name": "archive", "path": str(folder / "show.mkv")}]
    with engine(folder, {**SMALL, "output": outputs}) as running:
        running.call("POST", "/v1/live/start")
        until(lambda: state_of(running, "archive") == "live")
        time.sleep(1)
        yield running


def finished(row: Row, running: Engine, before: dict[str, Any]) -> Row:
    """The row with what the others lost since `before`."""
    after = running.call("GET", "/v1/health")[1]
    row.lost = after["video"]["skipped"] - before["video"]["skipped"]
    row.loop_gap_ms = after["loop"]["gap_ms_p99"]
    return row


def server_dies(folder: Path) -> Row:
    """Killed and started again after two seconds."""
    with nginx() as server, on_air(folder, server.server) as running:
        until(lambda: state_of(running, "main") == "live")
        before = running.call("GET", "/v1/health")[1]
        server.kill()
        row = Row("server killed", seen_s=until(lambda: state_of(running, "main") == "reconnecting"))
        time.sleep(2)
        server.start()
        row.over_s = until(lambda: state_of(running, "main") == "live")
        return finished(row, running, before)


def server_freezes(folder: Path) -> Row:
    """Stopped in the middle of reading, then going on."""
    with nginx() as server, on_air(folder, server.server) as running:
        until(lambda: state_of(running, "main") == "live")
        before = running.call("GET", "/v1/health")[1]
        _signal(server, signal.SIGSTOP)
        row = Row("server stops reading", seen_s=until(lambda: state_of(running, "main") != "live"))
        _signal(server, signal.SIGCONT)
        row.over_s = until(lambda: state_of(running, "main") == "live")
        return finished(row, running, before)


def server_is_silent(folder: Path) -> Row:
    """Accepts and never speaks."""
    with ingest("silent") as server, on_air(folder, server.server) as running:
        before = running.call("GET", "/v1/health")[1]
        time.sleep(5)
        return finished(Row("server accepts and stays silent"), running, before)


def key_is_wrong(folder: Path) -> Row:
    """Refused by name."""
    with ingest("refuse_name") as server, on_air(folder, server.server) as running:
        before = running.call("GET", "/v1/health")[1]
        return finished(Row("wrong key", seen_s=until(lambda: state_of(running, "main") == "refused")), running, before)


def camera_goes(folder: Path) -> Row:
    """The source is replaced by one that isn't there, and brought back."""
    with nginx() as server, on_air(folder, server.server) as running:
        before = running.call("GET", "/v1/health")[1]
        running.call("PATCH", "/v1/settings", {"video": {"source": "camera:9"}})
        row = Row("camera gone", seen_s=until(lambda: _video(running) == "lost"))
        running.call("PATCH", "/v1/settings", {"video": {"source": "testcard"}})
        row.over_s = until(lambda: _video(running) == "open")
        return finished(row, running, before)


def camera_fails(mode: str) -> Callable[[Path], Row]:
    """The camera itself repeats a picture, gives none, or hangs up; seen is the slate, over is the picture."""

    def fault(folder: Path) -> Row:
        camera = MjpegCamera()
        tables = {**SMALL, "video": {**SMALL["video"], "source": "camera:0"}}
        tables["output"] = [{"name": "archive", "path": str(folder / "show.mkv")}]
        try:
            with engine(folder, tables, script="tests/e2e/with_camera.py", more={"TEST_CAMERA": camera.url}) as running:
                running.call("POST", "/v1/live/start")
                time.sleep(4)
                before, began = running.call("GET", "/v1/health")[1], time.time()
                camera.mode = mode
                until(lambda: running.call("GET", "/v1/live")[1]["slate"]["on"])
                row = Row(f"camera {mode}", seen_s=running.call("GET", "/v1/live")[1]["slate"]["since"] - began)
                time.sleep(4)
                camera.mode = "fine"
                row.over_s = until(lambda: not running.call("GET", "/v1/live")[1]["slate"]["on"])
                return finished(row, running, before)
        finally:
            camera.close()

    return fault


def engine_dies(folder: Path) -> Row:
    """Killed on air; started again, it goes on air again by itself."""
    with nginx() as server:
        with on_air(folder, server.server) as running:
            running.process.kill()
            running.process.wait()
        started = time.monotonic()
        outputs = [{"name": "main", "server": server.server, "key": "faults"}, {"name": "archive", "path": str(folder / "show.mkv")}]
        with engine(folder, {**SMALL, "output": outputs}) as again:
            until(lambda: state_of(again, "main") == "live")
            return Row("engine killed", seen_s=0.0, over_s=time.monotonic() - started)


def _video(running: Engine) -> str:
    sources = running.call("GET", "/v1/live")[1]["sources"]
    return next((source["state"] for source in sources if source["kind"] == "video"), "")


def _signal(server: Nginx, number: int) -> None:
    process: subprocess.Popen[bytes] | None = server.process
    if process is not None:
        process.send_signal(number)


def main() -> int:
    """All rows, then the table."""
    figures: list[Figure] = []
    for fault in (
        server_dies,
        server_freezes,
        server_is_silent,
        key_is_wrong,
        camera_goes,
        *map(camera_fails, ("frozen", "silent", "gone")),
        engine_dies,
    ):
        with tempfile.TemporaryDirectory() as temporary:
            row = fault(Path(temporary))
        figures += [Figure(f"{row.name}: seen after", round(row.seen_s, 2), "s")] if row.seen_s > 0 else []
        figures += [Figure(f"{row.name}: over after", round(row.over_s, 2), "s")] if row.over_s > 0 else []
        figures += [
            at_most(f"{row.name}: frames skipped meanwhile", row.lost, 0, "frames"),
            at_most(f"{row.name}: loop gap p99", row.loop_gap_ms, 100, "ms"),
        ]
    return 0 if publish("faults", figures) else 1


if __name__ == "__main__":
    sys.exit(main())
