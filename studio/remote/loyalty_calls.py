"""Calls on loyalty: from HTTP to `LoyaltySurface`, and back.

It decides nothing about rules and points; it reads fields, and answers in the caller's language.
"""

from typing import Any

from aiohttp import hdrs, web

from studio.remote.gate import Handler
from studio.remote.problems import locale_of
from studio.remote.request import optional_text, path_text, query_text, query_whole, read_json, reply, text, whole
from studio.remote.roles import Principal
from studio.remote.surface import StudioSurface

_MAX_POINTS = 10**9
_MAX_MINOR = 10**12
_MAX_NUMBER = 2**53
_MAX_DAYS = 31


class LoyaltyCalls:
    """The handlers."""

    def __init__(self, surface: StudioSurface) -> None:
        self._surface = surface

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        fan = "/v1/fans/{platform}/{id}"
        return {
            "GET /v1/rules": self.rules,
            "POST /v1/rules/preview": self.preview,
            "PUT /v1/rules": self.apply,
            "POST /v1/rules/undo": self.undo,
            "GET /v1/rules/prices": self.prices,
            "GET /v1/birthdays": self.birthdays,
            f"POST {fan}/redeem": self.redeem,
            f"POST {fan}/points/undo": self.take_back,
            f"GET {fan}/loyalty": self.card,
            f"PUT {fan}/birthday": self.keep_birthday,
            f"DELETE {fan}/birthday": self.forget_birthday,
            f"POST {fan}/birthday-gift": self.give_birthday,
        }

    async def rules(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """The rules that hold, and how they came to."""
        return reply(await self._surface.rules.told(_locale(request)))

    async def preview(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """What other rules would say, and whom they would move."""
        return reply(await self._surface.rules.preview(await read_json(request), _locale(request)))

    async def apply(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Change them."""
        return reply(await self._surface.rules.apply(await read_json(request), principal.name, _locale(request)))

    async def undo(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Take the last change back."""
        return reply(await self._surface.rules.undo(await read_json(request), principal.name, _locale(request)))

    async def prices(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """What an item costs each tier."""
        return reply(await self._surface.loyalty.prices(_price_asked(request)))

    async def birthdays(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Whose birthday's gift can be given today, and who has one on the days to come."""
        return reply(await self._surface.loyalty.birthdays(query_whole(request, "days", 0, 0, _MAX_DAYS)))

    async def redeem(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Points for an item; without `points` for what the rules say it costs."""
        body = await read_json(request)
        text(body, "click_id")
        text(body, "item")
        if body.get("points") is not None:
            whole(body, "points", 1, _MAX_POINTS)
        return reply(await self._surface.loyalty.redeem(*_who(request), body, principal))

    async def take_back(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """A redeemed item or a gift undone."""
        body = await read_json(request)
        whole(body, "number", 1, _MAX_NUMBER)
        return reply(await self._surface.loyalty.take_back(*_who(request), body, principal.name))

    async def card(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """What the rules give to one fan."""
        return reply(await self._surface.loyalty.card(*_who(request), _price_asked(request)))

    async def keep_birthday(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Keep a birthday."""
        body = await read_json(request)
        text(body, "birthday", max_length=20)
        return reply(await self._surface.loyalty.keep_birthday(*_who(request), body, principal.name))

    async def forget_birthday(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Forget it."""
        return reply(await self._surface.loyalty.forget_birthday(*_who(request)))

    async def give_birthday(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """The year's gift."""
        body = await read_json(request)
        text(body, "click_id")
        return reply(await self._surface.loyalty.give_birthday(*_who(request), body, principal.name))


def _who(request: web.Request) -> tuple[str, str]:
    return path_text(request, "platform"), path_text(request, "id")


def _locale(request: web.Request) -> str:
    return locale_of(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))


def _price_asked(request: web.Request) -> dict[str, Any]:
    """{price_minor} or {sku}, or neither."""
    sku = optional_text({"sku": query_text(request, "sku")}, "sku")
    price = query_whole(request, "price_minor", -1, 0, _MAX_MINOR) if "price_minor" in request.query else None
    return {"sku": sku, "price_minor": price}
