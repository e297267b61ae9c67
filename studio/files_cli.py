"""Files in and out from the command line: `fans import|export|backup|restore` and `products import|list|picture`.

It needs no engine; while one has the store, `export`, `backup` and `products list` still work.
"""

import argparse
import asyncio
import csv
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from studio.app.profile import default_path
from studio.errors import InvalidInput, os_code
from studio.model.import_plan import ImportKind, ImportPlan, check_plan, guess_columns, platform_id, read_plan
from studio.model.import_rows import RowRules
from studio.model.loyalty import Rules
from studio.model.picture_header import MAX_BYTES, read_header
from studio.model.room_clock import ShowDays, check_time_zone
from studio.model.settings import AudienceSettings, check_currency
from studio.store import backup, export, import_jobs, import_run, product_store, sheet
from studio.store.database import Database
from studio.store.fan_store import FanStore
from studio.store.import_preview import guessed_plan, preview
from studio.store.secrets import Secrets
from studio.store.vault import open_vault
from studio.store_cli import opened
from studio.words import say

_DONE, _NO, _WRONG = 0, 1, 2
_MAX_SHOWN: Final = 20
Thumbnail = Callable[[bytes], bytes]


def add_fans(commands: Any, store: argparse.ArgumentParser) -> None:
    """The commands of `fans` that read or write files."""
    bring = commands.add_parser("import", parents=[store, _import_words()], help="take in events (JSONL) or fans (CSV, JSONL)")
    bring.add_argument("--platform", default="", help="the platform of fans whose rows name none")
    bring.add_argument("--source", default="import", help="where the points come from; a second source adds, the same one doesn't")
    bring.set_defaults(command=partial(_import, "fans"))
    out = commands.add_parser("export", parents=[store], help="write the fans out")
    out.add_argument("--all", action="store_true", help="everything that is stored, as JSONL, instead of a table as CSV")
    out.add_argument("--output", metavar="FILE", help="instead of the standard output")
    out.add_argument("--encoding", choices=export.ENCODINGS, default="utf-8", help="of the table; utf-8-bom or gbk for Excel")
    out.add_argument("--language", choices=("", "zh_CN", "en"), default="", help="of the table's head; the API's names by default")
    out.set_defaults(command=_export)
    keep = commands.add_parser("backup", parents=[store], help="copy the fan file, also while a show runs")
    keep.add_argument("file", metavar="FILE", help="the copy; it must not be there yet")
    keep.set_defaults(command=_backup)
    back = commands.add_parser("restore", parents=[store], help="put a backup in the fan file's place, keeping a copy of what was there")
    back.add_argument("file", metavar="BACKUP")
    back.set_defaults(command=_restore)


def add_products(commands: Any, store: argparse.ArgumentParser) -> None:
    """The commands of `products`."""
    bring = commands.add_parser("import", parents=[store, _import_words()], help="take in products (CSV, JSONL); known SKUs are replaced")
    bring.set_defaults(command=partial(_import, "products"), platform="", source="import")
    listed = commands.add_parser("list", parents=[store, _room_word()], help="the room's products as JSON, one a line")
    listed.set_defaults(command=_list)
    shown = commands.add_parser(
        "picture", parents=[store, _room_word()], help="a product's picture: PNG, JPEG, WebP, or a GIF's first frame"
    )
    shown.add_argument("sku")
    shown.add_argument("file", metavar="FILE")
    shown.set_defaults(command=_picture)


def run_products(arguments: list[str], thumbnail: Callable[[], Thumbnail]) -> int:
    """What follows `products`; the answer is the exit code. Raises KnownErrors. `thumbnail` is asked for where a picture comes."""
    parser = argparse.ArgumentParser(prog="main.py products", description="The room's products.")
    add_products(parser.add_subparsers(required=True, metavar="import|list|picture"), store_words())
    try:
        given = parser.parse_args(arguments)
    except SystemExit as ended:
        return _WRONG if ended.code else _DONE
    given.thumbnail = thumbnail
    return asyncio.run(given.command(given))


def _time_zone(name: str) -> str:
    if wrong := check_time_zone(name):
        raise argparse.ArgumentTypeError(f"{name!r}: {wrong}")
    return name


def _currency(code: str) -> str:
    if wrong := check_currency(code):
        raise argparse.ArgumentTypeError(f"{code!r}: {wrong}")
    return code


def store_words() -> argparse.ArgumentParser:
    """The options that say which store, and what holds in its room."""
    made = argparse.ArgumentParser(add_help=False)
    defaults = AudienceSettings()
    made.add_argument("--store", default=defaults.store, metavar="URL", help=f"the fan file, {defaults.store} by default")
    made.add_argument("--timezone", default=defaults.timezone, type=_time_zone, help="the room's time zone: its days begin at 06:00")
    made.add_argument("--currency", default=defaults.currency, type=_currency, help="the room's currency; other money is kept, not counted")
    return made


def _room_word() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(add_help=False)
    made.add_argument("--room", default=AudienceSettings().room, help="the room")
    return made


def _import_words() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(add_help=False, parents=[_room_word()])
    made.add_argument("file", metavar="FILE")
    made.add_argument("--preview", action="store_true", help="only tell what would happen")
    made.add_argument("--column", action="append", default=[], metavar="HEADER=FIELD", help="what a column means; FIELD empty: nothing")
    made.add_argument("--encoding", default="", choices=("", *sheet.ENCODINGS), help="of the file, found out by default")
    made.add_argument("--rejected", metavar="FILE", help="every refused row as CSV: line, code, reason")
    return made


