"""A member's own page: opened by a personal code, which the host or an assistant hands to the fan and can take back.

It shows a fan their own figures only, and knows a code by its hash alone.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from studio.errors import NotFound
from studio.store import member_store
from studio.store.database import Database

_BYTES: Final = 16
"""128 bits: nobody finds one by trying, whatever the limit of rate."""
_CODE: Final = re.compile("[a-z2-7]{26}")
_SHOWN: Final = (
    "name",
    "tier",
    "points",
    "redeemable",
    "to_next_minor",
    "next_tier",
    "tickets",
    "streak_days",
    "visits",
    "currency",
    "rights",
)

Card = Callable[[str, str], Awaitable[dict[str, Any]]]


class Members:
    """Loop thread only; `card` is `GET /v1/fans/{platform}/{id}`."""

    def __init__(self, database: Database, card: Card, wall_ms: Callable[[], int], timezone: str) -> None:
        self._database = database
        self._card = card
        self._wall_ms = wall_ms
        self._zone = ZoneInfo(timezone)

    async def issue(self, platform: str, fan_id: str, by: str) -> str:
        """A new code; the fan's earlier one opens nothing any more. Raises NotFound."""
        code = base64.b32encode(secrets.token_bytes(_BYTES)).decode().rstrip("=").lower()
        now_ms = self._wall_ms()
        await self._database.write(lambda connection: member_store.issue(connection, platform, fan_id, _hash(code), by, now_ms))
        return code

    async def revoke(self, platform: str, fan_id: str) -> int:
        """Take back a fan's code; how many there were."""
        now_ms = self._wall_ms()
        return await self._database.write(lambda connection: member_store.revoke(connection, platform, fan_id, now_ms))

    async def page(self, code: str) -> dict[str, Any]:
        """What the page of this code shows. Raises NotFound for one that is unknown, was taken back, or whose fan is gone."""
        typed = "".join(code.split()).replace("-", "").lower()
        if not _CODE.fullmatch(typed):
            raise NotFound("members.unknown")
        account = await self._database.read(lambda connection: member_store.holder(connection, _hash(typed)))
        if account is None:
            raise NotFound("members.unknown")
        try:
            card = await self._card(*account)
        except NotFound as error:
            raise NotFound("members.unknown") from error
        accounts, now_ms = [(one["platform"], one["id"]) for one in card["identities"]], self._wall_ms()
        coupons = await self._database.read(lambda connection: member_store.coupons(connection, accounts, now_ms))
        for coupon in coupons:
            coupon["until"] = datetime.fromtimestamp(coupon["until_ms"] / 1000, self._zone).strftime("%Y-%m-%d %H:%M")
        return {**{key: card[key] for key in _SHOWN}, "coupons": coupons}


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
