"""The engine killed in the middle of a show, again and again: the window's spare takes its place, and what was recorded opens."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from benchmarks.faults.stage import FPS, HEIGHT, WIDTH, spread, until
from benchmarks.results import Figure
from tests import decode
from tests.e2e.show import profile
from tests.e2e.windowed import AttachedEngine, window_process
from tests.encoder.ingest import Ingest, ingest
from tests.servers import PATIENCE_S

_PATIENCE_S = 240.0
"""A spare loads in the time that nobody else wants."""
_RECORDINGS = {"mkv": "show.mkv", "mp4": "show.mp4"}


def engine_killed(folder: Path, times: int, slack: float) -> list[Figure]:
    """SIGKILL while it publishes and records: until the server has pictures again, and what of the recordings is lost."""
    again, told, lost, memory = [], [], [], []
    with ingest() as server, _window(folder, server):
        engine = AttachedEngine(folder)
        engine.call("POST", "/v1/live/start")
        for number in range(times):
            engine = AttachedEngine(folder)
            until(lambda running=engine: _is_on_air(running), _PATIENCE_S)
            memory.append(_spare_memory_mb(folder, number + 1))
            due = _recorded(engine)
            published_s, told_s = _kill(engine, server)
            again.append(published_s)
            told.append(told_s)
            lost += [due[path] - _length_s(path) for path in due]
    return [
        *spread("engine killed: published again after", again, 3 * slack),
        *spread("engine killed: the window's engine answers after", told, 3 * slack),
        *spread("engine killed: lost of a recording", lost, 0.5 * slack),
        Figure("engine killed: recordings that ffprobe opens", len(lost), "files"),
        Figure("engine killed: memory of the spare alone", round(max(memory)), "MB"),
    ]


@contextlib.contextmanager
def _window(folder: Path, server: Ingest) -> Iterator[None]:
    """The host's window, without a screen, and the engines that it starts; all of them end with the `with`."""
    tables = {
        "video": {"width": WIDTH, "height": HEIGHT, "fps": FPS, "source": "testcard"},
        "audio": {"source": "tone"},
        "encoder": {"bitrate_kbps": 800, "preset": "ultrafast"},
        "output": [
            {"name": "main", "server": server.server, "key": "k-f4ults"},
            *({"name": name, "path": str(folder / file)} for name, file in _RECORDINGS.items()),
        ],
    }
    try:
        with window_process(folder, {"QT_QPA_PLATFORM": "offscreen"}, str(profile(folder, tables))):
            yield
    finally:
        if (folder / "runtime" / "engine.json").exists():
            _end(AttachedEngine(folder))
        for left in _of_the_show(folder):
            left.kill()


def _end(engine: AttachedEngine) -> None:
    with contextlib.suppress(OSError):
        engine.call("POST", "/v1/live/stop")
    engine.end()
    with contextlib.suppress(TimeoutError):
        until(lambda: not _of_the_show(engine.folder), PATIENCE_S)


def _of_the_show(folder: Path) -> list[psutil.Process]:
    """The processes that were told this profile."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if str(folder / "profile.toml") in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _is_on_air(engine: AttachedEngine) -> bool:
    """Publishing, and recording for as long as it takes to write a second group of pictures."""
    outputs = engine.call("GET", "/v1/live")[1]["outputs"]
    return bool(outputs) and all(row["state"] == "live" and row["frames"] > 2.5 * FPS for row in outputs)


def _spare_memory_mb(folder: Path, number: int) -> float:
    """That of the spare beside the engine of this number, once it waits."""
    log = folder / "runtime" / "engine.log"
    until(lambda: log.read_text(encoding="utf-8").count("A spare engine waits") >= number, _PATIENCE_S)
    spares = [process for process in _of_the_show(folder) if "--spare" in process.cmdline()]
    return max((process.memory_full_info().uss / 1e6 for process in spares), default=0.0)


def _recorded(engine: AttachedEngine) -> dict[Path, float]:
    """{path: seconds that should stand in it} of each recording now."""
    report: dict[str, Any] = engine.call("GET", "/v1/health")[1]
    rows = [row for row in report["outputs"] if row["name"] in _RECORDINGS]
    return {Path(row["detail_params"]["path"]): (report["video"]["encoded"] - row["missed"]) / FPS for row in rows}


def _length_s(path: Path) -> float:
    """Of a recording that was broken off, as Debian's ffprobe reads it. Raises AssertionError when it doesn't open."""
    return len(decode.packet_times(path)) / FPS


def _kill(engine: AttachedEngine, server: Ingest) -> tuple[float, float]:
    """Seconds from the death until the server has pictures again, and until the next engine answers and is live."""
    publications, killed_s = server.names().count("publish"), time.monotonic()
    psutil.Process(engine.address["pid"]).kill()
    until(lambda: server.names().count("publish") > publications, _PATIENCE_S)
    server.messages.clear()
    until(lambda: server.media(9), _PATIENCE_S)
    published_s = time.monotonic() - killed_s
    until(engine.is_followed, _PATIENCE_S)
    following = AttachedEngine(engine.folder)
    until(lambda: following.call("GET", "/v1/live")[1]["state"] == "live", _PATIENCE_S)
    return published_s, time.monotonic() - killed_s
