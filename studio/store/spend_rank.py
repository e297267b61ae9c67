"""Which place a fan has by net spend: read from counts that each batch keeps, never by counting fans.

A tree over the amounts: a node of 256 children for each eight bits, each child with how many fans are below it. A place is one more
than the sum of the larger siblings on the way down: at most eight short ranges of a primary key, whether a hundred fans spent or ten
million, and all of them the same amount. Staff and those who spent nothing are in no count.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from studio.store import bulk, tables

_BITS: Final = 8
"""Fewer make more levels to write, more make longer ranges to read: 16 would read 32,000 rows for a place in a dense file."""
_SHIFTS: Final = tuple(range(0, 64, _BITS))


def move(connection: Connection, amounts: Iterable[tuple[int, int]]) -> None:
    """Fans went from one net spend to another (minor units); 0 or less is in no count."""
    changes: dict[tuple[int, int], int] = {}
    for before, now in amounts:
        for amount, change in ((before, -1), (now, 1)):
            if amount > 0:
                for shift in _SHIFTS:
                    node = shift, amount >> shift
                    changes[node] = changes.get(node, 0) + change
    bulk.add_up(connection, tables.spend_count, [(*node, change) for node, change in sorted(changes.items()) if change])
    # An amount that nobody has any more leaves no row: what a rebuild makes is then the same.
    bulk.delete_zero(connection, tables.spend_count, sorted(node for node, change in changes.items() if change < 0))


def place_sql(amount: str) -> str:
    """An SQL expression, the same on both stores: the place of an amount, itself an expression that isn't negative; equals share it."""
    larger = (
        f"(SELECT COALESCE(SUM(fans), 0) FROM spend_count"  # noqa: S608 - our own words
        f" WHERE shift = {shift} AND bucket > ({amount} >> {shift}) AND bucket <= ({amount} >> {shift} | 255))"
        for shift in _SHIFTS
    )
    return f"(1 + {' + '.join(larger)})"


def place_of(connection: Connection, spent_minor: int) -> int:
    """The place of a net spend among all fans: one more than how many spent more."""
    # PostgreSQL takes a small number for one of 32 bits and shifts it by 32 less: 1 >> 32 is 1 there.
    amount = f"CAST({max(0, spent_minor)} AS BIGINT)"
    return int(connection.exec_driver_sql(f"SELECT {place_sql(amount)}").scalar_one())
