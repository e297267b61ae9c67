"""The audit: who did what, when, from where, allowed or refused; written by a thread, never by the loop.

It keeps no secrets: no token, no body, no query; names and paths are cut and go into the file as JSON, so no line can be forged.
"""

import asyncio
import json
import logging
import os
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

log = logging.getLogger(__name__)

Outcome: TypeAlias = Literal["allowed", "refused", "failed"]

_MAX_WAITING = 1_000
"""Rows that wait for the disk. Beyond that new ones are counted in `lost`, and a row says how many."""

_MAX_BYTES = 4 * 2**20
"""Size of one file: some 15,000 rows; with the one before it that is several shows' worth."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One call. `at_ms` is wall clock; `what` names the call, `path` and `detail` say on what, `code` why it was refused or failed."""

    at_ms: int
    who: str
    role: str
    token: str
    address: str
    what: str
    path: str
    outcome: Outcome
    status: int
    code: str = ""
    detail: str = ""


class AuditLog(Protocol):
    """Where rows go."""

    def note(self, row: AuditRow) -> None:
        """Keep a row; loop thread, never blocks."""
        ...

    async def rows(self, since_ms: int, limit: int) -> list[dict[str, Any]]:
        """The first `limit` rows after `since_ms`, oldest first, everything noted so far among them."""
        ...

    async def forget(self, accounts: Iterable[tuple[str, str]]) -> None:
        """Let no row name these erased accounts (platform, id) any more."""
        ...

    async def stop(self) -> None:
        """Write what waits and end; idempotent."""
        ...


class AuditFile:
    """An AuditLog in a file of JSON lines (0600), with the one before it as `<name>.1`."""

    def __init__(self, path: Path, *, max_bytes: int = _MAX_BYTES) -> None:
        self.path = path
        self.lost = 0
        self._max_bytes = max_bytes
        self._waiting: deque[AuditRow] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._is_writable = True

    def note(self, row: AuditRow) -> None:
        """Keep a row; at most 1,000 wait, beyond that the newest is lost and counted."""
        if len(self._waiting) >= _MAX_WAITING:
            self.lost += 1
            return
        self._waiting.append(row)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write_waiting(), name="audit")

    async def rows(self, since_ms: int, limit: int) -> list[dict[str, Any]]:
        """Read back from both files, on another thread."""
        await self.stop()
        return await asyncio.to_thread(self._read, since_ms, limit)

    async def forget(self, accounts: Iterable[tuple[str, str]]) -> None:
        """Rewrite both files without the paths that name erased accounts; what was done, when and by whom stays."""
        paths = tuple(f"/v1/fans/{platform}/{fan_id}" for platform, fan_id in accounts)
        await self.stop()
        await asyncio.to_thread(self._rewrite, paths)

    async def stop(self) -> None:
        """Wait until everything noted so far is in the file."""
        while self._writer is not None and not self._writer.done():
            await asyncio.wait({self._writer})

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch = [asdict(row) for row in self._waiting]
            self._waiting.clear()
            if self.lost:
                batch.append({"at_ms": batch[-1]["at_ms"], "what": "audit", "outcome": "failed", "detail": f"{self.lost} rows lost"})
                self.lost = 0
            await asyncio.to_thread(self._append, batch)

    def _append(self, batch: Iterable[dict[str, Any]]) -> None:
        lines = "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in batch)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists() and self.path.stat().st_size + len(lines) > self._max_bytes:
                self.path.replace(self._older)
            lines = self._after_torn_line() + lines
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            # A full disk must not end the show: say it once, go on, and say it when it works again.
            if self._is_writable:
                log.error("The audit can't be written (%s); calls go on without it", error.strerror)  # noqa: TRY400 - no traceback for a full disk
            self._is_writable = False
        else:
            if not self._is_writable:
                log.warning("The audit is written again")
            self._is_writable = True

    def _rewrite(self, paths: tuple[str, ...]) -> None:
        for path in (self._older, self.path):
            try:
                if path.exists():
                    _rewrite(path, paths)
            except OSError as error:
                log.error("The audit can't be rewritten (%s)", error.strerror)  # noqa: TRY400 - no traceback for a full disk

    def _after_torn_line(self) -> str:
        """A line break, where an engine that was killed left half a line."""
        if not self.path.exists() or not self.path.stat().st_size:
            return ""
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return "" if file.read(1) == b"\n" else "\n"

    @property
    def _older(self) -> Path:
        return self.path.with_name(self.path.name + ".1")

    def _read(self, since_ms: int, limit: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for path in (self._older, self.path):
            if not path.exists():
                continue
            with path.open(encoding="ascii", errors="replace") as file:
                for line in file:
                    row = _row(line)
                    if row is not None and row["at_ms"] > since_ms:
                        found.append(row)
                        if len(found) == limit:
                            return found
        return found


def _rewrite(path: Path, gone: tuple[str, ...]) -> None:
    kept: list[str] = []
    with path.open(encoding="ascii", errors="replace") as file:
        for line in file:
            row = _row(line)
            if row is not None and any(f"{row.get('path')}/".startswith(f"{one}/") for one in gone):
                kept.append(json.dumps({**row, "path": "/v1/fans/erased"}, ensure_ascii=True) + "\n")
            else:
                kept.append(line)
    partial = path.with_name(path.name + ".part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii", errors="replace") as file:
        file.writelines(kept)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _row(line: str) -> dict[str, Any] | None:
    """A line as a row; None for the torn last line of a process that was killed."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) and isinstance(row.get("at_ms"), int) else None