async def _import(kind: ImportKind, given: argparse.Namespace) -> int:
    # Looked at before the store is opened: a wrong path must not leave an empty fan file behind.
    path = Path(given.file)
    table = sheet.look(path, given.encoding)
    plan = _plan(kind, table, given)
    store = FanStore(Rules(), ShowDays(given.timezone), given.currency)
    rules = RowRules(plan, given.room, given.currency, ZoneInfo(given.timezone), _now_ms())
    if given.preview:
        _say(preview(table, rules))
        return _DONE
    if plan.kind != "events":
        check_plan(plan, table.headers)
    job = import_jobs.Progress(import_run.job_id(path, plan, given.room), plan.kind, path.name, "running", started_at=rules.now_ms)
    async with opened(given.store, may_be_new=True) as database:
        done, refused = await _drive(database, table, job, rules, store)
    _tell_refused(given, refused, done.rejected)
    _say({"accepted": done.accepted, "duplicate": done.duplicate, "rejected": done.rejected})
    return _NO if done.rejected else _DONE


def _plan(kind: ImportKind, table: sheet.Sheet, given: argparse.Namespace) -> ImportPlan:
    """By what was said, the rest by the headers."""
    if table.is_events and kind == "fans" and not given.column:
        return replace(guessed_plan(table), encoding=given.encoding)
    columns = guess_columns(kind, table.headers)
    for word in given.column:
        header, _, name = word.rpartition("=")
        columns = {known: means for known, means in columns.items() if means != name}
        columns[header] = name
    texts = {"platform": platform_id(given.platform), "source": given.source, "encoding": given.encoding}
    return read_plan({"kind": kind, "columns": columns, **texts})


async def _drive(
    database: Database, table: sheet.Sheet, job: import_jobs.Progress, rules: RowRules, store: FanStore
) -> tuple[import_jobs.Progress, list[import_jobs.Refusal]]:
    job = await database.write(partial(import_jobs.begin, job=job, plan=rules.plan, room=rules.room))
    rules = replace(rules, now_ms=job.started_at)
    vault = await asyncio.to_thread(open_vault, Secrets(default_path().parent)) if rules.plan.has_contacts else None
    write = import_run.writer(store, rules, _now_ms, vault)

    def told(progress: import_jobs.Progress, _: object) -> None:
        if sys.stderr.isatty():
            print(f"\r{progress.share:6.1%}  {progress.rows}", end="", file=sys.stderr, flush=True)  # noqa: T201 - progress

    job = await import_run.drive(database, table, job, write, rules, told)
    await database.write(partial(import_jobs.end, number=job.id, state="done", now_ms=_now_ms()))
    return job, await database.read(partial(import_jobs.refusals, number=job.id, limit=import_jobs.KEPT_REJECTIONS))


def _tell_refused(given: argparse.Namespace, refused: list[import_jobs.Refusal], count: int) -> None:
    for one in refused[:_MAX_SHOWN]:
        _warn(f"{given.file}:{one.line}: {_reason(one)}")
    if count > _MAX_SHOWN:
        _warn(f"… and {count - _MAX_SHOWN} more")
    if given.rejected:
        try:
            with Path(given.rejected).open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(("line", "code", "reason"))
                writer.writerows((one.line, one.code, export.neutralised(_reason(one))) for one in refused)
        except OSError as error:
            raise InvalidInput(
                "fans.export_failed", path=given.rejected, reason=error.strerror or str(error), reason_code=os_code(error)
            ) from error


def _reason(one: import_jobs.Refusal) -> str:
    return say("errors", "en", one.code, **one.params)


async def _export(given: argparse.Namespace) -> int:
    form = export.ExportForm("jsonl" if given.all else "csv", given.encoding, given.language, given.currency)
    async with opened(given.store, is_read_only=True) as database:
        try:
            if given.output:
                await database.read(partial(export.write_file, path=Path(given.output), form=form))
            else:
                await database.read(partial(_write_out, form=form))
        except BrokenPipeError:
            # Whoever read has enough, as `head` does; the interpreter must not try to flush once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _DONE


def _write_out(connection: Connection, form: export.ExportForm) -> None:
    for chunk in export.chunks(connection, form):
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


async def _backup(given: argparse.Namespace) -> int:
    _say((await asyncio.to_thread(backup.make, Database(given.store), Path(given.file))).to_json())
    return _DONE


async def _restore(given: argparse.Namespace) -> int:
    found, kept = await asyncio.to_thread(backup.restore, Path(given.file), Database(given.store), _now_ms())
    _say({"restored": found.to_json(), "before": str(kept) if kept else None})
    return _DONE


async def _list(given: argparse.Namespace) -> int:
    async with opened(given.store, is_read_only=True) as database:
        found = await database.read(partial(product_store.page, room=given.room, limit=product_store.MAX_PRODUCTS))
    for product in found:
        _say(product.to_json())
    return _DONE


async def _picture(given: argparse.Namespace) -> int:
    shown = _read_picture(Path(given.file), given.thumbnail)
    put = partial(product_store.set_picture, room=given.room, sku=given.sku, data=shown, header=read_header(shown), now_ms=_now_ms())
    async with opened(given.store) as database:
        _say((await database.write(put)).to_json())
    return _DONE


def _read_picture(path: Path, thumbnail: Callable[[], Thumbnail]) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidInput("import.unreadable", path=str(path)) from error
    read_header(data)
    return thumbnail()(data)


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer, ensure_ascii=False))  # noqa: T201 - a command's answer


def _warn(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - what a command has to say beside its answer


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
