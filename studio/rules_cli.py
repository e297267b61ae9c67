"""`main.py fans rules [FILE]`: the loyalty rules in lines, who would move by others, and changing them.

Without `--apply` and `--undo` it only looks, also while an engine has the store.
"""

import argparse
import getpass
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from studio.app import loyalty_file
from studio.audience.rules_desk import with_preset
from studio.audience.rules_told import moves_told, rules_told
from studio.errors import Conflict
from studio.model.events import format_time
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays, date_of
from studio.model.rule_book import earning_changes
from studio.model.rules_file import PRESETS, InvalidRules
from studio.model.rules_text import to_toml
from studio.store import rule_change, rule_ledger
from studio.store.fan_store import FanStore
from studio.store_cli import opened
from studio.words import LOCALES, say, say_fault, say_tier

_DONE, _WRONG = 0, 2
_NAMES = 3


def add_commands(commands: Any, store: argparse.ArgumentParser) -> None:
    """Put the command beside the others of `fans`."""
    made = commands.add_parser("rules", parents=[store], help="the loyalty rules: look, try out, change, take back")
    made.add_argument("file", nargs="?", metavar="FILE", help="a loyalty.toml to try out; none: the rules that hold")
    made.add_argument("--preset", choices=tuple(PRESETS), help="its tiers instead of those that hold, or of the file's")
    made.add_argument("--language", choices=LOCALES, default=_language(), help="of the lines")
    act = made.add_mutually_exclusive_group()
    act.add_argument("--apply", action="store_true", help="change the rules; without it nothing is changed")
    act.add_argument("--undo", action="store_true", help="apply the rules that stood before the last change")
    shape = made.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="the answer of the control API instead of lines")
    shape.add_argument("--toml", action="store_true", help="the rules as a loyalty.toml, to begin one with")
    made.set_defaults(command=_rules)


def _language() -> str:
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh_CN" if spoken.lower().startswith("zh") else "en"


async def _rules(given: argparse.Namespace) -> int:
    try:
        wanted = loyalty_file.read(Path(given.file)) if given.file else None
    except InvalidRules as error:
        for fault in error.faults:
            print(say_fault(fault, given.language), file=sys.stderr)  # noqa: T201 - a command's answer
        return _WRONG
    store = FanStore(Rules(), ShowDays(given.timezone), given.currency)
    is_change = given.apply or given.undo
    # A room may have its rules before its first fan.
    async with opened(given.store, is_read_only=not is_change, may_be_new=given.apply) as database:
        run = database.write if is_change else database.read
        answer = await run(lambda connection: _answer(connection, store, given, wanted))
    if given.toml:
        print(to_toml(answer["rules"]), end="")  # noqa: T201 - a command's answer
    elif given.json:
        print(json.dumps(answer, ensure_ascii=False))  # noqa: T201 - likewise
    else:
        for line in _lines(answer, given.language):
            print(line)  # noqa: T201 - likewise
    return _DONE


def _answer(connection: Connection, store: FanStore, given: argparse.Namespace, wanted: Rules | None) -> dict[str, Any]:
    store.follow_rules(connection)
    old = store.book
    new = _before(connection, store) if given.undo else wanted or old.rules
    if given.preset:
        new = with_preset(new, given.preset)
    moved = rule_change.moves(connection, old.rules, new)
    now_ms = time.time_ns() // 1_000_000
    day = rule_change.first_day(connection, store, now_ms) if earning_changes(old.rules, new) else 0
    if given.apply or given.undo:
        rule_change.apply(connection, store, new, seen=old.number, by=getpass.getuser(), now_ms=now_ms)
    last = next(iter(rule_ledger.changes(connection, 1)), None)
    return {
        "number": store.book.number,
        "at": format_time(last.at_ms) if last else None,
        "by": last.by if last else None,
        "is_new": new != old.rules,
        "is_applied": new == store.rules,
        "earning_from": date_of(day) if day else None,
        **rules_told(new, store.currency, given.language),
        **moves_told(moved, old.rules, new),
    }


def _before(connection: Connection, store: FanStore) -> Rules:
    number = store.book.number
    if not number:
        raise Conflict("rules.nothing_to_undo")
    return rule_ledger.rules_at(connection, number - 1, store.defaults)


def _lines(answer: Mapping[str, Any], locale: str) -> Iterator[str]:
    def words(msgid: str, **params: object) -> str:
        return say("ui", locale, msgid, **params)

    number = answer["number"]
    yield words("rules.cli_changed", number=number, at=answer["at"], by=answer["by"]) if number else words("rules.cli_default")
    for line in answer["lines"]:
        yield f"  {line['text']}"
    if answer["warnings"]:
        yield words("rules.look_twice")
    for line in answer["warnings"]:
        yield f"  ! {line['text']}"
    if not answer["is_new"]:
        return
    yield words("rules.would_move", up=answer["up"], down=answer["down"]) if answer["moves"] else words("rules.nobody_moves")
    for one in answer["moves"]:
        names = words("list.separator").join(_printable(fan["name"] or fan["id"]) for fan in one["names"][:_NAMES])
        yield "  " + words(
            "rules.move", before=say_tier(one["from_name"], locale), after=say_tier(one["to_name"], locale), count=one["count"], names=names
        )
    if answer["earning_from"]:
        yield words("rules.earning_from", day=answer["earning_from"])
    yield words("rules.cli_applied", number=number) if answer["is_applied"] else words("rules.cli_not_applied")


def _printable(name: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in name)[:24]
