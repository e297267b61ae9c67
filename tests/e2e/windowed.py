"""The host's window as a process of its own, and the engine that it started."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.show import ROOT, Engine, environment
from tests.servers import PATIENCE_S, end, wait_until


@contextlib.contextmanager
def window_process(folder: Path, screen: dict[str, str], *words: str) -> Iterator[subprocess.Popen]:
    """`python main.py …` on the screen that these variables name; it starts an engine where none runs."""
    with (folder / "window.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), *words],
            cwd=folder,
            env=environment(folder) | screen,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        end(process)


class AttachedEngine(Engine):
    """The engine that a window started: known by its engine.json alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / "runtime" / "engine.json"
        wait_until(path.exists, 60, "the engine listens")
        self.address = json.loads(path.read_text())

    def is_running(self) -> bool:
        try:
            os.kill(self.address["pid"], 0)
        except ProcessLookupError:
            return False
        stat = Path(f"/proc/{self.address['pid']}/stat")
        return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"

    def is_followed(self) -> bool:
        """Whether another engine runs on its folder."""
        try:
            return json.loads((self.folder / "runtime" / "engine.json").read_text())["pid"] != self.address["pid"]
        except (OSError, ValueError):
            return False

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self.call("POST", "/v1/engine/stop")
        deadline = time.monotonic() + PATIENCE_S
        while self.is_running() and time.monotonic() < deadline:
            time.sleep(0.05)
        if self.is_running():
            (self.folder / "runtime" / "on_air").unlink(missing_ok=True)  # else a spare engine would take the show up
            os.kill(self.address["pid"], signal.SIGKILL)
