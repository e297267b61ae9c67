"""The stream: the full state first, then every change, to each client at its own speed.

It waits for nobody and keeps nothing but each client's bounded queue; what a client sends is read and ignored.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import WSCloseCode, web

from studio.errors import TooManyRequests
from studio.remote.gate import Handler
from studio.remote.json_body import Malformed
from studio.remote.roles import Principal, may_read
from studio.remote.stream_queue import StreamQueue, encode_data
from studio.remote.surface import Body, StudioSurface
from studio.remote.tokens import TokenBook

MAX_CLIENTS = 64
"""Streams at a time: a show has two or three windows; each one costs a queue of 100 messages and a send for each of them."""

TOKEN_ENDED = 4401
"""The close code for a token that was revoked or has expired while its stream was open."""

_HEARTBEAT_S = 30.0
"""Between pings; a client that answers none for 15 s more is gone, or has stopped reading for good."""

_CLOSE_S = 1.0
"""How long a client may take to say goodbye."""

_MAX_INCOMING_BYTES = 4096


@dataclass(eq=False, slots=True)
class _Client:
    principal: Principal
    queue: StreamQueue
    ending: asyncio.Future[int]
    """Set to a close code by whoever wants this stream to end; only its own handler closes the socket."""

    def end(self, code: int) -> None:
        if not self.ending.done():
            self.ending.set_result(code)


class Stream:
    """All connected clients; owned by the loop thread."""

    def __init__(self, surface: StudioSurface, tokens: TokenBook) -> None:
        self._surface = surface
        self._tokens = tokens
        self._clients: set[_Client] = set()
        self._unsubscribe: Callable[[], None] | None = None
        self._is_empty = asyncio.Event()

    @property
    def clients(self) -> int:
        """How many are connected."""
        return len(self._clients)

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {"GET /v1/stream": self.connect}

    async def stop(self) -> None:
        """Say goodbye to all clients; idempotent."""
        for client in self._clients:
            client.end(WSCloseCode.GOING_AWAY)
        while self._clients:
            self._is_empty.clear()
            await self._is_empty.wait()

    def end(self, token_id: str) -> None:
        """End the streams of a token."""
        for client in self._clients:
            if client.principal.token_id == token_id:
                client.end(TOKEN_ENDED)

    async def connect(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """One client's stream, until either side ends it."""
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, timeout=_CLOSE_S, max_msg_size=_MAX_INCOMING_BYTES, compress=False)
        if not socket.can_prepare(request).ok:
            raise Malformed("remote.not_websocket")
        if len(self._clients) >= MAX_CLIENTS:
            raise TooManyRequests("remote.too_many_streams", retry_after_s=5)
        await socket.prepare(request)
        client = _Client(principal, StreamQueue(), asyncio.get_running_loop().create_future())
        try:
            # No await between the state and the first change: nothing is missed, nothing comes twice.
            if self._unsubscribe is None:  # the studio tells nobody while nobody listens, and makes no preview for them
                self._unsubscribe = self._surface.subscribe(self._deliver)
            state = [(name, data) for name, data in self._surface.stream_state() if may_read(name, principal.role)]
            client.queue.start([(name, encode_data(data)) for name, data in state])
            self._clients.add(client)
            await self._serve(client, socket)
        finally:
            self._leave(client)
        return socket

    def _leave(self, client: _Client) -> None:
        self._clients.discard(client)
        if not self._clients and self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._is_empty.set()

    async def _serve(self, client: _Client, socket: web.WebSocketResponse) -> None:
        reading = asyncio.create_task(_ignore(socket), name=f"stream from {client.principal.name}")
        sending = asyncio.create_task(self._send(client, socket), name=f"stream to {client.principal.name}")
        try:
            await asyncio.wait({reading, sending, client.ending}, return_when=asyncio.FIRST_COMPLETED)
            sending.cancel()
            if client.ending.done():
                # Without draining: a client that stopped reading doesn't hold up its own end either.
                await socket.close(code=client.ending.result(), drain=False)
        finally:
            for task in (reading, sending):
                task.cancel()
            await asyncio.wait({reading, sending})

    async def _send(self, client: _Client, socket: web.WebSocketResponse) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                message = await client.queue.take()
                if not self._tokens.is_good(client.principal.token_id):
                    client.end(TOKEN_ENDED)
                    return
                await socket.send_str(message)

    def _deliver(self, message_type: str, data: Body) -> None:
        readers = [client for client in self._clients if may_read(message_type, client.principal.role)]
        if not readers:
            return
        encoded = encode_data(data)
        key = str(data.get("id", "")) if message_type == "drop" else ""
        for client in readers:
            client.queue.put(message_type, encoded, key)


async def _ignore(socket: web.WebSocketResponse) -> None:
    """Read on, so that pings are answered and the end is seen."""
    async for _ in socket:
        pass
