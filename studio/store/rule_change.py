"""Changing the rules: who would move, told before it happens, and then the change itself with all that follows at once.

Tiers follow the new bounds in the same transaction as the ledger's entry; nobody's points are taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, func, select

from studio.errors import Conflict
from studio.model.loyalty import Rules, tier_of
from studio.store import bulk, rule_ledger, tell
from studio.store.fan_store import FanStore, exclusive
from studio.store.staff import sync_staff
from studio.store.tables import counter, event, fan_day, identity, person, purchase

_NAMED = 5
"""Examples of each move: enough to recognise somebody."""


@dataclass(frozen=True, slots=True)
class Move:
    """So many fans go from one tier to another (ranks from 1); the first of them by spend, as (platform, id, name, spent_minor)."""

    from_tier: int
    to_tier: int
    count: int
    examples: tuple[tuple[str, str, str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Moves:
    """Everybody who would move."""

    moves: tuple[Move, ...]

    @property
    def up(self) -> int:
        """How many would go up."""
        return sum(move.count for move in self.moves if move.to_tier > move.from_tier)

    @property
    def down(self) -> int:
        """How many would go down."""
        return sum(move.count for move in self.moves if move.to_tier < move.from_tier)


def moves(connection: Connection, old: Rules, new: Rules, *, is_named: bool = True) -> Moves:
    """Who would move between tiers; only those whose spend lies between an old and a new bound are looked at."""
    staff = _staff_spend(connection, old)
    found = []
    for low, high in _ranges(old, new):
        before, after = int(tier_of(low, old)), int(tier_of(low, new))
        if before == after:
            continue
        between = [person.c.spent_minor >= low, *([] if high is None else [person.c.spent_minor < high])]
        count = connection.execute(select(func.count()).select_from(person).where(*between)).scalar_one()
        count -= sum(low <= spent and (high is None or spent < high) for spent in staff)
        if count:
            found.append(Move(before, after, count, tuple(_examples(connection, between)) if is_named else ()))
    return Moves(tuple(found))


def _ranges(old: Rules, new: Rules) -> Iterator[tuple[int, int | None]]:
    bounds = sorted({tier.from_minor for rules in (old, new) for tier in rules.tiers})
    return iter([*pairwise(bounds), (bounds[-1], None)])


def _staff_spend(connection: Connection, rules: Rules) -> list[int]:
    accounts = bulk.load_columns(connection, identity, ("platform", "fan_id", "person_id"), "fan_id", {one[1] for one in rules.staff})
    numbers = {row[2] for row in accounts if (row[0], row[1]) in rules.staff}
    return [row[0] for row in bulk.load_columns(connection, person, ("spent_minor",), "person_id", numbers)]


def _examples(connection: Connection, between: list[Any]) -> list[tuple[str, str, str, int]]:
    top = (
        select(person.c.person_id, person.c.spent_minor)
        .where(*between, person.c.is_staff == 0)
        .order_by(person.c.spent_minor.desc(), person.c.person_id)
        .limit(_NAMED)
    )
    spent = {row[0]: row[1] for row in connection.execute(top)}
    named: dict[int, tuple[str, str, str, int]] = {}
    accounts = bulk.load_columns(connection, identity, ("identity_id", "person_id", "platform", "fan_id", "name"), "person_id", spent)
    for row in sorted(accounts, key=itemgetter(0)):
        named.setdefault(row[1], (row[2], row[3], row[4], spent[row[1]]))
    return [named[number] for number in spent if number in named]


def has_events(connection: Connection) -> bool:
    """Whether anything stands in the ledger yet."""
    return connection.execute(select(event.c.seq).limit(1)).first() is not None


def apply(connection: Connection, store: FanStore, rules: Rules, *, seen: int | None, by: str, now_ms: int) -> Moves:
    """Change the rules. `seen` is the change that the asker knows as the newest: Conflict if there is a newer one."""
    exclusive(connection)
    store.follow_rules(connection)
    old = store.book
    if seen is not None and seen != old.number:
        raise Conflict("rules.changed_since", number=old.number)
    if rules == old.rules:
        return Moves(())
    moved = moves(connection, old.rules, rules, is_named=False)
    from_day = first_day(connection, store, now_ms)
    rule_ledger.write(connection, rules, number=old.number + 1, at_ms=now_ms, from_day=from_day, by=by)
    store.follow_rules(connection)
    changes: dict[str, int] = {}
    for move in moved.moves:
        changes[f"tier:{move.from_tier}"] = changes.get(f"tier:{move.from_tier}", 0) - move.count
        changes[f"tier:{move.to_tier}"] = changes.get(f"tier:{move.to_tier}", 0) + move.count
    bulk.add_up(connection, counter, list(changes.items()))
    sync_staff(connection, store)
    tell.changed(connection, ())
    return moved


def first_day(connection: Connection, store: FanStore, now_ms: int) -> int:
    """From when a change gives points: the first show day of which nothing stands in the ledger, tomorrow at the earliest.

    A ledger without anything in it has the rules from the beginning. A clock that ran ahead may have left events of days to come.
    """
    if not has_events(connection):
        return 0
    last_day = connection.execute(select(func.max(fan_day.c.show_day))).scalar() or 0
    last_paid_at = connection.execute(select(func.max(purchase.c.paid_at))).scalar() or 0
    return max(store.show_days.day_of(now_ms), last_day, store.show_days.day_of(last_paid_at)) + 1
