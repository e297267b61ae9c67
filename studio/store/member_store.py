"""Personal codes that open a member's own page: who holds one, given and taken back; and the coupons that the page shows.

The store has hashes only; a code is seen once, by whoever asked for it.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, tuple_, update

from studio.errors import NotFound
from studio.store.drop_tables import claims, drops
from studio.store.fan_queries import person_of
from studio.store.shop_tables import coupon_use, member_code

_HOUR_MS = 3_600_000
_MAX_COUPONS = 50


def issue(connection: Connection, platform: str, fan_id: str, code_hash: str, by: str, now_ms: int) -> None:
    """A new code for a fan; earlier ones end. Raises NotFound for somebody who isn't in the file."""
    if person_of(connection, platform, fan_id) is None:
        raise NotFound("fans.unknown", platform=platform[:40], id=fan_id[:100])
    revoke(connection, platform, fan_id, now_ms)
    values = {"code_hash": code_hash, "platform": platform, "fan_id": fan_id, "made_at": now_ms, "made_by": by[:200]}
    connection.execute(insert(member_code).values(values))


def revoke(connection: Connection, platform: str, fan_id: str, now_ms: int) -> int:
    """End all codes of a fan; how many there were."""
    open_codes = update(member_code).where(
        member_code.c.platform == platform, member_code.c.fan_id == fan_id, member_code.c.revoked_at == 0
    )
    return connection.execute(open_codes.values(revoked_at=now_ms)).rowcount


def holder(connection: Connection, code_hash: str) -> tuple[str, str] | None:
    """The account whose code it is, None for a code that is unknown or was taken back."""
    query = select(member_code.c.platform, member_code.c.fan_id).filter_by(code_hash=code_hash, revoked_at=0)
    found = connection.execute(query).first()
    return (found[0], found[1]) if found else None


def coupons(connection: Connection, accounts: Sequence[tuple[str, str]], now_ms: int) -> list[dict[str, Any]]:
    """{title, code, until_ms, state: open|used|over} of the newest coupons that these accounts hold."""
    query = (
        select(claims.c.code, claims.c.claimed_at_ms, drops.c.spec)
        .join(drops, drops.c.id == claims.c.drop_id)
        .where(tuple_(claims.c.platform, claims.c.fan_id).in_(accounts))
        .order_by(claims.c.claimed_at_ms.desc())
        .limit(_MAX_COUPONS)
    )
    rows = connection.execute(query).all()
    used = set(connection.execute(select(coupon_use.c.code).where(coupon_use.c.code.in_([row.code for row in rows]))).scalars())
    return [_coupon(row, now_ms, is_used=row.code in used) for row in rows]


def _coupon(row: Any, now_ms: int, *, is_used: bool) -> dict[str, Any]:
    spec = json.loads(row.spec)
    until_ms = row.claimed_at_ms + int(spec.get("valid_hours") or 0) * _HOUR_MS
    state = "used" if is_used else "open" if now_ms < until_ms else "over"
    return {"title": str(spec.get("title", "")), "code": row.code, "until_ms": until_ms, "state": state}
