"""An import, batch by batch: what a batch brings, how far the file is and what was refused are written in one transaction.

Killed at any moment it goes on where the last transaction ended; nothing counts twice, for the ids of what it brings are made of the rows.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update

from studio.errors import Conflict, InvalidInput
from studio.model.cells import BadCell
from studio.model.event_lines import unpack
from studio.model.events import FanEvent, Rejection, parse_line
from studio.model.import_plan import ImportPlan
from studio.model.import_rows import RowRules, fan_events, product_of
from studio.model.products import Product
from studio.store import bulk, product_store, tables
from studio.store.database import Database
from studio.store.fan_store import Applied, FanStore
from studio.store.import_tables import import_job, import_rejection
from studio.store.sheet import Record, Sheet
from studio.store.working import Received

BATCH: Final = 250
"""Rows a transaction: 20 ms of the writer, which is what a live event may have to wait for an import beside it."""
KEPT_REJECTIONS: Final = 100_000
_HASH_BYTES: Final = 1 << 20
_COUNTED: Final = {"import": ("points", "points"), "order": ("amount_minor", "spent_minor")}
"""Events whose repeat must say the same: the field that counts, and how the file calls it."""


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


@dataclass(slots=True)
class Step:
    """What one batch of rows holds: events or products beside their lines, and the rows that are refused."""

    rows: int = 0
    events: list[tuple[int, list[FanEvent]]] = field(default_factory=list)
    products: list[tuple[int, Product]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    bytes_read: int = 0


def job_id(path: Path, plan: ImportPlan, room: str) -> str:
    """The same file with the same plan is the same import."""
    digest = hashlib.sha256(f"{room}\n{plan.to_text()}\n".encode())
    with path.open("rb") as file:
        while block := file.read(_HASH_BYTES):
            digest.update(block)
    return digest.hexdigest()[:32]


def steps(sheet: Sheet, rules: RowRules, skip: int = 0) -> Generator[Step]:
    """The file's rows in batches, those that are done already passed over. Blocks on the disk: for a worker thread."""
    rows = islice(_event_records(sheet) if rules.plan.kind == "events" else sheet.records(), skip, None)
    while batch := list(islice(rows, BATCH)):
        yield _step(batch, rules)


def _event_records(sheet: Sheet) -> Iterator[tuple[Record, int]]:
    """Lines as they are: the contract's own parser reads them."""
    with sheet.path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield Record(number, {"": line.decode("utf-8-sig", "replace").rstrip("\r\n")}), file.tell()


def _step(batch: list[tuple[Record, int]], rules: RowRules) -> Step:
    step = Step(rows=len(batch), bytes_read=batch[-1][1])
    for record, _ in batch:
        try:
            _take(step, record, rules)
        except InvalidInput as error:
            step.refused.append(Refusal(record.line, error.code, dict(error.params)))
    return step


def _take(step: Step, record: Record, rules: RowRules) -> None:
    if record.fault is not None:
        raise record.fault
    if rules.plan.kind == "events":
        event = parse_line(record.cells[""].encode(), record.line, rules.now_ms, room=rules.room)
        if isinstance(event, Rejection):
            raise BadCell("cell.event", field="", value="", reason=event.error)
        if event is not None:
            step.events.append((record.line, [event]))
        return
    row = {name: record.cells.get(header, "") for header, name in rules.plan.columns.items()}
    if rules.plan.kind == "products":
        step.products.append((record.line, product_of(row, rules)))
    else:
        step.events.append((record.line, fan_events(row, rules)))


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


def writer(store: FanStore, rules: RowRules, now_ms: Callable[[], int]) -> Callable[[Progress, Step], Callable[[Connection], Any]]:
    """A function that turns a step into the job for the store's thread: (progress afterwards, who was touched)."""
    return lambda progress, step: partial(_write, store, rules, now_ms, progress, step)


