"""The control API's server, on the engine's loop: always on a free port of 127.0.0.1, and on `[remote] listen` besides.

It speaks plain HTTP to this machine only; it writes no access log, and everything it can do it asks of a `StudioSurface`.
"""

import logging
import socket
import time
from collections.abc import Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from studio.errors import Conflict, os_code
from studio.model.addresses import parse_listen
from studio.remote.access_calls import AccessCalls
from studio.remote.analysis_calls import AnalysisCalls
from studio.remote.audience_calls import AudienceCalls
from studio.remote.audit import AuditLog
from studio.remote.drop_calls import DropCalls
from studio.remote.event_door import EventLimits
from studio.remote.file_calls import FileCalls
from studio.remote.gate import HOOK_CALL, Gate, Handler, Plain, wall_clock_ms
from studio.remote.handout_calls import HandoutCalls
from studio.remote.hook_calls import HookCalls, HookLimits
from studio.remote.look_calls import LookCalls
from studio.remote.loyalty_calls import LoyaltyCalls
from studio.remote.member_calls import MemberCalls
from studio.remote.moment_calls import MomentCalls
from studio.remote.output_calls import OutputCalls
from studio.remote.person_calls import PersonCalls
from studio.remote.product_calls import ProductCalls
from studio.remote.request import MAX_BODY_BYTES
from studio.remote.roles import CALLS
from studio.remote.shop_calls import ShopCalls
from studio.remote.sound_calls import SoundCalls
from studio.remote.stream import Stream
from studio.remote.studio_calls import StudioCalls
from studio.remote.surface import StudioSurface
from studio.remote.tokens import TokenBook, TokenEntry, hash_token, new_token

_LOOPBACK = "127.0.0.1"
_BACKLOG = 512
"""Connections that wait to be accepted: the 200 of the claims race, and then some."""

_LINGER_S = 2.0
"""How long the rest of a refused body is read, so that its sender gets to see the answer."""

_SHUTDOWN_S = 2.0


_PLAIN_CALLS = (
    *(AnalysisCalls, LoyaltyCalls, DropCalls, HandoutCalls, StudioCalls, OutputCalls),
    *(SoundCalls, LookCalls, MomentCalls, ProductCalls, FileCalls, ShopCalls),
)
"""Handlers that need nothing but the studio."""


class ControlServer:
    """Start it on the loop, give `url` and `host_token` to engine.json, stop it last."""

    def __init__(
        self,
        surface: StudioSurface,
        tokens: TokenBook,
        audit: AuditLog,
        *,
        listen: str = "",
        limits: EventLimits | None = None,
        clock_s: Callable[[], float] = time.monotonic,
        now_ms: Callable[[], int] = wall_clock_ms,
    ) -> None:
        self._listen = parse_listen(listen)
        self._audit = audit
        self.host_token = new_token()
        tokens.add(TokenEntry(hash_token(self.host_token), "host", "host", "run"))
        self._stream = Stream(surface, tokens)
        access = AccessCalls(tokens, audit, clock_s, self._stream.end)
        members = MemberCalls(surface, clock_s)
        hooks = HookCalls(surface, HookLimits(), clock_s)
        events = AudienceCalls(surface, limits or EventLimits(), clock_s)
        plain = [made(surface) for made in _PLAIN_CALLS]
        parts = (events, PersonCalls(surface, audit), *plain, hooks, members, access, self._stream)
        handlers: dict[str, Handler] = {call: handler for part in parts for call, handler in part.handlers().items()}
        open_handlers: dict[str, Plain] = {
            "POST /v1/pair": access.pair,
            HOOK_CALL: hooks.hook,
            "GET /m": members.form,
            "POST /m": members.typed,
            "GET /m/{code}": members.page,
        }
        self._runner = web.AppRunner(
            _application(Gate(tokens, audit, now_ms), handlers, open_handlers),
            access_log=None,
            logger=_http_log(),
            shutdown_timeout=_SHUTDOWN_S,
            lingering_time=_LINGER_S,
            auto_decompress=False,
        )
        self.url = ""

    async def start(self) -> str:
        """Listen; the answer is the loopback URL. Raises Conflict when `[remote] listen` is taken."""
        await self._runner.setup()
        own = socket.create_server((_LOOPBACK, 0), backlog=_BACKLOG)
        await web.SockSite(self._runner, own, backlog=_BACKLOG).start()
        self.url = f"http://{_LOOPBACK}:{own.getsockname()[1]}"
        if self._listen is not None:
            try:
                await web.TCPSite(self._runner, *self._listen, backlog=_BACKLOG).start()
            except OSError as error:
                await self.stop()
                raise Conflict(
                    "remote.listen_taken",
                    host=self._listen[0],
                    port=self._listen[1],
                    reason=error.strerror or str(error),
                    reason_code=os_code(error),
                ) from error
        return self.url

    async def stop(self) -> None:
        """End the streams, let running calls end, write the audit; idempotent."""
        await self._stream.stop()
        await self._runner.cleanup()
        await self._audit.stop()


def _application(gate: Gate, handlers: dict[str, Handler], open_handlers: dict[str, Plain]) -> web.Application:
    if handlers.keys() != CALLS.keys():
        raise RuntimeError(f"calls and roles differ: {sorted(handlers.keys() ^ CALLS.keys())}")

    @web.middleware
    async def answer(request: web.Request, handler: Callable[..., object]) -> web.StreamResponse:
        return await gate.answer(request, handler)  # type: ignore[arg-type]

    application = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[answer])
    for call, handler in handlers.items():
        method, path = call.split(" ", 1)
        application.router.add_route(method, path, gate.guard(call, handler))
    for call, plain in open_handlers.items():
        method, path = call.split(" ", 1)
        application.router.add_route(method, path, gate.open(call, plain))
    return application


def _http_log() -> logging.Logger:
    """The log of aiohttp itself, without the exceptions that quote what a client sent: a broken header may be the one with the token."""
    http_log = logging.getLogger("studio.remote.http")
    http_log.addFilter(_without_quotes)
    return http_log


def _without_quotes(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    if isinstance(error, HttpProcessingError):
        record.exc_info = None
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True
