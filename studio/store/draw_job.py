"""Hashes and ranks a closed list in one reading; a list so long that Python would hold the interpreter gets a process of its own.

It only reads: what it finds is stored by the engine.
"""

import asyncio
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import sqlalchemy
from sqlalchemy import URL, Connection
from sqlalchemy.exc import SQLAlchemyError

from studio.errors import StoreUnavailable
from studio.model.draw import closing_hash, ranking
from studio.model.drops import DropRecord
from studio.model.lottery import LotterySpec
from studio.store import entry_store


def settle(connection: Connection, record: DropRecord) -> tuple[str, list[int]]:
    """(closing hash, the entries drawn in order); a cancelled list is hashed only."""
    tickets: list[int] = []

    def lines() -> Iterator[str]:
        for line, count in entry_store.lines(connection, record.id):
            tickets.append(count)
            yield line

    closing = closing_hash(record.opening, lines())
    if record.state != "closing" or not isinstance(record.spec, LotterySpec):
        return closing, []
    return closing, ranking(record.seed, closing, "", tickets, record.spec.ranks)


async def settle_in_process(url: URL, record: DropRecord) -> tuple[str, list[int]]:
    """The same in a fresh process on a connection of its own; another thread waits for it. Raises StoreUnavailable."""
    try:
        return await asyncio.to_thread(_in_process, url, record)
    except (BrokenProcessPool, SQLAlchemyError, OSError) as error:
        raise StoreUnavailable("drops.not_settled", retryable=True, id=record.id) from error


def _in_process(url: URL, record: DropRecord) -> tuple[str, list[int]]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_on_own_connection, url, record).result()


def _on_own_connection(url: URL, record: DropRecord) -> tuple[str, list[int]]:
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection:
            return settle(connection, record)
    finally:
        engine.dispose()
