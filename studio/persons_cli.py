"""`main.py fans merge|split|undo|find|history|suggest|birthdays|erase|hold|release|contact|key|tidy`: persons from the command line.

A person is named by any of their accounts, as `douyin:u1`. Contacts and keys are read from standard input, never from an argument.
"""

import argparse
import asyncio
import getpass
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from studio.app.profile import default_path
from studio.errors import InvalidInput, os_code
from studio.model.contacts import CONTACT_KINDS, contact_kind
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.model.settings import AudienceSettings, PrivacySettings
from studio.store import (
    birthdays,
    contacts,
    dossier,
    fan_detail,
    fan_queries,
    holds,
    links,
    name_index,
    retention,
    sqlite_file,
    suggestions,
    vault,
)
from studio.store.erase import erase
from studio.store.fan_queries import accounts_of
from studio.store.fan_store import FanStore
from studio.store.links import Account, Asked
from studio.store.secrets import Secrets
from studio.store_cli import opened

T = TypeVar("T")
_DONE = 0


def add_commands(commands: Any, store: argparse.ArgumentParser) -> None:
    """Put the commands beside the others of `fans`."""
    for name, what, run in (
        ("merge", "make two persons one", _merge),
        ("split", "let accounts of a person be another person", _split),
        ("history", "what was merged and split of a person", _history),
        ("erase", "delete a person; the books keep the sums", _erase),
        ("hold", "let nothing of a person be deleted", _hold),
        ("release", "end a hold", _release),
        ("contact", "keep a contact, read from standard input", _contact),
        ("tell", "everything that is kept of a person, as one JSON file", _tell),
    ):
        made = commands.add_parser(name, parents=[store], help=what)
        made.add_argument("account", metavar="PLATFORM:ID", type=_account)
        made.set_defaults(command=run)
        if name == "merge":
            made.add_argument("other", metavar="PLATFORM:ID", type=_account)
        elif name == "split":
            made.add_argument("others", metavar="PLATFORM:ID", type=_account, nargs="*", help="more accounts that leave with it")
        elif name == "contact":
            made.add_argument("kind", choices=CONTACT_KINDS)
        elif name == "tell":
            made.add_argument("--output", metavar="FILE", required=True)
            made.add_argument("--room", default=AudienceSettings().room, help="whose live days make the streak, r1 by default")
        elif name == "erase":
            made.add_argument("--yes", action="store_true", required=True, help="it can't be taken back")
        if name in {"merge", "split", "hold"}:
            made.add_argument("--reason", default="", required=name == "hold")
    _add_others(commands, store)


def _add_others(commands: Any, store: argparse.ArgumentParser) -> None:
    """Those that name nobody by an account."""
    seek = commands.add_parser("find", parents=[store], help="fans by a part of a name that they bear or bore, one a line")
    seek.add_argument("text")
    seek.add_argument("--limit", type=int, default=20, metavar="N")
    seek.set_defaults(command=_find)
    back = commands.add_parser("undo", parents=[store], help="take back a merge or split")
    back.add_argument("number", type=int, metavar="N", help="as merge, split and history tell it")
    back.set_defaults(command=_undo)
    born = commands.add_parser("birthdays", parents=[store], help="who has a birthday these days, and whose gift still waits, one a line")
    born.add_argument("--days", type=int, default=7, choices=range(1, 32), metavar="N", help="today and the days after it, 7 by default")
    born.set_defaults(command=_birthdays)
    commands.add_parser("suggest", parents=[store], help="who might be one person, and why").set_defaults(command=_suggest)
    tidy = commands.add_parser("tidy", parents=[store], help="delete what was kept long enough")
    for field in PrivacySettings.__dataclass_fields__:
        flag, days = f"--{field.replace('_', '-')}", getattr(PrivacySettings(), field)
        tidy.add_argument(flag, type=int, default=days, metavar="N", help=f"{days} by default; 0 keeps it")
    tidy.add_argument("--compact", action="store_true", help="write the file anew, however large: nothing deleted can be found in it then")
    tidy.set_defaults(command=_tidy)
    key = commands.add_parser("key", help="show the key of the contacts, to be taken to another computer of the same store")
    key.add_argument("--take", action="store_true", help="read such a key from standard input, in place of this computer's")
    key.set_defaults(command=_key)


def _account(text: str) -> Account:
    platform, colon, fan_id = text.partition(":")
    if not (platform and colon and fan_id):
        raise argparse.ArgumentTypeError("an account is PLATFORM:ID, as douyin:u1")
    return platform, fan_id


async def _at(given: argparse.Namespace, work: Callable[[Connection], T], *, is_read_only: bool = False) -> T:
    async with opened(given.store, is_read_only=is_read_only) as database:
        return await (database.read(work) if is_read_only else database.write(work))


def _store(given: argparse.Namespace) -> FanStore:
    return FanStore(Rules(), ShowDays(given.timezone), given.currency)


