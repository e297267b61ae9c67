"""Hashing and drawing in a process of their own, for lists so long that Python would hold the interpreter for seconds.

It only reads: what it finds is stored by the engine.
"""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import URL, Connection

from studio.model.draw import closing_hash, ranking
from studio.store import entry_store

T = TypeVar("T")


def closing_of(connection: Connection, drop_id: str, opening: str) -> str:
    """The hash of the list."""
    return closing_hash(opening, entry_store.lines(connection, drop_id))


def order_of(connection: Connection, drop_id: str, seed: bytes, closing: str, ranks: int) -> list[int]:
    """Who is drawn, in order."""
    return ranking(seed, closing, "", entry_store.tickets(connection, drop_id), ranks)


async def in_process(url: URL, work: Callable[..., T], *arguments: Any) -> T:
    """Run one of the two above in a fresh process on a connection of its own; starting and ending it wait on another thread."""
    return await asyncio.to_thread(_in_process, url, work, arguments)


def _in_process(url: URL, work: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_on_own_connection, url, work, arguments).result()


def _on_own_connection(url: URL, work: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection:
            return work(connection, *arguments)
    finally:
        engine.dispose()
