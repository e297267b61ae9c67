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
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, update

from studio.errors import Conflict, InvalidInput
from studio.model.cells import BadCell
from studio.model.contacts import ContactKind
from studio.model.event_lines import unpack
from studio.model.events import FanEvent, Rejection, parse_line
from studio.model.import_plan import ImportPlan
from studio.model.import_rows import RowRules, contacts_of, fan_events, product_of
from studio.model.products import Product
from studio.store import bulk, contacts, product_store, tables
from studio.store.database import Database
from studio.store.fan_store import Applied, FanStore
from studio.store.import_jobs import KEPT_REJECTIONS, Progress, Refusal
from studio.store.import_tables import import_job, import_rejection
from studio.store.sheet import Record, Sheet
from studio.store.vault import Vault
from studio.store.working import Received

_Contacts: TypeAlias = list[tuple[ContactKind, str]]
BATCH: Final = 250
"""Rows a transaction: 20 ms of the writer, which is what a live event may have to wait for an import beside it."""
_HASH_BYTES: Final = 1 << 20
_COUNTED: Final = {"import": ("points", "points"), "order": ("amount_minor", "spent_minor")}
"""Events whose repeat must say the same: the field that counts, and how the file calls it."""


@dataclass(slots=True)
class Step:
    """What one batch of rows holds: events or products beside their lines, contacts by line, and the rows that are refused."""

    rows: int = 0
    events: list[tuple[int, list[FanEvent]]] = field(default_factory=list)
    products: list[tuple[int, Product]] = field(default_factory=list)
    contacts: dict[int, _Contacts] = field(default_factory=dict)
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
        contacts = contacts_of(row)
        step.events.append((record.line, fan_events(row, rules)))
        if contacts:
            step.contacts[record.line] = contacts


@dataclass(frozen=True, slots=True)
class _Way:
    """How a step is written: by which store and rules, when, and under which key its contacts."""

    store: FanStore
    rules: RowRules
    now_ms: Callable[[], int]
    vault: Vault | None


def writer(
    store: FanStore, rules: RowRules, now_ms: Callable[[], int], vault: Vault | None = None
) -> Callable[[Progress, Step], Callable[[Connection], Any]]:
    """A function that turns a step into the job for the store's thread: (progress afterwards, who was touched)."""
    way = _Way(store, rules, now_ms, vault)
    return lambda progress, step: partial(_write, way, progress, step)


def _write(way: _Way, progress: Progress, step: Step, connection: Connection) -> tuple[Progress, Applied | None]:
    # First of all: whoever else takes in the same file waits here, then finds itself behind, and has changed nothing.
    same = (import_job.c.id == progress.id, import_job.c.rows == progress.rows)
    if connection.execute(update(import_job).where(*same).values(rows=progress.rows + step.rows)).rowcount != 1:
        raise Conflict("import.running", name=progress.name)
    refused = list(step.refused)
    accepted, duplicate, applied = 0, 0, None
    if way.rules.plan.kind == "products":
        accepted = _put_products(connection, way.rules, step, refused, way.now_ms())
    else:
        accepted, duplicate, applied = _put_events(connection, way, step, refused)
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


def _put_events(connection: Connection, way: _Way, step: Step, refused: list[Refusal]) -> tuple[int, int, Applied]:
    changed = _changed(connection, step)
    refused.extend(changed.values())
    rows = [(line, events) for line, events in step.events if line not in changed]
    # Received when the import began, and so in every try: what a row brings is never a visit.
    received = [Received(event, way.rules.now_ms) for _, events in rows for event in events]
    applied = way.store.apply(connection, received)
    if way.vault is not None:
        _put_contacts(connection, way, way.vault, [(events[0], step.contacts.get(line, [])) for line, events in rows if events])
    outcomes = iter(applied.persons)
    new = [any([next(outcomes) >= 0 for _ in events]) for _, events in rows]  # noqa: C419 - every event takes its outcome
    return sum(new), len(new) - sum(new), applied


def _put_contacts(connection: Connection, way: _Way, vault: Vault, told: list[tuple[FanEvent, _Contacts]]) -> None:
    """Also of rows that came before: a second look at the same table may have another column."""
    wanted = {event.fan_id for event, some in told if some}
    rows = bulk.load_columns(connection, tables.identity, ("identity_id", "platform", "fan_id"), "fan_id", wanted)
    numbers = {(platform, fan_id): number for number, platform, fan_id in rows}
    found: list[tuple[int, ContactKind, str]] = [
        (numbers[one.platform, one.fan_id], kind, value) for one, some in told for kind, value in some
    ]
    contacts.keep_many(connection, vault, found, way.rules.now_ms, f"import:{way.rules.plan.source}")


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
