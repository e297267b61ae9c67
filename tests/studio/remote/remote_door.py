"""The control API from outside: a clock turned by hand, the tokens of the tests, and one call after another over real HTTP."""

import io
import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from rehearsed_studio import RehearsedStudio

from studio.remote.audit import AuditFile
from studio.remote.server import ControlServer
from studio.remote.tokens import TokenBook

START_MS = 1_790_000_000_000
TOKENS = {
    "host": "token-of-a-host",
    "assistant": "token-of-an-assistant",
    "moderator": "token-of-a-moderator",
    "connector": "token-of-a-feed",
}


@dataclass
class Clock:
    """Both clocks, turned by hand."""

    now_s: float = 1000.0
    now_wall_ms: int = START_MS

    def s(self) -> float:
        return self.now_s

    def ms(self) -> int:
        return self.now_wall_ms

    def pass_s(self, seconds: float) -> None:
        self.now_s += seconds
        self.now_wall_ms += int(seconds * 1000)


@dataclass
class Answer:
    status: int
    headers: Any
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def code(self) -> str:
        assert self.headers["Content-Type"].startswith("application/problem+json")
        return self.json["code"]


@dataclass
class Door:
    """The API from outside: a real server on loopback, real HTTP."""

    studio: RehearsedStudio
    server: ControlServer
    book: TokenBook
    audit: AuditFile
    clock: Clock
    http: aiohttp.ClientSession
    tokens: dict[str, str] = field(default_factory=dict)

    async def call(self, call: str, role: str | None = "host", body: Any = None, **more: Any) -> Answer:
        method, path = call.split(" ", 1)
        headers = dict(more.pop("headers", {}))
        if role is not None:
            headers.setdefault("Authorization", f"Bearer {self.tokens.get(role, role)}")
        if body is not None:
            more["data"] = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        async with self.http.request(method, self.server.url + path, headers=headers, **more) as response:
            return Answer(response.status, response.headers, await response.read())

    def stream(self, role: str = "host") -> Any:
        return self.http.ws_connect(self.server.url + "/v1/stream", headers={"Authorization": f"Bearer {self.tokens[role]}"})

    async def audited(self) -> list[dict[str, Any]]:
        return await self.audit.rows(-1, 10_000)
