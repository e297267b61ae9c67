"""Calls on the fan file and the board: from HTTP to `AudienceSurface` and `ModerationSurface`, and back.

It decides nothing about fans; it reads fields, and says which one is wrong.
"""

import asyncio
from collections.abc import Callable
from operator import itemgetter

from aiohttp import web

from studio.errors import Forbidden
from studio.remote.bound_feed import Rejected, keep_own
from studio.remote.event_door import EventDoor, EventLimits
from studio.remote.gate import Handler
from studio.remote.request import (
    MAX_BODY_BYTES,
    choice,
    optional_text,
    path_text,
    query_text,
    query_whole,
    read_body,
    read_json,
    reply,
    text,
)
from studio.remote.roles import Principal
from studio.remote.surface import FanSort, StudioSurface

_MAX_ROWS = 500
"""Rows of one page: a board of 500 is 100 kB and 3 ms of encoding."""

_SORTS: tuple[FanSort, ...] = ("spent_minor", "points", "last_order_at")


class AudienceCalls:
    """The handlers."""

    def __init__(self, surface: StudioSurface, limits: EventLimits, clock_s: Callable[[], float]) -> None:
        self._surface = surface
        self._door = EventDoor(limits, clock_s)

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "POST /v1/events": self.events,
            "GET /v1/board": self.board,
            "GET /v1/fans": self.fans,
            "GET /v1/fans/{platform}/{id}": self.fan,
            "POST /v1/moderation": self.moderation,
        }

    async def events(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """NDJSON in, counts out once durable."""
        # A body without a length may grow up to the limit: that much is set aside for it.
        announced = request.content_length if request.content_length is not None else MAX_BODY_BYTES
        with self._door.enter(principal, min(announced, MAX_BODY_BYTES)):
            lines = await read_body(request)
            self._door.count(principal, lines)
            foreign: list[Rejected] = []
            if principal.platform or principal.room:
                lines, foreign = await asyncio.to_thread(keep_own, lines, principal.platform, principal.room)
            answer = await self._surface.ingest(lines, principal)
            if foreign:
                answer = answer | {"rejected": sorted([*answer["rejected"], *foreign], key=itemgetter("line"))}
            return reply(answer)

    async def board(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """The fan board's first rows."""
        return reply(self._surface.board(query_whole(request, "limit", 50, 1, _MAX_ROWS)))

    async def fans(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """A page of the fan file."""
        sort: FanSort = choice({"sort": request.query.get("sort", "spent_minor")}, "sort", _SORTS)
        limit = query_whole(request, "limit", 50, 1, _MAX_ROWS)
        if "search" in request.query:
            return reply(await self._surface.find_fans(query_text(request, "search"), limit))
        return reply(await self._surface.fans(sort, limit, query_text(request, "after")))

    async def fan(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """One person's card."""
        return reply(await self._surface.fan(path_text(request, "platform"), path_text(request, "id")))

    async def moderation(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """What is done about one fan or one message."""
        body = await read_json(request)
        for name in ("platform", "id", "action"):
            text(body, name)
        optional_text(body, "text")
        return reply(await self._surface.moderate(body, principal))


def check_platform(platform: str, principal: Principal) -> None:
    """Raise Forbidden when a connector that is bound to one platform speaks of another."""
    if principal.role == "connector" and principal.platform and platform != principal.platform:
        raise Forbidden("remote.other_platform", platform=principal.platform)
