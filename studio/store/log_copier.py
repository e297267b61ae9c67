"""Copies SQLite's log into the file beside the writer: who waits for a commit need not wait for thousands of scattered pages too.

The `store-log` thread copies what is committed while the writer goes on. The writer then copies the little that came meanwhile, because
only a log that is copied whole begins anew. What is durable when doesn't change: a commit is in the log, on the disk, before it is told.
"""

import contextlib
import logging
import queue
import sqlite3
import threading
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from studio.store.background import stand_back_here
from studio.store.engines import COPY_LOG, copy_log, flush

log = logging.getLogger(__name__)

_PAGES: Final = 8_000
"""Of log between two copies, about: 32 MB, in which a busy fan's page stands many times and is copied once."""
_PAGES_A_COMMIT: Final = 16
"""Of log that a transaction writes beside a page for each row: the ends of the ledger's indexes, counters. A calm room's have one row."""


class LogCopier:
    """`start`, `stop` and `wrote` belong to the writer's thread, `flush` to any."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pages = 0
        self._is_asked = False
        self._asks: queue.SimpleQueue[bool] = queue.SimpleQueue()
        """True to copy, False to end."""
        self._is_copied = threading.Event()
        self._lock = threading.Lock()
        """Held while somebody copies: SQLite refuses a second one without waiting."""
        self._thread = threading.Thread(target=self._run, name="store-log", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, deadline_s: float = 30.0) -> None:
        """End it; idempotent."""
        self._asks.put(False)
        self._thread.join(deadline_s)
        if self._thread.is_alive():
            log.warning("The thread that copies the store's log did not end within %.0f s", deadline_s)

    def wrote(self, rows: int, engine: Engine) -> None:
        """A transaction of so many rows has been committed; `engine` has the writer's connection, which is in none."""
        self._pages += rows + _PAGES_A_COMMIT
        if self._is_copied.is_set():
            if self._lock.acquire(blocking=False):
                try:
                    copy_log(engine)
                finally:
                    self._lock.release()
                self._is_copied.clear()
                self._is_asked, self._pages = False, 0
        elif self._pages >= _PAGES and not self._is_asked:
            self._is_asked = True
            self._asks.put(True)

    def flush(self, engine: Engine) -> None:
        """Copy the log and empty it, as far as readers let it. Blocks on the disk."""
        with self._lock:
            flush(engine)

    def _run(self) -> None:
        stand_back_here()  # on two processors a commit and a copy leave none for who looks a fan up
        with contextlib.closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            while self._asks.get():
                # What fails here costs nothing: SQLite copies by itself, in a commit, where the log has become four times as long.
                with self._lock, contextlib.suppress(sqlite3.OperationalError):
                    connection.execute(COPY_LOG).fetchone()
                self._is_copied.set()
