"""What was drawn, and who has which prize since: ranks, winners that step back, and a drop's whole state for a new engine.

Functions on a connection; the order of a draw is stored once and never changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from studio.errors import Conflict
from studio.model.drop_view import Entrant, RankedEntry
from studio.model.drops import DropRecord
from studio.model.lottery import LotterySpec, prize_ranks
from studio.store import entry_store
from studio.store.delivery_store import add_deliveries
from studio.store.drop_store import find, take_step
from studio.store.drop_tables import deliveries, entries, ranks

_REEL = 24
"""Names for the reel to run over: it shows some 30 in its 3.2 s, and a repeat isn't seen."""


@dataclass(frozen=True, slots=True)
class StoredDrop:
    """A drop with all that is shown of it, and when its last entry came (while it is open)."""

    record: DropRecord
    ranked: tuple[RankedEntry, ...] = ()
    reel: tuple[Entrant, ...] = ()
    last_entry_ms: int = 0


def load(connection: Connection, record: DropRecord) -> StoredDrop:
    """What a new engine has to know of a drop."""
    if record.state == "open":
        return StoredDrop(record, last_entry_ms=entry_store.last_entry_ms(connection, record.id))
    if record.state != "drawn":
        return StoredDrop(record)
    return StoredDrop(record, tuple(ranked(connection, record.id)), entry_store.sample(connection, record, _REEL))


def store_draw(connection: Connection, drop_id: str, order: Sequence[int], now_ms: int) -> DropRecord:
    """Seed and winners become public together, with what is now to be delivered. Raises Conflict for a second draw."""
    record = take_step(connection, find(connection, drop_id), "draw", settled_at_ms=now_ms)
    if order:
        connection.execute(insert(ranks), [{"drop_id": drop_id, "rank": rank, "n": n} for rank, n in enumerate(order)])
    assert isinstance(record.spec, LotterySpec)  # noqa: S101 - only a lottery reaches the step "draw"
    winners = {entry.n: entry for entry in ranked(connection, drop_id)}
    won = enumerate(order[: len(record.spec.prizes)])
    add_deliveries(connection, record, [_delivery(record, prize, winners[n]) for prize, n in won], now_ms)
    return record


def ranked(connection: Connection, drop_id: str) -> list[RankedEntry]:
    """The drawn entries by rank."""
    chosen = (
        *(ranks.c.rank, ranks.c.n, entries.c.platform, entries.c.fan_id, entries.c.name),
        *(entries.c.fan, entries.c.salt, entries.c.badge, entries.c.is_devoted, ranks.c.passed_over),
    )
    both = ranks.join(entries, (ranks.c.drop_id == entries.c.drop_id) & (ranks.c.n == entries.c.n))
    query = select(*chosen).select_from(both).where(ranks.c.drop_id == drop_id).order_by(ranks.c.rank)
    return [RankedEntry(*row) for row in connection.execute(query)]


def pass_over(connection: Connection, drop_id: str, n: int, reason: str, now_ms: int) -> DropRecord:
    """A winner steps back and the next reserve follows. Raises Conflict unless `n` has a prize now."""
    record = find(connection, drop_id)
    before = _holders(connection, record)
    if n not in before:
        raise Conflict("drops.not_a_winner", n=n)
    connection.execute(update(ranks).where(ranks.c.drop_id == drop_id, ranks.c.n == n).values(passed_over=reason))
    connection.execute(
        update(deliveries).where(deliveries.c.drop_id == drop_id, deliveries.c.ref == f"prize:{before.index(n)}:{n}").values(state="void")
    )
    by_n = {entry.n: entry for entry in ranked(connection, drop_id)}
    changed = enumerate(zip(before, _holders(connection, record), strict=True))
    followers = [_delivery(record, prize, by_n[new]) for prize, (old, new) in changed if new is not None and new != old]
    add_deliveries(connection, record, followers, now_ms)
    return record


def _holders(connection: Connection, record: DropRecord) -> list[int | None]:
    assert isinstance(record.spec, LotterySpec)  # noqa: S101 - only lotteries have ranks
    order = ranked(connection, record.id)
    return prize_ranks([entry.n for entry in order], frozenset(entry.n for entry in order if entry.passed_over), len(record.spec.prizes))


def _delivery(record: DropRecord, prize: int, entry: RankedEntry) -> tuple[str, str, str, str]:
    assert isinstance(record.spec, LotterySpec)  # noqa: S101 - only lotteries have prizes
    return f"prize:{prize}:{entry.n}", entry.platform, entry.fan_id, record.spec.prizes[prize].name
