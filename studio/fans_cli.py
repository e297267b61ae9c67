"""`python main.py fans import|export|stats|rebuild …`: the fan file from the command line; persons are `studio.persons_cli`.

It needs no engine; while one has the store, only `stats` and `export` look at it.
"""

import argparse
import asyncio
import csv
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

from sqlalchemy import Connection, select

from studio import persons_cli
from studio.analysis.report import report
from studio.errors import InvalidInput
from studio.model.events import FanEvent, Rejection, format_time, parse_line
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.model.settings import AudienceSettings
from studio.store import fan_archive
from studio.store.database import Database
from studio.store.fan_store import FanStore
from studio.store.tables import identity, person
from studio.store.working import Received

_DONE, _NO, _WRONG = 0, 1, 2
_BATCH: Final = 500
_COLUMNS: Final = ("platform", "id", "name", "points", "spent_minor", "orders", "refunds", "visits", "last_order_at", "followed_at")
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_MAX_SHOWN: Final = 20


def run(arguments: Sequence[str]) -> int:
    """The command, with what follows `fans`; the answer is the exit code. Raises StoreUnavailable, InvalidInput."""
    try:
        given = _parser().parse_args(arguments)
    except SystemExit as ended:
        return _WRONG if ended.code else _DONE
    return asyncio.run(given.command(given))


