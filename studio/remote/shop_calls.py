"""Calls on a shop's hooks: how each stands, its key, and whether a signature by it is believed.

A key is taken in and never given out, but for one that is made here, which is told once.
"""

from aiohttp import web

from studio.remote.gate import Handler, note_detail
from studio.remote.request import path_text, read_json, reply, text
from studio.remote.roles import Principal
from studio.remote.surface import StudioSurface

_MAX_KEY = 500


class ShopCalls:
    """The handlers; owned by the loop thread."""

    def __init__(self, surface: StudioSurface) -> None:
        self._surface = surface

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "GET /v1/shop/hooks": self.hooks,
            "PUT /v1/shop/hooks/{name}/key": self.key,
            "POST /v1/shop/hooks/{name}/test": self.test,
        }

    async def hooks(self, _request: web.Request, _: Principal) -> web.StreamResponse:
        """How each stands."""
        return reply(await self._surface.shop.hooks.listing())

    async def key(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Keep the shop's key, or make one."""
        name, body = path_text(request, "name"), await read_json(request)
        note_detail(request, name)
        key = None if body.get("key") is None else text(body, "key", max_length=_MAX_KEY)
        return reply(await self._surface.shop.hooks.keep_key(name, key))

    async def test(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """A message of our own, signed with the kept key."""
        return reply(await self._surface.shop.hooks.test(path_text(request, "name")))
