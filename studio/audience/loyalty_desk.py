"""What a fan is owed by the loyalty rules, handed out: points for things (loop thread).

It asks for a moment and hands fans back; what is allowed is the store's and the rules' business.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from studio.errors import InvalidInput
from studio.model.fans import Fan
from studio.store import redeem
from studio.store.database import Database
from studio.store.fan_detail import Moment

log = logging.getLogger(__name__)


class LoyaltyDesk:
    """`moment` tells now and the rules; `keep` takes a fan's newest picture."""

    def __init__(self, database: Database, moment: Callable[[], Moment], keep: Callable[[Fan], None]) -> None:
        self._database = database
        self._moment = moment
        self._keep = keep

    async def redeem(self, platform: str, fan_id: str, body: Mapping[str, Any], by: str = "") -> dict[str, Any]:
        """`POST …/redeem` {click_id, item, points}: the balance. Raises NotFound, Conflict, InvalidInput."""
        click_id, item, cost = body.get("click_id"), body.get("item"), body.get("points")
        if not (isinstance(click_id, str) and isinstance(item, str) and type(cost) is int):
            raise InvalidInput("fans.redeem", points=str(cost)[:40])
        log.info("%r redeems %d points of a fan for %r", by[:40], cost, item[:40])
        moment = self._moment()
        wish = redeem.Wish(platform, fan_id, click_id, item, cost)
        answer, fan = await self._database.write(lambda connection: redeem.redeem(connection, wish, moment))
        self._keep(fan)
        return answer
