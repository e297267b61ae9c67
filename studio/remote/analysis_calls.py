"""Calls on the figures over all fans: from HTTP to `AnalysisDesk`, and back.

It counts nothing; it reads fields, and answers in the caller's language.
"""

from aiohttp import hdrs, web

from studio.remote.gate import Handler
from studio.remote.problems import locale_of
from studio.remote.request import path_text, query_whole, reply
from studio.remote.roles import Principal
from studio.remote.surface import StudioSurface

_MAX_ROWS = 200


class AnalysisCalls:
    """The handlers."""

    def __init__(self, surface: StudioSurface) -> None:
        self._surface = surface

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "GET /v1/segments": self.segments,
            "GET /v1/cohorts": self.cohorts,
            "GET /v1/repurchase": self.repurchase,
            "GET /v1/fans/{platform}/{id}/outlook": self.outlook,
        }

    async def segments(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Who stands where."""
        return reply(await self._surface.analysis.segments(_locale(request), is_fresh=_is_fresh(request)))

    async def cohorts(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Who came back."""
        return reply(await self._surface.analysis.cohorts(_locale(request), is_fresh=_is_fresh(request)))

    async def repurchase(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Who is due today."""
        limit = query_whole(request, "limit", 50, 1, _MAX_ROWS)
        return reply(await self._surface.analysis.repurchase(_locale(request), limit, is_fresh=_is_fresh(request)))

    async def outlook(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """What is to be expected of one fan."""
        return reply(await self._surface.analysis.outlook(path_text(request, "platform"), path_text(request, "id")))


def _locale(request: web.Request) -> str:
    return locale_of(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))


def _is_fresh(request: web.Request) -> bool:
    return bool(query_whole(request, "fresh", 0, 0, 1))
