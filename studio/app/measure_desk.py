"""The engine's side of measuring the machine: a process of its own does it, so that nothing that shows a picture waits.

It measures off air only, one at a time; what comes of it is told as it comes.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.app import profile
from studio.errors import Conflict
from studio.model.measure import result
from studio.model.settings import Settings

log = logging.getLogger(__name__)

_MAIN = Path(__file__).resolve().parents[2] / "main.py"
_NOTHING: dict[str, Any] = {"done": 0, "of": 0, **result([], 1)}


class MeasureDesk:
    """Loop thread only."""

    def __init__(self, folder: Path, send: Callable[[str, dict[str, Any]], None]) -> None:
        self._folder = folder
        self._send = send
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._told: dict[str, Any] = {"state": "idle", **_NOTHING}

    def state(self) -> dict[str, Any]:
        """{state: idle|running|done|failed, done, of, rows, picked, has_room, recording}."""
        return self._told

    def begin(self, settings: Settings, *, is_on_air: bool) -> dict[str, Any]:
        """Start. Raises Conflict on air, or while one is under way."""
        if is_on_air:
            raise Conflict("measure.on_air")
        if self._task is not None and not self._task.done():
            raise Conflict("measure.running")
        self._tell({"state": "running", **_NOTHING})
        self._task = asyncio.create_task(self._measure(settings), name="measure")
        return self._told

    async def stop(self) -> None:
        """Give up what is under way; idempotent."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _measure(self, settings: Settings) -> None:
        path = self._folder / "measure.toml"
        await asyncio.to_thread(profile.write, path, replace(settings, output=(), hook=()))
        words = (sys.executable, str(_MAIN), "measure", str(path), "--lines")
        quiet = asyncio.subprocess.DEVNULL
        try:
            self._process = await asyncio.create_subprocess_exec(*words, stdin=quiet, stdout=asyncio.subprocess.PIPE, stderr=quiet)
            if self._process.stdout is not None:
                async for line in self._process.stdout:
                    self._tell({"state": "running", **json.loads(line)})
            code = await self._process.wait()
            self._tell({**self._told, "state": "done" if code == 0 and self._told["rows"] else "failed"})
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)

    def _tell(self, told: dict[str, Any]) -> None:
        self._told = told
        self._send("measure", told)
