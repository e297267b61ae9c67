"""The store of a command: opened for it, and closed whatever becomes of it.

A command that works on what is there lays no new file: a slip in the address would be an empty answer that looks like the truth.
"""

import contextlib
from collections.abc import AsyncGenerator

from studio.store import sqlite_file
from studio.store.database import Database


@contextlib.asynccontextmanager
async def opened(url: str, *, is_read_only: bool = False, may_be_new: bool = False) -> AsyncGenerator[Database, None]:
    """The open store. Raises StoreUnavailable, also where nothing is stored yet unless it `may_be_new`; InvalidInput for no address."""
    database = Database(url, is_read_only=is_read_only)
    if database.is_sqlite and not may_be_new:
        sqlite_file.require(database.path)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
