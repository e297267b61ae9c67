"""The worker process: reads the fan file on a connection of its own, at low priority, and tells what it finds message by message.

The show's process only waits for messages; a worker that dies costs the figures that it was counting and nothing else.
"""

import asyncio
import multiprocessing
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy
from sqlalchemy import URL, Engine
from sqlalchemy.exc import SQLAlchemyError

from studio.analysis import history
from studio.analysis.judge import At, blocks, last_person
from studio.analysis.overview import Overview, read_overview
from studio.errors import StoreUnavailable
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store.background import stand_back

_ROWS: Final = 2_000
"""Rows of history in one message: what the writer takes in some 10 ms, between two batches of events."""
_END_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Order:
    """What to count: everything now (`days` empty), or the history of these show days."""

    url: URL
    at: At
    timezone: str
    days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is, in persons."""

    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Noted:
    """Rows of history to write; with `totals`, `day` is complete."""

    rows: tuple[history.Row, ...]
    day: int = 0
    totals: "Counter[tuple[str, str]] | None" = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Why it came to nothing, in the database's words."""

    reason: str


async def follow(order: Order) -> AsyncGenerator[Progress | Noted | Overview, None]:
    """The worker's messages; it waits while none is taken, and ends when the iterator is closed. Raises StoreUnavailable."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(order, sender), name="analysis", daemon=True)
    await asyncio.to_thread(process.start)
    sender.close()
    try:
        while (message := await asyncio.to_thread(_receive, receiver)) != "end":
            if isinstance(message, Failed):
                raise StoreUnavailable("analysis.not_counted", retryable=True, reason=message.reason)
            yield message
    finally:
        process.terminate()
        await asyncio.to_thread(process.join, _END_S)
        receiver.close()


def _receive(pipe: Any) -> Any:
    try:
        return pipe.recv()
    except (EOFError, OSError):
        return Failed("the worker ended")


def _run(order: Order, pipe: Any) -> None:
    stand_back()
    engine = sqlalchemy.create_engine(order.url)
    try:
        _note(engine, order, pipe) if order.days else _count(engine, order, pipe)
        pipe.send("end")
    except SQLAlchemyError as error:
        pipe.send(Failed(str(getattr(error, "orig", None) or error).splitlines()[0][:200]))
    except BrokenPipeError:
        pass  # nobody listens any more
    finally:
        engine.dispose()


def _count(engine: Engine, order: Order, pipe: Any) -> None:
    pipe.send(read_overview(engine, order.at, order.timezone, lambda done, of: pipe.send(Progress(done, of))))


def _note(engine: Engine, order: Order, pipe: Any) -> None:
    for noted in notes(engine, order.days, order.at.rules, ShowDays(order.timezone), order.at.currency):
        pipe.send(noted)


def notes(engine: Engine, days: Sequence[int], rules: Rules, show_days: ShowDays, currency: str) -> Iterator[Noted | Progress]:
    """The history of these show days, oldest first: rows as they are found, then each day's totals."""
    ats = [At.end_of(day, rules, show_days, currency) for day in days]
    totals: dict[int, Counter[tuple[str, str]]] = {day: Counter() for day in days}
    with engine.begin() as connection:
        last = last_person(connection)
    for block in blocks(last):
        with engine.begin() as connection:
            rows, counted = history.changes_in(connection, block, ats)
        for day, some in counted.items():
            totals[day].update(some)
        for start in range(0, len(rows), _ROWS):
            yield Noted(tuple(rows[start : start + _ROWS]))
        yield Progress(block[1], last)
    for day, where in totals.items():
        yield Noted((), day, where)
