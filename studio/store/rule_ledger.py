"""The rules in the ledger: each set that was applied, and the book that follows from them.

It judges no rule and moves nobody; `studio.store.rule_change` does.
"""

import json

from sqlalchemy import Connection, select

from studio.model.loyalty import Rules
from studio.model.rule_book import RuleBook
from studio.model.rules_file import parse_rules, to_tables
from studio.store.tables import rule_change


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
