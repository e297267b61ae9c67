"""The right to write for a room: one row that names the studio and the time until when, renewed by each transaction.

It lets nobody write who has lost it, and waits for nobody: what to do with what can't be written is the caller's business.
"""

import time
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Connection, delete, select

from studio.errors import StoreUnavailable
from studio.store.lease_tables import room_lease

LEASE_MS: Final = 15_000
"""How long a room stays taken when its studio's computer has vanished; half as long, and one lost packet in a bad second frees it."""
RENEW_S: Final = 5.0
"""A studio that has nothing to write says this often that it is there; a transaction that took longer says so again at its end."""

_CHANGES: Final = "changes of the lease"
_SERVER_MS: Final = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
"""On a server its clock counts: those of the studios differ."""
_RENEW: Final = {
    "postgresql": f"UPDATE room_lease SET expires_at = {_SERVER_MS} + {LEASE_MS} WHERE room = %s AND holder = %s",  # noqa: S608 - our own words
    "sqlite": "UPDATE room_lease SET expires_at = ? WHERE room = ? AND holder = ?",
}
_TAKE: Final = (
    "INSERT INTO room_lease (room, holder, studio, since, expires_at) VALUES ({0}, {0}, {0}, {1}, {1} + {2}) ON CONFLICT (room) DO UPDATE "
    "SET holder = excluded.holder, studio = excluded.studio, since = excluded.since, expires_at = excluded.expires_at "
    # A lease longer than we give was given by a clock that has been set back since.
    "WHERE room_lease.holder = excluded.holder OR NOT room_lease.expires_at BETWEEN {1} AND {1} + {2}"
)
_IS_GONE: Final = {
    # A connection ends with its process: a studio that was killed and starts again need not wait for its own lease.
    "postgresql": " OR NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'encore ' || room_lease.holder)",
    # Whoever had this file on this computer has ended: the lock beside the file is ours.
    "sqlite": " OR room_lease.studio = excluded.studio",
}


@dataclass(slots=True)
class RoomLease:
    """One room for one opening of a store. Store's thread only, but for the two names."""

    room: str
    studio: str
    holder: str = field(default_factory=lambda: uuid4().hex)
    takes: int = 0
    """How often the room was taken: more than before means that another studio may have had it in between. Read on any thread."""
    _is_checked_at: float = 0.0

    def take(self, connection: Connection) -> None:
        """Have the room from now on. Raises StoreUnavailable("store.room_in_use") while another studio has it."""
        if not self._try(connection, is_opening=True):
            raise self._refusal(connection, "store.room_in_use")
        self.takes += 1

    def renew(self, connection: Connection) -> None:
        """Say that we are there, first thing in a transaction. Raises StoreUnavailable("store.room_lost").

        A lease that ran out and that nobody took, or took and gave back, is taken up again.
        """
        dialect = connection.dialect.name
        now_ms = () if dialect == "postgresql" else (_now_ms() + LEASE_MS,)
        renewed = connection.exec_driver_sql(_RENEW[dialect], (*now_ms, self.room, self.holder)).rowcount
        if not renewed:
            if not self._try(connection, is_opening=False):
                raise self._refusal(connection, "store.room_lost")
            self.takes += 1
        # Taken up again or renewed, it is one row either way.
        connection.info[_CHANGES] = changes(connection) + 1
        self._is_checked_at = time.monotonic()

    def renew_if_late(self, connection: Connection) -> None:
        """At the end of a transaction: one that took long must not end with a lease that has run out meanwhile."""
        if time.monotonic() - self._is_checked_at > RENEW_S:
            self.renew(connection)

    def release(self, connection: Connection) -> None:
        """Give it back, if it is still ours."""
        connection.execute(delete(room_lease).where(room_lease.c.room == self.room, room_lease.c.holder == self.holder))

    def _try(self, connection: Connection, *, is_opening: bool) -> bool:
        dialect = connection.dialect.name
        is_server = dialect == "postgresql"
        now = _SERVER_MS if is_server else str(_now_ms())
        sql = _TAKE.format("%s" if is_server else "?", now, LEASE_MS) + (_IS_GONE[dialect] if is_opening else "")
        return bool(connection.exec_driver_sql(sql, (self.room, self.holder, self.studio)).rowcount)

    def _refusal(self, connection: Connection, code: str) -> StoreUnavailable:
        row: Any = connection.execute(select(room_lease).where(room_lease.c.room == self.room)).first()
        studio = "?" if row is None else row.studio
        return StoreUnavailable(code, retryable=True, room=self.room, studio=studio, seconds=LEASE_MS // 1000)


def changes(connection: Connection) -> int:
    """How many changes of rows this connection has made for leases alone: they say nothing of fans."""
    return connection.info.get(_CHANGES, 0)


def others(connection: Connection) -> list[str]:
    """The studios that write to this store now, by the names of their computers."""
    now: Any = connection.exec_driver_sql(f"SELECT {_SERVER_MS}").scalar() if connection.dialect.name == "postgresql" else _now_ms()
    return sorted(connection.execute(select(room_lease.c.studio).where(room_lease.c.expires_at > now)).scalars())


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
