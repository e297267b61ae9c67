"""Calls on drops: from HTTP to `DropDesk`, and back.

It decides nothing about drops; one transaction behind the desk does.
"""

from aiohttp import web

from studio.remote.audience_calls import check_platform
from studio.remote.gate import Handler
from studio.remote.request import optional_text, path_text, read_json, reply, text
from studio.remote.roles import Principal
from studio.remote.surface import StudioSurface


class DropCalls:
    """The handlers."""

    def __init__(self, surface: StudioSurface) -> None:
        self._surface = surface

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "POST /v1/drops": self.open,
            "PUT /v1/drops/{drop}": self.edit,
            "POST /v1/drops/{drop}/{step:open|close|cancel|approve}": self.step,
            "POST /v1/drops/{drop}/claim": self.claim,
            "POST /v1/drops/{drop}/entries": self.enter,
            "GET /v1/drops": self.list,
            "GET /v1/drops/{drop}": self.one,
            "GET /v1/drops/{drop}/proof": self.proof,
        }

    async def open(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """A new drop, or the one that the same click opened."""
        body = await read_json(request)
        for name in ("click_id", "kind", "title"):
            text(body, name)
        drop, is_new = await self._surface.drops.open(body, principal)
        return reply(drop, 201 if is_new else 200)

    async def edit(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Other fields for a draft."""
        body = await read_json(request)
        text(body, "title")
        return reply(await self._surface.drops.edit(path_text(request, "drop"), body, principal))

    async def step(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Open a draft; close, cancel or approve."""
        drops = self._surface.drops
        steps = {"open": drops.open_draft, "close": drops.close, "cancel": drops.cancel, "approve": drops.approve}
        return reply(await steps[request.match_info["step"]](path_text(request, "drop"), principal))

    async def claim(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """A fan's claim."""
        body = await read_json(request)
        check_platform(text(body, "platform"), principal)
        text(body, "id")
        text(body, "claim_id")
        return reply(await self._surface.drops.claim(path_text(request, "drop"), body, principal))

    async def enter(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """An entry by hand."""
        body = await read_json(request)
        for name in ("platform", "id"):
            text(body, name)
        optional_text(body, "reason")
        return reply(await self._surface.drops.enter_by_hand(path_text(request, "drop"), body, principal))

    async def list(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """All drops."""
        return reply(self._surface.drops.drops())

    async def one(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """One drop."""
        return reply(self._surface.drops.drop(path_text(request, "drop")))

    async def proof(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """The proof of a draw."""
        return reply(await self._surface.drops.proof(path_text(request, "drop")))
