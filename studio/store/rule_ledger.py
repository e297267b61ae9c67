"""The rules in the ledger: each set that was applied, and the book that follows from them.

It judges no rule and moves nobody; `studio.store.rule_change` does.
"""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, select

from studio.errors import NotFound
from studio.model.loyalty import Rules
from studio.model.rule_book import RuleBook
from studio.model.rules_file import parse_rules, to_tables
from studio.store.tables import rule_change


@dataclass(frozen=True, slots=True)
class Change:
    """One entry: its number, when and by whom it was applied, and the first show day whose points follow it."""

    number: int
    at_ms: int
    by: str
    from_day: int


def newest(connection: Connection) -> int:
    """The number of the last change, 0 when nobody changed anything."""
    # Asked for by every batch: without the ORM's machinery it costs a hundredth of a millisecond.
    return connection.exec_driver_sql('SELECT max("number") FROM "rule_change"').scalar() or 0


def load_book(connection: Connection, defaults: Rules) -> RuleBook:
    """What was applied, in its order, on top of the rules that hold before any change."""
    book = RuleBook.of(defaults)
    columns = rule_change.c
    for number, from_day, text in connection.execute(select(columns.number, columns.from_day, columns.rules).order_by(columns.number)):
        book = book.changed(parse_rules(json.loads(text)), from_day, number)
    return book


def write(connection: Connection, rules: Rules, *, number: int, at_ms: int, from_day: int, by: str) -> None:
    """One more change."""
    text = json.dumps(to_tables(rules), ensure_ascii=False, separators=(",", ":"))
    connection.execute(rule_change.insert().values(number=number, at=at_ms, from_day=from_day, by=by[:200], rules=text))


def changes(connection: Connection, limit: int) -> list[Change]:
    """The newest entries first."""
    columns = rule_change.c
    query = select(columns.number, columns.at, columns.by, columns.from_day).order_by(columns.number.desc()).limit(limit)
    return [Change(*row) for row in connection.execute(query)]


def rules_at(connection: Connection, number: int, defaults: Rules) -> Rules:
    """What an entry set; 0 are the rules before any change. Raises NotFound."""
    if number == 0:
        return defaults
    text = connection.execute(select(rule_change.c.rules).where(rule_change.c.number == number)).scalar()
    if text is None:
        raise NotFound("rules.no_change", number=number)
    return parse_rules(json.loads(text))


def last_by(connection: Connection, by: str) -> Rules | None:
    """What this one applied last, None if never."""
    query = select(rule_change.c.rules).where(rule_change.c.by == by).order_by(rule_change.c.number.desc()).limit(1)
    text = connection.execute(query).scalar()
    return None if text is None else parse_rules(json.loads(text))
