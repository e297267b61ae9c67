"""The fan file written out by a process of its own, at low priority: ten million fans are minutes of work that no show notices.

It holds nothing but the next piece; whoever stops reading ends the process.
"""

import asyncio
import multiprocessing
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from studio.errors import KnownError, StoreUnavailable
from studio.store import export
from studio.store.background import stand_back
from studio.store.database import Database

_END_S: Final = 2.0


async def stream(url: str, form: export.ExportForm) -> AsyncGenerator[bytes, None]:
    """The file in pieces of some 64 KiB, of one moment. Raises StoreUnavailable."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(url, form, sender), name="export", daemon=True)
    await asyncio.to_thread(process.start)
    sender.close()
    try:
        while (piece := await asyncio.to_thread(_receive, receiver)) != "end":
            if not isinstance(piece, bytes):
                raise StoreUnavailable("fans.export_broke", retryable=True, reason=str(piece))
            yield piece
    finally:
        process.terminate()
        await asyncio.to_thread(process.join, _END_S)
        receiver.close()


def _receive(pipe: Any) -> Any:
    try:
        return pipe.recv()
    except (EOFError, OSError):
        return ("the process ended",)


def _run(url: str, form: export.ExportForm, pipe: Any) -> None:
    stand_back()
    try:
        asyncio.run(_send(url, form, pipe))
        pipe.send("end")
    except KnownError as error:
        pipe.send((error.code,))
    except BrokenPipeError:
        pass  # nobody listens any more


async def _send(url: str, form: export.ExportForm, pipe: Any) -> None:
    database = Database(url, is_read_only=True)
    await database.open()
    try:
        await database.read(partial(_pump, form=form, pipe=pipe))
    finally:
        await database.close()


def _pump(connection: Connection, form: export.ExportForm, pipe: Any) -> None:
    for piece in export.chunks(connection, form):
        pipe.send(piece)
