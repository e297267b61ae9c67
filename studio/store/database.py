"""The fan file's door: one writer thread with group commit, a few readers, SQLite or PostgreSQL by URL.

It knows no table: what is written and read are functions on a SQLAlchemy connection.
"""

import asyncio
import contextlib
import platform
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from studio.errors import StoreUnavailable
from studio.store import engines, migrate, postgres_errors, server_database, sqlite_file
from studio.store.listener import Heard, Listener
from studio.store.log_copier import LogCopier
from studio.store.room_lease import RoomLease
from studio.store.turns import turns
from studio.store.waiting_room import WaitingRoom
from studio.store.warming import Warming
from studio.store.writer import Job, Writer

T = TypeVar("T")

MAX_WAITING_ROWS = 5_000
"""What may wait for the writer: half a second's work at the slowest rate that we accept; beyond it, `write` waits for room."""


class Database:
    """A store at a URL. All coroutines belong to the loop thread; the functions given to them run on the store's threads.

    `write` answers only after COMMIT with `synchronous=FULL`; what waits shares one transaction, and a failing function costs
    only itself. A SQLite file can be opened once at a time (a lock file beside it), a server by many; given a `room`, its lease is
    taken and renewed by every transaction, so that two studios never write for one room. `is_read_only` needs neither.
    """

    def __init__(self, url: str, *, is_read_only: bool = False, room: str = "") -> None:
        self._url = engines.parse(url)
        self._is_read_only = is_read_only
        self._lease = RoomLease(room, platform.node()) if room and not is_read_only else None
        self._name = f"encore {self._lease.holder if self._lease else uuid4().hex}"
        self._waiting_room = WaitingRoom(MAX_WAITING_ROWS)
        self._writer: Writer | None = None
        self._readers: ThreadPoolExecutor | None = None
        self._write_engine: Engine | None = None
        self._read_engine: Engine | None = None
        self._listener: Listener | None = None
        self._lock: sqlite_file.FileLock | None = None
        self._copier: LogCopier | None = None
        self._warming: Warming | None = None
        self._thread = threading.local()
        self._kept: list[Connection] = []
        self._is_to_compact = False

    @property
    def is_sqlite(self) -> bool:
        """A file of our own, not a server."""
        return self._url.get_backend_name() == "sqlite"

    @property
    def is_open(self) -> bool:
        """Between `open` and `close`."""
        return self._readers is not None

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return Path(self._url.database or "")

    @property
    def url(self) -> URL:
        """The URL with its password: for the worker process that reads a long list, never for a log."""
        return self._url

    @property
    def room_takes(self) -> int:
        """How often the room was taken since this was made: when it grows, another studio may have had the room in between."""
        return self._lease.takes if self._lease is not None else 0

    @property
    def shown_url(self) -> str:
        """The URL without its password."""
        return engines.shown(self._url)

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
        async with self._waiting_room.places(rows):
            if self._writer is None:
                raise StoreUnavailable("store.closed", path=self.shown_url)
            future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            self._writer.put(Job(function, future, rows))
            return await future

    @property
    def is_busy(self) -> bool:
        """Whether a writer would have to wait for room now."""
        return self._waiting_room.is_full

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Run `function` on a reader thread, on one consistent snapshot. Raises what it raised, or StoreUnavailable."""
        if self._readers is None or self._read_engine is None:
            raise StoreUnavailable("store.closed", path=self.shown_url)
        with turns.going_first():
            return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, self._read_engine, function)

    def listen(self, heard: Callable[[Heard], None]) -> None:
        """From now on tell, on the loop thread, which persons other studios change; on SQLite there are none."""
        if self.is_sqlite or self._is_read_only:
            return
        loop = asyncio.get_running_loop()

        def tell_loop(persons: Heard) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has closed
                loop.call_soon_threadsafe(heard, persons)

        self._listener = Listener(self._url, self._name, tell_loop)
        self._listener.start()

    async def flush(self) -> None:
        """Copy SQLite's log into the file and empty it, as far as readers let it: what was erased is then in neither.

        A small file is written anew when it is closed, for what lies behind its rows.
        """
        self._is_to_compact = True
        if self._write_engine is not None and self._copier is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._copier.flush, self._write_engine)

    async def close(self) -> None:
        """Commit what waits, stop the threads, free the lock; idempotent."""
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def _read(self, engine: Engine, function: Callable[[Connection], T]) -> T:
        try:
            if not self.is_sqlite:
                with engine.begin() as connection:
                    return function(connection)
            connection = self._kept_connection(engine)
            with connection.begin():
                return function(connection)
        except (DBAPIError, sqlite3.Error) as error:
            raise self.unavailable(error) from error

    def _kept_connection(self, engine: Engine) -> Connection:
        """A reader thread's own: taking one from the pool and giving it back costs as much as a look-up's reading."""
        connection = getattr(self._thread, "connection", None)
        if connection is None:
            connection = self._thread.connection = engine.connect()
            self._kept.append(connection)
        return connection

    def _open(self) -> None:
        if self.is_sqlite:
            self._check_sqlite()
        self._read_engine = engines.make(self._url, self._name, is_read_only=True)
        if self._is_read_only:
            self._check_revision(self._read_engine)
        else:
            self._write_engine = engines.make(self._url, self._name, is_read_only=False)
            self._migrate(self._write_engine, self._read_engine)
            if self.is_sqlite:
                engines.keep_undo_in_memory(self._write_engine)
                self._copier, self._warming = LogCopier(self.path), Warming(self.path)
            self._take_room(self._write_engine)
            self._writer = Writer(self._write_engine, self.unavailable, self._lease, self._copier)
            self._writer.start()
            if self._warming is not None:
                self._warming.start()
        self._readers = ThreadPoolExecutor(engines.READERS, thread_name_prefix="store-read")

    def _check_sqlite(self) -> None:
        sqlite_file.check(self.path, is_read_only=self._is_read_only)
        if not self._is_read_only:
            self._lock = sqlite_file.FileLock(self.path)
            self._lock.take()
            sqlite_file.begin(self.path)

    def _close(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.stop()
        writer, self._writer = self._writer, None
        readers, self._readers = self._readers, None
        if writer is not None:
            writer.stop()
        if readers is not None:
            readers.shutdown()
        while self._kept:
            self._kept.pop().close()
        for engine in (self._read_engine, self._write_engine):
            if engine is not None:
                engine.dispose()
        self._read_engine = self._write_engine = None
        warming, self._warming = self._warming, None
        if warming is not None:
            warming.stop()
        if self._lock is not None:
            if self._is_to_compact:
                with contextlib.suppress(StoreUnavailable):  # a full disk: the next erasing does it
                    sqlite_file.compact(self.path, is_large_too=False)
            self._lock.release()
            self._lock = None

    def _check_revision(self, engine: Engine) -> str | None:
        try:
            with engine.connect() as connection:
                if not self.is_sqlite:
                    server_database.check(connection, self.shown_url)
                revision = migrate.current_revision(connection)
        except SQLAlchemyError as error:
            raise self.unavailable(error) from error
        known = migrate.known_revisions()
        if revision is not None and revision not in known:
            raise StoreUnavailable("store.newer", path=self.shown_url, revision=revision, newest=known[-1])
        if self._is_read_only and revision is None:
            raise StoreUnavailable("store.missing", path=self.shown_url)
        if self._is_read_only and revision != known[-1]:
            raise StoreUnavailable("store.older", path=self.shown_url, revision=revision, newest=known[-1])
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
                elif not server_database.is_to_be_upgraded(connection):
                    return
                migrate.upgrade(connection)
        except DBAPIError as error:
            raise self.unavailable(error) from error

    def _take_room(self, engine: Engine) -> None:
        if self._lease is None:
            return
        try:
            with engine.begin() as connection:
                self._lease.take(connection)
        except DBAPIError as error:
            raise self.unavailable(error) from error

    def unavailable(self, error: BaseException) -> BaseException:
        """A database's failure as StoreUnavailable; a broken rule (unique, check) stays what it is: the caller's business."""
        if isinstance(error, IntegrityError):
            return error
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        if isinstance(cause, sqlite3.DatabaseError) and not isinstance(cause, sqlite3.ProgrammingError):
            return sqlite_file.unavailable(cause, self.shown_url)
        told = None if self.is_sqlite or not isinstance(error, DBAPIError) else postgres_errors.unavailable(error, self.shown_url)
        return told or error


def _has_bytes(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
