"""`StudioClient`: the studio as windows and scripts see it, over the control API; KnownErrors in, KnownErrors out.

It holds no state of the show and no widget: what it is told it hands on.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import aiohttp

from studio.errors import EngineUnreachable, KnownError
from studio.remote.connection import Address, Connection, check_address, parse_json, part, read_runtime
from studio.remote.drop_client import DropClient
from studio.remote.file_client import FileClient
from studio.remote.loyalty_client import LoyaltyClient
from studio.remote.moment_client import MomentClient
from studio.remote.output_client import OutputClient
from studio.remote.person_client import PersonClient
from studio.remote.roles import Role
from studio.remote.shop_client import ShopClient
from studio.remote.sound_client import SoundClient
from studio.remote.surface import Body, Compare, FanSort, SlateAnswer

_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 1.0
"""Between tries to reach the engine: it is back within three seconds, so one second more is the most that a window shows grey."""


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """One message. `connected` and `lost` are the client's own (seq 0); `lost` carries {code, params, retry_in_s}."""

    type: str
    seq: int
    data: Any


class StudioClient(PersonClient, LoyaltyClient, ShopClient, DropClient, FileClient, SoundClient, OutputClient, MomentClient):
    """All calls of the control API. One loop only: the one that makes the first call (asyncio's or Qt's through qasync)."""

    def __init__(self, url: str, token: str, *, fingerprint: str = "", locale: str = "") -> None:
        address = check_address(Address(url.rstrip("/"), token, fingerprint))
        self._is_fixed = True
        self._connection = Connection(lambda: address, locale)

    @classmethod
    def from_runtime(cls, folder: Path, *, locale: str = "") -> Self:
        """The engine of a runtime folder; found again when it was started anew. Raises EngineUnreachable when there is none now."""
        first = read_runtime(folder)
        client = cls(first.url, first.token, locale=locale)
        client._is_fixed = False
        client._connection = Connection(lambda: read_runtime(folder), locale)
        return client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection; idempotent."""
        await self._connection.close()

    async def ingest(self, lines: bytes) -> Body:
        """Bring events (connector)."""
        return await self._connection.call("POST", "/v1/events", data=lines)

    async def board(self, limit: int = 50) -> Body:
        """{version, present, rows}."""
        return await self._connection.call("GET", "/v1/board", query={"limit": str(limit)})

    async def fan(self, platform: str, fan_id: str) -> Body:
        """One person's card."""
        return await self._connection.call("GET", f"/v1/fans/{part(platform)}/{part(fan_id)}")

    async def fans(self, sort: FanSort = "spent_minor", limit: int = 50, after: str = "") -> Body:
        """{rows, after}: a page of the fan file."""
        query = {"sort": sort, "limit": str(limit)} | ({"after": after} if after else {})
        return await self._connection.call("GET", "/v1/fans", query=query)

    async def segments(self, *, is_fresh: bool = False) -> Body:
        """Segments, layers and tiers, and their history; {state, progress} while they are counted."""
        return await self._connection.call("GET", "/v1/segments", query=_fresh(is_fresh))

    async def cohorts(self, *, is_fresh: bool = False) -> Body:
        """Cohorts, repurchase rates, the forecast."""
        return await self._connection.call("GET", "/v1/cohorts", query=_fresh(is_fresh))

    async def repurchase(self, limit: int = 50, *, is_fresh: bool = False) -> Body:
        """Who is due today."""
        return await self._connection.call("GET", "/v1/repurchase", query={"limit": str(limit), **_fresh(is_fresh)})

    async def outlook(self, platform: str, fan_id: str) -> Body:
        """One fan's history, habits and expected purchases."""
        return await self._connection.call("GET", f"/v1/fans/{part(platform)}/{part(fan_id)}/outlook")

    async def moderate(self, body: Body) -> Body:
        """{platform, id, action, text}."""
        return await self._connection.call("POST", "/v1/moderation", body=body)

    async def issue_member_code(self, platform: str, fan_id: str) -> Body:
        """{code, path, url}: a new code for a fan's own page."""
        return await self._connection.call("POST", f"/v1/fans/{part(platform)}/{part(fan_id)}/member-code")

    async def revoke_member_code(self, platform: str, fan_id: str) -> Body:
        """{revoked}: the fan's code opens nothing any more."""
        return await self._connection.call("DELETE", f"/v1/fans/{part(platform)}/{part(fan_id)}/member-code")

    async def start_live(self) -> Body:
        """Go live."""
        return await self._connection.call("POST", "/v1/live/start")

    async def stop_live(self) -> Body:
        """End the show."""
        return await self._connection.call("POST", "/v1/live/stop")

    async def live(self) -> Body:
        """Whether the show is on."""
        return await self._connection.call("GET", "/v1/live")

    async def answer_slate(self, answer: SlateAnswer) -> Body:
        """What to do while the picture is gone."""
        return await self._connection.call("POST", "/v1/live/slate", body={"answer": answer})

    async def measure(self) -> Body:
        """Measure the engine's machine; what comes of it is told in messages `measure`."""
        return await self._connection.call("POST", "/v1/measure")

    async def measured(self) -> Body:
        """What came of it so far."""
        return await self._connection.call("GET", "/v1/measure")

    async def preview_jpeg(self, width: int = 640) -> bytes:
        """The newest frame."""
        return await self._connection.call("GET", "/v1/preview.jpg", query={"width": str(width)})

    async def compare(self, mode: Compare, line_at: float = 0.5) -> Body:
        """Before and after in the local preview, the line between them at a share of the width."""
        return await self._connection.call("POST", "/v1/preview", body={"compare": mode, "at": line_at})

    async def looks(self) -> Body:
        """Presets and presenters."""
        return await self._connection.call("GET", "/v1/looks")

    async def keep_look(self, name: str) -> Body:
        """Keep the look of now under a name."""
        return await self._connection.call("PUT", f"/v1/looks/{part(name)}")

    async def forget_look(self, name: str) -> Body:
        """Forget one of your own."""
        return await self._connection.call("DELETE", f"/v1/looks/{part(name)}")

    async def use_look(self, name: str) -> Body:
        """Put one on."""
        return await self._connection.call("POST", f"/v1/looks/{part(name)}/use")

    async def hand_over(self, presenter: str) -> Body:
        """Another presenter with their last look."""
        return await self._connection.call("POST", f"/v1/presenters/{part(presenter)}/hand-over")

    async def balance_white(self, x: float, y: float) -> Body:
        """White balance by what stands at a place of the picture (shares)."""
        return await self._connection.call("POST", "/v1/colour/white", body={"x": x, "y": y})

    async def read_chart(self) -> Body:
        """Find and read the colour chart."""
        return await self._connection.call("POST", "/v1/colour/chart")

    async def colour_profiles(self) -> list[Body]:
        """The stored ones."""
        return (await self._connection.call("GET", "/v1/colour/profiles"))["profiles"]

    async def keep_colour_profile(self, light: str) -> Body:
        """Store the last reading and use it."""
        return await self._connection.call("POST", "/v1/colour/profiles", body={"light": light})

    async def forget_colour_profile(self, name: str) -> Body:
        """Delete one."""
        return await self._connection.call("DELETE", f"/v1/colour/profiles/{part(name)}")

    async def settings(self) -> Body:
        """The profile."""
        return await self._connection.call("GET", "/v1/settings")

    async def patch_settings(self, patch: Body) -> Body:
        """{settings, touched}. Raises InvalidSettings with every fault."""
        return await self._connection.call("PATCH", "/v1/settings", body=patch)

    async def health(self) -> Body:
        """The report."""
        return await self._connection.call("GET", "/v1/health")

    async def audit(self, since: str = "") -> list[Body]:
        """Rows after a moment."""
        return (await self._connection.call("GET", "/v1/audit", query={"since": since}))["rows"]

    async def pair_code(self, role: Role, *, platform: str = "", room: str = "") -> Body:
        """{code, role, valid_s}: a one-time code for another device."""
        return await self._connection.call("POST", "/v1/pair/codes", body={"role": role, "platform": platform, "room": room})

    async def tokens(self) -> list[Body]:
        """Who may call."""
        return (await self._connection.call("GET", "/v1/tokens"))["tokens"]

    async def revoke(self, token_id: str) -> Body:
        """Forget a paired device."""
        return await self._connection.call("DELETE", f"/v1/tokens/{part(token_id)}")

    async def shutdown(self) -> None:
        """End the engine."""
        await self._connection.call("POST", "/v1/engine/stop")

    def stream(self, *, wait: Callable[[float], Awaitable[None]] = asyncio.sleep) -> AsyncGenerator[StreamMessage, None]:
        """Every message, for ever: `connected`, the full state, changes; `lost` whenever the engine is gone, and then from the start.

        Raises what a fixed address refuses for good (a token that isn't known any more). Close the iterator to end it.
        """
        return _follow(self._connection, wait, is_fixed=self._is_fixed)


