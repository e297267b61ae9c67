"""The stream: the full state first, then every change, to each client at its own speed.

It waits for nobody and keeps nothing but each client's bounded queue; what a client sends is read and ignored.
"""

import asyncio
import contextlib

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


class Stream:
    """All connected clients; owned by the loop thread."""

    def __init__(self, surface: StudioSurface, tokens: TokenBook) -> None:
        self._surface = surface
        self._tokens = tokens
        self._clients: dict[StreamQueue, tuple[Principal, web.WebSocketResponse]] = {}
        self._unsubscribe = lambda: None
        self._closing: set[asyncio.Task[bool]] = set()

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {"GET /v1/stream": self.connect}

    def start(self) -> None:
        """Listen to the studio from now on."""
        self._unsubscribe = self._surface.subscribe(self._deliver)

    async def stop(self) -> None:
        """Say goodbye to all clients; idempotent."""
        self._unsubscribe()
        self._unsubscribe = lambda: None
        self._close([socket for _, socket in self._clients.values()], WSCloseCode.GOING_AWAY)
        if self._closing:
            await asyncio.wait(self._closing)

    def end(self, token_id: str) -> None:
        """End the streams of a token."""
        self._close([socket for principal, socket in self._clients.values() if principal.token_id == token_id], TOKEN_ENDED)

    async def connect(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """One client's stream, until either side ends it."""
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, timeout=_CLOSE_S, max_msg_size=_MAX_INCOMING_BYTES, compress=False)
        if not socket.can_prepare(request).ok:
            raise Malformed("remote.not_websocket")
        if len(self._clients) >= MAX_CLIENTS:
            raise TooManyRequests("remote.too_many_streams", retry_after_s=5)
        await socket.prepare(request)
        queue = StreamQueue()
        # No await between the state and the first change: nothing is missed, nothing comes twice.
        queue.start([(name, encode_data(data)) for name, data in self._surface.stream_state() if may_read(name, principal.role)])
        self._clients[queue] = (principal, socket)
        sender = asyncio.create_task(self._send(queue, principal, socket), name=f"stream to {principal.name}")
        try:
            async for _ in socket:
                pass
        finally:
            del self._clients[queue]
            sender.cancel()
            await asyncio.wait({sender})
        return socket

    async def _send(self, queue: StreamQueue, principal: Principal, socket: web.WebSocketResponse) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                message = await queue.take()
                if not self._tokens.is_good(principal.token_id):
                    await socket.close(code=TOKEN_ENDED)
                    return
                await socket.send_str(message)

    def _deliver(self, message_type: str, data: Body) -> None:
        if not self._clients:
            return
        encoded = encode_data(data)
        key = str(data.get("id", "")) if message_type == "drop" else ""
        for queue, (principal, _) in self._clients.items():
            if may_read(message_type, principal.role):
                queue.put(message_type, encoded, key)

    def _close(self, sockets: list[web.WebSocketResponse], code: int) -> None:
        for socket in sockets:
            task = asyncio.create_task(socket.close(code=code), name="close a stream")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
