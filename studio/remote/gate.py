"""The gate that every request passes: where it says it goes, who it is, whether it may, what became of it, in which words.

It lets no traceback, no foreign origin and no unlisted call through; every refusal, and every change, leaves a row in the audit.
"""

import logging
import math
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import hdrs, web

from studio.errors import Forbidden, KnownError, TooManyRequests, Unauthenticated
from studio.remote.audit import AuditLog, AuditRow, Outcome
from studio.remote.problems import CONTENT_TYPE, document_of, document_of_bug, document_of_status, locale_of, status_of
from studio.remote.request import reply
from studio.remote.roles import Principal, require
from studio.remote.tokens import TokenBook, clean_name

log = logging.getLogger(__name__)

Handler: TypeAlias = Callable[[web.Request, Principal], Awaitable[web.StreamResponse]]
Plain: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

_CALL = web.RequestKey("call", str)
_PRINCIPAL = web.RequestKey("principal", Principal)
_DETAIL = web.RequestKey("detail", str)
_SHOWN_PATH = web.RequestKey("shown_path", str)

_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_MAX_SHOWN = 200
HOOK_CALL = "POST /v1/hooks/{name}"
PUBLIC = ("/v1/hooks/", "/m")
"""What the world may call through a tunnel, under whatever name that has: it is signed, or opened by
a code in its address, and no browser holds anything for it."""
_FEED_CALLS = frozenset({"POST /v1/events", "POST /v1/drops/{drop}/claim"})
"""Thousands a second by connectors, each in the ledger anyway: the audit keeps only their refusals."""
_NOTED_READS = frozenset({"GET /v1/fans/{platform}/{id}/export", "GET /v1/fans/{platform}/{id}/contacts"})
"""Reads of what is kept most closely: who looked, and when, is kept too."""


def note_detail(request: web.Request, detail: str) -> None:
    """What the audit should say besides the call and its path; never a secret."""
    request[_DETAIL] = _shown(detail)


def hide_path(request: web.Request, path: str) -> None:
    """What the audit shows in place of a path that names somebody."""
    request[_SHOWN_PATH] = path


def note_principal(request: web.Request, principal: Principal) -> None:
    """Who a call without a token turned out to be."""
    request[_PRINCIPAL] = principal


class Gate:
    """Stands before the handlers; owned by the loop thread."""

    def __init__(self, tokens: TokenBook, audit: AuditLog, now_ms: Callable[[], int]) -> None:
        self._tokens = tokens
        self._audit = audit
        self._now_ms = now_ms

    def guard(self, call: str, handler: Handler) -> Plain:
        """A handler that is reached with a good token whose role may make the call."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            request[_CALL] = call
            principal = self._tokens.identify(_bearer(request), request.remote or "")
            request[_PRINCIPAL] = principal
            require(call, principal)
            return await handler(request, principal)

        return guarded

    def open(self, call: str, handler: Plain) -> Plain:
        """A handler that asks for no token."""

        async def opened(request: web.Request) -> web.StreamResponse:
            request[_CALL] = call
            return await handler(request)

        return opened

    async def answer(self, request: web.Request, handler: Plain) -> web.StreamResponse:
        """The outermost middleware: an answer for whatever comes of the handler."""
        result = _Outcome()
        with result:
            result.value = await self._checked(request, handler)
        return self._respond(request, result.value)

    def _respond(self, request: web.Request, outcome: web.StreamResponse | Exception | None) -> web.StreamResponse:
        locale = locale_of(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
        if isinstance(outcome, web.HTTPException):
            kept = {name: value for name, value in outcome.headers.items() if name == hdrs.ALLOW}
            document = document_of_status(outcome.status, locale)
            return reply(document, outcome.status, headers=kept, content_type=CONTENT_TYPE)
        if isinstance(outcome, web.StreamResponse):
            self._note(request, outcome.status, "")
            return outcome
        if isinstance(outcome, KnownError):
            self._note(request, status_of(outcome), outcome.code)
            return _problem(outcome, locale)
        log.error("A bug in %s", request.get(_CALL, request.method), exc_info=outcome)
        self._note(request, 500, "remote.bug")
        return reply(document_of_bug(locale), 500, content_type=CONTENT_TYPE)

    async def _checked(self, request: web.Request, handler: Plain) -> web.StreamResponse:
        route = request.match_info.route.resource
        if route is not None and route.canonical.startswith(PUBLIC):
            return await handler(request)
        # A page in a browser can be made to resolve its own name to 127.0.0.1 (DNS rebinding): its Host gives it away. And what
        # carries an Origin comes from a page; no page is a client of this API.
        host, separator, port = request.headers.get(hdrs.HOST, "").rpartition(":")
        name = host if separator and port.isdigit() else request.headers.get(hdrs.HOST, "")
        if name.lower() not in _LOOPBACK_NAMES:
            raise Forbidden("remote.foreign_host")
        if hdrs.ORIGIN in request.headers:
            raise Forbidden("remote.foreign_origin")
        return await handler(request)

    def _note(self, request: web.Request, status: int, code: str) -> None:
        call = request.get(_CALL, "")
        is_refused = status in (401, 403)
        is_change = bool(call) and (not call.startswith("GET ") or call in _NOTED_READS)
        principal = request.get(_PRINCIPAL)
        is_feed = call == HOOK_CALL or (call in _FEED_CALLS and principal is not None and principal.role == "connector")
        if not is_refused and (not is_change or is_feed):
            return
        outcome: Outcome = "refused" if is_refused else "allowed" if status < 400 else "failed"
        self._audit.note(
            AuditRow(
                at_ms=self._now_ms(),
                who=clean_name(principal.name) if principal else "",
                role=principal.role if principal else "",
                token=principal.token_id if principal else "",
                address=request.remote or "",
                what=call or request.method,
                path=_shown(request.get(_SHOWN_PATH, request.path)),
                outcome=outcome,
                status=status,
                code=code,
                detail=request.get(_DETAIL, ""),
            )
        )


class _Outcome:
    """What came of a handler: its answer, or whatever it raised; every outcome is answered, only a cancelled task has none."""

    def __init__(self) -> None:
        self.value: web.StreamResponse | Exception | None = None

    def __enter__(self) -> None:
        return

    def __exit__(self, _: object, raised: BaseException | None, __: object) -> bool:
        if isinstance(raised, Exception):
            self.value = raised
            return True
        return False


def wall_clock_ms() -> int:
    """Now, in ms since 1970."""
    return time.time_ns() // 1_000_000


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("remote.token_missing")
    return token.strip()


def _problem(error: KnownError, locale: str) -> web.Response:
    headers: dict[str, str] = {}
    if isinstance(error, Unauthenticated):
        headers[hdrs.WWW_AUTHENTICATE] = 'Bearer realm="encore"'
    if isinstance(error, TooManyRequests):
        wait_s = error.params.get("retry_after_s")
        headers[hdrs.RETRY_AFTER] = str(max(1, math.ceil(wait_s)) if isinstance(wait_s, int | float) else 1)
    return reply(document_of(error, locale), status_of(error), headers=headers, content_type=CONTENT_TYPE)


def _shown(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:_MAX_SHOWN])
