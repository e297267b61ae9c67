"""What PostgreSQL says when it doesn't do what it is asked, as our codes.

It knows states, not sentences, where the server sends one: sentences come in the server's language.
"""

from typing import Any, Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError

from studio.errors import StoreUnavailable

_BY_STATE: Final = {
    "53100": ("store.disk_full", True),
    "25006": ("store.read_only", True),
    "42501": ("store.no_rights", False),
    "3D000": ("store.no_database", False),
    "28P01": ("store.wrong_login", False),
    "28000": ("store.wrong_login", False),
}
_BY_WORDS: Final = {
    # Before a connection stands, the driver passes the sentence on without its state.
    "password authentication failed": "store.wrong_login",
    "no password supplied": "store.wrong_login",
    "pg_hba.conf": "store.not_let_in",
    'fatal:  role "': "store.wrong_login",
    'fatal:  database "': "store.no_database",
    "invalid port number": "store.option",
    "invalid sslmode value": "store.option",
    "invalid connection option": "store.option",
    "bad value for": "store.option",
    # Not any word of SSL: a connection that breaks off says it, too, and comes back by itself.
    "does not support ssl": "store.no_tls",
    "certificate": "store.no_tls",
}
_AGAIN: Final = ("40", "53", "55", "57")
"""Classes of states that pass by themselves: a conflict, no resources, an object in use, the operator's doing."""


def unavailable(error: DBAPIError, shown_url: str) -> StoreUnavailable | None:
    """The error in our codes, or None when it is a bug of ours."""
    cause: Any = error.orig
    state = getattr(cause, "sqlstate", None) or ""
    if state in _BY_STATE:
        code, is_retryable = _BY_STATE[state]
        return StoreUnavailable(code, retryable=is_retryable, url=shown_url, path=shown_url)
    reason = str(cause).splitlines()[0][:200] if str(cause) else state
    if not state and isinstance(error, OperationalError | ProgrammingError):
        words = str(cause).lower()
        code = next((code for sign, code in _BY_WORDS.items() if sign in words), "")
        if code:
            return StoreUnavailable(code, url=shown_url, reason=reason)
    if isinstance(error, OperationalError | InterfaceError) or state.startswith(_AGAIN):
        is_there = state.startswith(("40", "55"))
        if is_there:
            return StoreUnavailable("store.failed", retryable=True, path=shown_url, reason=reason)
        return StoreUnavailable("store.unreachable", retryable=True, url=shown_url)
    return None
