"""How PostgreSQL takes many rows: new ones by COPY, those that may be there already as one array a column, in one statement.

Row by row it would plan, lock and answer five hundred times. The arrays' texts are made here, some ten times as fast as the driver makes
them value by value; a statement takes them as rows by `unnest`, is planned once, and needs no temporary table.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Integer, LargeBinary, SmallInteger, Table
from sqlalchemy.exc import DBAPIError

_FEW_ROWS: Final = 50
"""Up to here one statement is faster than the three answers of a COPY."""


def insert(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Add rows. Raises what SQLAlchemy raises for an INSERT."""
    if len(rows) > _FEW_ROWS:
        _copy(connection, table.name, columns, rows)
    else:
        merge(connection, table, columns, rows, "")


def merge(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]], on_conflict: str) -> None:
    """Add rows, with what is to happen to those that are there."""
    connection.exec_driver_sql(_merging(table, tuple(columns), on_conflict), _arrays(table, columns, rows))


def update(connection: Connection, table: Table, columns: Sequence[str], keys: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Change rows that are there; a row holds the columns and then the keys."""
    connection.exec_driver_sql(_updating(table, tuple(columns), tuple(keys)), _arrays(table, (*columns, *keys), rows))


def delete(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Sequence[Any]], rule: str) -> None:
    """Delete those of the rows with these keys that fulfil a rule."""
    connection.exec_driver_sql(_deleting(table, tuple(keys), rule), _arrays(table, keys, rows))


def array(table: Table, column: str, values: Sequence[Any]) -> str:
    """Values of a column as one value of a statement, which stands at its `array_mark`."""
    return f"{{{_elements(_type(table, column), values)}}}"


def array_mark(table: Table, column: str) -> str:
    """Where an `array` goes."""
    return f"%s::{_type(table, column)}[]"


def _copy(connection: Connection, target: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    driver: Any = connection.connection.driver_connection
    dialect = connection.dialect
    base: Any = dialect.loaded_dbapi.Error
    sql = f'COPY "{target}" ({_listed(columns)}) FROM STDIN'
    try:
        with driver.cursor() as cursor, cursor.copy(sql) as stream:
            for row in rows:
                stream.write_row(row)
    except base as error:
        raise DBAPIError.instance(sql, None, error, base, dialect=dialect) from error


@cache
def _merging(table: Table, columns: tuple[str, ...], on_conflict: str) -> str:
    return f'INSERT INTO "{table.name}" ({_listed(columns)}) SELECT * FROM {_rows(table, columns)}{on_conflict}'  # noqa: S608 - our own tables


@cache
def _updating(table: Table, columns: tuple[str, ...], keys: tuple[str, ...]) -> str:
    values = ", ".join(f'"{name}" = told."{name}"' for name in columns)
    given = (*columns, *keys)
    return f'UPDATE "{table.name}" SET {values} FROM {_rows(table, given)} AS told ({_listed(given)}) WHERE {_same(table, keys)}'  # noqa: S608 - our own tables


@cache
def _deleting(table: Table, keys: tuple[str, ...], rule: str) -> str:
    return f'DELETE FROM "{table.name}" USING {_rows(table, keys)} AS told ({_listed(keys)}) WHERE {_same(table, keys)} AND {rule}'  # noqa: S608 - our own tables


def _same(table: Table, keys: Sequence[str]) -> str:
    return " AND ".join(f'"{table.name}"."{name}" = told."{name}"' for name in keys)


def _rows(table: Table, columns: Sequence[str]) -> str:
    return f"unnest({', '.join(array_mark(table, name) for name in columns)})"


def _type(table: Table, name: str) -> str:
    kind = table.c[name].type
    if isinstance(kind, SmallInteger):
        return "smallint"
    if isinstance(kind, BigInteger):
        return "bigint"
    return "integer" if isinstance(kind, Integer) else "bytea" if isinstance(kind, LargeBinary) else "text"


def _arrays(table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    return tuple(array(table, name, values) for name, values in zip(columns, zip(*rows, strict=True), strict=True))


def _elements(kind: str, values: Sequence[Any]) -> str:
    if kind == "text":
        return ",".join(["NULL" if value is None else _quoted(value) for value in values])
    if kind == "bytea":
        return ",".join(["NULL" if value is None else f'"\\\\x{value.hex()}"' for value in values])
    # As Python writes a list of whole numbers, which is C's work.
    return repr(list(values))[1:-1].replace("None", "NULL")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
