"""Hashes closed lists and draws: the hash is stored, then shown; the winners are stored, then shown. A second run ends the same.

It holds no randomness: the seed was fixed and committed to at the opening.
"""

from contextlib import suppress
from typing import Final

from studio.drops.clock import Clock
from studio.drops.shelf import Shelf
from studio.errors import Conflict
from studio.model.drops import DropRecord
from studio.store import draw_job, drop_store, rank_store
from studio.store.database import Database

LONG_LIST: Final = 20_000
"""Entries from which hashing and drawing get a process of their own: here they take the interpreter for about 40 ms."""


class Referee:
    """Brings a closed lottery to its end from wherever it stands; loop thread only."""

    def __init__(self, database: Database, shelf: Shelf, clock: Clock) -> None:
        self._database = database
        self._shelf = shelf
        self._clock = clock

    async def settle(self, record: DropRecord) -> DropRecord:
        """Hash the list, show the hash, draw, show the winners. Raises StoreUnavailable; then call it again later."""
        closing, order = await self._compute(record)
        if record.needs_closing_hash:
            record = await self._database.write(lambda connection: drop_store.store_closing(connection, record.id, closing))
            self._shelf.put(record)
        if record.state != "closing":
            return record
        # A Conflict means that it is drawn already: what the store has is then shown.
        with suppress(Conflict):
            await self._database.write(
                lambda connection: rank_store.store_draw(connection, record.id, order, self._clock.wall_ms()), rows=len(order) + 1
            )
        drawn = await self._database.read(lambda connection: rank_store.load(connection, drop_store.find(connection, record.id)))
        self._shelf.put(drawn.record, drawn.ranked, drawn.reel)
        return drawn.record

    async def _compute(self, record: DropRecord) -> tuple[str, list[int]]:
        if record.entries > LONG_LIST:
            return await draw_job.settle_in_process(self._database.url, record)
        return await self._database.read(lambda connection: draw_job.settle(connection, record))
