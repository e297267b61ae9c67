"""Runs `python main.py …` as a user would: a child process with folders of its own, its report read back."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.app.profile import to_toml
from tests.servers import PATIENCE_S, end, wait_until

ROOT = Path(__file__).resolve().parents[2]


def profile(folder: Path, tables: dict[str, Any]) -> Path:
    """Write a profile; the fan file goes into the folder unless the tables say otherwise."""
    store = {"store": f"sqlite:///{folder / 'encore.db'}"}
    path = folder / "profile.toml"
    path.write_text(to_toml({**tables, "audience": {**store, **tables.get("audience", {})}}), encoding="utf-8")
    return path


def environment(folder: Path) -> dict[str, str]:
    """An environment in which nothing of this user's is touched."""
    own = {name: str(folder / name.lower()) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    return {**os.environ, **own, "ENCORE_RUNTIME": str(folder / "runtime"), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


def run_main(folder: Path, *words: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


@dataclass
class Show:
    """What a finished `live` left."""

    code: int
    report: dict[str, Any]
    output: str
    errors: str


def run_live(folder: Path, tables: dict[str, Any], seconds: float) -> Show:
    """`python main.py live`, to its end."""
    report_path = folder / "report.json"
    done = run_main(
        folder, "live", str(profile(folder, tables)), "--duration", str(seconds), "--report", str(report_path), timeout_s=seconds + 120
    )
    report = json.loads(report_path.read_text()) if report_path.exists() else {}
    return Show(done.returncode, report, done.stdout, done.stderr)


class Engine:
    """A running engine and its control API."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, tables: dict[str, Any] | None = None) -> None:
        self.process = process
        self.folder = folder
        self.tables = tables or {}
        self.address: dict[str, Any] = {}

    def wait(self) -> None:
        """Until it listens."""
        path = self.folder / "runtime" / "engine.json"
        wait_until(lambda: self._has_published(path) or self.process.poll() is not None, 60, "the engine listens")
        assert self.process.poll() is None, (self.folder / "engine.log").read_text()

    def _has_published(self, path: Path) -> bool:
        """An engine that was killed leaves its address behind: only our own process counts."""
        try:
            self.address = json.loads(path.read_text())
        except (OSError, ValueError):
            return False
        return self.address["pid"] == self.process.pid

    def call(self, method: str, path: str, body: Any = None, token: str = "", kind: str = "application/json") -> tuple[int, Any]:
        """(status, parsed body) of a call, with the host's token unless another is given."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.address["url"] + path,
            data=data,
            method=method,
            headers={"Authorization": f"Bearer {token or self.address['token']}", "Content-Type": kind},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, _parsed(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, _parsed(error.read())

    def wait_for(self, path: str, holds, timeout_s: float = PATIENCE_S) -> Any:
        """Ask again until the answer is as wanted; the answer."""
        deadline = time.monotonic() + timeout_s
        while True:
            _, answer = self.call("GET", path)
            if holds(answer):
                return answer
            assert time.monotonic() < deadline, answer
            time.sleep(0.05)


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw


@contextlib.contextmanager
def engine(
    folder: Path, tables: dict[str, Any], *words: str, script: str = "main.py", more: dict[str, str] | None = None
) -> Iterator[Engine]:
    """`python main.py engine` (or another script that ends in `main`), ended with the `with`; `more` goes into its environment."""
    with (folder / "engine.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / script), "engine", str(profile(folder, tables)), *words],
            cwd=folder,
            env={**environment(folder), **(more or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        running = Engine(process, folder, tables)
        try:
            running.wait()
            yield running
        finally:
            end(process)


@contextlib.contextmanager
def spare_engine(folder: Path) -> Iterator[Engine]:
    """`python main.py engine --spare`, as the host's window starts one: it has loaded everything and waits."""
    log_path = folder / "spare.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), "engine", "--spare", str(folder / "profile.toml")],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: "A spare engine waits" in log_path.read_text() or process.poll() is not None, 120, "the spare waits")
        yield Engine(process, folder)
    finally:
        end(process)
