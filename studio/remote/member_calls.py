"""Calls on the member's page: the page itself, for whoever has its code, and the codes, for host and assistant.

It answers nothing while the page is off, tells nobody whether a code was ever good, and lets nobody try many.
"""

import math
from collections.abc import Callable
from typing import Final

from aiohttp import hdrs, web

from studio.errors import NotFound, TooManyRequests
from studio.remote.gate import Handler
from studio.remote.member_page import HEADERS, form_html, member_html
from studio.remote.problems import locale_of
from studio.remote.rate import TokenBucket
from studio.remote.request import path_text, private, read_body, reply
from studio.remote.roles import Principal
from studio.remote.surface import StudioSurface

_VIEWS_PER_S: Final = 20.0
"""Fifty thousand members of a big room look within an hour: 14 a second. No limit is needed against guessing 128 bits."""
_MAX_FORM: Final = 400


class MemberCalls:
    """The handlers; owned by the loop thread. All callers share one allowance: behind a tunnel they have one address."""

    def __init__(self, surface: StudioSurface, clock_s: Callable[[], float]) -> None:
        self._surface = surface
        self._views = TokenBucket(_VIEWS_PER_S, 2 * _VIEWS_PER_S, clock_s)

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "POST /v1/fans/{platform}/{id}/member-code": self.issue,
            "DELETE /v1/fans/{platform}/{id}/member-code": self.revoke,
        }

    async def issue(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """A new code, shown this once."""
        platform, fan_id = path_text(request, "platform"), path_text(request, "id")
        return reply(await self._surface.members.issue(platform, fan_id, principal), 201)

    async def revoke(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """The fan's code opens nothing any more."""
        return reply(await self._surface.members.revoke(path_text(request, "platform"), path_text(request, "id"), principal))

    async def form(self, request: web.Request) -> web.StreamResponse:
        """Where a code is typed."""
        self._enter()
        self._surface.members.check_open()
        return _html(form_html(_locale(request)))

    async def typed(self, request: web.Request) -> web.StreamResponse:
        """A code that was typed: on to its page."""
        self._enter()
        self._surface.members.check_open()
        body = await read_body(request)
        name, _, value = body[:_MAX_FORM].partition(b"=")
        code = "".join(sign for sign in value.decode("ascii", "ignore").replace("+", "") if sign.isalnum())[:60]
        if name != b"code" or not code:
            return _html(form_html(_locale(request), is_wrong=True), 404)
        return web.Response(status=303, headers=private({**HEADERS, hdrs.LOCATION: f"/m/{code}"}))

    async def page(self, request: web.Request) -> web.StreamResponse:
        """A member's page."""
        self._enter()
        self._surface.members.check_open()
        try:
            shown = await self._surface.members.page(request.match_info["code"][:100])
        except NotFound:
            return _html(form_html(_locale(request), is_wrong=True), 404)
        return _html(member_html(shown, _locale(request)))

    def _enter(self) -> None:
        wait_s = self._views.wait_s("pages")
        if wait_s > 0:
            raise TooManyRequests("members.too_fast", retryable=True, retry_after_s=math.ceil(wait_s))
        self._views.take("pages", 1)


def _locale(request: web.Request) -> str:
    return locale_of(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))


def _html(text: str, status: int = 200) -> web.Response:
    encoded = text.encode("utf-8", "replace")
    return web.Response(body=encoded, status=status, content_type="text/html", charset="utf-8", headers=private(HEADERS))
