"""Tables into the fan file while the room runs: looked at, taken in slice by slice, stopped and gone on with (loop thread).

Rules and batches are the store's (`studio.store.import_run`); this owns the one task that drives them, and the files it reads.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from studio.audience.upload_shelf import UploadShelf
from studio.errors import Conflict, KnownError, NotFound
from studio.model.events import format_time
from studio.model.fans import Fan
from studio.model.import_plan import ImportPlan, check_plan, guess_columns, import_kind, platform_id, read_plan
from studio.model.import_rows import RowRules
from studio.model.settings import AudienceSettings
from studio.store import import_jobs, import_run, sheet
from studio.store.database import Database
from studio.store.fan_store import Applied, FanStore
from studio.store.import_jobs import Progress
from studio.store.import_preview import guessed_plan, preview
from studio.store.vault import Vault

log = logging.getLogger(__name__)

_LISTED: Final = 20


class ImportDesk:
    """One import at a time: two would only take turns on the one writer."""

    def __init__(
        self,
        database: Database,
        store: FanStore,
        settings: AudienceSettings,
        wall_ms: Callable[[], int],
        keep: Callable[[Fan], None],
    ) -> None:
        self._database = database
        self._store = store
        self._settings = settings
        self._wall_ms = wall_ms
        self._keep = keep
        self._shelf: UploadShelf | None = None
        self._open_vault: Callable[[], Coroutine[Any, Any, Vault]] | None = None
        self._running: Progress | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._failed: dict[str, KnownError] = {}
        self._shares: dict[str, float] = {}
        """How far the stopped ones of this run were: the ledger keeps rows, not bytes."""

    def use(self, shelf: UploadShelf, open_vault: Callable[[], Coroutine[Any, Any, Vault]]) -> None:
        """Where files lie, and how contacts are sealed."""
        self._shelf, self._open_vault = shelf, open_vault

    async def stop(self) -> None:
        """End what runs; it is gone on with where it was. Idempotent."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if self._closing is not None:
                await asyncio.wait({self._closing})

    async def preview(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What an import of this upload would do. Raises NotFound, InvalidInput."""
        path = self._files.whole(str(body.get("upload")))

        def look() -> dict[str, Any]:
            table = sheet.look(path, str(body.get("encoding") or ""))
            return preview(table, self._rules(_plan(body, table)))

        return {**await asyncio.to_thread(look), "name": path.name}

    async def start(self, body: Mapping[str, Any], by: str) -> dict[str, Any]:
        """Begin an import. Raises NotFound, InvalidInput, Conflict while another one runs."""
        self._refuse_second()
        upload = str(body.get("upload"))
        path = self._files.whole(upload)

        def look() -> tuple[sheet.Sheet, ImportPlan, Progress]:
            table = sheet.look(path, str(body.get("encoding") or ""))
            plan = _plan(body, table)
            check_plan(plan, table.headers)
            number = import_run.job_id(path, plan, self._settings.room)
            return table, plan, Progress(number, plan.kind, path.name, "running", started_at=self._wall_ms(), started_by=by[:100])

        table, plan, job = await asyncio.to_thread(look)
        self._refuse_second()
        moved = await asyncio.to_thread(self._files.rename, upload, job.id)
        return await self._begin(replace(table, path=moved), plan, job)

    async def listing(self) -> dict[str, Any]:
        """The newest imports. What ran when an earlier engine ended is stopped, and can be gone on with while its file is there."""
        rows = await self._database.read(partial(import_jobs.recent, room=self._settings.room, limit=_LISTED))
        return {"rows": [self._told(row) for row in rows]}

    async def rejected(self, number: str, after: int, limit: int) -> dict[str, Any]:
        """Refused rows. Raises NotFound."""
        await self._find(number)
        rows = await self._database.read(partial(import_jobs.refusals, number=number, after=after, limit=limit + 1))
        told = [{"line": one.line, "code": one.code, "params": one.params} for one in rows[:limit]]
        return {"rows": told, "after": rows[limit - 1].line if len(rows) > limit else None}

    async def step(self, number: str, step: str) -> dict[str, Any]:
        """Stop, go on, or forget the file. Raises NotFound, Conflict."""
        known = await self._find(number)
        is_running = self._running is not None and self._running.id == number
        if step == "stop":
            if not is_running:
                raise Conflict("import.not_running", name=known.name)
            await self.stop()
        elif step == "resume":
            return await self._resume(known)
        else:
            if is_running:
                raise Conflict("import.running", name=known.name)
            await self._files.drop(number)
        return self._told(await self._find(number))

    async def _resume(self, known: Progress) -> dict[str, Any]:
        self._refuse_second()
        plan = read_plan(json.loads(await self._database.read(partial(import_jobs.plan_of, number=known.id))))
        path = self._files.find(known.id)
        table = await asyncio.to_thread(sheet.look, path, plan.encoding)
        return await self._begin(table, plan, known)

    async def _begin(self, table: sheet.Sheet, plan: ImportPlan, job: Progress) -> dict[str, Any]:
        vault = await self._open_vault() if plan.has_contacts and self._open_vault is not None else None
        job = await self._database.write(partial(import_jobs.begin, job=job, plan=plan, room=self._settings.room))
        self._failed.pop(job.id, None)
        self._running = job
        self._task = asyncio.create_task(self._run(table, plan, job, vault), name="import")
        return self._told(job)

    async def _run(self, table: sheet.Sheet, plan: ImportPlan, job: Progress, vault: Vault | None) -> None:
        rules = replace(self._rules(plan), now_ms=job.started_at)
        write = import_run.writer(self._store, rules, self._wall_ms, vault)
        state = "stopped"
        try:
            await import_run.drive(self._database, table, job, write, rules, self._note)
            state = "done"
        except KnownError as error:
            self._failed[job.id] = error
            log.warning("An import stopped: %s", error.code)
        finally:
            # Also when the task is cancelled: what was taken in stands, and the file stays to go on with.
            self._closing = asyncio.create_task(self._close(job.id, state), name="import's end")
            await asyncio.shield(self._closing)

    async def _close(self, number: str, state: str) -> None:
        """It runs until its end is written: in between it would look as if it had been stopped."""
        try:
            await self._database.write(partial(import_jobs.end, number=number, state=state, now_ms=self._wall_ms()))
            if state == "done":
                await self._files.drop(number)
        finally:
            self._shares[number] = self._running.share if self._running is not None else 0.0
            self._running = None

    def _note(self, progress: Progress, applied: Applied | None) -> None:
        self._running = progress
        for fan in applied.fans.values() if applied is not None else ():
            self._keep(fan)

    def _rules(self, plan: ImportPlan) -> RowRules:
        settings = self._settings
        return RowRules(plan, settings.room, settings.currency, ZoneInfo(settings.timezone), self._wall_ms())

    @property
    def _files(self) -> UploadShelf:
        if self._shelf is None:
            raise NotFound("upload.unknown")
        return self._shelf

    def _refuse_second(self) -> None:
        if self._running is not None:
            raise Conflict("import.busy", name=self._running.name)

    async def _find(self, number: str) -> Progress:
        def find(connection: Connection) -> Progress | None:
            return import_jobs.find(connection, number)

        found = await self._database.read(find)
        if found is None:
            raise NotFound("import.unknown")
        return found

    def _told(self, job: Progress) -> dict[str, Any]:
        running = self._running
        job = running if running is not None and running.id == job.id else job
        state = "stopped" if job.state == "running" and job is not running else job.state
        share = 1.0 if job.state == "done" else job.share or self._shares.get(job.id, 0.0)
        told = _as_told(replace(job, state=state, share=share), self._failed.get(job.id))
        return told | {"can_resume": state == "stopped" and self._shelf is not None and self._shelf.has(job.id)}


def _as_told(job: Progress, failed: KnownError | None) -> dict[str, Any]:
    told = {key: value for key, value in asdict(job).items() if not key.endswith("_at")}
    when = {"started_at": format_time(job.started_at), "ended_at": format_time(job.ended_at) if job.ended_at else None}
    return told | when | {"failed": failed and failed.code, "failed_params": dict(failed.params) if failed else {}}


def _plan(body: Mapping[str, Any], table: sheet.Sheet) -> ImportPlan:
    """What the body says, the rest as the headers let guess."""
    platform, source = platform_id(str(body.get("platform") or "")), str(body.get("source") or "import")
    if body.get("columns") is not None:
        return read_plan(body)
    if not body.get("kind"):
        guessed = guessed_plan(table, platform, source)
        return read_plan({**asdict(guessed), "encoding": body.get("encoding") or ""})
    kind = import_kind(body.get("kind"))
    return read_plan({**body, "columns": guess_columns(kind, table.headers)})
