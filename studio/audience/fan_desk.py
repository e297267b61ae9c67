"""Fans as the control API tells them: one card, a page in order, whoever has a text in their name (loop thread).

It changes nothing; figures that depend on *now* are made by the store's queries.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from studio.audience.board_keeper import BoardKeeper
from studio.errors import InvalidInput, NotFound
from studio.model.name_search import folded
from studio.store import fan_detail, fan_queries, name_index
from studio.store.database import Database
from studio.store.fan_card import fan_card
from studio.store.fan_detail import Detail, Moment

_MAX_ROWS = 500


class FanDesk:
    """`moment` tells now and the rules, `locale` the language of reasons."""

    def __init__(
        self, database: Database, moment: Callable[[], Moment], currency: str, locale: Callable[[], str], board: BoardKeeper
    ) -> None:
        self._database = database
        self._moment = moment
        self._currency = currency
        self._locale = locale
        self._board = board

    async def card(self, platform: str, fan_id: str) -> dict[str, Any]:
        """`GET /v1/fans/{platform}/{id}`. Raises NotFound."""
        moment = self._moment()
        found = await self._database.read(lambda connection: fan_detail.detail_of(connection, platform, fan_id, moment))
        if found is None:
            raise NotFound("fans.unknown", platform=platform, id=fan_id)
        return self._told(found, moment)

    async def page(self, sort: fan_queries.Sort, limit: int, after: str) -> dict[str, Any]:
        """`GET /v1/fans`: a page, and what to give as `after` for the next. Raises InvalidInput."""
        moment, count = self._moment(), min(max(limit, 1), _MAX_ROWS)
        found, following = await self._database.read(lambda connection: fan_queries.page(connection, sort, count, after, moment))
        return {"rows": [self._told(detail, moment) for detail in found], "after": following or None}

    async def find(self, text: str, limit: int) -> dict[str, Any]:
        """`GET /v1/fans?search=`: {rows, after, more}: whoever bears or bore a name with this text in it. Raises InvalidInput."""
        if not folded(text):
            raise InvalidInput("fans.search")
        moment, count = self._moment(), min(max(limit, 1), _MAX_ROWS)

        def read(connection: Connection) -> tuple[list[Detail], bool]:
            found = name_index.find(connection, text, count)
            return fan_detail.details(connection, found.persons, moment), found.has_more

        found, has_more = await self._database.read(read)
        return {"rows": [self._told(detail, moment) for detail in found], "after": None, "more": has_more}

    def _told(self, detail: Detail, moment: Moment) -> dict[str, Any]:
        card = fan_card(detail, moment, self._currency, self._locale())
        return {**card, "looks_like": self._board.taken_for(detail.latest.name, detail.person.to_fan(detail.latest))}
