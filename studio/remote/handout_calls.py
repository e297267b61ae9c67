"""Calls on what was won: the list to be handed out, winners who step back, and an entrant's own line.

It decides nothing; one transaction behind the desk does.
"""

from aiohttp import web

from studio.remote.drop_surface import HandoutState
from studio.remote.gate import Handler
from studio.remote.request import choice, path_text, query_whole, read_json, reply, text, whole
from studio.remote.roles import Principal
from studio.remote.surface import StudioSurface

_STATES: tuple[HandoutState, ...] = ("todo", "done")
_MAX_ROWS = 1000


class HandoutCalls:
    """The handlers."""

    def __init__(self, surface: StudioSurface) -> None:
        self._surface = surface

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "GET /v1/handouts": self.list,
            "POST /v1/handouts/{step:done|undo}": self.step,
            "POST /v1/drops/{drop}/pass-over": self.pass_over,
            "GET /v1/drops/{drop}/entries/{platform}/{id}": self.own_entry,
        }

    async def list(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """What is to be handed out, or was."""
        state: HandoutState = choice({"state": request.query.get("state", "todo")}, "state", _STATES)
        return reply(await self._surface.drops.handouts.rows(state, query_whole(request, "limit", 50, 1, _MAX_ROWS)))

    async def step(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Handed out, or not after all."""
        body = await read_json(request)
        drop_id, ref, handouts = text(body, "drop"), text(body, "ref"), self._surface.drops.handouts
        is_done = request.match_info["step"] == "done"
        return reply(await (handouts.done(drop_id, ref, principal) if is_done else handouts.undo(drop_id, ref)))

    async def pass_over(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """The next reserve in a winner's place."""
        body = await read_json(request)
        entry, reason = whole(body, "n", 0, 2**53), text(body, "reason")
        return reply(await self._surface.drops.pass_over(path_text(request, "drop"), entry, reason, principal))

    async def own_entry(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """An entrant's own line of a list."""
        return reply(
            await self._surface.drops.own_entry(path_text(request, "drop"), path_text(request, "platform"), path_text(request, "id"))
        )
