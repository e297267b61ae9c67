"""The fan file carried away and brought back: exports as they are written, backups while the room runs, a restore at the next start.

Nothing here touches the file that is in use: a backup is SQLite's own copy, and a restore waits until nobody has the file open.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from studio.errors import Conflict, InvalidInput, KnownError, NotFound, os_code
from studio.model.events import format_time
from studio.store import backup, export_process
from studio.store.database import Database
from studio.store.export import ENCODINGS, FORMATS, ExportForm
from studio.store.tables import counter
from studio.words import LOCALES

log = logging.getLogger(__name__)

_RUNNING: Final = "running"


class _Stopped(KnownError):
    """Somebody stopped the backup that is being made."""


class CopyDesk:
    """Loop thread; the work is done by threads and a process of their own."""

    def __init__(self, database: Database, wall_ms: Callable[[], int], currency: str = "CNY") -> None:
        self._database = database
        self._wall_ms = wall_ms
        self._currency = currency
        self._task: asyncio.Task[None] | None = None
        self._share: float | None = None
        self._failed: dict[str, Any] | None = None
        self._is_stopping = False

    async def stop(self) -> None:
        """End a backup that is being made; idempotent."""
        self._is_stopping = True
        task, self._task = self._task, None
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)
        self._is_stopping = False

    async def export(self, body: Mapping[str, Any]) -> tuple[int, AsyncGenerator[bytes, None]]:
        """(fans, the file in pieces). Raises InvalidInput, StoreUnavailable."""
        form = ExportForm(
            format=_one_of(body, "format", FORMATS),
            encoding=_one_of(body, "encoding", ENCODINGS),
            locale=_one_of(body, "language", ("", *LOCALES)),
            currency=self._currency,
        )
        fans = await self._database.read(
            lambda connection: connection.execute(select(counter.c.value).where(counter.c.name == "fans")).scalar()
        )
        return int(fans or 0), export_process.stream(self._database.url.render_as_string(hide_password=False), form)

    async def backups(self) -> dict[str, Any]:
        """{running, failed, rows}; `running` {share} while one is made."""
        found = await asyncio.to_thread(
            lambda: [(path, path.stat()) for path in backup.listed(self._folder)] if self._database.is_sqlite else []
        )
        rows = [{"name": path.name, "bytes": state.st_size, "made_at": format_time(int(state.st_mtime * 1000))} for path, state in found]
        running = None if self._share is None else {"share": round(self._share, 3)}
        return {"running": running, "failed": self._failed, "rows": rows}

    async def back_up(self) -> dict[str, Any]:
        """Begin one. Raises Conflict while one is made, InvalidInput on PostgreSQL, which has tools of its own."""
        if self._share is not None:
            raise Conflict("backup.running")
        if not self._database.is_sqlite:
            raise InvalidInput("backup.postgres", command=backup.dump_command(self._database.url))
        self._share, self._failed, self._is_stopping = 0.0, None, False
        self._task = asyncio.create_task(self._make(), name="backup")
        return await self.backups()

    async def _make(self) -> None:
        loop = asyncio.get_running_loop()

        def told(share: float) -> None:
            if self._is_stopping:
                raise _Stopped("backup.stopped")
            loop.call_soon_threadsafe(self._note, share)

        target = self._folder / backup.new_name(self._database.path, self._wall_ms())
        started_s = time.monotonic()
        try:
            await asyncio.to_thread(self._folder.mkdir, mode=0o700, exist_ok=True)
            made = await asyncio.to_thread(backup.make, self._database, target, told)
            log.info("Backed up %d fans in %.1f s", made.fans, time.monotonic() - started_s)
        except (KnownError, OSError) as error:
            known = (
                error
                if isinstance(error, KnownError)
                else KnownError("backup.failed", reason=error.strerror or str(error), reason_code=os_code(error))
            )
            if not isinstance(known, _Stopped):
                self._failed = {"code": known.code, "params": dict(known.params)}
        finally:
            self._share = None

    def _note(self, share: float) -> None:
        if self._share is not None:
            self._share = share

    async def forget(self, name: str) -> dict[str, Any]:
        """Delete a backup, or stop the one that is being made. Raises NotFound."""
        if name == _RUNNING:
            await self.stop()
        else:
            path = backup.named(self._folder, name)
            if not path.is_file():
                raise NotFound("backup.missing", path=name[:100])
            await asyncio.to_thread(path.unlink)
        return await self.backups()

    async def plan_restore(self, name: str) -> dict[str, Any]:
        """Check a backup and note that it takes the file's place at the next start: what it holds. Raises NotFound, StoreUnavailable."""
        if not self._database.is_sqlite:
            raise InvalidInput("backup.postgres_restore", command=backup.restore_command(self._database.url))
        found = await asyncio.to_thread(backup.check, backup.named(self._folder, name))
        await asyncio.to_thread(self._plan.write_text, name, encoding="utf-8")
        return found.to_json()

    def restore_planned(self) -> tuple[backup.Backup, Path | None] | None:
        """Do what was planned, before the file is opened; blocks. Raises StoreUnavailable, NotFound: then the file is as it was."""
        if not self._database.is_sqlite or not self._plan.exists():
            return None
        name = self._plan.read_text(encoding="utf-8")
        self._plan.unlink()  # once: a backup that fails must not keep the room shut
        return backup.restore(backup.named(self._folder, name), self._database, self._wall_ms())

    @property
    def _folder(self) -> Path:
        return backup.folder_of(self._database)

    @property
    def _plan(self) -> Path:
        return self._folder / "restore-next"


def _one_of(body: Mapping[str, Any], name: str, choices: tuple[Any, ...]) -> Any:
    value = body.get(name, choices[0])
    if value not in choices:
        raise InvalidInput("field.choice", field=name, choices=", ".join(choices))
    return value
