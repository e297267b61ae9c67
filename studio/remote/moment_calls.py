"""Calls on moments of the show: the last stretch saved, and a mark to find it again.

It decides nothing; recordings and buffer are the engine's.
"""

from aiohttp import web

from studio.remote.gate import Handler
from studio.remote.request import read_json, reply, text
from studio.remote.roles import Principal
from studio.remote.surface import StudioSurface

_LONGEST_TITLE = 100


class MomentCalls:
    """The handlers."""

    def __init__(self, surface: StudioSurface) -> None:
        self._surface = surface

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {"POST /v1/replay": self.save_replay, "POST /v1/markers": self.mark}

    async def save_replay(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """The last stretch of the show as a file."""
        return reply(await self._surface.save_replay(), 201)

    async def mark(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """A chapter of the recordings."""
        title = text(await read_json(request), "title", max_length=_LONGEST_TITLE)
        return reply(self._surface.mark(title), 201)
