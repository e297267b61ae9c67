"""Calls on who may call: pairing, tokens, the audit.

It shows a token once, to the device that paired, and a code once, to the host who asked.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from aiohttp import web

from studio.errors import InvalidInput, StoreUnavailable, os_code
from studio.remote.audit import AuditLog
from studio.remote.gate import Handler, note_detail, note_principal
from studio.remote.pairing import CODE_SECONDS, PairingDesk, PairingGrant
from studio.remote.request import choice, optional_text, path_text, query_text, query_whole, read_json, reply, text
from studio.remote.roles import ROLES, Principal
from studio.remote.tokens import TokenBook, clean_name

_MAX_ROWS = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AccessCalls:
    """The handlers. `on_revoked` ends the streams of a token that is no longer good."""

    def __init__(self, tokens: TokenBook, audit: AuditLog, clock_s: Callable[[], float], on_revoked: Callable[[str], None]) -> None:
        self._tokens = tokens
        self._audit = audit
        self._desk = PairingDesk(clock_s)
        self._on_revoked = on_revoked
        self._saving: asyncio.Task[None] | None = None

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "POST /v1/pair/codes": self.code,
            "GET /v1/tokens": self.tokens,
            "DELETE /v1/tokens/{token}": self.revoke,
            "GET /v1/audit": self.audit,
        }

    async def pair(self, request: web.Request) -> web.StreamResponse:
        """A code for a token; the one call without a token."""
        body = await read_json(request)
        digits = text(body, "code", max_length=40).replace(" ", "").replace("-", "")
        name = clean_name(text(body, "name"))
        if not name:
            raise InvalidInput("field.text", field="name")
        note_detail(request, name)
        grant = self._desk.redeem(digits)
        token = self._tokens.issue(grant.role, name, platform=grant.platform, room=grant.room)
        principal = self._tokens.identify(token, request.remote or "")
        note_principal(request, principal)
        try:
            await self._save()
        except OSError as error:
            self._tokens.revoke(principal.token_id)
            raise StoreUnavailable("tokens.not_saved", reason=error.strerror or str(error), reason_code=os_code(error)) from error
        return reply({"token": token, "role": grant.role})

    async def code(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """A new code."""
        body = await read_json(request)
        grant = PairingGrant(choice(body, "role", ROLES), optional_text(body, "platform"), optional_text(body, "room"))
        note_detail(request, grant.role)
        return reply({"code": self._desk.issue(grant), "role": grant.role, "valid_s": CODE_SECONDS}, 201)

    async def tokens(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """Who may call, without anything that would let another do so."""
        return reply({"tokens": self._tokens.listed()})

    async def revoke(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Forget a paired device; its streams end."""
        entry = self._tokens.revoke(path_text(request, "token"))
        self._on_revoked(entry.id)
        note_detail(request, entry.name)
        try:
            await self._save()
        except OSError as error:
            raise StoreUnavailable("tokens.not_saved", reason=error.strerror or str(error), reason_code=os_code(error)) from error
        return reply(entry.public())

    async def audit(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Rows after a moment; `since` of the last row gives the next page."""
        since_ms = _since_ms(query_text(request, "since"))
        rows = await self._audit.rows(since_ms, query_whole(request, "limit", _MAX_ROWS, 1, _MAX_ROWS))
        return reply({"rows": [{"at": _rfc3339(row["at_ms"]), **row} for row in rows]})

    async def _save(self) -> None:
        # One after the other: an older list must not replace a newer one on the disk.
        while self._saving is not None and not self._saving.done():
            await asyncio.wait({self._saving})
        self._saving = asyncio.create_task(asyncio.to_thread(self._tokens.save, self._tokens.paired()), name="save tokens")
        await self._saving


def _since_ms(given: str) -> int:
    if not given:
        return -1
    if given.isascii() and given.isdigit() and len(given) <= 15:
        return int(given)
    try:
        moment = datetime.fromisoformat(given.replace(" ", "+"))  # an unescaped + of a query string reads as a blank
    except ValueError as error:
        raise InvalidInput("field.time", field="since") from error
    if moment.tzinfo is None:
        raise InvalidInput("field.time", field="since")
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _rfc3339(at_ms: int) -> str:
    return (_EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
