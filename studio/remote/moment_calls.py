"""Calls on moments of the show: the last stretch saved, a mark to find it again, and what was marked as files of its own.

It decides nothing; recordings and buffer are the engine's.
"""

from aiohttp import web

from studio.remote.gate import Handler
from studio.remote.request import read_json, reply, text, whole
from studio.remote.roles import Principal
from studio.remote.surface import StudioSurface

_LONGEST_TITLE = 100
_LONGEST_PATH = 4096
_MOST_S = 24 * 3600


class MomentCalls:
    """The handlers."""

    def __init__(self, surface: StudioSurface) -> None:
        self._surface = surface

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "POST /v1/replay": self.save_replay,
            "POST /v1/markers": self.mark,
            "GET /v1/recordings": self.recordings,
            "POST /v1/recordings/clips": self.cut_clips,
        }

    async def save_replay(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """The last stretch of the show as a file."""
        return reply(await self._surface.save_replay(), 201)

    async def mark(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """A chapter of the recordings."""
        title = text(await read_json(request), "title", max_length=_LONGEST_TITLE)
        return reply(self._surface.mark(title), 201)

    async def recordings(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """The files of this run of the engine."""
        return reply(self._surface.recordings())

    async def cut_clips(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """A file for each mark of one of them."""
        body = {"before_s": 5, "after_s": 60, **await read_json(request)}
        path = text(body, "path", max_length=_LONGEST_PATH)
        before_s, after_s = (whole(body, name, 0, _MOST_S) for name in ("before_s", "after_s"))
        return reply(await self._surface.cut_clips(path, before_s, after_s), 201)
