"""How PostgreSQL takes many rows: by COPY, and where rows may be there already by COPY into a temporary table and one statement from it.

Row by row it would plan, lock and answer five hundred times; this is three answers, whatever the number.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

FEW_ROWS: Final = 12
"""Up to here, sending each row by itself is faster than filling a temporary table."""


def is_worth_it(connection: Connection, rows: Sequence[Sequence[Any]]) -> bool:
    """Whether these rows should go by COPY."""
    return connection.dialect.name == "postgresql" and len(rows) > FEW_ROWS


def copy(connection: Connection, target: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Add rows to a table. Raises what SQLAlchemy raises for an INSERT."""
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


def through(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]], statement: Callable[[str], str]
) -> None:
    """Put rows into a temporary table of these columns, and run the statement that takes them from there."""
    stage = f"stage_{table.name}"
    connection.exec_driver_sql(f'CREATE TEMPORARY TABLE IF NOT EXISTS "{stage}" ON COMMIT DELETE ROWS AS TABLE "{table.name}" WITH NO DATA')
    copy(connection, stage, columns, rows)
    connection.exec_driver_sql(statement(stage))
    # What a commit does by itself: another batch may follow in the same transaction.
    connection.exec_driver_sql(f'DELETE FROM "{stage}"')  # noqa: S608 - our own table


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
