"""Drops in memory: opened once a click, stepped through their states, claimed until the stock is gone."""

import time
from collections import defaultdict
from datetime import UTC, datetime

from studio.errors import Conflict, NotFound
from studio.remote.drop_surface import HandoutState
from studio.remote.roles import Principal
from studio.remote.surface import Body
from tests.rehearsed_desks import RehearsedDesks

_EMPTY = {
    "kind": "lottery",
    "title": "抽奖",
    "state": "open",
    "entries": 0,
    "issued": 0,
    "left": 0,
    "opening": "e322fe55" * 8,
    "closing": "",
    "winners": [],
}
_DRAWN = {"closing": "626c96a5" * 8, "winners": [{"prize": "口红", "platform": "douyin", "id": "u2", "name": "阿泽"}]}


def at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


class RehearsedDrops:
    def __init__(self, studio: RehearsedDesks, stock: int = 3) -> None:
        self._studio = studio
        self.stock = stock
        self._rows: dict[str, Body] = {}
        self._clicks: dict[str, str] = {}
        self._claims: dict[str, set] = defaultdict(set)
        self.handouts = RehearsedHandouts(studio)

    def put(self, drop_id: str, **fields: object) -> Body:
        """Make a drop, or change it, and tell it."""
        self._rows[drop_id] = {**_EMPTY, **self._rows.get(drop_id, {}), "id": drop_id, **fields}
        self._studio.tell("drop", self._rows[drop_id])
        return self._rows[drop_id]

    async def open(self, body: Body, principal: Principal) -> tuple[Body, bool]:
        self._studio.ask("open_drop", body)
        is_new = body["click_id"] not in self._clicks
        drop_id = self._clicks.setdefault(body["click_id"], f"d{len(self._clicks) + 1}")
        if is_new:
            now, asked = time.time(), {name: value for name, value in body.items() if name != "click_id"}
            self.put(drop_id, **asked, state="open", opened_at=at(now), closes_at=at(now + body.get("seconds", 60)))
        return self._rows[drop_id], is_new

    async def edit(self, drop_id: str, body: Body, principal: Principal) -> Body:
        self._studio.ask("edit_drop", drop_id, body)
        return self.drop(drop_id)

    async def open_draft(self, drop_id: str, principal: Principal) -> Body:
        return self._step(drop_id, "open", "open")

    async def approve(self, drop_id: str, principal: Principal) -> Body:
        return self._step(drop_id, "approve", "open")

    async def close(self, drop_id: str, principal: Principal) -> Body:
        return self._step(drop_id, "close", "drawn", **_DRAWN)

    async def cancel(self, drop_id: str, principal: Principal) -> Body:
        return self._step(drop_id, "cancel", "cancelled")

    def _step(self, drop_id: str, step: str, state: str, **more: object) -> Body:
        self._studio.ask("drop_step", drop_id, step)
        if self.drop(drop_id)["state"] not in {"open", "draft"}:
            raise Conflict("drops.illegal_step", state=self.drop(drop_id)["state"], step=step)
        return self.put(drop_id, state=state, **more)

    def drops(self) -> list[Body]:
        return list(self._rows.values())

    def drop(self, drop_id: str) -> Body:
        if drop_id not in self._rows:
            raise NotFound("drops.unknown", id=drop_id)
        return self._rows[drop_id]

    async def claim(self, drop_id: str, body: Body, principal: Principal) -> Body:
        self._studio.ask("claim", drop_id, body)
        person, claims = (body["platform"], body["id"]), self._claims[drop_id]
        if person in claims:
            raise Conflict("drops.already", reason="already")
        if len(claims) >= self.stock:
            raise Conflict("drops.sold_out", reason="sold_out")
        claims.add(person)
        return {"code": f"C-{len(claims)}"}

    async def enter_by_hand(self, drop_id: str, body: Body, principal: Principal) -> Body:
        self._studio.ask("enter", drop_id, body)
        return self.drop(drop_id)

    async def own_entry(self, drop_id: str, platform: str, fan_id: str) -> Body:
        self._studio.ask("own_entry", drop_id, platform, fan_id)
        return {"n": 3, "r": "00" * 16}

    async def pass_over(self, drop_id: str, n: int, reason: str, principal: Principal) -> Body:
        self._studio.ask("pass_over", drop_id, n, reason)
        return self.drop(drop_id)

    async def proof(self, drop_id: str) -> Body:
        raise Conflict("drops.not_drawn")


class RehearsedHandouts:
    def __init__(self, studio: RehearsedDesks) -> None:
        self._studio = studio

    async def rows(self, state: HandoutState, limit: int) -> Body:
        self._studio.ask("handouts", state, limit)
        return {"rows": []}

    async def done(self, drop_id: str, ref: str, principal: Principal) -> Body:
        self._studio.ask("handout_step", "done", drop_id, ref)
        return {"waiting": 0, "rows": []}

    async def undo(self, drop_id: str, ref: str) -> Body:
        self._studio.ask("handout_step", "undo", drop_id, ref)
        return {"waiting": 0, "rows": []}
