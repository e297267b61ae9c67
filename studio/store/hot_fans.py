"""The fans who acted lately, as objects: in a room a few thousand fans send most events, and their rows need not be read each time.

It holds nothing that could differ from the store: whatever else was written, or was undone, since the last batch empties it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from studio.store import room_lease
from studio.store.working import Batch, Identity, Person

_GENERATION: Final = 8_000
"""Accounts in a generation, two of which are held: some 20 MB, and six in ten events of a room of ten million fans."""


@dataclass(slots=True)
class _Generation:
    identities: dict[tuple[str, str], Identity] = field(default_factory=dict)
    persons: dict[int, Person] = field(default_factory=dict)


@dataclass(slots=True)
class HotFans:
    """Whoever acts is in the young generation; when that is full, the old one is forgotten. Store's thread only.

    For SQLite, where one connection writes: on PostgreSQL other studios write too, and nothing would tell in time.
    """

    _young: _Generation = field(default_factory=_Generation)
    _old: _Generation = field(default_factory=_Generation)
    _seal: tuple[int, ...] = ()

    def begin(self, connection: Connection, last_seq: int) -> None:
        """A batch begins; `last_seq` is the ledger's newest row. Forgets all when the store isn't as the last batch left it."""
        if self._seal != _seal(connection, last_seq):
            self._young, self._old = _Generation(), _Generation()
        # Until the batch has ended well nothing counts: one that fails leaves half-changed objects.
        self._seal = ()

    def lend_identities(self, batch: Batch, keys: Iterable[tuple[str, str]]) -> None:
        """Put the accounts that are known into the batch."""
        for key in keys:
            known = self._young.identities.get(key) or self._old.identities.get(key)
            if known is not None:
                batch.identities[key] = known

    def lend_persons(self, batch: Batch, person_ids: Iterable[int]) -> None:
        """Put the persons who are known into the batch."""
        for person_id in person_ids:
            known = self._young.persons.get(person_id) or self._old.persons.get(person_id)
            if known is not None:
                batch.persons[person_id] = known

    def end(self, connection: Connection, batch: Batch) -> None:
        """The batch is written: keep whom it touched."""
        if connection.dialect.name != "sqlite":
            return
        if len(self._young.identities) > _GENERATION:
            self._old, self._young = self._young, _Generation()
        self._young.identities |= batch.identities
        self._young.persons |= batch.persons
        self._seal = _seal(connection, batch.last_seq)


def _seal(connection: Connection, last_seq: int) -> tuple[int, ...]:
    """Another one after any write that isn't a batch's: of this connection, of another, or one that was undone."""
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        return ()
    changes = driver.total_changes - room_lease.changes(connection)
    return id(driver), changes, driver.execute("PRAGMA data_version").fetchone()[0], last_seq
