"""Orders of drops: made, edited, approved and opened within what the one who asks may give away.

It opens no keyword to anybody: what the store has committed is handed to the one who asked.
"""

import secrets
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from studio.drops.clock import Clock
from studio.drops.house import House
from studio.errors import Conflict, Forbidden, TooManyRequests
from studio.model.drops import DropOrder, DropRecord, Principal, Spec, next_state, parse_order, spec_from, state_at
from studio.model.lottery import LotterySpec
from studio.store import drop_store
from studio.store.database import Database

_HOUR_MS = 3_600_000


class Orders:
    """Each method is one transaction; the answer is what was committed."""

    def __init__(self, database: Database, clock: Clock, house: House) -> None:
        self._database = database
        self._clock = clock
        self._house = house

    async def make(self, body: Any, principal: Principal) -> tuple[DropRecord, bool]:
        """(the drop, whether it is new), open at once unless it is a draft or needs an approval."""
        order = parse_order(body, self._house.currency, self._house.tiers())
        return await self._database.write(lambda connection: self._make(connection, order, principal))

    async def edit(self, drop_id: str, body: Any, principal: Principal) -> DropRecord:
        """Another spec for a draft; ends an approval."""

        def change(connection: Connection) -> DropRecord:
            record = self._find(connection, drop_id)
            spec = spec_from(record.kind, body, self._house.currency, self._house.tiers())
            self._check_value(spec, principal)
            state = next_state(record.state, "edit")
            edited = replace(record, state=state, spec=self._signed(spec), approved_by="", approved_at_ms=0)
            edited = replace(edited, created_by=principal.name, created_token=principal.token_id, created_role=principal.role)
            drop_store.replace_order(connection, edited)
            return edited

        return await self._database.write(change)

    async def approve(self, drop_id: str, principal: Principal) -> DropRecord:
        """By another person on another token than the creator; opens it unless it was ordered as a draft."""

        def change(connection: Connection) -> DropRecord:
            record = self._find(connection, drop_id)
            next_state(record.state, "approve")
            if principal.token_id == record.created_token or principal.name == record.created_by:
                raise Forbidden("drops.own_approval")
            drop_store.approve(connection, drop_id, principal.name, self._clock.wall_ms())
            return drop_store.find(connection, drop_id) if record.is_draft else self._open(connection, drop_id)

        return await self._database.write(change)

    async def open(self, drop_id: str, principal: Principal) -> DropRecord:
        """Open a draft, or one whose approval still stands."""

        def change(connection: Connection) -> DropRecord:
            record = self._find(connection, drop_id)
            if record.state == "draft" and (
                self._needs_approval(record.spec, record.created_role) or self._needs_approval(record.spec, principal.role)
            ):
                raise Conflict("drops.approval_due")
            return self._open(connection, drop_id)

        return await self._database.write(change)

    def _make(self, connection: Connection, order: DropOrder, principal: Principal) -> tuple[DropRecord, bool]:
        existing = drop_store.find_click(connection, self._house.room, order.click_id)
        if existing is not None:
            return existing, False
        self._check_value(order.spec, principal)
        self._check_rate(connection, principal)
        record = DropRecord(
            id=secrets.token_hex(8),
            room=self._house.room,
            click_id=order.click_id,
            state="draft",
            spec=self._signed(order.spec),
            currency=self._house.currency,
            is_draft=order.is_draft,
            created_by=principal.name,
            created_token=principal.token_id,
            created_role=principal.role,
            created_at_ms=self._clock.wall_ms(),
        )
        drop_store.add(connection, record)
        if order.is_draft or self._needs_approval(order.spec, principal.role):
            return record, True
        return self._open(connection, record.id), True

    def _find(self, connection: Connection, drop_id: str) -> DropRecord:
        """As it reads now: an approval that has ended is a draft again."""
        record = drop_store.find(connection, drop_id)
        if record.state == "approved" and state_at(record, self._clock.wall_ms()) == "draft":
            record = replace(record, state="draft", approved_by="", approved_at_ms=0)
            drop_store.replace_order(connection, record)
        return record

    def _open(self, connection: Connection, drop_id: str) -> DropRecord:
        return drop_store.open_now(connection, drop_id, self._clock.wall_ms(), secrets.token_bytes)

    def _signed(self, spec: Spec) -> Spec:
        """A lottery says who stands behind it."""
        if not isinstance(spec, LotterySpec):
            return spec
        return replace(spec, organiser=spec.organiser or self._house.organiser, contact=spec.contact or self._house.contact)

    def _needs_approval(self, spec: Spec, role: str) -> bool:
        over_minor = self._house.limits().approve_over_minor
        return role != "host" and over_minor > 0 and spec.value_minor > over_minor

    def _check_value(self, spec: Spec, principal: Principal) -> None:
        most_minor = self._house.limits().max_value_minor
        if principal.role != "host" and 0 < most_minor < spec.value_minor:
            raise Forbidden("drops.over_limit", value_minor=spec.value_minor, max_value_minor=most_minor)

    def _check_rate(self, connection: Connection, principal: Principal) -> None:
        most = self._house.limits().drops_an_hour
        if principal.role == "host" or not most:
            return
        now_ms = self._clock.wall_ms()
        times = drop_store.created_since(connection, self._house.room, principal.role, now_ms - _HOUR_MS)
        if len(times) >= most:
            retry_after_s = max(1, (times[-most] + _HOUR_MS - now_ms) // 1000 + 1)
            raise TooManyRequests("drops.too_many", retryable=True, retry_after_s=retry_after_s, drops_an_hour=most)
