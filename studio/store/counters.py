"""The figures over everybody, kept with each batch, so that nobody has to count ten million fans: how many in which tier, how much.

It knows what a person counts for; who changed and when is the caller's business.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from studio.model.loyalty import Rules, tier_of
from studio.store import bulk, tables
from studio.store.working import Person

_FIGURES: Final = ("spent_minor", "gifts_minor", "orders")


def count(connection: Connection, persons: Iterable[Person], rules: Rules) -> None:
    """Bring the counters up to what these persons are now."""
    changes: dict[str, int] = {}

    def change(name: str, amount: int) -> None:
        if amount:
            changes[name] = changes.get(name, 0) + amount

    for person in persons:
        now = (0 if person.is_staff else int(tier_of(person.spent_minor, rules)), *person.figures)
        if now == person.counted:
            continue
        (tier, *figures), (old_tier, *old_figures) = now, person.counted
        person.counted = now
        change("fans", bool(tier) - bool(old_tier))
        if tier != old_tier:
            change(f"tier:{tier}", 1 if tier else 0)
            change(f"tier:{old_tier}", -1 if old_tier else 0)
        for name, new, old in zip(_FIGURES, figures, old_figures, strict=True):
            change(name, new * bool(tier) - old * bool(old_tier))
    bulk.add_up(connection, tables.counter, list(changes.items()))
