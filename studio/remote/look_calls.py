"""Calls on the look: presets and presenters, white balance by a click, and the colour-true assistant.

It decides nothing; `LookDesk` and `ColourDesk` do.
"""

from aiohttp import web

from studio.remote.gate import Handler, note_detail
from studio.remote.request import path_text, read_json, reply, share, text
from studio.remote.roles import Principal
from studio.remote.surface import StudioSurface

_NAME = 60


class LookCalls:
    """The handlers."""

    def __init__(self, surface: StudioSurface) -> None:
        self._surface = surface

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "GET /v1/looks": self.looks,
            "PUT /v1/looks/{name}": self.keep_look,
            "DELETE /v1/looks/{name}": self.forget_look,
            "POST /v1/looks/{name}/use": self.use_look,
            "POST /v1/presenters/{name}/hand-over": self.hand_over,
            "POST /v1/colour/white": self.white,
            "POST /v1/colour/chart": self.chart,
            "GET /v1/colour/profiles": self.profiles,
            "POST /v1/colour/profiles": self.keep_profile,
            "DELETE /v1/colour/profiles/{name}": self.forget_profile,
        }

    async def looks(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """Presets and presenters."""
        return reply(self._surface.looks.listing())

    async def keep_look(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Keep the look as it is now under a name."""
        return reply(await self._surface.looks.keep(path_text(request, "name")))

    async def forget_look(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Take one of the user's own off the shelf."""
        return reply(await self._surface.looks.forget(path_text(request, "name")))

    async def use_look(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Put a preset on."""
        return reply(await self._surface.looks.use(path_text(request, "name"), principal))

    async def hand_over(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Another presenter, with the look they had last."""
        return reply(await self._surface.looks.hand_over(path_text(request, "name"), principal))

    async def white(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Balance by what stands at a place."""
        body = await read_json(request)
        return reply(await self._surface.colour.balance_white(share(body, "x", 0.5), share(body, "y", 0.5), principal))

    async def chart(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """Find and read the colour chart."""
        return reply(await self._surface.colour.read_chart())

    async def profiles(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """The stored colour profiles."""
        return reply({"profiles": await self._surface.colour.profiles()})

    async def keep_profile(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Store the last reading for this camera and a light, and use it."""
        light = text(await read_json(request), "light", max_length=_NAME)
        note_detail(request, light)
        return reply(await self._surface.colour.keep(light, principal), 201)

    async def forget_profile(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Delete a stored profile; one in use goes off."""
        return reply(await self._surface.colour.forget(path_text(request, "name"), principal))
