"""The loyalty rules of the room: told, tried out, changed, taken back, and taken from a file (loop thread).

What a change does is the store's transaction; whoever asks sees who would move before it happens.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from studio.audience.rules_told import moves_told, rules_told
from studio.errors import Conflict, InvalidInput
from studio.model.events import format_time
from studio.model.loyalty import Rules
from studio.model.room_clock import date_of
from studio.model.rule_book import RuleBook, earning_changes
from studio.model.rules_file import PRESETS, parse_rules, to_tables
from studio.store import rule_change, rule_ledger
from studio.store.database import Database
from studio.store.fan_store import FanStore
from studio.store.rule_change import Moves

log = logging.getLogger(__name__)

FROM_FILE: Final = "file:loyalty.toml"
"""Who changed the rules where the file did."""
_HISTORY: Final = 20


@dataclass(frozen=True, slots=True)
class FileTaken:
    """What became of a rules file: applied, waiting for somebody to look at who would move, or nothing new."""

    state: str
    up: int = 0
    down: int = 0


class RulesDesk:
    """`follow` takes up what the ledger holds, and answers it."""

    def __init__(self, database: Database, store: FanStore, follow: Callable[[], Awaitable[RuleBook]], now_ms: Callable[[], int]) -> None:
        self._database = database
        self._store = store
        self._follow = follow
        self._now_ms = now_ms

    async def told(self, locale: str) -> dict[str, Any]:
        """`GET /v1/rules`: {number, rules, lines, warnings, matrix, currency, history, presets, can_undo}."""
        book = await self._follow()
        history = await self._database.read(partial(rule_ledger.changes, limit=_HISTORY))
        return {
            "number": book.number,
            "currency": self._store.currency,
            **rules_told(book.rules, self._store.currency, locale),
            "history": [
                {"number": one.number, "at": format_time(one.at_ms), "by": one.by, "from_day": date_of(one.from_day)} for one in history
            ],
            "presets": {name: to_tables(Rules(tiers=tiers))["tier"] for name, tiers in PRESETS.items()},
            "can_undo": book.number > 0,
        }

    async def preview(self, body: Mapping[str, Any], locale: str) -> dict[str, Any]:
        """{rules}: what they say and who would move; changes nothing. Raises InvalidRules with every fault."""
        rules = _rules(body)
        book = await self._follow()
        return await self._database.read(lambda connection: self._previewed(connection, book, rules, locale))

    async def apply(self, body: Mapping[str, Any], by: str, locale: str) -> dict[str, Any]:
        """{rules, seen}: change them; `seen` is the number that was looked at. Raises InvalidRules, Conflict after another change."""
        return await self._change(lambda _connection: _rules(body), _seen(body), by, locale)

    async def undo(self, body: Mapping[str, Any], by: str, locale: str) -> dict[str, Any]:
        """{seen}: apply the rules that stood before the last change; again, and the change is back. Raises Conflict without one."""
        return await self._change(self._before, _seen(body), by, locale)

    async def take_file(self, rules: Rules) -> FileTaken:
        """What the file says, if it says anything new since it was taken last: applied where nobody would move, otherwise it waits."""

        def take(connection: Connection) -> FileTaken:
            self._store.follow_rules(connection)
            old = self._store.book
            # Staff that the file doesn't name may have been added in the window; a file that was taken once counts only when it changes.
            if rules in (old.rules, rule_ledger.last_by(connection, FROM_FILE)):
                return FileTaken("known")
            moved = rule_change.moves(connection, old.rules, rules, is_named=False)
            if moved.up or moved.down:
                return FileTaken("waiting", moved.up, moved.down)
            rule_change.apply(connection, self._store, rules, seen=None, by=FROM_FILE, now_ms=self._now_ms())
            return FileTaken("applied")

        taken = await self._database.write(take)
        await self._follow()
        return taken

    async def _change(self, wanted: Callable[[Connection], Rules], seen: int, by: str, locale: str) -> dict[str, Any]:
        def change(connection: Connection) -> tuple[Rules, Rules, Moves]:
            self._store.follow_rules(connection)
            old, new = self._store.rules, wanted(connection)
            told = rule_change.moves(connection, old, new)
            rule_change.apply(connection, self._store, new, seen=seen, by=by, now_ms=self._now_ms())
            return old, new, told

        old, new, moved = await self._database.write(change)
        book = await self._follow()
        log.info("%r changed the loyalty rules to number %d: %d up, %d down", by[:40], book.number, moved.up, moved.down)
        return {**await self.told(locale), **moves_told(moved, old, new)}

    def _before(self, connection: Connection) -> Rules:
        number = self._store.book.number
        if not number:
            raise Conflict("rules.nothing_to_undo")
        return rule_ledger.rules_at(connection, number - 1, self._store.defaults)

    def _previewed(self, connection: Connection, book: RuleBook, rules: Rules, locale: str) -> dict[str, Any]:
        moved = rule_change.moves(connection, book.rules, rules)
        earning_from = None
        if earning_changes(book.rules, rules):
            day = rule_change.first_day(connection, self._store, self._now_ms())
            earning_from = date_of(day) if day else ""
        return {
            "number": book.number,
            "is_new": rules != book.rules,
            "earning_from": earning_from,
            **rules_told(rules, self._store.currency, locale),
            **moves_told(moved, book.rules, rules),
        }


def with_preset(rules: Rules, name: str) -> Rules:
    """The rules with a preset's tiers; everything else stays. Raises InvalidInput."""
    if name not in PRESETS:
        raise InvalidInput("field.choice", field="preset", choices=", ".join(PRESETS))
    return replace(rules, tiers=PRESETS[name])


def _rules(body: Mapping[str, Any]) -> Rules:
    document = body.get("rules")
    if not isinstance(document, Mapping):
        raise InvalidInput("field.object", field="rules")
    return parse_rules(document)


def _seen(body: Mapping[str, Any]) -> int:
    seen = body.get("seen")
    if type(seen) is not int or seen < 0:
        raise InvalidInput("field.whole", field="seen", low=0, high=2**31)
    return seen