def _fresh(is_fresh: bool) -> dict[str, str]:  # noqa: FBT001 - it is the query itself
    return {"fresh": "1"} if is_fresh else {}


async def _follow(
    connection: Connection, wait: Callable[[float], Awaitable[None]], *, is_fixed: bool
) -> AsyncGenerator[StreamMessage, None]:
    wait_s = _FIRST_WAIT_S
    while True:
        lost: KnownError = EngineUnreachable("remote.lost", retryable=True)
        try:
            socket = await connection.open_stream()
        except KnownError as error:
            if is_fixed and not isinstance(error, EngineUnreachable):
                raise
            lost = error
        else:
            async with socket:
                wait_s = _FIRST_WAIT_S
                yield StreamMessage("connected", 0, {})
                async for message in _messages(socket):
                    yield message
        connection.look_again()
        yield StreamMessage("lost", 0, {"code": lost.code, "params": dict(lost.params), "retry_in_s": wait_s})
        await wait(wait_s)
        wait_s = min(2 * wait_s, _LONGEST_WAIT_S)


async def pair(url: str, code: str, name: str, *, fingerprint: str = "", locale: str = "") -> tuple[str, Role]:
    """Turn a code into (token, role) for this device. Raises Unauthenticated: wrong, too old, used or locked."""
    address = check_address(Address(url.rstrip("/"), "", fingerprint))
    connection = Connection(lambda: address, locale)
    try:
        answer = await connection.call("POST", "/v1/pair", body={"code": code, "name": name})
    finally:
        await connection.close()
    return answer["token"], answer["role"]


async def _messages(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[StreamMessage]:
    async for raw in socket:
        if raw.type is aiohttp.WSMsgType.TEXT:
            document = parse_json(raw.data)
            if isinstance(document, dict) and isinstance(document.get("type"), str):
                yield StreamMessage(document["type"], int(document.get("seq", 0)), document.get("data"))
