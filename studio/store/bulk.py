"""Many rows at once, in the same words for SQLite and PostgreSQL: the driver gets tuples, without a dictionary for each row.

It takes tables and values, never a text from outside as SQL.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, UniqueConstraint

from studio.store import staging

_CHUNK = 512
"""Keys in one IN list; SQLite allows 32,766 parameters."""

Row = Sequence[Any]


def insert(connection: Connection, table: Table, rows: Sequence[Row], *, columns: tuple[str, ...] | None = None) -> None:
    """Add rows; the values stand in the order of `columns`, or of the table."""
    _store(connection, table, columns or tuple(table.c.keys()), rows)


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows or replace those with the same primary key, which may stand among them once; all columns of the table."""
    _store(connection, table, tuple(table.c.keys()), rows, _replacing(table))


def save(connection: Connection, table: Table, changes: Iterable[tuple[Row | None, Row]]) -> None:
    """Store rows as (what was loaded, or None for a new one; what it is now); all columns of the table.

    A row whose indexed columns stay is updated without them: SQLite rewrites every index that an UPDATE names, changed or not, and
    with four indexes on scattered fans that is five pages of log for an event instead of one.
    """
    layout = _layout(table)
    whole: list[Row] = []
    light: list[Row] = []
    for old, new in changes:
        if old is None or layout.indexed(old) != layout.indexed(new):
            whole.append(new)
        elif old != new:
            light.append((*layout.plain(new), *layout.key(new)))
    upsert(connection, table, whole)
    if staging.is_worth_it(connection, light):
        staging.through(connection, table, (*layout.plain_names, *layout.key_names), light, partial(_update_from, table))
    elif light:
        connection.exec_driver_sql(_update(table, connection.dialect.name), light)


def load(connection: Connection, table: Table, column: str, keys: Iterable[Any], **equal: object) -> list[Row]:
    """All rows whose `column` is among the keys and whose other named columns are equal to the values."""
    return _select(connection, table, tuple(table.c.keys()), column, keys, equal)


def load_columns(connection: Connection, table: Table, names: tuple[str, ...], column: str, keys: Iterable[Any]) -> list[Row]:
    """Some columns of all rows whose `column` is among the keys."""
    return _select(connection, table, names, column, keys, {})


def _select(
    connection: Connection, table: Table, names: tuple[str, ...], column: str, keys: Iterable[Any], equal: dict[str, object]
) -> list[Row]:
    wanted = list(keys)
    if connection.dialect.name == "postgresql":
        return list(_fetch(connection, _query(table, names, column, tuple(equal), 0), (*equal.values(), wanted))) if wanted else []
    rows: list[Row] = []
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        # Filled up to a power of two with a key that is asked for anyway: few statements, which the driver has prepared already.
        room = 1 << (len(some) - 1).bit_length()
        values = (*equal.values(), *some, *(some[-1:] * (room - len(some))))
        rows += _fetch(connection, _query(table, names, column, tuple(equal), room), values)
    return rows


def _fetch(connection: Connection, sql: str, values: tuple[Any, ...]) -> Sequence[Row]:
    """The driver's own tuples: a batch reads a thousand rows, and dressing each costs more than reading it."""
    result = connection.exec_driver_sql(sql, values)
    assert result.cursor is not None  # noqa: S101 - a SELECT has one
    rows = result.cursor.fetchall()
    result.close()
    return rows


