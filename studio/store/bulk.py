"""Many rows at once, in the same words for SQLite and PostgreSQL: the driver gets tuples, without a dictionary for each row.

It takes tables and values, never a text from outside as SQL. SQLite gives all rows in one step, and takes many: its driver lets go
of the interpreter lock at every step and then has to get it back. With a step for each row a full batch asked for it three thousand
times, and fell behind whatever else the studio computes; measured beside a thread that is busy for a third of the time, it writes a
seventh more events a second, and leaves that thread a sixth more of its own work.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, Index, LargeBinary, Table, UniqueConstraint

from studio.store import postgres_rows

_decode = msgspec.json.Decoder().decode
_CHUNK = 128
"""Keys in one IN list: taking the rows of 128 persons out of JSON keeps the interpreter lock for a tenth of a millisecond."""
_BLOCKS = (64, 32)
"""Rows in one statement for SQLite: giving it the 1,792 values of 64 persons keeps the interpreter lock for a tenth of a millisecond.
Fewer than 32 go row by row: a statement of SQLAlchemy's costs as much as twenty steps, and a calm room's batches are small."""
_BETTER = "CASE WHEN excluded.{{0}} {} {{1}}.{{0}} THEN excluded.{{0}} ELSE {{1}}.{{0}} END"

Row = Sequence[Any]


def insert(connection: Connection, table: Table, rows: Sequence[Row], *, columns: tuple[str, ...] | None = None) -> None:
    """Add rows; the values stand in the order of `columns`, or of the table."""
    _store(connection, table, columns or tuple(table.c.keys()), rows)


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add those of the rows whose primary key isn't there; all columns of the table."""
    _store(connection, table, tuple(table.c.keys()), rows, " ON CONFLICT DO NOTHING")


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows or replace those with the same primary key, which may stand among them once; all columns of the table."""
    _store(connection, table, tuple(table.c.keys()), rows, _replacing(table, _layout(table).other_names))


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
            light.append(new)
    upsert(connection, table, whole)
    if connection.dialect.name == "sqlite":
        _store(connection, table, tuple(table.c.keys()), light, _replacing(table, layout.plain_names))
    elif light:
        # An UPDATE leaves no trace of a row that was tried to be inserted first.
        rows = [(*layout.plain(new), *layout.key(new)) for new in light]
        postgres_rows.update(connection, table, layout.plain_names, layout.key_names, rows)


def rows(connection: Connection, sql: str, values: tuple[Any, ...]) -> Sequence[Row]:
    """What a statement in the driver's own marks finds; for SQLite by the driver itself, whose errors are then its own.

    For reading alone: a look-up's statement takes SQLAlchemy as long as it takes SQLite.
    """
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        return driver.execute(sql, values).fetchall()
    return _fetch(connection, sql, values)


def load(connection: Connection, table: Table, column: str, keys: Iterable[Any], **equal: object) -> list[Row]:
    """All rows whose `column` is among the keys and whose other named columns are equal to the values."""
    return _select(connection, table, tuple(table.c.keys()), column, keys, equal)


def load_columns(connection: Connection, table: Table, names: tuple[str, ...], column: str, keys: Iterable[Any]) -> list[Row]:
    """Some columns of all rows whose `column` is among the keys."""
    return _select(connection, table, names, column, keys, {})


def _select(
    connection: Connection, table: Table, names: tuple[str, ...], column: str, keys: Iterable[Any], equal: dict[str, object]
) -> list[Row]:
    wanted = list(dict.fromkeys(keys))
    if connection.dialect.name == "postgresql":
        values = (postgres_rows.array(table, column, wanted), *equal.values())
        return list(_fetch(connection, _query(table, names, column, tuple(equal)), values)) if wanted else []
    rows: list[Row] = []
    blobs = tuple(place for place, name in enumerate(names) if isinstance(table.c[name].type, LargeBinary))
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        # Filled up to a power of two with a key that is asked for anyway: few statements, which the driver has prepared already.
        room = 1 << (len(some) - 1).bit_length()
        values = (*equal.values(), *some, *(some[-1:] * (room - len(some))))
        found = _fetch(connection, _query_at_once(table, names, column, tuple(equal), room), values)
        rows += _told(found[0][0], blobs)
    return rows


def _fetch(connection: Connection, sql: str, values: tuple[Any, ...]) -> Sequence[Row]:
    """The driver's own tuples: a batch reads a thousand rows, and dressing each costs more than reading it."""
    result = connection.exec_driver_sql(sql, values)
    assert result.cursor is not None  # noqa: S101 - a SELECT has one
    rows = result.cursor.fetchall()
    result.close()
    return rows


def _told(text: str, blobs: Sequence[int]) -> list[Row]:
    """SQLite's rows in one JSON text, bytes as hex signs."""
    rows: list[Any] = _decode(text)
    for place in blobs:
        for row in rows:
            if row[place] is not None:
                row[place] = bytes.fromhex(row[place])
    return [tuple(row) for row in rows]


