"""How a store is connected to: its URL, and what each new connection is told, for SQLite and PostgreSQL.

It opens nothing before it is asked, and logs no password.
"""

from pathlib import Path
from typing import Any, Final

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from studio.errors import InvalidInput, StoreUnavailable
from studio.store import sqlite_file
from studio.store.turns import turns

READERS: Final = 2
_BUSY_MS: Final = 2_000
_PREPARED: Final = 256
"""Statements that SQLite's driver keeps prepared: a batch alone uses some eighty."""
COPY_LOG: Final = "PRAGMA wal_checkpoint(PASSIVE)"
_LOG_PAGES: Final = 32_000
"""128 MB of log: where `studio.store.log_copier` hasn't kept it short, a commit copies it into the file itself."""
_CACHE_SHARE: Final = 8
"""A connection keeps an eighth of the file in memory, within bounds: of what is asked for twice most lies in the inner pages of the indexes
and the end of the ledger. As much as there is would let a studio with a small file grow by each page that is written, for hours.
"""
_READER_CACHE_KB: Final = 1_000, 16_000
_WRITER_CACHE_KB: Final = 2_000, 64_000
_SERVER: Final[dict[str, Any]] = {
    "connect_timeout": 5,
    # A network that swallows everything must not hold the one writer for a quarter of an hour, which is TCP's own patience.
    "tcp_user_timeout": 8_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    # Whatever the environment and a database of no encoding say: the driver would give bytes for text.
    "client_encoding": "utf8",
}


def parse(text: str) -> URL:
    """The URL of a store. Raises InvalidInput for what isn't one."""
    try:
        url = sqlalchemy.make_url(text)
    except (ArgumentError, ValueError) as error:  # a port that is no number
        raise InvalidInput("store.url", url=_without_login(text)) from error
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in {"sqlite", "postgresql"} or not url.database or url.database == ":memory:":
        raise InvalidInput("store.url", url=_without_login(text))
    # What stands behind an @ or / in a password that isn't written as %40 and %2F is read as the name of the database.
    if url.get_backend_name() != "sqlite" and set(url.database) & {"@", "/"}:
        raise InvalidInput("store.url_signs", url=_without_login(text))
    return url


def _without_login(text: str) -> str:
    """An address that can't be used, to be shown: whatever of it may be a password is left out."""
    before, at, place = text.partition("?")[0].rpartition("@")
    return f"{before.partition(':')[0]}://***@{place}"[:80] if at else place[:80]


def shown(url: URL) -> str:
    """The URL as it was written, without its password and the options, which may hold one, too."""
    return url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)


def server_options(url: URL, name: str) -> dict[str, Any]:
    """How to connect to a server, but for what the URL says itself; `name` is how the server lists the connection."""
    options = {**_SERVER, "application_name": name}
    return {key: value for key, value in options.items() if key not in url.query}


def make(url: URL, name: str, *, is_read_only: bool) -> Engine:
    """The connections for writing, or for reading. Raises StoreUnavailable where the driver isn't installed."""
    options: dict[str, Any]
    try:
        if url.get_backend_name() != "sqlite":
            options = {"execution_options": {"postgresql_readonly": True}} if is_read_only else {}
            # Asked before use: after a server came back, the connections of before are dead.
            options |= {"pool_pre_ping": True, "connect_args": server_options(url, name)}
        else:
            options = {"connect_args": {"timeout": _BUSY_MS / 1000, "cached_statements": _PREPARED}}
        engine = sqlalchemy.create_engine(readable(url) if is_read_only else url, pool_size=READERS, **options)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreUnavailable("store.no_driver", url=shown(url)) from error
    if not is_read_only:
        event.listen(engine, "before_cursor_execute", lambda *_about: turns.give_way())
        # A commit writes hundreds of pages without a pause: who asked before it needn't share the processor with it.
        event.listen(engine, "commit", lambda _connection: turns.give_way())
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_reader if is_read_only else _prepare_writer)
        event.listen(engine, "begin", _begin_read if is_read_only else _begin_write)
    return engine


def readable(url: URL) -> URL:
    """The URL for reading only: a file that nobody may write is opened as one that stays as it is."""
    path = Path(url.database or "")
    if url.get_backend_name() != "sqlite" or not sqlite_file.is_settled(path):
        return url
    return url.set(database=path.resolve().as_uri(), query={"mode": "ro", "immutable": "1", "uri": "true"})


def keep_undo_in_memory(engine: Engine) -> None:
    """From now on SQLite keeps in memory what it needs to undo a statement; in a temporary file it costs as many writes as the log.

    Not while tables are changed: sorting ten million names belongs on the disk.
    """
    engine.dispose()
    event.listen(engine, "connect", _undo_in_memory)


def _undo_in_memory(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA temp_store=MEMORY")


def flush(engine: Engine) -> None:
    """Copy SQLite's log into the file and empty it, as far as readers let it."""
    _execute(engine, "PRAGMA wal_checkpoint(TRUNCATE)")


def copy_log(engine: Engine) -> None:
    """Copy SQLite's log into the file, waiting for nobody; once it is copied whole, the next transaction begins it anew.

    The writer's cache then grows with the file.
    """
    connection = engine.raw_connection()
    try:
        connection.cursor().execute(COPY_LOG)
        _size_cache(connection, _WRITER_CACHE_KB)
    finally:
        connection.close()


def _execute(engine: Engine, sql: str) -> None:
    connection = engine.raw_connection()
    try:
        connection.cursor().execute(sql)
    finally:
        connection.close()


def _size_cache(connection: Any, bounds: tuple[int, int]) -> None:
    least, most = bounds
    pages, page_bytes = (connection.cursor().execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    connection.cursor().execute(f"PRAGMA cache_size=-{min(most, max(least, pages * page_bytes // 1024 // _CACHE_SHARE))}")


def _prepare_reader(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN itself; the driver's own rule breaks savepoints and DDL
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    connection.execute("PRAGMA query_only=ON")
    _size_cache(connection, _READER_CACHE_KB)


def _prepare_writer(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    _size_cache(connection, _WRITER_CACHE_KB)
    connection.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")


def _begin_read(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN")  # never refused; by itself it costs a tenth of what SQLAlchemy adds


def _begin_write(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
