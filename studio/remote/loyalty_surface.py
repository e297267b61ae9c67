"""What the control API asks of the studio about loyalty: the rules, and what they give to a fan. Nothing is implemented here."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

from studio.remote.roles import Principal

Body: TypeAlias = dict[str, Any]


class RulesDesk(Protocol):
    """The rules; answers are in the caller's language."""

    async def told(self, locale: str) -> Body:
        """{number, currency, rules, lines, warnings, matrix, history, presets, can_undo}."""
        ...

    async def preview(self, body: Body, locale: str) -> Body:
        """{rules}: what they say, {up, down, moves}. Changes nothing. Raises InvalidSettings with every fault."""
        ...

    async def apply(self, body: Body, by: str, locale: str) -> Body:
        """{rules, seen}: `told`, and {up, down, moves}. Raises InvalidSettings, Conflict when they were changed since."""
        ...

    async def undo(self, body: Body, by: str, locale: str) -> Body:
        """{seen}: as `apply`, with the rules before the last change. Raises Conflict."""
        ...


class LoyaltyDesk(Protocol):
    """What the rules give to a fan. All raise NotFound for an account that isn't in the file."""

    async def redeem(self, platform: str, fan_id: str, body: Body, principal: Principal) -> Body:
        """{click_id, item, points}: {points, redeemable, item, cost}. Raises Conflict, InvalidInput, Forbidden (over the limits)."""
        ...

    async def take_back(self, platform: str, fan_id: str, body: Body, by: str) -> Body:
        """{number}: {points, redeemable, number, back}: a redeemed item or a gift undone. Raises Conflict with why not."""
        ...

    async def card(self, platform: str, fan_id: str, asked: Mapping[str, Any]) -> Body:
        """{redeemable, waiting, items, redeemed, rights, matrix, birthday, price}."""
        ...

    async def prices(self, asked: Mapping[str, Any]) -> Body:
        """{price_minor, prices, rounding}: what an item costs each tier. Raises InvalidInput."""
        ...

    async def keep_birthday(self, platform: str, fan_id: str, body: Body, by: str) -> Body:
        """{birthday}. Raises InvalidInput."""
        ...

    async def forget_birthday(self, platform: str, fan_id: str) -> Body:
        """{forgotten}."""
        ...

    async def give_birthday(self, platform: str, fan_id: str, body: Body, by: str) -> Body:
        """{click_id}: {points, given}. Raises Conflict with why not."""
        ...

    async def birthdays(self, days: int) -> Body:
        """{rows}: whose gift can be given today; with `days`, also who has a birthday on one of so many days, today the first."""
        ...


class LoyaltySurface(Protocol):
    """Loyalty."""

    @property
    def rules(self) -> RulesDesk:
        """The rules."""
        ...

    @property
    def loyalty(self) -> LoyaltyDesk:
        """What they give."""
        ...
