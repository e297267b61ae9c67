"""Whether a PostgreSQL database is one that a fan file can live in: in UTF-8, and nobody else's.

It looks without touching, and knows nothing of versions.
"""

from sqlalchemy import Connection, inspect

from studio.errors import StoreUnavailable
from studio.store.migrate import VERSION_TABLE

_OURS = "identity"
"""A table of the first version: Alembic's own is called alike in every program that uses it."""


def check(connection: Connection, shown_url: str) -> None:
    """Raises StoreUnavailable for a database of another encoding, or with the tables of another program."""
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise StoreUnavailable("store.not_utf8", url=shown_url, encoding=encoding)
    tables = set(inspect(connection).get_table_names())
    if tables and not {VERSION_TABLE, _OURS} <= tables:
        raise StoreUnavailable("store.not_ours", path=shown_url)
