"""Many rows at once, in the same words for SQLite and PostgreSQL: the driver gets tuples, without a dictionary for each row.

It takes tables and values, never a text from outside as SQL.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, UniqueConstraint

_CHUNK = 512
"""Keys in one IN list; SQLite allows 32,766 parameters."""

Row = Sequence[Any]


def insert(connection: Connection, table: Table, rows: Sequence[Row], *, columns: tuple[str, ...] | None = None) -> None:
    """Add rows; the values stand in the order of `columns`, or of the table."""
    if rows:
        names = columns or tuple(table.c.keys())
        connection.exec_driver_sql(_statement(table, names, connection.dialect.name, ()), list(rows))


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows or replace those with the same primary key; all columns of the table."""
    if rows:
        key = tuple(column.name for column in table.primary_key.columns)
        connection.exec_driver_sql(_statement(table, tuple(table.c.keys()), connection.dialect.name, key), list(rows))


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
    if light:
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
    rows: list[Row] = []
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        # Filled up to a power of two with a key that is asked for anyway: few statements, which the driver has prepared already.
        room = 1 << (len(some) - 1).bit_length()
        sql = _query(table, names, column, tuple(equal), connection.dialect.name, room)
        values = (*equal.values(), *some, *(some[-1:] * (room - len(some))))
        rows += _fetch(connection, sql, values)
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
    _merge(connection, table, rows, "CASE WHEN excluded.{0} < {1}.{0} THEN excluded.{0} ELSE {1}.{0} END")


def add_up(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows (key, amount), or add the amount to what stands there."""
    _merge(connection, table, rows, "{1}.{0} + excluded.{0}")


def _merge(connection: Connection, table: Table, rows: Sequence[Row], rule: str) -> None:
    if not rows:
        return
    names = tuple(table.c.keys())
    key = [column.name for column in table.primary_key.columns]
    value = rule.format(f'"{names[-1]}"', f'"{table.name}"')
    sql = _statement(table, names, connection.dialect.name, ())
    connection.exec_driver_sql(f'{sql} ON CONFLICT ({", ".join(key)}) DO UPDATE SET "{names[-1]}" = {value}', list(rows))


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


@cache
def _query(table: Table, names: tuple[str, ...], column: str, equal: tuple[str, ...], dialect: str, room: int) -> str:
    mark = "?" if dialect == "sqlite" else "%s"
    rules = [f'"{name}" = {mark}' for name in equal] + [f'"{column}" IN ({", ".join([mark] * room)})']
    shown = ", ".join(f'"{name}"' for name in names)
    return f'SELECT {shown} FROM "{table.name}" WHERE {" AND ".join(rules)}'  # noqa: S608 - our own tables


@cache
def _statement(table: Table, columns: tuple[str, ...], dialect: str, key: tuple[str, ...]) -> str:
    mark = "?" if dialect == "sqlite" else "%s"
    names = ", ".join(f'"{column}"' for column in columns)
    sql = f'INSERT INTO "{table.name}" ({names}) VALUES ({", ".join([mark] * len(columns))})'  # noqa: S608 - our own tables
    if not key:
        return sql
    kept = ", ".join(f'"{column}" = excluded."{column}"' for column in columns if column not in key)
    return f"{sql} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {kept}"
