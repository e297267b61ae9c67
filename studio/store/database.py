"""The fan file's door: one writer thread with group commit, a few readers, SQLite or PostgreSQL by URL.

It knows no table: what is written and read are functions on a SQLAlchemy connection.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from studio.errors import InvalidInput, StoreUnavailable
from studio.store import migrate, sqlite_file
from studio.store.writer import Job, Writer

T = TypeVar("T")

MAX_WAITING_ROWS = 5_000
"""What may wait for the writer: half a second's work at the slowest rate that we accept; beyond it, `write` waits for room."""
_READERS = 2
_BUSY_MS = 2_000
_LOG_PAGES = 8_000
"""32 MB of log between checkpoints: a busy fan's page is then copied into the file once for many batches, not at every other one."""


class Database:
    """A store at a URL. All coroutines belong to the loop thread; the functions given to them run on the store's threads.

    `write` answers only after COMMIT with `synchronous=FULL`; what waits shares one transaction, and a failing function costs
    only itself. A store can be opened once at a time (SQLite: a lock file beside it); `is_read_only` looks at one without lock.
    """

    def __init__(self, url: str, *, is_read_only: bool = False) -> None:
        self._url = _parse(url)
        self._is_read_only = is_read_only
        self._free_rows = MAX_WAITING_ROWS
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._writer: Writer | None = None
        self._readers: ThreadPoolExecutor | None = None
        self._write_engine: Engine | None = None
        self._read_engine: Engine | None = None
        self._lock: sqlite_file.FileLock | None = None

    @property
    def is_sqlite(self) -> bool:
        """A file of our own, not a server."""
        return self._url.get_backend_name() == "sqlite"

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return Path(self._url.database or "")

    @property
    def url(self) -> URL:
        """The URL with its password: for the worker process that reads a long list, never for a log."""
        return self._url

    @property
    def shown_url(self) -> str:
        """The URL without its password."""
        return self._url.render_as_string(hide_password=True)

    async def open(self) -> None:
        """Check, lock, copy before an older schema is changed, migrate, start the threads.

        Raises StoreUnavailable; nothing is left open then.
        """
        try:
            await asyncio.get_running_loop().run_in_executor(None, self._open)
        except BaseException:
            await self.close()
            raise

    async def write(self, function: Callable[[Connection], T], *, rows: int = 1) -> T:
        """Run `function` on the writer thread and give its result after the commit.

        `rows` is its size: at most 5,000 wait, at most 500 share a transaction. Raises what the function raised, or StoreUnavailable.
        """
        rows = max(1, min(rows, MAX_WAITING_ROWS))
        await self._take_room(rows)
        try:
            if self._writer is None:
                raise StoreUnavailable("store.closed", path=self.shown_url)
            future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            self._writer.put(Job(function, future, rows))
            return await future
        finally:
            self._free_rows += rows
            self._let_in()

    async def _take_room(self, rows: int) -> None:
        """First come, first served."""
        if not self._waiting and self._free_rows >= rows:
            self._free_rows -= rows
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._free_rows += rows
            self._let_in()
            raise

    def _let_in(self) -> None:
        while self._waiting and (self._waiting[0][1].done() or self._free_rows >= self._waiting[0][0]):
            rows, turn = self._waiting.popleft()
            if not turn.done():
                self._free_rows -= rows
                turn.set_result(None)

    @property
    def is_busy(self) -> bool:
        """Whether a writer would have to wait for room now."""
        return bool(self._waiting) or self._free_rows <= 0

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Run `function` on a reader thread, on one consistent snapshot. Raises what it raised, or StoreUnavailable."""
        if self._readers is None or self._read_engine is None:
            raise StoreUnavailable("store.closed", path=self.shown_url)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, self._read_engine, function)

    async def flush(self) -> None:
        """Copy SQLite's log into the file and empty it, as far as readers let it: what was erased is then in neither."""
        engine = self._write_engine
        if engine is not None and self.is_sqlite:
            await asyncio.get_running_loop().run_in_executor(None, _flush, engine)

    async def close(self) -> None:
        """Commit what waits, stop the threads, free the lock; idempotent."""
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def _read(self, engine: Engine, function: Callable[[Connection], T]) -> T:
        try:
            with engine.begin() as connection:
                return function(connection)
        except DBAPIError as error:
            raise self.unavailable(error) from error

    def _open(self) -> None:
        if self.is_sqlite:
            self._check_sqlite()
        self._read_engine = self._engine(is_read_only=True)
        if self._is_read_only:
            self._check_revision(self._read_engine)
        else:
            self._write_engine = self._engine(is_read_only=False)
            self._migrate(self._write_engine, self._read_engine)
            self._writer = Writer(self._write_engine, self.unavailable)
            self._writer.start()
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="store-read")

    def _check_sqlite(self) -> None:
        sqlite_file.check(self.path, is_read_only=self._is_read_only)
        if not self._is_read_only:
            self._lock = sqlite_file.FileLock(self.path)
            self._lock.take()

    def _close(self) -> None:
        writer, self._writer = self._writer, None
        readers, self._readers = self._readers, None
        if writer is not None:
            writer.stop()
        if readers is not None:
            readers.shutdown()
        for engine in (self._read_engine, self._write_engine):
            if engine is not None:
                engine.dispose()
        self._read_engine = self._write_engine = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _engine(self, *, is_read_only: bool) -> Engine:
        try:
            if not self.is_sqlite:
                options = {"execution_options": {"postgresql_readonly": True}} if is_read_only else {}
                return sqlalchemy.create_engine(self._url, pool_size=_READERS, connect_args={"connect_timeout": 5}, **options)
            engine = sqlalchemy.create_engine(self._url, pool_size=_READERS, connect_args={"timeout": _BUSY_MS / 1000})
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreUnavailable("store.no_driver", url=self.shown_url) from error
        event.listen(engine, "connect", _prepare_reader if is_read_only else _prepare_writer)
        event.listen(engine, "begin", _begin_read if is_read_only else _begin_write)
        return engine

    def _check_revision(self, engine: Engine) -> str | None:
        try:
            with engine.connect() as connection:
                revision = migrate.current_revision(connection)
        except SQLAlchemyError as error:
            raise self.unavailable(error) from error
        known = migrate.known_revisions()
        if revision is not None and revision not in known:
            raise StoreUnavailable("store.newer", path=self.shown_url, revision=revision, newest=known[-1])
        if self._is_read_only and revision != known[-1]:
            raise StoreUnavailable("store.older", path=self.shown_url, revision=revision or "", newest=known[-1])
        return revision

    def _migrate(self, engine: Engine, reader: Engine) -> None:
        # Looked at through the reader, which cannot change the file: a newer store is refused with the bytes that it had.
        revision = None if self.is_sqlite and not _has_bytes(self.path) else self._check_revision(reader)
        if revision == migrate.known_revisions()[-1]:
            return
        if revision is not None and self.is_sqlite:
            sqlite_file.copy(self.path, self.path.with_name(f"{self.path.name}.before-{revision}"))
        try:
            with engine.begin() as connection:
                if self.is_sqlite:
                    connection.exec_driver_sql(f"PRAGMA application_id = {sqlite_file.APPLICATION_ID}")
                migrate.upgrade(connection)
        except DBAPIError as error:
            raise self.unavailable(error) from error

    def unavailable(self, error: BaseException) -> BaseException:
        """A database's failure as StoreUnavailable; a broken rule (unique, check) stays what it is: the caller's business."""
        if isinstance(error, IntegrityError):
            return error
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        if isinstance(cause, sqlite3.DatabaseError) and not isinstance(cause, sqlite3.ProgrammingError):
            return sqlite_file.unavailable(cause, self.shown_url)
        if isinstance(error, OperationalError | InterfaceError):
            return StoreUnavailable("store.unreachable", retryable=True, url=self.shown_url)
        return error


def _parse(text: str) -> URL:
    try:
        url = sqlalchemy.make_url(text)
    except ArgumentError as error:
        raise InvalidInput("store.url", url=text.partition("@")[0][:80]) from error
    if url.drivername in {"postgresql", "postgres"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in {"sqlite", "postgresql"} or not url.database or url.database == ":memory:":
        raise InvalidInput("store.url", url=url.render_as_string(hide_password=True))
    return url


def _flush(engine: Engine) -> None:
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _has_bytes(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _prepare_reader(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN itself; the driver's own rule breaks savepoints and DDL
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA cache_size=-16000")


def _prepare_writer(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA cache_size=-64000")
    connection.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES}")


def _begin_read(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_write(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
