"""Imports as the store remembers them: how far each is, what was refused, and by which plan it is gone on with.

It reads no file and takes nothing in; `studio.store.import_run` does.
"""

import json
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update

from studio.model.import_plan import ImportPlan
from studio.store import bulk
from studio.store.import_tables import import_job, import_rejection

KEPT_REJECTIONS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was refused: its line, and a code of the catalogue with its params."""

    line: int
    code: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: rows of the file, what became of them, and the share of the file's bytes (0..1) where that is known."""

    id: str
    kind: str
    name: str
    state: str
    rows: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    started_at: int = 0
    ended_at: int = 0
    started_by: str = ""
    share: float = 0.0


def begin(connection: Connection, job: Progress, plan: ImportPlan, room: str) -> Progress:
    """Take an import up: from where it stopped, or from the start when it is new or was done before."""
    known = find(connection, job.id)
    if known is not None and known.state != "done":
        connection.execute(update(import_job).where(import_job.c.id == job.id).values(state="running", ended_at=0))
        return replace(known, state="running", ended_at=0)
    started_at = known.started_at if known else job.started_at
    connection.execute(delete(import_rejection).where(import_rejection.c.job_id == job.id))
    counts = (0, 0, 0, 0)
    row = (job.id, room, job.kind, job.name, plan.to_text(), "running", *counts, started_at, job.started_by, 0)
    bulk.upsert(connection, import_job, [row])
    return replace(job, state="running", started_at=started_at)


def find(connection: Connection, number: str) -> Progress | None:
    """An import by its id."""
    row = connection.execute(select(import_job).where(import_job.c.id == number)).first()
    return None if row is None else _progress(row)


def recent(connection: Connection, room: str, limit: int = 50) -> list[Progress]:
    """The room's imports, newest first."""
    wanted = select(import_job).where(import_job.c.room == room).order_by(import_job.c.started_at.desc()).limit(limit)
    return [_progress(row) for row in connection.execute(wanted)]


def refusals(connection: Connection, number: str, after: int = 0, limit: int = 500) -> list[Refusal]:
    """Refused rows of an import, by line."""
    wanted = select(import_rejection).where(import_rejection.c.job_id == number, import_rejection.c.line > after)
    rows = connection.execute(wanted.order_by(import_rejection.c.line).limit(limit))
    return [Refusal(row.line, row.code, json.loads(row.params) if row.params else {}) for row in rows]


def end(connection: Connection, number: str, state: str, now_ms: int) -> Progress | None:
    """Mark an import done or stopped."""
    connection.execute(update(import_job).where(import_job.c.id == number).values(state=state, ended_at=now_ms))
    return find(connection, number)


def plan_of(connection: Connection, number: str) -> str:
    """The plan of an import, as it was written down."""
    return str(connection.execute(select(import_job.c.plan).where(import_job.c.id == number)).scalar_one())


def _progress(row: Any) -> Progress:
    names = ("id", "kind", "name", "state", "rows", "accepted", "duplicate", "rejected", "started_at", "ended_at", "started_by")
    return Progress(**{name: getattr(row, name) for name in names})