def _parser() -> argparse.ArgumentParser:
    store = argparse.ArgumentParser(add_help=False)
    defaults = AudienceSettings()
    store.add_argument("--store", default=defaults.store, metavar="URL", help=f"the fan file, {defaults.store} by default")
    store.add_argument("--timezone", default=defaults.timezone, help="the room's time zone: its days begin at 06:00")
    store.add_argument("--currency", default=defaults.currency, help="the room's currency; other money is kept, not counted")
    parser = argparse.ArgumentParser(prog="main.py fans", description="The fan file.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    bring = commands.add_parser("import", parents=[store], help="take in events, one JSON object a line; repeats change nothing")
    bring.add_argument("file", metavar="FILE", help="events as JSONL")
    bring.add_argument("--room", default=defaults.room, help="the room of events that name none")
    bring.set_defaults(command=_import)
    export = commands.add_parser("export", parents=[store], help="write the fans out")
    export.add_argument("--all", action="store_true", help="everything that is stored, as JSONL, instead of a table as CSV")
    export.add_argument("--output", metavar="FILE", help="instead of the standard output")
    export.set_defaults(command=_export)
    stats = commands.add_parser("stats", parents=[store], help="how many, how much")
    stats.add_argument("--all", action="store_true", help="also segments, layers, cohorts, repurchase rates: reads the whole file")
    stats.set_defaults(command=_stats)
    commands.add_parser("rebuild", parents=[store], help="make every figure again from the ledger").set_defaults(command=_rebuild)
    persons_cli.add_commands(commands, store)
    return parser


async def _with_store(given: argparse.Namespace, work: Callable[[Database], Any], *, is_read_only: bool) -> Any:
    database = Database(given.store, is_read_only=is_read_only)
    await database.open()
    try:
        return await work(database)
    finally:
        await database.close()


def _store(given: argparse.Namespace) -> FanStore:
    return FanStore(Rules(), ShowDays(given.timezone), given.currency)


async def _import(given: argparse.Namespace) -> int:
    store = _store(given)
    # Looked at before the store is opened: a wrong path must not leave an empty fan file behind.
    file = _opened(Path(given.file))
    accepted = duplicate = 0
    rejected: list[Rejection] = []

    async def work(database: Database) -> None:
        nonlocal accepted, duplicate
        batch: list[Received] = []
        for item in _parsed(file, given.room):
            if isinstance(item, Rejection):
                rejected.append(item)
                continue
            batch.append(Received(item, _now_ms()))
            if len(batch) == _BATCH:
                applied = await database.write(partial(_apply, store, batch), rows=_BATCH)
                accepted, duplicate, batch = accepted + applied.accepted, duplicate + applied.duplicate, []
        if batch:
            applied = await database.write(partial(_apply, store, batch), rows=len(batch))
            accepted, duplicate = accepted + applied.accepted, duplicate + applied.duplicate

    with file:
        await _with_store(given, work, is_read_only=False)
    for rejection in rejected[:_MAX_SHOWN]:
        _warn(f"{given.file}:{rejection.line}: {rejection.error}")
    if len(rejected) > _MAX_SHOWN:
        _warn(f"… and {len(rejected) - _MAX_SHOWN} more")
    _say({"accepted": accepted, "duplicate": duplicate, "rejected": len(rejected)})
    return _NO if rejected else _DONE


def _apply(store: FanStore, batch: list[Received], connection: Connection) -> Any:
    return store.apply(connection, batch)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InvalidInput("events.unreadable", path=str(path)) from error


def _parsed(file: BinaryIO, room: str) -> Iterator[FanEvent | Rejection]:
    for number, line in enumerate(file, 1):
        item = parse_line(line.rstrip(b"\r\n"), number, _now_ms(), room=room)
        if item is not None:
            yield item


async def _export(given: argparse.Namespace) -> int:
    write = _write_all if given.all else _write_table

    async def work(database: Database) -> None:
        if given.output:
            await database.read(partial(_write_file, write, Path(given.output)))
        else:
            await database.read(partial(write, sys.stdout))
            sys.stdout.flush()

    try:
        await _with_store(given, work, is_read_only=True)
    except BrokenPipeError:
        # Whoever read has enough, as `head` does; the interpreter must not try to flush once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _DONE


def _write_file(write: Callable[[Any, Connection], None], path: Path, connection: Connection) -> None:
    partial_path = path.with_name(path.name + ".part")
    try:
        with partial_path.open("w", encoding="utf-8", newline="") as file:
            write(file, connection)
            file.flush()
            os.fsync(file.fileno())
        partial_path.replace(path)
    except OSError as error:
        raise InvalidInput("fans.export_failed", path=str(path), reason=error.strerror or "") from error


def _write_all(file: Any, connection: Connection) -> None:
    for line in fan_archive.export_lines(connection):
        file.write(line + "\n")


def _write_table(file: Any, connection: Connection) -> None:
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    query = select(identity.c.platform, identity.c.fan_id, identity.c.name, *(person.c[column] for column in _COLUMNS[3:]))
    joined = query.join(person, person.c.person_id == identity.c.person_id).order_by(identity.c.identity_id)
    for row in connection.execution_options(yield_per=1_000).execute(joined):
        writer.writerow([_told(key, value) for key, value in zip(_COLUMNS, row, strict=True)])


def _told(key: str, value: Any) -> Any:
    if key.endswith("_at"):
        return "" if value is None else format_time(value)
    # A name that a spreadsheet would run as a formula gets a quote in front.
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA_SIGNS) else value


async def _stats(given: argparse.Namespace) -> int:
    async def work(database: Database) -> dict[str, Any]:
        told = await database.read(fan_archive.stats)
        if not given.all:
            return told
        # The tiers of the reading name themselves; those of the counters are the same figures by rank.
        return told | await asyncio.to_thread(report, database.url, _now_ms(), given.timezone, given.currency, "en", _tell_progress)

    _say(await _with_store(given, work, is_read_only=True))
    return _DONE


def _tell_progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done / of:.0%}", end="\n" if done >= of else "", file=sys.stderr)  # noqa: T201 - a command that takes its time


async def _rebuild(given: argparse.Namespace) -> int:
    store = _store(given)
    count = await _with_store(
        given, lambda database: database.write(lambda connection: fan_archive.rebuild(connection, store)), is_read_only=False
    )
    _say({"events": count})
    return _DONE


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer, ensure_ascii=False))  # noqa: T201 - a command's answer


def _warn(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - what a command has to say beside its answer


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
