"""Drops: ordered, opened, entered, closed, drawn and proved; one object on the engine's loop.

It decides who wins by nothing but the stored list and the seed that was committed to at the opening.
"""

import json
from collections.abc import Coroutine
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from studio.bus import Bus
from studio.drops.clock import Clock
from studio.drops.counter import Counter
from studio.drops.desk import Desk
from studio.drops.handouts import Handouts
from studio.drops.house import House
from studio.drops.keeper import Keeper
from studio.drops.orders import Orders
from studio.drops.referee import Referee
from studio.drops.shelf import KEPT, Shelf
from studio.errors import Conflict, InvalidInput, NotFound
from studio.model import proof
from studio.model.drop_view import RankedEntry
from studio.model.drops import DropRecord, Principal
from studio.model.events import FanEvent, format_time
from studio.model.scene import AirDrop
from studio.store import drop_store, entry_store, rank_store
from studio.store.database import Database
from studio.store.rank_store import StoredDrop


class Drops:
    """All calls on the loop thread; what is answered or shown is committed."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        house: House,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._house = house
        self._zone = ZoneInfo(house.time_zone)
        self._clock = clock or Clock()
        self._shelf = Shelf(bus, self._clock, house.air_name, house.tiers)
        self._desk = Desk(database, self._shelf, self._clock, house.lookup, self._shown)
        self._referee = Referee(database, self._shelf, self._clock)
        self._orders = Orders(database, self._clock, house)
        self._counter = Counter(database, self._shelf, self._desk, self._clock, house.lookup)
        self._keeper = Keeper(database, self._shelf, self._desk, self._referee, self._clock, self._load)
        self.handouts = Handouts(database, bus, self._clock, house.room)

    async def start(self) -> None:
        """Take up what the store has: open drops go on by the wall clock, due ones close, closed ones are drawn."""
        await self._keeper.start()
        await self.handouts.refresh()

    async def reload(self) -> None:
        """Show what the store has now: a fan was erased."""
        self._shelf.reload(await self._database.read(self._load))
        await self.handouts.refresh()

    async def stop(self) -> None:
        """Store what waits, end all tasks; idempotent."""
        await self._keeper.stop()
        await self.handouts.stop()
        self._shelf.stop()

    async def open(self, body: Any, principal: Principal) -> tuple[dict[str, Any], bool]:
        """(the drop, whether it is new): the same `click_id` is the same drop. Raises InvalidInput, Conflict, Forbidden."""
        record, is_new = await self._keeper.shielded(self._make(body, principal))
        return self._shelf.json(record.id), is_new

    async def open_draft(self, drop_id: str, principal: Principal) -> dict[str, Any]:
        """Open what was ordered as a draft. Raises Conflict while an approval is due."""
        await self._keeper.shielded(self._order(self._orders.open(drop_id, principal)))
        return self._shelf.json(drop_id)

    async def edit(self, drop_id: str, body: Any, principal: Principal) -> dict[str, Any]:
        """Replace a draft's fields. Raises Conflict once it was opened."""
        await self._keeper.shielded(self._order(self._orders.edit(drop_id, body, principal)))
        return self._shelf.json(drop_id)

    async def approve(self, drop_id: str, principal: Principal) -> dict[str, Any]:
        """By another person on another token than the creator; it then opens, unless it was ordered as a draft."""
        await self._keeper.shielded(self._order(self._orders.approve(drop_id, principal)))
        return self._shelf.json(drop_id)

    async def close(self, drop_id: str, principal: Principal) -> dict[str, Any]:
        """Close early, where the rules allow it, and draw. Raises Conflict."""
        del principal  # everybody whose role may call this may close; the server checks roles
        record = self._shelf.record(drop_id)
        drop = self._desk.open.get(drop_id)
        if drop is None or drop.is_closing:
            raise Conflict("drops.illegal_step", state=record.state, step="close")
        is_over = record.kind == "coupon" and not record.left
        if not (record.spec.early_close or is_over or self._keeper.is_due(drop)):
            raise Conflict("drops.no_early_close")
        await self._keeper.shielded(self._keeper.close(drop))
        return self._shelf.json(drop_id)

    async def cancel(self, drop_id: str, principal: Principal, reason: str = "") -> dict[str, Any]:
        """End it without winners; a lottery that was open publishes its list and seed. Raises Conflict once the list is closed."""
        del principal
        await self._keeper.shielded(self._keeper.cancel(drop_id, reason.strip()[:200]))
        return self._shelf.json(drop_id)

    async def claim(self, drop_id: str, body: Any, principal: Principal) -> dict[str, Any]:
        """{code}, or a lottery's entry; the same claim_id gives the same answer. Raises Conflict with the param `reason`."""
        return await self._counter.claim(drop_id, body, principal)

    async def enter_by_hand(self, drop_id: str, body: Any, principal: Principal) -> dict[str, Any]:
        """An entry marked manual in the proof; answers the drop. Raises Conflict with the reason."""
        await self._counter.enter(drop_id, body, principal)
        return self._shelf.json(drop_id)

    async def pass_over(self, drop_id: str, n: int, reason: str, principal: Principal) -> dict[str, Any]:
        """A winner can't or won't have it: the next reserve follows, and the proof lists it. Raises InvalidInput, Conflict."""
        del principal
        if reason not in proof.PASSED_OVER_REASONS:
            raise InvalidInput("drops.no_reason", reasons=", ".join(proof.PASSED_OVER_REASONS))
        if self._shelf.record(drop_id).state != "drawn":
            raise Conflict("drops.illegal_step", state=self._shelf.record(drop_id).state, step="pass over")

        def change(connection: Connection) -> tuple[DropRecord, tuple[RankedEntry, ...]]:
            record = rank_store.pass_over(connection, drop_id, n, reason, self._clock.wall_ms())
            return record, tuple(rank_store.ranked(connection, drop_id))

        record, ranked = await self._database.write(change)
        self._shelf.put(record, ranked)
        return self._shelf.json(drop_id)

    @property
    def is_any_open(self) -> bool:
        """Whether a drop takes entries, or has taken some that aren't stored yet."""
        return bool(self._desk.open)

    def on_event(self, event: FanEvent, received_at_ms: int) -> None:
        """Given each event as it is received, before any queue: a keyword enters or claims. Never blocks."""
        self._desk.on_event(event, received_at_ms)

    async def settled(self) -> None:
        """Wait until everything that `on_event` took is committed. Raises StoreUnavailable."""
        await self._desk.settled()

    def drops(self) -> list[dict[str, Any]]:
        """The room's drops, newest first."""
        return self._shelf.all_json()

    def drop(self, drop_id: str) -> dict[str, Any]:
        """One of them. Raises NotFound."""
        return self._shelf.json(drop_id)

    def snapshot(self) -> AirDrop | None:
        """The drop card of this moment."""
        return self._shelf.snapshot()

    async def proof(self, drop_id: str) -> dict[str, Any]:
        """The document that a stranger checks. Raises Conflict until it is drawn or cancelled."""
        return await self._database.read(lambda connection: _proof(connection, drop_id))

    async def own_entry(self, drop_id: str, platform: str, fan_id: str) -> dict[str, Any]:
        """{n, r} of one entrant, to be given to them on request. Raises NotFound."""
        found = await self._database.read(lambda connection: entry_store.salt_of(connection, drop_id, platform, fan_id))
        if found is None:
            raise NotFound("drops.no_entry")
        return {"n": found[0], "r": found[1].hex()}

    async def tick(self) -> None:
        """Close what is due, go on with what was interrupted; the timekeeper does this by itself."""
        await self._keeper.tick()

    async def _order(self, order: Coroutine[Any, Any, DropRecord]) -> DropRecord:
        record = await order
        if record.state == "open" and record.id not in self._desk.open:
            self._keeper.watch(record)
        self._shelf.put(record)
        return record

    async def _make(self, body: Any, principal: Principal) -> tuple[DropRecord, bool]:
        record, is_new = await self._orders.make(body, principal)
        if is_new:
            if record.state == "open":
                self._keeper.watch(record)
            self._shelf.put(record)
        return record, is_new

    def _shown(self, name: str, received_at_ms: int) -> str:
        """An entry as the public proof tells it: masked, with the room's time."""
        return f"{self._house.mask(name)} {datetime.fromtimestamp(received_at_ms / 1000, self._zone):%H:%M:%S}"

    def _load(self, connection: Connection) -> list[StoredDrop]:
        records = {record.id: record for record in drop_store.newest(connection, self._house.room, KEPT)}
        records |= {record.id: record for record in drop_store.unfinished(connection, self._house.room)}
        return [rank_store.load(connection, record) for record in records.values()]


def _proof(connection: Connection, drop_id: str) -> dict[str, Any]:
    record = drop_store.find(connection, drop_id)
    if not record.opening or not record.closing or record.state not in ("drawn", "cancelled"):
        raise Conflict("drops.no_proof_yet", state=record.state)
    ranked = rank_store.ranked(connection, drop_id)
    return proof.build(
        rules=json.loads(record.rules),
        seed=record.seed,
        opening=record.opening,
        closing=record.closing,
        entries=entry_store.public_rows(connection, drop_id),
        opened_at=format_time(record.opened_at_ms),
        closed_at=format_time(record.closed_at_ms),
        order=[entry.n for entry in ranked],
        passed_over=[{"n": entry.n, "reason": entry.passed_over} for entry in ranked if entry.passed_over],
        cancelled={"at": format_time(record.settled_at_ms), "reason": record.cancel_reason} if record.state == "cancelled" else None,
    )
