"""What a fan is owed by the loyalty rules, handed out: points for things, a tier's price, a birthday's gift (loop thread).

It asks for a moment and hands fans back; what is allowed is the store's and the rules' business.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from studio.errors import Forbidden, InvalidInput, NotFound
from studio.model.drops import Principal
from studio.model.fans import Fan
from studio.model.loyalty import RedeemItem, tier_of, tier_price_minor
from studio.model.rights import ROUNDING, prices, rights_matrix, rights_of
from studio.model.settings import LimitSettings
from studio.store import birthdays, points_back, product_store, redeem, redemptions
from studio.store.database import Database
from studio.store.fan_detail import Detail, Moment, detail_of
from studio.store.vault import Vault

log = logging.getLogger(__name__)
_MAX_PRICE = 10**12
_MAX_NUMBER = 2**53


@dataclass(frozen=True, slots=True)
class Counter:
    """The room whose products have prices, what an assistant may give away, and who is told that there is more or less to hand over."""

    room: str = "r1"
    currency: str = "CNY"
    limits: Callable[[], LimitSettings] = LimitSettings
    tell: Callable[[], None] = lambda: None


class LoyaltyDesk:
    """`moment` tells now and the rules; `keep` takes a fan's newest picture; `vault` opens the birthdays."""

    def __init__(
        self, database: Database, moment: Callable[[], Moment], keep: Callable[[Fan], None], vault: Callable[[], Awaitable[Vault]]
    ) -> None:
        self._database = database
        self._moment = moment
        self._keep = keep
        self._vault = vault
        self.counter = Counter()

    async def redeem(self, platform: str, fan_id: str, body: Mapping[str, Any], principal: Principal | None = None) -> dict[str, Any]:
        """`POST …/redeem` {click_id, item, points}: the balance. Raises NotFound, Conflict, InvalidInput, Forbidden.

        Without `points` it costs what the rules say.
        """
        click_id, item, cost = body.get("click_id"), body.get("item"), body.get("points")
        is_whole = cost is None or (type(cost) is int and cost > 0)
        if not (isinstance(click_id, str) and click_id and isinstance(item, str) and is_whole):
            raise InvalidInput("fans.redeem", points=str(cost)[:40])
        moment = self._moment()
        if principal is not None:
            self._check_limit(item, moment, principal)
            log.info("%r redeems points of a fan for %r", principal.name[:40], item[:40])
        wish = redeem.Wish(platform, fan_id, click_id, item, cost or 0, self._counter(principal.name if principal else ""))
        answer, fan = await self._database.write(lambda connection: redeem.redeem(connection, wish, moment))
        self._keep(fan)
        self.counter.tell()
        return answer

    async def take_back(self, platform: str, fan_id: str, body: Mapping[str, Any], by: str) -> dict[str, Any]:
        """{number}: undo a row of `redeemed`, or a birthday's gift: {points, redeemable, number, back}. Raises NotFound, Conflict."""
        number = body.get("number")
        if type(number) is not int or not 0 < number < _MAX_NUMBER:
            raise InvalidInput("field.whole", field="number", low=1, high=_MAX_NUMBER)
        moment, asked = self._moment(), points_back.Back(platform, fan_id, number, by)
        answer, fan = await self._database.write(lambda connection: points_back.take_back(connection, asked, moment))
        log.info("%r took back row %d of the points: %d", by[:40], number, answer["back"])
        self._keep(fan)
        self.counter.tell()
        return answer

    async def card(self, platform: str, fan_id: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """`GET …/loyalty`: {redeemable, waiting, items, redeemed, rights, matrix, birthday, price}. Raises NotFound.

        `asked` may name a `price_minor` or a `sku`: `price` is then what it costs this fan.
        """
        vault, moment = await self._vault(), self._moment()

        def read(connection: Connection) -> dict[str, Any]:
            detail = detail_of(connection, platform, fan_id, moment)
            if detail is None:
                raise NotFound("fans.unknown", platform=platform, id=fan_id)
            price_minor = self._price_minor(connection, asked)
            accounts = [one.identity_id for one in detail.identities]
            return {
                "redeemable": detail.redeemable,
                "waiting": max(0, detail.waiting_points),
                "items": [_item(item, detail) for item in moment.rules.items],
                "redeemed": redeem.redeemed(connection, accounts, moment.rules),
                "rights": None if detail.person.is_staff else rights_of(detail.confirmed_minor, moment.rules),
                "matrix": rights_matrix(moment.rules),
                "birthday": birthdays.told(connection, vault, detail, moment),
                "price": None if price_minor is None else _price(price_minor, detail, moment),
            }

        return await self._database.read(read)

    async def prices(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """`GET /v1/rules/prices`: {price_minor, prices, rounding} of an amount or a SKU. Raises InvalidInput, NotFound."""
        price_minor = await self._database.read(lambda connection: self._price_minor(connection, asked))
        if price_minor is None:
            raise InvalidInput("field.whole", field="price_minor", low=0, high=_MAX_PRICE)
        return {"price_minor": price_minor, "prices": prices(price_minor, self._moment().rules), "rounding": ROUNDING}

    async def keep_birthday(self, platform: str, fan_id: str, body: Mapping[str, Any], by: str) -> dict[str, Any]:
        """{birthday: "05-20"}: keep it in place of an earlier one. Raises NotFound, InvalidInput."""
        text = body.get("birthday")
        if not isinstance(text, str):
            raise InvalidInput("fans.birthday")
        vault, now_ms = await self._vault(), self._moment().now_ms
        kept = await self._database.write(
            lambda connection: birthdays.keep(connection, vault, platform, fan_id, text, now_ms, by),
        )
        return {"birthday": kept}

    async def forget_birthday(self, platform: str, fan_id: str) -> dict[str, Any]:
        """Forget it. Raises NotFound."""
        return {"forgotten": await self._database.write(lambda connection: birthdays.forget(connection, platform, fan_id))}

    async def give_birthday(self, platform: str, fan_id: str, body: Mapping[str, Any], by: str) -> dict[str, Any]:
        """{click_id}: the year's gift: {points, given}. Raises NotFound, Conflict with why not."""
        click_id = body.get("click_id")
        if not isinstance(click_id, str):
            raise InvalidInput("field.text", field="click_id")
        vault, moment = await self._vault(), self._moment()
        asked = birthdays.Asked(platform, fan_id, click_id)
        answer, fan = await self._database.write(lambda connection: birthdays.give(connection, vault, asked, moment))
        log.info("%r gave a birthday's gift of %d points", by[:40], answer["given"])
        self._keep(fan)
        return answer

    async def birthdays(self, days: int = 0) -> dict[str, Any]:
        """{rows}: whose gift can be given today; with `days`, also who has a birthday on one of so many days, today the first."""
        vault, moment = await self._vault(), self._moment()
        return {"rows": await self._database.read(lambda connection: birthdays.due(connection, vault, moment, days))}

    def _counter(self, by: str) -> redemptions.Counter:
        return redemptions.Counter(self.counter.room, self.counter.currency, by)

    def _check_limit(self, item: str, moment: Moment, principal: Principal) -> None:
        """An assistant gives away no more at once than the host has set."""
        limit = self.counter.limits().max_value_minor
        value_minor = next((one.value_minor for one in moment.rules.items if one.item == item), 0)
        if principal.role == "assistant" and limit and value_minor > limit:
            raise Forbidden("fans.redeem_limit", limit_minor=limit)

    def _price_minor(self, connection: Connection, asked: Mapping[str, Any]) -> int | None:
        sku, price_minor = asked.get("sku") or "", asked.get("price_minor")
        if sku:
            return product_store.get(connection, self.counter.room, str(sku)).price_minor
        return price_minor if type(price_minor) is int and 0 <= price_minor <= _MAX_PRICE else None


def _item(item: RedeemItem, detail: Detail) -> dict[str, Any]:
    """What it costs, and what is missing for it."""
    told = {"item": item.item, "name": item.name, "kind": item.kind, "points": item.points, "value_minor": item.value_minor}
    return {**told, "missing": max(0, item.points - detail.redeemable)}


def _price(price_minor: int, detail: Detail, moment: Moment) -> dict[str, Any]:
    """By confirmed spend: a price has value, and what can still be sent back bought none."""
    if detail.person.is_staff:
        return {"price_minor": price_minor, "tier_price_minor": price_minor, "percent": 100, "tier": None, "rounding": ROUNDING}
    tier = tier_of(detail.confirmed_minor, moment.rules)
    rule = moment.rules.tiers[tier - 1]
    tier_price = tier_price_minor(price_minor, tier, moment.rules)
    return {"price_minor": price_minor, "tier_price_minor": tier_price, "percent": rule.percent, "tier": rule.name, "rounding": ROUNDING}
