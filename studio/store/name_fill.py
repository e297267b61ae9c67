"""The index of name pairs made from the names that stand in a store: all at once and sorted, as a tree takes them fastest.

For stores that had names before they had the index; from then on `studio.store.name_index` keeps it, name by name. Its SQL names the
tables as they stood when the index came.
"""

import logging
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection

from studio.model.name_search import MAX_SIGNS, all_pairs

log = logging.getLogger(__name__)

PLAIN_SIGNS: Final = "0-9a-z一-龥"
"""Names of these signs alone are compared as they are: the database takes them apart itself, some ten times as fast."""
_NEXT: Final = 1 << 21
"""What the first sign of a pair is multiplied by, as in `studio.model.name_search`."""
_SLICE: Final = 20_000
_TELL_S: Final = 5.0
_STEPS: Final = 5_000_000
"""Steps of SQLite's machine between two looks at the clock: some tenth of a second."""
_STEPS_A_PAIR: Final = 52
_PLAIN: Final = {
    # SQLite's patterns end at a NUL, which other signs may follow.
    "sqlite": f"length(name) BETWEEN 1 AND {MAX_SIGNS} AND name NOT GLOB '*[^{PLAIN_SIGNS}]*' AND instr(name, char(0)) = 0",
    "postgresql": f"length(name) BETWEEN 1 AND {MAX_SIGNS} AND name ~ '^[{PLAIN_SIGNS}]+$'",
}
_TAKEN_APART: Final = {
    # A cross join is SQLite's word for: names outside, their places inside.
    "sqlite": f"SELECT unicode(substr(name, at, 1)) * {_NEXT} + coalesce(unicode(substr(name, at + 1, 1)), 0), identity_id"  # noqa: S608 - our own words
    ' FROM "name" CROSS JOIN name_place WHERE at <= length(name)',
    "postgresql": f"SELECT ascii(substr(name, at, 1))::bigint * {_NEXT} + ascii(substr(name, at + 1, 1)), identity_id"  # noqa: S608 - our own words
    ' FROM "name", generate_series(1, length(name)) AS at WHERE true',
}


def fill(connection: Connection, tell: Callable[[str], None] = log.info) -> None:
    """Put the pairs of all names into `name_pair`, which is empty; `tell` hears every few seconds how far a long one is."""
    dialect = connection.dialect.name
    connection.exec_driver_sql("CREATE TEMPORARY TABLE told_pair (pair BIGINT NOT NULL, identity_id BIGINT NOT NULL)")
    connection.exec_driver_sql("CREATE TEMPORARY TABLE name_place (at INTEGER PRIMARY KEY)")
    connection.exec_driver_sql(f"INSERT INTO name_place VALUES {', '.join(f'({place})' for place in range(1, MAX_SIGNS + 1))}")  # noqa: S608
    _take_apart_others(connection, tell)
    sql = (
        f"INSERT INTO name_pair (pair, identity_id) {_TAKEN_APART[dialect]} AND {_PLAIN[dialect]}"  # noqa: S608 - our own words
        " UNION SELECT pair, identity_id FROM told_pair ORDER BY 1, 2"
    )
    if dialect == "sqlite":
        _with_progress(connection, sql, tell)
    else:
        tell("The names are put into the order of their signs")
        connection.exec_driver_sql(sql)
    for table in ("told_pair", "name_place"):
        connection.exec_driver_sql(f"DROP TABLE {table}")


def _take_apart_others(connection: Connection, tell: Callable[[str], None]) -> None:
    """Names with any other sign: compared as `studio.model.name_search` folds them."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    put = f"INSERT INTO told_pair (pair, identity_id) VALUES ({mark}, {mark})"  # noqa: S608 - our own words
    count, told_at = 0, time.monotonic()
    for rows in _slices(connection):
        pairs = [(pair, row[0]) for row in rows for pair in all_pairs([row[1]])]
        if pairs:
            connection.exec_driver_sql(put, pairs)
        count += len(rows)
        if time.monotonic() - told_at > _TELL_S:
            told_at = time.monotonic()
            tell(f"{count:,} names with signs of many kinds are taken apart")


def _slices(connection: Connection) -> Iterator[list[Any]]:
    query = f'SELECT identity_id, name FROM "name" WHERE NOT ({_PLAIN[connection.dialect.name]})'  # noqa: S608 - our own words
    known = connection.exec_driver_sql(query, execution_options={"yield_per": _SLICE})
    while rows := list(islice(known, _SLICE)):
        yield rows


def _with_progress(connection: Connection, sql: str, tell: Callable[[str], None]) -> None:
    driver: Any = connection.connection.driver_connection
    signs = connection.exec_driver_sql('SELECT coalesce(sum(length(name)), 0) FROM "name"').scalar_one()
    steps, told_at = 0, time.monotonic()

    def look() -> int:
        nonlocal steps, told_at
        steps += _STEPS
        if time.monotonic() - told_at > _TELL_S:
            told_at = time.monotonic()
            tell(f"The names are put into the order of their signs: {min(0.99, steps / (signs * _STEPS_A_PAIR + 1)):.0%}")
        return 0

    driver.set_progress_handler(look, _STEPS)
    try:
        connection.exec_driver_sql(sql)
    finally:
        driver.set_progress_handler(None, 0)
