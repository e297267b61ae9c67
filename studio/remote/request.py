"""What a handler reads from a request: its body within limits, its query, its fields; and how it answers.

It knows no call in particular; everything wrong with a request is a KnownError that names the field.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, TypeVar

from aiohttp import hdrs, web

from studio.errors import InvalidInput, TooLarge
from studio.remote.json_body import Malformed, read_object
from studio.remote.surface import Body

MAX_BODY_BYTES = 2**20
"""The contract's 1 MiB; of everything, not of events alone."""

BODY_SECONDS = 10.0
"""How long a body may take. A server on the far side of a bad link needs one or two; who drips bytes holds a connection no longer."""

_MAX_ID = 200
_MAX_TEXT = 2_000
THREAD_BYTES = 16 * 1024
"""Bodies over this size are parsed on another thread: 1 MiB of brackets takes 50 ms, which the loop would stand still for."""

ChoiceT = TypeVar("ChoiceT", bound=str)


async def read_body(request: web.Request) -> bytes:
    """The raw body. Raises TooLarge, Malformed for one that is compressed, broken or too slow."""
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        raise Malformed("body.encoded")
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise TooLarge("body.too_large", max_bytes=MAX_BODY_BYTES)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge("body.too_large", max_bytes=MAX_BODY_BYTES) from error
    except TimeoutError as error:
        raise Malformed("body.too_slow", seconds=int(BODY_SECONDS)) from error
    except (web.RequestPayloadError, ConnectionError) as error:
        raise Malformed("body.broken") from error


async def read_json(request: web.Request) -> Body:
    """The body as a strict JSON object with integer, non-negative money in every `*_minor`. Raises Malformed, TooLarge, InvalidInput."""
    body = await read_plain_json(request)
    check_money(body)
    return body


async def read_plain_json(request: web.Request) -> Body:
    """The body as a strict JSON object, for callers that judge its money themselves. Raises Malformed, TooLarge."""
    raw = await read_body(request)
    return read_object(raw) if len(raw) <= THREAD_BYTES else await asyncio.to_thread(read_object, raw)


def check_money(value: Any) -> None:
    """Raise InvalidInput unless every number under a name that ends in `_minor` is an integer of at least 0."""
    if isinstance(value, list):
        for item in value:
            check_money(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name.endswith("_minor") and (isinstance(item, bool | float) or (isinstance(item, int) and item < 0)):
                raise InvalidInput("field.money", field=name[:_MAX_ID])
            check_money(item)


def text(body: Mapping[str, Any], name: str, *, max_length: int = _MAX_ID) -> str:
    """A text that is there and not blank. Raises InvalidInput."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput("field.text", field=name)
    if len(value) > max_length:
        raise InvalidInput("field.too_long", field=name, max_length=max_length)
    return value


def optional_text(body: Mapping[str, Any], name: str, *, max_length: int = _MAX_TEXT) -> str:
    """A text, empty when it isn't there or null. Raises InvalidInput."""
    value = body.get(name)
    if value is None or value == "":
        return ""
    return text(body, name, max_length=max_length)


def whole(body: Mapping[str, Any], name: str, low: int, high: int) -> int:
    """A whole number within bounds. Raises InvalidInput."""
    value = body.get(name)
    if type(value) is not int or not low <= value <= high:
        raise InvalidInput("field.whole", field=name, low=low, high=high)
    return value


def share(body: Mapping[str, Any], name: str, default: float) -> float:
    """A number from 0 to 1, or its default when it isn't there. Raises InvalidInput."""
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidInput("field.share", field=name)
    return float(value)


def truth(body: Mapping[str, Any], name: str) -> bool:
    """True or false. Raises InvalidInput."""
    value = body.get(name)
    if not isinstance(value, bool):
        raise InvalidInput("field.truth", field=name)
    return value


def choice(body: Mapping[str, Any], name: str, choices: tuple[ChoiceT, ...]) -> ChoiceT:
    """One of a few words. Raises InvalidInput."""
    value = body.get(name)
    for known in choices:
        if value == known:
            return known
    raise InvalidInput("field.choice", field=name, choices=", ".join(choices))


def query_whole(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    """A whole number of the query string, or its default. Raises InvalidInput."""
    given = request.query.get(name)
    if given is None:
        return default
    # Twelve digits are more than any bound; longer ones are not worth converting.
    value = int(given) if given.isascii() and given.isdigit() and len(given) <= 12 else None
    return whole({name: value}, name, low, high)


def path_text(request: web.Request, name: str) -> str:
    """A part of the path, decoded. Raises InvalidInput."""
    return text({name: _scalar(request.match_info[name])}, name)


def query_text(request: web.Request, name: str) -> str:
    """A text of the query string, or empty. Raises InvalidInput."""
    return optional_text({name: _scalar(request.query.get(name, ""))}, name, max_length=_MAX_ID)


def reply(
    data: Any, status: int = 200, *, headers: Mapping[str, str] | None = None, content_type: str = "application/json"
) -> web.Response:
    """A JSON answer that nobody caches."""
    # Text that reached the studio before it was cleaned may hold a lone surrogate, which UTF-8 can't.
    encoded = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")
    return web.Response(body=encoded, status=status, content_type=content_type, charset="utf-8", headers=private(headers))


def private(headers: Mapping[str, str] | None = None) -> dict[str, str]:
    """Headers of every answer: it is for this caller alone, and is what its type says."""
    return {hdrs.CACHE_CONTROL: "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}


def _scalar(given: str) -> str:
    """Percent-decoding may leave lone surrogates; they become U+FFFD as in a body."""
    return given.encode("utf-8", "replace").decode("utf-8")
