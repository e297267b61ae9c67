"""The calls on loyalty, as windows and scripts make them; a part of `StudioClient`.

It holds no state of its own.
"""

from studio.remote.connection import Connection, part
from studio.remote.loyalty_surface import Body


class LoyaltyClient:
    """The rules, and what they give to a fan."""

    _connection: Connection

    async def rules(self) -> Body:
        """{number, currency, rules, lines, warnings, matrix, history, presets, can_undo}."""
        return await self._connection.call("GET", "/v1/rules")

    async def preview_rules(self, rules: Body) -> Body:
        """What these rules say and whom they would move. Raises InvalidSettings with every fault."""
        return await self._connection.call("POST", "/v1/rules/preview", body={"rules": rules})

    async def apply_rules(self, rules: Body, seen: int) -> Body:
        """Change them; `seen` is the number that was looked at. Raises InvalidSettings, Conflict."""
        return await self._connection.call("PUT", "/v1/rules", body={"rules": rules, "seen": seen})

    async def undo_rules(self, seen: int) -> Body:
        """Take the last change back. Raises Conflict."""
        return await self._connection.call("POST", "/v1/rules/undo", body={"seen": seen})

    async def prices(self, *, price_minor: int | None = None, sku: str = "") -> Body:
        """{price_minor, prices, rounding}: what an item costs each tier."""
        return await self._connection.call("GET", "/v1/rules/prices", query=_asked(price_minor, sku))

    async def redeem(self, platform: str, fan_id: str, body: Body) -> Body:
        """{click_id, item, points}: {points, redeemable, item, cost}."""
        return await self._connection.call("POST", f"{_path(platform, fan_id)}/redeem", body=body)

    async def undo_points(self, platform: str, fan_id: str, number: int) -> Body:
        """Take back what row `number` of `redeemed`, or a birthday's gift, did: {points, redeemable, number, back}. Raises Conflict."""
        return await self._connection.call("POST", f"{_path(platform, fan_id)}/points/undo", body={"number": number})

    async def fan_loyalty(self, platform: str, fan_id: str, *, price_minor: int | None = None, sku: str = "") -> Body:
        """{redeemable, waiting, items, redeemed, rights, matrix, birthday, price}: what the rules give to one fan."""
        return await self._connection.call("GET", f"{_path(platform, fan_id)}/loyalty", query=_asked(price_minor, sku))

    async def keep_birthday(self, platform: str, fan_id: str, birthday: str) -> Body:
        """Month and day, as 05-20."""
        return await self._connection.call("PUT", f"{_path(platform, fan_id)}/birthday", body={"birthday": birthday})

    async def forget_birthday(self, platform: str, fan_id: str) -> Body:
        """{forgotten}."""
        return await self._connection.call("DELETE", f"{_path(platform, fan_id)}/birthday")

    async def give_birthday(self, platform: str, fan_id: str, click_id: str) -> Body:
        """The year's gift: {points, given}."""
        return await self._connection.call("POST", f"{_path(platform, fan_id)}/birthday-gift", body={"click_id": click_id})

    async def birthdays(self, days: int = 0) -> Body:
        """{rows}: whose gift can be given today; with `days`, also who has a birthday on one of so many days, today the first."""
        return await self._connection.call("GET", "/v1/birthdays", query={"days": str(days)})


def _path(platform: str, fan_id: str) -> str:
    return f"/v1/fans/{part(platform)}/{part(fan_id)}"


def _asked(price_minor: int | None, sku: str) -> dict[str, str]:
    if sku:
        return {"sku": sku}
    return {} if price_minor is None else {"price_minor": str(price_minor)}
