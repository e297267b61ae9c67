"""Calls on the show itself: live, picture, settings, health, the engine's end.

It decides nothing; `LiveSurface`, `PictureSurface`, `SettingsSurface`, `MeasureSurface` and `EngineSurface` do.
"""

from aiohttp import web

from studio.remote.gate import Handler, note_detail
from studio.remote.request import choice, private, query_whole, read_json, reply, share
from studio.remote.roles import Principal
from studio.remote.surface import Compare, SlateAnswer, StudioSurface

_SLATE_ANSWERS: tuple[SlateAnswer, ...] = ("wait",)
_COMPARES: tuple[Compare, ...] = ("off", "original", "split", "source")


class StudioCalls:
    """The handlers."""

    def __init__(self, surface: StudioSurface) -> None:
        self._surface = surface

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "POST /v1/live/start": self.start,
            "POST /v1/live/stop": self.stop,
            "GET /v1/live": self.live,
            "POST /v1/live/slate": self.answer_slate,
            "GET /v1/settings": self.settings,
            "PATCH /v1/settings": self.patch_settings,
            "GET /v1/preview.jpg": self.preview,
            "POST /v1/preview": self.compare,
            "GET /v1/health": self.health,
            "POST /v1/measure": self.measure,
            "GET /v1/measure": self.measured,
            "POST /v1/engine/stop": self.shutdown,
        }

    async def start(self, _: web.Request, principal: Principal) -> web.StreamResponse:
        """Go live."""
        return reply(await self._surface.start_live(principal))

    async def stop(self, _: web.Request, principal: Principal) -> web.StreamResponse:
        """End the show."""
        return reply(await self._surface.stop_live(principal))

    async def live(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """Whether the show is on."""
        return reply(self._surface.live())

    async def answer_slate(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """What the host wants while the picture is gone."""
        body = await read_json(request)
        return reply(self._surface.answer_slate(choice(body, "answer", _SLATE_ANSWERS), principal))

    async def settings(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """The profile."""
        return reply(self._surface.settings())

    async def patch_settings(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """A merge patch on the profile; the audit keeps which tables it named, never a value."""
        patch = await read_json(request)
        note_detail(request, ", ".join(sorted(patch)))
        return reply(await self._surface.patch_settings(patch, principal))

    async def preview(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """The newest frame as JPEG."""
        width = query_whole(request, "width", 640, 64, 1920)
        return web.Response(body=await self._surface.preview_jpeg(width), content_type="image/jpeg", headers=private())

    async def compare(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Before and after in the local preview."""
        body = await read_json(request)
        return reply(self._surface.compare(choice(body, "compare", _COMPARES), share(body, "at", 0.5)))

    async def health(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """The report."""
        return reply(self._surface.health())

    async def measure(self, _: web.Request, principal: Principal) -> web.StreamResponse:
        """Measure this machine."""
        return reply(self._surface.measure(principal), 202)

    async def measured(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """What came of it so far."""
        return reply(self._surface.measured())

    async def shutdown(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """End the engine, after this answer."""
        await self._surface.shutdown()
        return reply({"state": "stopping"}, 202)
