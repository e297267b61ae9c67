"""Hears what other studios on the same PostgreSQL have changed: one thread with a connection of its own.

It reads no table. When the connection was away, everything may have changed, and it says so.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from studio.store import engines, tell

log = logging.getLogger(__name__)

Heard = frozenset[int] | None
"""Numbers of persons that changed, empty when only the rules did; None: anything may have."""

_LOOK_UP_S: Final = 0.25
"""How long a stop may wait for the thread."""
_AGAIN_S: Final = 1.0


class Listener:
    """The `store-listen` thread; `heard` is called on it."""

    def __init__(self, url: URL, name: str, heard: Callable[[Heard], None]) -> None:
        self._engine = engines.make(url, name, is_read_only=False)
        self._name = name
        self._heard = heard
        self._is_stopping = threading.Event()
        self.is_listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-listen", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, deadline_s: float = 15.0) -> None:
        """End it; idempotent."""
        self._is_stopping.set()
        self._thread.join(deadline_s)
        if self._thread.is_alive():
            log.warning("The thread that hears other studios did not end within %.0f s", deadline_s)

    def _run(self) -> None:
        driver_error = self._engine.dialect.loaded_dbapi.Error
        while not self._is_stopping.is_set():
            try:
                self._listen()
            except (driver_error, SQLAlchemyError) as error:
                log.info("Other studios can't be heard, trying again: %s", str(error).splitlines()[:1])
                self._is_stopping.wait(_AGAIN_S)
        self._engine.dispose()

    def _listen(self) -> None:
        raw = self._engine.raw_connection()
        driver: Any = raw.driver_connection
        try:
            driver.autocommit = True
            driver.execute(f"LISTEN {tell.CHANNEL}")
            self.is_listening.set()
            self._heard(None)  # whatever was told before, or while the connection was away
            while not self._is_stopping.is_set():
                for message in driver.notifies(timeout=_LOOK_UP_S):
                    persons = tell.read(message.payload, self._name)
                    if persons is not None:
                        self._heard(persons)
        finally:
            with contextlib.suppress(SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error):
                raw.invalidate()
