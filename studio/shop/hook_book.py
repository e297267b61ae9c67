"""The hooks of a room: whose signatures are believed, and how many messages each brought since the engine started.

A key leaves it once, to whoever has it made; a message whose signature doesn't hold is counted and never read.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from studio.connectors.signatures import verified_id
from studio.errors import InvalidInput, KnownError, NotFound
from studio.model.events import format_time
from studio.model.settings import HookSettings
from studio.model.shop import HookKind

_KEY_BYTES: Final = 32
_TELL_EVERY_S: Final = 60.0
"""A shop with a wrong key, or a stranger, sends on and on: the host is told once a minute, and the count says the rest."""


@dataclass(frozen=True, slots=True)
class HookKeys:
    """Where keys are: by the name that the profile gives them. Both may block."""

    find: Callable[[str], str]
    keep: Callable[[str, str], None]


@dataclass(slots=True)
class _Tally:
    taken: int = 0
    taken_at_ms: int | None = None
    refused: int = 0
    refused_at_ms: int | None = None
    fault: str = ""
    told_s: float = float("-inf")


class HookBook:
    """Loop thread only; keys are looked up on another. `on_refused` hears a hook's name and why a message of it was not believed."""

    def __init__(self, keys: HookKeys, wall_ms: Callable[[], int], on_refused: Callable[[str, KnownError], None]) -> None:
        self._keys = keys
        self._wall_ms = wall_ms
        self._on_refused = on_refused
        self._hooks: dict[str, HookSettings] = {}
        self._known: dict[str, str] = {}
        self._tallies: dict[str, _Tally] = {}

    def configure(self, hooks: Sequence[HookSettings]) -> None:
        """The profile's hooks; keys are looked up anew."""
        self._hooks = {hook.name: hook for hook in hooks}
        self._known.clear()

    def hook(self, name: str) -> HookSettings:
        """Raises NotFound."""
        hook = self._hooks.get(name)
        if hook is None:
            raise NotFound("hooks.unknown", name=name[:40])
        return hook

    async def verify(self, name: str, headers: Mapping[str, str], body: bytes) -> str:
        """The id of a message whose signature holds. Raises NotFound, Unauthenticated."""
        hook = self.hook(name)
        tally = self._tallies.setdefault(name, _Tally())
        try:
            message_id = verified_id(cast("HookKind", hook.kind), await self._key(hook), headers, body)
        except KnownError as error:
            self._refuse(name, tally, error)
            raise
        tally.taken, tally.taken_at_ms = tally.taken + 1, self._wall_ms()
        return message_id

    async def listing(self) -> dict[str, Any]:
        """{hooks: [{name, kind, has_key, taken, taken_at, refused, refused_at, fault}]}; `fault` is why the last one was refused."""
        return {"hooks": [await self._told(hook) for hook in self._hooks.values()]}

    async def keep_key(self, name: str, key: str | None) -> dict[str, Any]:
        """{name, key}: the shop's key kept, or with None a new one made and told this once. Raises NotFound, InvalidInput, KnownError."""
        hook = self.hook(name)
        if key is None and hook.kind == "shopify":
            raise InvalidInput("hooks.key_of_shop", name=name)
        made = "whsec_" + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode() if key is None else ""
        wanted = made or str(key).strip()
        if hook.kind == "standard":
            _standard(wanted)
        await asyncio.to_thread(self._keys.keep, hook.secret, wanted)
        self._known.pop(name, None)
        return {"name": name, "key": made}

    async def test(self, name: str) -> dict[str, Any]:
        """{name, state: good}: a message signed with the kept key is believed. Raises NotFound, KnownError for a key that can't be used."""
        hook = self.hook(name)
        key, body = await self._key(hook), b'{"type":"encore.test"}'
        verified_id(cast("HookKind", hook.kind), key, _signed(hook.kind, key, body), body)
        return {"name": name, "state": "good"}

    async def _key(self, hook: HookSettings) -> str:
        if hook.name not in self._known:
            self._known[hook.name] = await asyncio.to_thread(self._keys.find, hook.secret)
        return self._known[hook.name]

    async def _told(self, hook: HookSettings) -> dict[str, Any]:
        tally = self._tallies.get(hook.name, _Tally())
        try:
            has_key = bool(await self._key(hook))
        except NotFound:
            has_key = False
        return {
            "name": hook.name,
            "kind": hook.kind,
            "has_key": has_key,
            "taken": tally.taken,
            "taken_at": _time(tally.taken_at_ms),
            "refused": tally.refused,
            "refused_at": _time(tally.refused_at_ms),
            "fault": tally.fault,
        }

    def _refuse(self, name: str, tally: _Tally, error: KnownError) -> None:
        tally.refused, tally.refused_at_ms, tally.fault = tally.refused + 1, self._wall_ms(), error.code
        now_s = time.monotonic()
        if now_s - tally.told_s >= _TELL_EVERY_S:
            tally.told_s = now_s
            self._on_refused(name, error)


def _standard(key: str) -> Webhook:
    try:
        return Webhook(key)
    except (EmptyWebhookSecretError, ValueError) as error:
        raise InvalidInput("hooks.bad_secret") from error


def _signed(kind: str, key: str, body: bytes) -> dict[str, str]:
    """The headers with which a shop of this kind sends the body."""
    if kind == "shopify":
        return {"x-shopify-hmac-sha256": base64.b64encode(hmac.digest(key.encode(), body, hashlib.sha256)).decode()}
    now = datetime.now(UTC)
    message_id = f"test-{secrets.token_hex(8)}"
    signature = _standard(key).sign(message_id, now, body.decode())
    return {"webhook-id": message_id, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


def _time(at_ms: int | None) -> str | None:
    return None if at_ms is None else format_time(at_ms)
