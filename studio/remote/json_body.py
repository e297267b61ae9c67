"""JSON from outside, read strictly: one object, sound UTF-8, at most 32 levels, no repeated keys, no NaN, no number beyond 2^53.

It refuses what RFC 7493 (I-JSON) refuses, and knows nothing of what the object is for. What a shop signs may hold whole numbers of
64 bits: Shopify's are ids of that size, and its test messages have them.
"""

import json
import math
import re
from typing import Any, NoReturn

from studio.errors import InvalidInput

MAX_DEPTH = 32
"""Levels of nesting; nothing in the contract has more than six. Far below where Python's own reader gives up (about 1,000)."""

_MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader keeps exactly (RFC 7493, 2.2)."""

_MAX_SIGNED = 2**63 - 1

_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
"""A text, ended or not: if it had to be ended, a mebibyte of quotes that never end would be looked through once for each of them."""

_BRACES = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = bytes(sign for sign in range(256) if sign not in b"[]")


class Malformed(InvalidInput):
    """The body isn't what its sender says it is: HTTP 400."""


def read_object(body: bytes, *, is_64_bit: bool = False) -> dict[str, Any]:
    """The body as a dict; an empty body is an empty object. Lone surrogates become U+FFFD. Raises Malformed."""
    if not body.strip():
        return {}
    if _is_deeper_than(body, MAX_DEPTH):
        raise Malformed("body.too_deep", depth=MAX_DEPTH)
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_long if is_64_bit else _integer,
            parse_float=_number,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise Malformed("body.not_utf8", position=error.start) from error
    except json.JSONDecodeError as error:
        raise Malformed("body.not_json", line=error.lineno, column=error.colno) from error
    if not isinstance(value, dict):
        raise Malformed("body.not_object")
    # Only an escape can bring a lone surrogate: the decoder above takes none.
    return _without_surrogates(value) if b"\\u" in body else value


def _is_deeper_than(body: bytes, depth: int) -> bool:
    """Whether brackets nest deeper, told without recursion and at the speed of C: each pass removes the innermost level."""
    if body.count(b"[") + body.count(b"{") <= depth:
        return False
    brackets = _TEXT.sub(b"", body).translate(_BRACES).translate(None, _NOT_BRACKETS)
    for _ in range(depth):
        fewer = brackets.replace(b"[]", b"")
        if len(fewer) == len(brackets):
            break
        brackets = fewer
    # What is left opens more than it may, or doesn't pair at all; the latter is the reader's to name, unless it is deep as well.
    return b"[]" in brackets or brackets.count(b"[") > depth


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        repeated = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise Malformed("body.repeated_key", key=_printable(repeated))
    return result


def _integer(text: str) -> int:
    if len(text) > 17 or abs(value := int(text)) > _MAX_INTEGER:
        raise Malformed("body.number")
    return value


def _long(text: str) -> int:
    if len(text) > 20 or abs(value := int(text)) > _MAX_SIGNED:
        raise Malformed("body.number")
    return value


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Malformed("body.number")
    return value


def _constant(_: str) -> NoReturn:
    raise Malformed("body.number")


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(item) for name, item in value.items()}
    return value


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:60])