def keep_earliest(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows (key, key, time), or keep the earlier time."""
    earliest: dict[Row, int] = {}
    for *key, time_ms in rows:
        earliest[tuple(key)] = min(time_ms, earliest.get(tuple(key), time_ms))
    _merge(connection, table, [(*key, time_ms) for key, time_ms in earliest.items()], _BETTER.format("<"))


def keep_latest(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows (key, time), or keep the later time; a key stands among them once."""
    _merge(connection, table, rows, _BETTER.format(">"))


def add_up(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows (key, amount), or add the amount to what stands there; a key stands among them once."""
    _merge(connection, table, rows, "{1}.{0} + excluded.{0}")


def delete_zero(connection: Connection, table: Table, keys: Sequence[Row]) -> None:
    """Delete the rows with these primary keys whose amount, the last column, is 0."""
    if not keys:
        return
    names, amount = _layout(table).key_names, table.c.keys()[-1]
    if connection.dialect.name == "postgresql":
        postgres_rows.delete(connection, table, names, keys, f'"{amount}" = 0')
    else:
        rules = " AND ".join(f'"{name}" = ?' for name in names)
        connection.exec_driver_sql(f'DELETE FROM "{table.name}" WHERE {rules} AND "{amount}" = 0', list(keys))  # noqa: S608 - our own tables


def _merge(connection: Connection, table: Table, rows: Sequence[Row], rule: str) -> None:
    names = tuple(table.c.keys())
    value = rule.format(f'"{names[-1]}"', f'"{table.name}"')
    key = ", ".join(_layout(table).key_names)
    _store(connection, table, names, rows, f' ON CONFLICT ({key}) DO UPDATE SET "{names[-1]}" = {value}')


def _store(connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Row], on_conflict: str = "") -> None:
    if not rows:
        return
    names = _listed(columns)
    if connection.dialect.name == "sqlite":
        _store_in_blocks(connection, f'INSERT INTO "{table.name}" ({names}) VALUES ', rows, on_conflict)  # noqa: S608 - our own tables
    elif on_conflict:
        postgres_rows.merge(connection, table, columns, rows, on_conflict)
    else:
        postgres_rows.insert(connection, table, columns, rows)


def _store_in_blocks(connection: Connection, into: str, rows: Sequence[Row], on_conflict: str) -> None:
    start = 0
    for block in _BLOCKS:
        while len(rows) - start >= block:
            values = tuple(chain.from_iterable(rows[start : start + block]))
            connection.exec_driver_sql(_of_many(into, len(rows[0]), block, on_conflict), values)
            start += block
    if start < len(rows):
        connection.exec_driver_sql(_of_many(into, len(rows[0]), 1, on_conflict), list(rows[start:]))


@cache
def _of_many(into: str, columns: int, rows: int, on_conflict: str) -> str:
    marks = f"({', '.join('?' * columns)})"
    return f"{into}{', '.join([marks] * rows)}{on_conflict}"


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
    other_names: tuple[str, ...]
    """All but the key."""


@cache
def _layout(table: Table) -> _Layout:
    key = tuple(column.name for column in table.primary_key.columns)
    indexed = {name for index in table.indexes for name in _told_in(index, table)} | _in_constraints(table)
    names = tuple(column.name for column in table.c)
    plain = tuple(name for name in names if name not in indexed and name not in key)
    places = {name: place for place, name in enumerate(names)}

    def part(names: Iterable[str]) -> Callable[[Row], Row]:
        wanted = [places[name] for name in names]
        return itemgetter(*wanted) if len(wanted) > 1 else lambda row: tuple(row[place] for place in wanted)

    return _Layout(part(key), part(sorted(indexed)), part(plain), key, plain, tuple(name for name in names if name not in key))


def _told_in(index: Index, table: Table) -> set[str]:
    """Its columns, and those of the condition that a row must fulfil to be in it: to set one is to write the index."""
    where = index.dialect_options["sqlite"]["where"]
    words = set(str(where).split()) if where is not None else set[str]()
    return {column.name for column in index.columns} | (words & set(table.c.keys()))


def _in_constraints(table: Table) -> set[str]:
    unique = [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    return {column.name for constraint in unique for column in constraint.columns}


@cache
def _replacing(table: Table, names: tuple[str, ...]) -> str:
    kept = ", ".join(f'"{name}" = excluded."{name}"' for name in names)
    return f" ON CONFLICT ({_listed(_layout(table).key_names)}) DO UPDATE SET {kept}"


@cache
def _query(table: Table, names: tuple[str, ...], column: str, equal: tuple[str, ...]) -> str:
    """For PostgreSQL, which takes a list as one value.

    Joined, not compared with ANY: while the server doesn't know a new table's size yet, that goes through the list for each of its rows.
    """
    chosen = ", ".join(f'"{table.name}"."{name}"' for name in names)
    keys = f"unnest({postgres_rows.array_mark(table, column)}) AS told (key)"
    rules = "".join(f' AND "{table.name}"."{name}" = %s' for name in equal)
    return f'SELECT {chosen} FROM {keys} JOIN "{table.name}" ON "{table.name}"."{column}" = told.key{rules}'  # noqa: S608 - our own tables


@cache
def _query_at_once(table: Table, names: tuple[str, ...], column: str, equal: tuple[str, ...], room: int) -> str:
    """For SQLite: all rows as one, in a single step; `room` is the number of keys."""
    values = ", ".join(
        f'iif("{name}" IS NULL, NULL, hex("{name}"))' if isinstance(table.c[name].type, LargeBinary) else f'"{name}"' for name in names
    )
    rules = [f'"{name}" = ?' for name in equal] + [f'"{column}" IN ({", ".join("?" * room)})']
    return f'SELECT json_group_array(json_array({values})) FROM "{table.name}" WHERE {" AND ".join(rules)}'  # noqa: S608 - our own tables
