"""What a server that says no means, as an OutputFailed: by its status words alone, since its sentences may repeat the key.

Pure: values in, an error out.
"""

import re
from collections.abc import Mapping, Sequence

from encoder.amf import AmfValue
from encoder.target import Target
from studio.errors import OutputFailed

_MOVED = 302.0
"""In `ex.code` of a refused connect: `ex.redirect` says where to (Adobe Media Server, Wowza)."""
_ADDRESS = re.compile(r"rtmps?://[A-Za-z0-9.:\[\]-]{1,253}(/[A-Za-z0-9._-]{1,64})?")
"""Server and application of an address, and nothing behind them: what follows may be a key."""
_LOGIN = re.compile(r"authmod=([a-z]{1,16})")
"""Servers with user and password say which way of asking is theirs: `adobe` or `llnw` (OBS, librtmp)."""
_STATUS_WORD = re.compile(r"[A-Za-z]{1,40}(\.[A-Za-z0-9]{1,40}){1,4}")


def turned_away(target: Target, values: Sequence[AmfValue]) -> OutputFailed:
    """A connect that was refused: sent elsewhere, asked for a login, or told that there is no such application."""
    info = _info(values)
    extra = info.get("ex")
    if isinstance(extra, Mapping) and extra.get("code") == _MOVED:
        place = _ADDRESS.match(str(extra.get("redirect", "")))
        return OutputFailed("output.redirected", host=target.host, to=place[0] if place else "")
    login = _LOGIN.search(str(info.get("description", "")))
    if login:
        return OutputFailed("output.needs_login", host=target.host, kind=login[1])
    return refused("output.app_refused", target, values)


def refused(code: str, target: Target, values: Sequence[AmfValue]) -> OutputFailed:
    """A refusal with the server's status word, where it is one and holds no key."""
    word = str(_info(values).get("code", ""))
    said = word if _STATUS_WORD.fullmatch(word) and target.key not in word else ""
    return OutputFailed(code, host=target.host, said=said)


def _info(values: Sequence[AmfValue]) -> Mapping[str, AmfValue]:
    return next((value for value in reversed(values) if isinstance(value, Mapping)), {})
