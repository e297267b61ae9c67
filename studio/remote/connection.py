"""The client's way to an engine: where it is, with which token, one request after another.

It refuses to carry a token in the clear beyond this machine, and keeps the token out of every text.
"""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp

from studio.errors import EngineUnreachable, InvalidInput
from studio.remote.problems import error_of

_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_CONNECT_S = 3.0
_CALL_S = 30.0
"""The longest call is a draw over many entries, or the start of a show with a slow camera; both answer within ten seconds."""

_TIMEOUT = aiohttp.ClientTimeout(total=_CALL_S, sock_connect=_CONNECT_S)


@dataclass(frozen=True, slots=True)
class Address:
    """Where an engine is; `fingerprint` is the SHA-256 of the certificate (hex) that a proxy before it must show."""

    url: str
    token: str = field(repr=False)
    fingerprint: str = ""


def read_runtime(folder: Path) -> Address:
    """The engine of a runtime folder, by its engine.json. Raises EngineUnreachable when there is none."""
    try:
        document = json.loads((folder / "engine.json").read_text(encoding="utf-8"))
        return Address(str(document["url"]), str(document["token"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineUnreachable("remote.no_engine", folder=str(folder)) from error


def check_address(address: Address) -> Address:
    """Raise InvalidInput for what isn't an address, or for plain HTTP to another machine."""
    parts = urlsplit(address.url)
    is_plain = parts.scheme == "http"
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None or parts.query:
        raise InvalidInput("remote.url")
    if is_plain and parts.hostname not in _LOOPBACK_NAMES:
        raise InvalidInput("remote.url_in_the_clear", host=parts.hostname)
    if address.fingerprint:
        try:
            is_sound = len(bytes.fromhex(address.fingerprint)) == 32
        except ValueError:
            is_sound = False
        if is_plain or not is_sound:
            raise InvalidInput("remote.fingerprint")
    return address


class Connection:
    """One HTTP session, opened at the first call on the loop that makes it."""

    def __init__(self, find: Callable[[], Address], locale: str = "") -> None:
        self._find = find
        self._headers = {"Accept-Language": locale.replace("_", "-")} if locale else {}
        self._session: aiohttp.ClientSession | None = None
        self._address: Address | None = None

    @property
    def address(self) -> Address:
        """Where the engine was when last looked for."""
        if self._address is None:
            self._address = check_address(self._find())
        return self._address

    def look_again(self) -> None:
        """The engine may have been started anew, with another port and token."""
        self._address = None

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        data: bytes | None = None,
        query: dict[str, str] | None = None,
        timeout_s: float = 0.0,
    ) -> Any:
        """One call: the JSON of its answer, or the bytes of a picture; `timeout_s` where the answer takes its time.

        Raises the KnownError of a problem document, EngineUnreachable.
        """
        longer = aiohttp.ClientTimeout(total=timeout_s, sock_connect=_CONNECT_S) if timeout_s else None
        response = await self._request(method, path, body, data, query, longer)
        async with response:
            content = await self._content(response)
        is_json = "json" in response.content_type
        document = parse_json(content) if is_json else content
        if response.status >= 400:
            raise error_of(response.status, document if isinstance(document, dict) else {})
        return document

    async def download(self, path: str, body: Any, take: Callable[[bytes, int], None]) -> None:
        """A long answer, given piece by piece to `take(piece, fans)`. Raises as `call`; EngineUnreachable when it breaks off."""
        response = await self._request("POST", path, body, None, None, aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S))
        async with response:
            if response.status >= 400:
                document = parse_json(await self._content(response))
                raise error_of(response.status, document if isinstance(document, dict) else {})
            fans = int(response.headers.get("X-Encore-Fans", "0"))
            try:
                async for piece in response.content.iter_chunked(1 << 18):
                    take(piece, fans)
            except (aiohttp.ClientError, TimeoutError) as error:
                raise self._unreachable(error) from error

    async def open_stream(self) -> aiohttp.ClientWebSocketResponse:
        """The stream's socket. Raises EngineUnreachable, and what the server refuses."""
        try:
            return await self._open_session().ws_connect(
                self.address.url + "/v1/stream",
                headers=self._authorization(),
                ssl=self._ssl(),
                heartbeat=5.0,
                max_msg_size=8 * 2**20,
                timeout=aiohttp.ClientWSTimeout(ws_close=1.0),  # pyright: ignore[reportCallIssue] - an attrs class without stubs
            )
        except aiohttp.WSServerHandshakeError as error:
            raise error_of(error.status, {}) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._unreachable(error) from error

    async def close(self) -> None:
        """Close the session; idempotent."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _request(
        self,
        method: str,
        path: str,
        body: Any,
        data: bytes | None,
        query: dict[str, str] | None,
        timeout: "aiohttp.ClientTimeout | None" = None,  # noqa: ASYNC109 - aiohttp's own
    ) -> aiohttp.ClientResponse:
        try:
            return await self._open_session().request(
                method,
                self.address.url + path,
                json=body,
                data=None if data is None else io.BytesIO(data),
                params=query,
                headers=self._authorization(),
                ssl=self._ssl(),
                allow_redirects=False,
                timeout=timeout or _TIMEOUT,
            )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._unreachable(error) from error

    async def _content(self, response: aiohttp.ClientResponse) -> bytes:
        try:
            return await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: BaseException) -> EngineUnreachable:
        """The words for a lost engine; a wrong certificate is named, for it is never gone round."""
        self.look_again()
        code = (
            "remote.wrong_certificate" if isinstance(error, aiohttp.ServerFingerprintMismatch | aiohttp.ClientSSLError) else "remote.lost"
        )
        return EngineUnreachable(code, retryable=True)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT, headers=self._headers, trust_env=False)
        return self._session

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.address.token}"} if self.address.token else {}

    def _ssl(self) -> aiohttp.Fingerprint | bool:
        return aiohttp.Fingerprint(bytes.fromhex(self.address.fingerprint)) if self.address.fingerprint else True


def part(text: str) -> str:
    """A text as one part of a path."""
    return quote(text, safe="")


def parse_json(content: bytes | str) -> Any:
    """What a server sent, or an empty object when that is no JSON."""
    try:
        return json.loads(content)
    except ValueError:
        return {}
