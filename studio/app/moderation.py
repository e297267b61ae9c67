"""What those who run the show do to one fan: hidden from the picture, or shown on it.

It writes nothing as if the fan had done it: no chat, no visit, no minute watched.
"""

import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from studio.audience import Audience
from studio.errors import InvalidInput
from studio.model.events import ON_AIR, FanEvent
from studio.model.keywords import HIDE_ME_WORD, SHOW_ME_WORD
from studio.store import fan_queries

_WORDS = {"hide": HIDE_ME_WORD, "show": SHOW_ME_WORD}


async def moderate(audience: Audience, room: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """{platform, id, action}: what was done. Raises InvalidInput for another action, NotFound."""
    action = body.get("action")
    if action not in _WORDS:
        raise InvalidInput("moderation.unknown", action=str(action)[:40], actions=", ".join(_WORDS))
    event = FanEvent(
        id=f"moderation-{uuid4().hex}",
        type=ON_AIR,
        at_ms=time.time_ns() // 1_000_000,
        platform=str(body["platform"]),
        room=room,
        fan_id=str(body["id"]),
        text=_WORDS[action],
    )

    def say(connection: Connection) -> tuple[None, list[FanEvent]]:
        fan_queries.accounts_of(connection, event.platform, event.fan_id)
        return None, [event]

    await audience.record(say)
    return {"platform": event.platform, "id": event.fan_id, "action": action}
