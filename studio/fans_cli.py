"""`python main.py fans stats|rebuild …`: the fan file from the command line; files, rules and persons have modules of their own.

It needs no engine; while one has the store, only `stats`, `rules`, `export` and `backup` look at it.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from studio import files_cli, persons_cli, rules_cli
from studio.analysis.report import report
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store import fan_archive
from studio.store.database import Database
from studio.store.fan_store import FanStore
from studio.store_cli import opened

_DONE, _WRONG = 0, 2


def run(arguments: Sequence[str]) -> int:
    """The command, with what follows `fans`; the answer is the exit code. Raises StoreUnavailable, InvalidInput."""
    try:
        given = _parser().parse_args(arguments)
    except SystemExit as ended:
        return _WRONG if ended.code else _DONE
    return asyncio.run(given.command(given))


def _parser() -> argparse.ArgumentParser:
    store = files_cli.store_words()
    parser = argparse.ArgumentParser(prog="main.py fans", description="The fan file.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    files_cli.add_fans(commands, store)
    stats = commands.add_parser("stats", parents=[store], help="how many, how much")
    stats.add_argument("--all", action="store_true", help="also segments, layers, cohorts, repurchase rates: reads the whole file")
    stats.set_defaults(command=_stats)
    commands.add_parser("rebuild", parents=[store], help="make every figure again from the ledger").set_defaults(command=_rebuild)
    rules_cli.add_commands(commands, store)
    persons_cli.add_commands(commands, store)
    return parser


async def _with_store(given: argparse.Namespace, work: Callable[[Database], Any], *, is_read_only: bool) -> Any:
    async with opened(given.store, is_read_only=is_read_only) as database:
        return await work(database)


def _store(given: argparse.Namespace) -> FanStore:
    return FanStore(Rules(), ShowDays(given.timezone), given.currency)


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


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
