"""The figures over everybody, kept with each batch, so that nobody has to count ten million fans: how many in which tier, how much,
and how many have spent more than another.

It knows what a person counts for; who changed and when is the caller's business.
"""

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import Connection, select

from studio.model.loyalty import Rules, tier_of
from studio.store import bulk, spend_rank, tables
from studio.store.working import Person

FIRST_EVENT_AT: Final = "first_event_at"
LAST_EVENT_AT: Final = "last_event_at"
_FIGURES: Final = ("spent_minor", "gifts_minor", "orders")


def count(connection: Connection, persons: Iterable[Person], rules: Rules) -> None:
    """Bring the counters up to what these persons are now."""
    changes: dict[str, int] = {}
    spends: list[tuple[int, int]] = []

    def change(name: str, amount: int) -> None:
        if amount:
            changes[name] = changes.get(name, 0) + amount

    for person in persons:
        if person.figures == person.counted[1:] and bool(person.counted[0]) != person.is_staff:
            continue  # nearly all of a batch: they chat, and buy nothing
        now = (0 if person.is_staff else int(tier_of(person.spent_minor, rules)), *person.figures)
        if now == person.counted:
            continue
        (tier, *figures), (old_tier, *old_figures) = now, person.counted
        person.counted = now
        change("fans", bool(tier) - bool(old_tier))
        if tier != old_tier:
            change(f"tier:{tier}", 1 if tier else 0)
            change(f"tier:{old_tier}", -1 if old_tier else 0)
        spends.append((old_figures[0] if old_tier else 0, figures[0] if tier else 0))
        for name, new, old in zip(_FIGURES, figures, old_figures, strict=True):
            change(name, new * bool(tier) - old * bool(old_tier))
    bulk.add_up(connection, tables.counter, list(changes.items()))
    spend_rank.move(connection, ((before, now) for before, now in spends if before != now))


def cover(connection: Connection, times_ms: Collection[int]) -> None:
    """Let what is told of the ledger's first and last moment reach over events of these times."""
    if times_ms:
        bulk.keep_earliest(connection, tables.counter, [(FIRST_EVENT_AT, min(times_ms))])
        bulk.keep_latest(connection, tables.counter, [(LAST_EVENT_AT, max(times_ms))])


def tier_histogram(connection: Connection) -> dict[int, int]:
    """{tier from 1: fans in it}; a tier without anybody may be missing."""
    rows = connection.execute(select(tables.counter).where(tables.counter.c.name.like("tier:%")))
    return {int(row.name.partition(":")[2]): row.value for row in sorted(rows) if row.value}