def keep_earliest(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows (key, key, time), or keep the earlier time."""
    earliest: dict[Row, int] = {}
    for *key, time_ms in rows:
        earliest[tuple(key)] = min(time_ms, earliest.get(tuple(key), time_ms))
    _merge(
        connection,
        table,
        [(*key, time_ms) for key, time_ms in earliest.items()],
        "CASE WHEN excluded.{0} < {1}.{0} THEN excluded.{0} ELSE {1}.{0} END",
    )


def add_up(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows (key, amount), or add the amount to what stands there; a key stands among them once."""
    _merge(connection, table, rows, "{1}.{0} + excluded.{0}")


def _merge(connection: Connection, table: Table, rows: Sequence[Row], rule: str) -> None:
    names = tuple(table.c.keys())
    value = rule.format(f'"{names[-1]}"', f'"{table.name}"')
    key = ", ".join(_layout(table).key_names)
    _store(connection, table, names, rows, f' ON CONFLICT ({key}) DO UPDATE SET "{names[-1]}" = {value}')


def _store(connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Row], on_conflict: str = "") -> None:
    if not rows:
        return
    names = _listed(columns)
    if not staging.is_worth_it(connection, rows):
        marks = ", ".join([_mark(connection)] * len(columns))
        connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks}){on_conflict}', list(rows))  # noqa: S608 - our own tables
    elif not on_conflict:
        staging.copy(connection, table.name, columns, rows)
    else:
        taking = f'INSERT INTO "{table.name}" ({names}) SELECT {names} FROM "{{}}"{on_conflict}'  # noqa: S608 - our own tables
        staging.through(connection, table, columns, rows, taking.format)


def _mark(connection: Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How to take a row apart."""

    key: Callable[[Row], Row]
    indexed: Callable[[Row], Row]
    plain: Callable[[Row], Row]
    key_names: tuple[str, ...]
    plain_names: tuple[str, ...]


@cache
def _layout(table: Table) -> _Layout:
    key = tuple(column.name for column in table.primary_key.columns)
    indexed = {column.name for index in table.indexes for column in index.columns} | _in_constraints(table)
    names = tuple(column.name for column in table.c)
    plain = tuple(name for name in names if name not in indexed and name not in key)
    places = {name: place for place, name in enumerate(names)}

    def part(names: Iterable[str]) -> Callable[[Row], Row]:
        wanted = [places[name] for name in names]
        return itemgetter(*wanted) if len(wanted) > 1 else lambda row: tuple(row[place] for place in wanted)

    return _Layout(part(key), part(sorted(indexed)), part(plain), key, plain)


def _in_constraints(table: Table) -> set[str]:
    unique = [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    return {column.name for constraint in unique for column in constraint.columns}


@cache
def _update(table: Table, dialect: str) -> str:
    mark = "?" if dialect == "sqlite" else "%s"
    layout = _layout(table)
    values = ", ".join(f'"{name}" = {mark}' for name in layout.plain_names)
    keys = " AND ".join(f'"{name}" = {mark}' for name in layout.key_names)
    return f'UPDATE "{table.name}" SET {values} WHERE {keys}'  # noqa: S608 - our own tables


def _update_from(table: Table, stage: str) -> str:
    layout = _layout(table)
    values = ", ".join(f'"{name}" = stage."{name}"' for name in layout.plain_names)
    keys = " AND ".join(f'"{table.name}"."{name}" = stage."{name}"' for name in layout.key_names)
    return f'UPDATE "{table.name}" SET {values} FROM "{stage}" AS stage WHERE {keys}'  # noqa: S608 - our own tables


@cache
def _replacing(table: Table) -> str:
    layout = _layout(table)
    kept = ", ".join(f'"{name}" = excluded."{name}"' for name in (column.name for column in table.c) if name not in layout.key_names)
    return f" ON CONFLICT ({_listed(layout.key_names)}) DO UPDATE SET {kept}"


@cache
def _query(table: Table, names: tuple[str, ...], column: str, equal: tuple[str, ...], room: int) -> str:
    """`room` is the number of keys for SQLite, 0 for PostgreSQL, which takes a list as one value."""
    mark = "?" if room else "%s"
    among = f"IN ({', '.join([mark] * room)})" if room else f"= ANY({mark})"
    rules = [f'"{name}" = {mark}' for name in equal] + [f'"{column}" {among}']
    return f'SELECT {_listed(names)} FROM "{table.name}" WHERE {" AND ".join(rules)}'  # noqa: S608 - our own tables
