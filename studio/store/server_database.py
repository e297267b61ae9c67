"""Whether a PostgreSQL database is one that a fan file can live in, and who of several studios lays or changes its tables.

It looks without touching: what is done, and when, `studio.store.database` decides.
"""

from typing import Final

from sqlalchemy import Connection, inspect

from studio.errors import StoreUnavailable
from studio.store import migrate, room_lease

_TURN: Final = 1_162_756_947
"""The lock under which tables are laid, by a number of our own."""
_OURS: Final = "identity"
"""A table of the first version: Alembic's own is called alike in every program that uses it."""


def check(connection: Connection, shown_url: str) -> None:
    """Raises StoreUnavailable for a database of another encoding, or with the tables of another program."""
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise StoreUnavailable("store.not_utf8", url=shown_url, encoding=encoding)
    tables = set(inspect(connection).get_table_names())
    if tables and not {migrate.VERSION_TABLE, _OURS} <= tables:
        raise StoreUnavailable("store.not_ours", path=shown_url)


def is_to_be_upgraded(connection: Connection) -> bool:
    """Whether this transaction has to lay or change the tables: False when another studio, waited for, has just done it.

    Raises StoreUnavailable while others work with the tables as they are.
    """
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN})")
    if migrate.current_revision(connection) == migrate.known_revisions()[-1]:
        return False
    if migrate.has_leases(connection) and (studios := room_lease.others(connection)):
        raise StoreUnavailable("store.upgrade_waits", retryable=True, studios=", ".join(studios))
    return True
