"""Claims and entries that come by call instead of by chat: read, put in line with the others, answered in words.

It decides nothing: the desk's batch in the store does.
"""

from typing import Any

from sqlalchemy import Connection

from studio.drops.clock import Clock
from studio.drops.desk import Desk
from studio.drops.shelf import Shelf
from studio.errors import Conflict, Forbidden, InvalidInput, KnownError
from studio.model.drop_fields import Fields
from studio.model.drops import DropRecord, Principal
from studio.store import coupon_store, entry_store
from studio.store.coupon_store import Claim, ClaimAnswer
from studio.store.database import Database
from studio.store.entry_store import FanLookup, Offer


class Counter:
    """Where windows, scripts and connectors come to; loop thread only."""

    def __init__(self, database: Database, shelf: Shelf, desk: Desk, clock: Clock, lookup: FanLookup) -> None:
        self._database = database
        self._shelf = shelf
        self._desk = desk
        self._clock = clock
        self._lookup = lookup

    async def claim(self, drop_id: str, body: Any, principal: Principal) -> dict[str, Any]:
        """{code}, of a lottery {code: "", n}. Raises InvalidInput, Forbidden, Conflict with the param `reason`."""
        record = self._shelf.record(drop_id)
        wish = _claim(body, self._clock.wall_ms())
        if principal.platform and principal.platform != wish.platform:
            raise Forbidden("drops.other_platform", platform=principal.platform)
        if record.kind == "lottery":
            return {"code": "", "n": await self._take_part(drop_id, wish, principal)}
        return {"code": await self._coupon(record, wish)}

    async def _coupon(self, record: DropRecord, wish: Claim) -> str:
        drop = self._desk.open.get(record.id)
        if drop is not None and drop.is_open_at(self._clock.monotonic_s()):
            answer = await self._desk.ask(drop, wish)
        else:
            answer = await self._database.read(lambda connection: self._late(connection, record, wish))
        if not isinstance(answer, ClaimAnswer) or not answer.code:
            raise _refusal(answer.outcome if isinstance(answer, ClaimAnswer) else answer)
        return answer.code

    async def _take_part(self, drop_id: str, wish: Claim, principal: Principal) -> int:
        """A lottery's entry by call: what a chat that is the keyword does. The same claim again is the same entry."""
        drop, moment_s = self._desk.open.get(drop_id), self._clock.monotonic_s()
        outcome: object = "closed"
        if drop is not None and drop.is_open_at(moment_s):
            # What a host or assistant enters is by hand, whichever call they take.
            source = "api" if principal.role == "connector" else "manual"
            offer = Offer(wish.platform, wish.fan_id, "", source, drop.time_ms(moment_s), principal.name, wish.claim_id)
            outcome = await self._desk.ask(drop, offer)
        n = await self._database.read(
            lambda connection: entry_store.claimed(connection, drop_id, wish.platform, wish.fan_id, wish.claim_id)
        )
        if n is None:
            raise Conflict(f"drops.entry_{outcome}", reason=str(outcome))
        return n

    async def enter(self, drop_id: str, body: Any, principal: Principal) -> None:
        """An entry by hand. Raises InvalidInput, Conflict with the param `reason`."""
        record = self._shelf.record(drop_id)
        if record.kind != "lottery":
            raise Conflict("drops.not_a_lottery")
        fields = Fields.of(body)
        platform, fan_id = fields.identifier("platform", longest=40), fields.fan_id()
        reason = fields.text("reason", longest=200, default="")
        fields.refuse_unknown()
        fields.raise_faults()
        drop, moment_s = self._desk.open.get(drop_id), self._clock.monotonic_s()
        if drop is None or not drop.is_open_at(moment_s):
            raise Conflict("drops.entry_closed", reason="closed")
        outcome = await self._desk.ask(drop, Offer(platform, fan_id, "", "manual", drop.time_ms(moment_s), principal.name, reason))
        if outcome != "entered":
            raise Conflict(f"drops.entry_{outcome}", reason=str(outcome))

    def _late(self, connection: Connection, record: DropRecord, wish: Claim) -> ClaimAnswer:
        """Nothing is issued any more, but a code that was given is told again."""
        return coupon_store.claim(connection, record, [wish], self._lookup, is_open=False)[0]


def _claim(body: Any, now_ms: int) -> Claim:
    fields = Fields.of(body)
    wish = Claim(fields.identifier("platform", longest=40), fields.fan_id(), fields.identifier("claim_id", longest=150), now_ms)
    fields.refuse_unknown()
    fields.raise_faults()
    return wish


def _refusal(outcome: str) -> KnownError:
    if outcome == "claim_id_taken":
        return InvalidInput("drops.claim_id_taken")
    return Conflict(f"drops.claim_{outcome}", reason=outcome)