def _asked(given: argparse.Namespace) -> Asked:
    return Asked(getpass.getuser(), _now_ms(), getattr(given, "reason", ""))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _secrets() -> Secrets:
    return Secrets(default_path().parent)


async def _vault() -> vault.Vault:
    return await asyncio.to_thread(lambda: vault.open_vault(_secrets()))


async def _merge(given: argparse.Namespace) -> int:
    store = _store(given)
    done = await _at(given, lambda connection: links.merge(connection, store, given.account, given.other, _asked(given)))
    return _say({"number": done.seq})


async def _split(given: argparse.Namespace) -> int:
    store, leaving = _store(given), [given.account, *given.others]
    done = await _at(given, lambda connection: links.split(connection, store, leaving, _asked(given)))
    return _say({"number": done.seq})


async def _undo(given: argparse.Namespace) -> int:
    store = _store(given)
    done = await _at(given, lambda connection: links.undo(connection, store, given.number, _asked(given)))
    return _say({"number": done.seq})


async def _find(given: argparse.Namespace) -> int:
    def find(connection: Connection) -> list[dict[str, Any]]:
        return name_index.told(connection, name_index.find(connection, given.text, max(1, given.limit)).persons)

    for row in await _at(given, find, is_read_only=True):
        _say(row)
    return _DONE


async def _birthdays(given: argparse.Namespace) -> int:
    opened, store = await _vault(), _store(given)

    def read(connection: Connection) -> list[dict[str, Any]]:
        return birthdays.due(connection, opened, _moment(connection, store, AudienceSettings().room), given.days)

    for row in await _at(given, read, is_read_only=True):
        _say(row)
    return _DONE


async def _history(given: argparse.Namespace) -> int:
    rows = await _at(given, lambda connection: links.history(connection, accounts_of(connection, *given.account)), is_read_only=True)
    for row in rows:
        _say(row)
    return _DONE


async def _suggest(given: argparse.Namespace) -> int:
    for row in await _at(given, lambda connection: suggestions.suggestions(connection, 100), is_read_only=True):
        _say(row)
    return _DONE


async def _erase(given: argparse.Namespace) -> int:
    store = _store(given)
    async with opened(given.store) as database:
        gone = await database.write(lambda connection: erase(connection, store, given.account))
        await database.flush()
    return _say(gone.told())


async def _hold(given: argparse.Namespace) -> int:
    await _at(given, lambda connection: holds.put(connection, accounts_of(connection, *given.account), _asked(given)))
    return _say({"held": True})


async def _release(given: argparse.Namespace) -> int:
    return _say({"released": await _at(given, lambda connection: holds.release(connection, accounts_of(connection, *given.account)))})


async def _contact(given: argparse.Namespace) -> int:
    sealed, value, kind = await _vault(), sys.stdin.readline(), contact_kind(given.kind)

    def keep(connection: Connection) -> None:
        number = links.account_number(connection, given.account)
        contacts.keep(connection, sealed, number, kind, value, _now_ms(), "command line")

    await _at(given, keep)
    return _say({"kept": given.kind, "key": _secrets().place})


async def _tell(given: argparse.Namespace) -> int:
    opened, store = await _vault(), _store(given)

    def tell(connection: Connection) -> bytes:
        return dossier.person_document(connection, opened, given.account, _moment(connection, store, given.room), given.currency, "en")

    document = await _at(given, tell, is_read_only=True)
    await asyncio.to_thread(_write, Path(given.output), document)
    return _say({"bytes": len(document)})


def _moment(connection: Connection, store: FanStore, room: str) -> fan_detail.Moment:
    """Now in the room `room`, by the rules that the file says hold."""
    store.follow_rules(connection)
    return fan_detail.Moment(_now_ms(), store.book, store.show_days, fan_queries.live_days(connection, room))


def _write(path: Path, document: bytes) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(document)
    except OSError as error:
        raise InvalidInput("fans.export_failed", path=str(path), reason=error.strerror or str(error), reason_code=os_code(error)) from error


async def _tidy(given: argparse.Namespace) -> int:
    settings = PrivacySettings(**{field: getattr(given, field) for field in PrivacySettings.__dataclass_fields__})
    async with opened(given.store) as database:
        done = await retention.run(database, _store(given), settings, _now_ms())
    if given.compact and database.is_sqlite:
        lock = sqlite_file.FileLock(database.path)
        lock.take()
        try:
            sqlite_file.compact(database.path, is_large_too=True)
        finally:
            lock.release()
    return _say({"texts": done.texts, "names": done.names, "contacts": done.contacts, "erased": len(done.fans)})


async def _key(given: argparse.Namespace) -> int:
    secrets = _secrets()
    if given.take:
        taken = vault.take_key(secrets, sys.stdin.readline())
        return _say({"key": taken.key_id.hex(), "place": secrets.place})
    print(vault.exported_key(secrets))  # noqa: T201 - asked for
    return _DONE


def _say(answer: dict[str, Any]) -> int:
    print(json.dumps(answer, ensure_ascii=False))  # noqa: T201 - a command's answer
    return _DONE
