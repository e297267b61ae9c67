"""Calls on a shop's orders: webhooks without a token, signed instead, and the queue of orders that wait for their buyer.

No body is parsed before its signature holds, and no more are under way at a time than the store can take.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from studio.errors import TooManyRequests
from studio.remote.gate import Handler, note_detail
from studio.remote.json_body import read_object
from studio.remote.rate import TokenBucket
from studio.remote.request import MAX_BODY_BYTES, THREAD_BYTES, choice, path_text, query_whole, read_body, read_json, reply, text
from studio.remote.roles import Principal
from studio.remote.surface import Body, StudioSurface

_STATES = ("waiting", "bound", "dismissed")
_MAX_ROWS = 200
_MAX_ORDER = 200
_HOLD_S = 0.5
"""10,000 refusals as fast as they came cost the picture a tenth of its frames; over 200 connections these make it 400 a second."""
_MAX_HELD = 1_000
"""Refusals that wait, some 10 kB each; beyond it they are said at once."""

_Step = Callable[[str, str, str], Awaitable[Body]]


@dataclass(frozen=True, slots=True)
class HookLimits:
    """What one hook may bring: a shop in a sale makes some ten orders a second, and repeats whatever got a 429.

    Halved, a shop that was away for an hour takes twice as long to catch up; doubled, a flood costs the loop twice the time.
    """

    per_second: float = 100
    max_under_way: int = 32
    max_bytes_under_way: int = 4 * 2**20


class HookCalls:
    """The handlers; owned by the loop thread."""

    def __init__(self, surface: StudioSurface, limits: HookLimits, clock_s: Callable[[], float]) -> None:
        self._surface = surface
        self._limits = limits
        self._rate = TokenBucket(limits.per_second, 2 * limits.per_second, clock_s)
        self._held = 0
        self._under_way = 0
        self._bytes_under_way = 0

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "GET /v1/shop/orders": self.orders,
            "POST /v1/shop/orders/code": self.code,
            "POST /v1/shop/orders/dismiss": self.dismiss,
        }

    async def hook(self, request: web.Request) -> web.StreamResponse:
        """A shop's message: 200 once it is durable, or was already."""
        name = path_text(request, "name")
        announced = request.content_length if request.content_length is not None else MAX_BODY_BYTES
        try:
            return await self._take(request, name, min(announced, MAX_BODY_BYTES))
        except TooManyRequests:
            await self._hold()
            raise

    async def _take(self, request: web.Request, name: str, announced: int) -> web.StreamResponse:
        with self._enter(name, announced):
            body = await read_body(request)
            message_id = await self._surface.shop.verify(name, request.headers, body)
            read = partial(read_object, body, is_64_bit=True)
            document = read() if len(body) <= THREAD_BYTES else await asyncio.to_thread(read)
            topic = request.headers.get("X-Shopify-Topic", "")
            return reply(await self._surface.shop.take(name, message_id, topic, document))

    async def _hold(self) -> None:
        """A refusal waits a moment: who sends without a pause is slowed down to what costs the picture nothing."""
        if self._held < _MAX_HELD:
            self._held += 1
            try:
                await asyncio.sleep(_HOLD_S)
            finally:
                self._held -= 1

    @contextmanager
    def _enter(self, name: str, announced: int) -> Iterator[None]:
        limits = self._limits
        # All hooks share one allowance: a name costs a stranger nothing.
        wait_s = self._rate.wait_s("hooks")
        if wait_s > 0:
            raise TooManyRequests("hooks.too_fast", retryable=True, retry_after_s=math.ceil(wait_s), name=name[:40])
        if self._under_way >= limits.max_under_way or self._bytes_under_way + announced > limits.max_bytes_under_way:
            raise TooManyRequests("hooks.too_fast", retryable=True, retry_after_s=1, name=name[:40])
        self._rate.take("hooks", 1)
        self._under_way += 1
        self._bytes_under_way += announced
        try:
            yield
        finally:
            self._under_way -= 1
            self._bytes_under_way -= announced

    async def orders(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """A page of orders, by their state."""
        state = choice({"state": request.query.get("state", "waiting")}, "state", _STATES)
        limit, after = query_whole(request, "limit", 50, 1, _MAX_ROWS), query_whole(request, "after", 0, 0, 10**15)
        return reply(await self._surface.shop.orders(state, limit, after))

    async def code(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """A new code for an order; the old one is void."""
        return await self._step(request, principal, self._surface.shop.renew_code)

    async def dismiss(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Nobody of this room bought it."""
        return await self._step(request, principal, self._surface.shop.dismiss)

    async def _step(self, request: web.Request, principal: Principal, step: _Step) -> web.StreamResponse:
        body = await read_json(request)
        hook, order = text(body, "hook", max_length=40), text(body, "order", max_length=_MAX_ORDER)
        note_detail(request, f"{hook} {order}")
        return reply(await step(hook, order, principal.name))
