"""Errors on the wire: a KnownError as an RFC 9457 problem document, and a document as a KnownError again.

It invents no words (the catalogue has them) and lets no traceback through.
"""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from studio.errors import (
    Conflict,
    EncoderUnavailable,
    EngineUnreachable,
    Forbidden,
    InvalidInput,
    KnownError,
    NotFound,
    OutputFailed,
    Param,
    RuntimeInUse,
    SourceUnavailable,
    StoreUnavailable,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
)
from studio.model.rules import Fault, InvalidSettings
from studio.remote.json_body import Malformed
from studio.words import say, say_allowed, say_error

CONTENT_TYPE = "application/problem+json"
DEFAULT_LOCALE = "en"
_TYPE_PREFIX = "urn:encore:problem:"

_STATUS: tuple[tuple[type[KnownError], int], ...] = (
    (Malformed, 400),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (TooLarge, 413),
    (InvalidInput, 422),
    (TooManyRequests, 429),
    (SourceUnavailable, 503),
    (EncoderUnavailable, 503),
    (OutputFailed, 503),
    (RuntimeInUse, 503),
    (EngineUnreachable, 503),
    (StoreUnavailable, 503),
)
"""The narrower class stands before the wider one."""

_KINDS: Mapping[str, type[KnownError]] = {kind.__name__: kind for kind, _ in _STATUS}
_BY_STATUS: Mapping[int, type[KnownError]] = {status: kind for kind, status in _STATUS}
_RESERVED = frozenset({"type", "title", "status", "detail", "instance", "code", "kind", "params", "retryable", "faults"})


def status_of(error: KnownError) -> int:
    """The HTTP status of an error."""
    return _place_of(type(error))[1]


@cache
def _place_of(kind: type[KnownError]) -> tuple[str, int]:
    """Name and status of the nearest class that has one."""
    return next(((known.__name__, status) for known, status in _STATUS if issubclass(kind, known)), ("KnownError", 500))


def document_of(error: KnownError, locale: str) -> dict[str, Any]:
    """The problem document. Params stand under `params`, and beside the members of RFC 9457 where their name is free."""
    status = status_of(error)
    extra = {name: value for name, value in error.params.items() if name not in _RESERVED}
    document: dict[str, Any] = {
        **extra,
        **_head(status, error.code, say_error(error, locale), locale),
        "kind": _place_of(type(error))[0],
        "params": dict(error.params),
        "retryable": error.retryable,
    }
    if isinstance(error, InvalidSettings):
        document["faults"] = [{"key": fault.key, "value": fault.value, "allowed": say_allowed(fault, locale)} for fault in error.faults]
    return document


def document_of_bug(locale: str) -> dict[str, Any]:
    """What a caller learns of our own bug: that there was one."""
    return _head(500, "remote.bug", say("errors", locale, "remote.bug"), locale)


def document_of_status(status: int, locale: str) -> dict[str, Any]:
    """For what HTTP itself refuses: an unknown path, a method that isn't there."""
    return _head(status, f"http.{status}", say("errors", locale, f"http.{status}"), locale)


def error_of(status: int, document: Mapping[str, Any]) -> KnownError:
    """The KnownError that a problem document tells of, whoever wrote it."""
    code = document.get("code")
    kind = _KINDS.get(str(document.get("kind"))) or _BY_STATUS.get(status, KnownError)
    faults = document.get("faults")
    if isinstance(faults, list) and faults and all(isinstance(fault, Mapping) for fault in faults):
        return InvalidSettings(
            tuple(Fault(str(fault.get("key", "")), str(fault.get("value", "")), str(fault.get("allowed", ""))) for fault in faults)
        )
    given = document.get("params")
    params = {str(name): _param(value) for name, value in given.items()} if isinstance(given, Mapping) else {}
    for taken in ("self", "code", "retryable"):
        params.pop(taken, None)
    return kind(code if isinstance(code, str) else f"http.{status}", retryable=document.get("retryable") is True, **params)


def locale_of(accept_language: str) -> str:
    """The shipped language that an Accept-Language header likes best; English when it likes none."""
    best, best_weight = DEFAULT_LOCALE, 0.0
    for part in accept_language[:500].split(","):
        tag, _, weight_text = part.strip().lower().partition(";q=")
        locale = "zh_CN" if tag == "zh" or tag.startswith("zh-") else "en" if tag == "en" or tag.startswith("en-") else ""
        try:
            weight = float(weight_text) if weight_text else 1.0
        except ValueError:
            continue
        if locale and weight > best_weight:
            best, best_weight = locale, weight
    return best


def _head(status: int, code: str, detail: str, locale: str) -> dict[str, Any]:
    title = say("errors", locale, f"http.title.{status}")
    if title.startswith("http.title."):
        title = HTTPStatus(status).phrase
    return {"type": _TYPE_PREFIX + code, "title": title, "status": status, "detail": detail, "code": code}


def _param(value: Any) -> Param:
    return value if value is None or isinstance(value, str | int | float) else str(value)