def _write(
    store: FanStore, rules: RowRules, now_ms: Callable[[], int], progress: Progress, step: Step, connection: Connection
) -> tuple[Progress, Applied | None]:
    # First of all: whoever else takes in the same file waits here, then finds itself behind, and has changed nothing.
    same = (import_job.c.id == progress.id, import_job.c.rows == progress.rows)
    if connection.execute(update(import_job).where(*same).values(rows=progress.rows + step.rows)).rowcount != 1:
        raise Conflict("import.running", name=progress.name)
    refused = list(step.refused)
    accepted, duplicate, applied = 0, 0, None
    if rules.plan.kind == "products":
        accepted = _put_products(connection, rules, step, refused, now_ms())
    else:
        accepted, duplicate, applied = _put_events(connection, store, rules, step, refused)
    after = replace(
        progress,
        rows=progress.rows + step.rows,
        accepted=progress.accepted + accepted,
        duplicate=progress.duplicate + duplicate,
        rejected=progress.rejected + len(refused),
    )
    counts = {name: getattr(after, name) for name in ("accepted", "duplicate", "rejected")}
    connection.execute(update(import_job).where(import_job.c.id == progress.id).values(**counts))
    kept = refused[: max(0, KEPT_REJECTIONS - progress.rejected)]
    told = [(progress.id, one.line, one.code, json.dumps(one.params, ensure_ascii=False)) for one in kept]
    bulk.insert(connection, import_rejection, told)
    return after, applied


def _put_products(connection: Connection, rules: RowRules, step: Step, refused: list[Refusal], now_ms: int) -> int:
    accepted = 0
    for line, new in step.products:
        try:
            # A file knows nothing of pictures: the one that is there stays.
            known = product_store.find(connection, rules.room, new.sku)
            product_store.put(connection, rules.room, replace(new, picture=known.picture if known else ""), now_ms)
            accepted += 1
        except InvalidInput as error:
            refused.append(Refusal(line, error.code, dict(error.params)))
    return accepted


def _put_events(connection: Connection, store: FanStore, rules: RowRules, step: Step, refused: list[Refusal]) -> tuple[int, int, Applied]:
    changed = _changed(connection, step)
    refused.extend(changed.values())
    rows = [(line, events) for line, events in step.events if line not in changed]
    # Received when the import began, and so in every try: what a row brings is never a visit.
    received = [Received(event, rules.now_ms) for _, events in rows for event in events]
    applied = store.apply(connection, received)
    outcomes = iter(applied.persons)
    new = [any([next(outcomes) >= 0 for _ in events]) for _, events in rows]  # noqa: C419 - every event takes its outcome
    return sum(new), len(new) - sum(new), applied


def _changed(connection: Connection, step: Step) -> dict[int, Refusal]:
    """Rows that came before with another amount: taken as they are now they would count twice, so a person decides."""
    told = [(line, one) for line, events in step.events for one in events if one.type in _COUNTED]
    ids = {one.id for _, one in told}
    rows = bulk.load_columns(connection, tables.event, ("platform", "event_id", "payload"), "event_id", ids)
    known = {(platform, number): unpack(payload) for platform, number, payload in rows}
    result = {}
    for line, one in told:
        stored, shown = _COUNTED[one.type]
        new = getattr(one, stored)
        old = known.setdefault((one.platform, one.id), {stored: new}).get(stored, 0)
        if old != new:
            result[line] = Refusal(line, "cell.changed", {"field": shown, "value": str(new), "old": str(old)})
    return result


async def drive(
    database: Database,
    sheet: Sheet,
    job: Progress,
    write: Callable[[Progress, Step], Callable[[Connection], Any]],
    rules: RowRules,
    told: Callable[[Progress, Applied | None], None],
) -> Progress:
    """Bring the rest of the file in, `told` after each transaction; a cancelled task leaves it where it is. Loop thread."""
    batches = steps(sheet, rules, job.rows)
    try:
        while (step := await asyncio.to_thread(next, batches, None)) is not None:
            job, applied = await database.write(write(job, step), rows=2 * step.rows)
            job = replace(job, share=step.bytes_read / max(1, sheet.bytes))
            told(job, applied)
    finally:
        batches.close()
    return job


def _progress(row: Any) -> Progress:
    names = ("id", "kind", "name", "state", "rows", "accepted", "duplicate", "rejected", "started_at", "ended_at", "started_by")
    return Progress(**{name: getattr(row, name) for name in names})
