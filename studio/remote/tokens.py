"""Tokens: who holds one is known by its SHA-256 alone, from the run itself, from tokens.toml, or from pairing.

No token is ever stored, logged or shown again after it was handed out once.
"""

import contextlib
import hashlib
import hmac
import json
import os
import secrets
import sys
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

from studio.errors import InvalidInput, NotFound, Unauthenticated
from studio.remote.roles import ROLES, Principal, Role

TokenSource: TypeAlias = Literal["run", "file", "paired"]

PAIRED_DAYS = 30
"""How long a paired device stays known: a month of shows; after that, or after `DELETE /v1/tokens/…`, it pairs again."""

_DAY_MS = 86_400_000
_MAX_NAME = 60
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """What is known of a token. `expires_at_ms` is wall clock, 0 for never; a connector may be bound to platform and room."""

    sha256: str
    role: Role
    name: str
    source: TokenSource = "file"
    platform: str = ""
    room: str = ""
    expires_at_ms: int = 0

    @property
    def id(self) -> str:
        """Tells it from others in lists and in the audit; the rest of the hash stays here."""
        return self.sha256[:12]

    def public(self) -> dict[str, Any]:
        """As the host may list it."""
        row = asdict(self) | {"id": self.id}
        del row["sha256"]
        return row


def hash_token(token: str) -> str:
    """Lower-case hex SHA-256 of the token's UTF-8."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def new_token() -> str:
    """256 bits from the operating system, in letters that a header takes."""
    return secrets.token_urlsafe(32)


class TokenBook:
    """All tokens that are good now. The loop thread owns it; only `save` writes, and may run on another thread."""

    def __init__(self, entries: Iterable[TokenEntry] = (), *, now_ms: Callable[[], int], path: Path | None = None) -> None:
        self._entries = {entry.sha256: entry for entry in entries}
        self._now_ms = now_ms
        self._path = path

    def identify(self, token: str, address: str) -> Principal:
        """Who holds this token. Raises Unauthenticated. Every hash is compared, and in constant time."""
        given = hash_token(token)
        found: TokenEntry | None = None
        for entry in self._entries.values():
            if hmac.compare_digest(entry.sha256, given):
                found = entry
        if found is None:
            raise Unauthenticated("remote.token_unknown")
        if not self.is_good(found.sha256):
            raise Unauthenticated("remote.token_expired")
        return Principal(found.name, found.role, found.id, address, found.platform, found.room, found.source == "run")

    def is_good(self, token: str) -> bool:
        """Whether the token with this hash, or id, is still known and has not expired."""
        entry = next((entry for entry in self._entries.values() if entry.sha256.startswith(token)), None)
        return entry is not None and (not entry.expires_at_ms or self._now_ms() < entry.expires_at_ms)

    def add(self, entry: TokenEntry) -> None:
        """Know a token from now on."""
        self._entries[entry.sha256] = entry

    def issue(self, role: Role, name: str, *, platform: str = "", room: str = "") -> str:
        """A new token for a paired device; the book keeps its hash."""
        token = new_token()
        expires_at_ms = self._now_ms() + PAIRED_DAYS * _DAY_MS
        self.add(TokenEntry(hash_token(token), role, name, "paired", platform, room, expires_at_ms))
        return token

    def revoke(self, token_id: str) -> TokenEntry:
        """Forget a paired token. Raises NotFound; the run's own and those of tokens.toml are not the API's to remove."""
        for entry in self._entries.values():
            if entry.id == token_id and entry.source == "paired":
                del self._entries[entry.sha256]
                return entry
        raise NotFound("remote.token_not_paired", id=token_id)

    def listed(self) -> list[dict[str, Any]]:
        """Every token as the host may see it."""
        return [entry.public() for entry in self._entries.values()]

    def paired(self) -> tuple[TokenEntry, ...]:
        """What `save` has to keep: paired tokens that haven't expired."""
        return tuple(entry for entry in self._entries.values() if entry.source == "paired" and self.is_good(entry.sha256))

    def save(self, paired: tuple[TokenEntry, ...]) -> None:
        """Write the paired tokens (hashes only) in one step, readable by this user alone; without a path nothing is kept."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump([asdict(entry) for entry in paired], file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)


def read_paired(path: Path) -> tuple[TokenEntry, ...]:
    """The paired tokens that `TokenBook.save` wrote. A file that others may read, or a broken one, is refused by name."""
    if not path.exists():
        return ()
    text = _private_text(path)
    try:
        return tuple(TokenEntry(**row) for row in json.loads(text))
    except (ValueError, TypeError) as error:
        raise InvalidInput("tokens.unreadable", file=path.name) from error


def read_tokens_toml(path: Path) -> tuple[TokenEntry, ...]:
    """The tokens of a tokens.toml: `[[token]]` with sha256, role, name, and optionally platform, room and expires (a TOML time).

    Raises InvalidInput for a file that others than its owner may read, and for the first entry that can't be used, by its number.
    """
    text = _private_text(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput("tokens.not_toml", file=path.name, reason=str(error)) from error
    rows = document.get("token", [])
    if set(document) - {"token"} or not isinstance(rows, list):
        raise InvalidInput("tokens.not_a_list", file=path.name)
    return tuple(_entry(row, number, path.name) for number, row in enumerate(rows, 1))


def clean_name(name: str) -> str:
    """A person's or device's name as it goes into lists and the audit: one line, at most 60 signs."""
    shown = "".join(sign if sign.isprintable() else " " for sign in name[: 4 * _MAX_NAME])
    return " ".join(shown.split())[:_MAX_NAME]


def _private_text(path: Path) -> str:
    try:
        if sys.platform != "win32" and path.stat().st_mode & 0o077:
            raise InvalidInput("tokens.mode", file=path.name, mode=f"{path.stat().st_mode & 0o777:o}")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("tokens.unreadable", file=path.name) from error


def _entry(row: Any, number: int, file: str) -> TokenEntry:
    known = {field.name for field in fields(TokenEntry)} - {"source", "expires_at_ms"} | {"expires"}
    if not isinstance(row, dict):
        raise InvalidInput("tokens.entry", file=file, number=number, key="token", allowed="[[token]]")
    for key in row:
        if key not in known:
            raise InvalidInput("tokens.entry", file=file, number=number, key=key, allowed=", ".join(sorted(known)))
    texts = {key: row.get(key, "") for key in ("sha256", "role", "name", "platform", "room")}
    allowed = {"sha256": "64 hex signs", "role": ", ".join(ROLES), "name": "a text"}
    faults = {
        "sha256": not isinstance(texts["sha256"], str) or len(texts["sha256"]) != 64 or not set(texts["sha256"].lower()) <= _HEX,
        "role": texts["role"] not in ROLES,
        "name": not isinstance(texts["name"], str) or not clean_name(texts["name"]),
        "platform": not isinstance(texts["platform"], str),
        "room": not isinstance(texts["room"], str),
    }
    for key, is_wrong in faults.items():
        if is_wrong:
            raise InvalidInput("tokens.entry", file=file, number=number, key=key, allowed=allowed.get(key, "a text"))
    expires_at_ms = 0
    if "expires" in row:
        with contextlib.suppress(AttributeError, ValueError):
            expires_at_ms = int(row["expires"].timestamp() * 1000)
        if expires_at_ms <= 0:
            raise InvalidInput("tokens.entry", file=file, number=number, key="expires", allowed="2027-01-31T00:00:00Z")
    return TokenEntry(
        texts["sha256"].lower(), texts["role"], clean_name(texts["name"]), "file", texts["platform"], texts["room"], expires_at_ms
    )
