"""Calls on the sound: from HTTP to `SoundSurface`, and back.

It decides nothing about inputs; it reads fields and answers.
"""

from aiohttp import web

from studio.remote.gate import Handler, note_detail
from studio.remote.request import path_text, read_json, reply, truth, whole
from studio.remote.roles import Principal
from studio.remote.sound_surface import MusicStep
from studio.remote.surface import StudioSurface

_MUSIC_STEPS: dict[str, MusicStep] = {"next": "next", "pause": "pause", "play": "play"}


class SoundCalls:
    """The handlers."""

    def __init__(self, surface: StudioSurface) -> None:
        self._surface = surface

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "GET /v1/sound": self.state,
            "PATCH /v1/sound/inputs/{name}": self.change,
            "POST /v1/sound/inputs/{name}/{step:next|pause|play}": self.play,
            "POST /v1/sound/effects/{name}": self.play_effect,
            "POST /v1/sound/talk": self.talk,
            "GET /v1/sound/devices": self.devices,
            "POST /v1/sound/sync": self.sync,
        }

    async def state(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """The inputs that are open."""
        return reply(self._surface.sound.state())

    async def change(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Keys of one input."""
        body = await read_json(request)
        note_detail(request, ", ".join(sorted(body)))
        return reply(await self._surface.sound.change(path_text(request, "name"), body, principal))

    async def play(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """A list of music: next, pause, play."""
        return reply(self._surface.sound.play(path_text(request, "name"), _MUSIC_STEPS[request.match_info["step"]]))

    async def play_effect(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """One effect, once."""
        return reply(self._surface.sound.play_effect(path_text(request, "name")))

    async def talk(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """The key to talk."""
        return reply(self._surface.sound.talk(is_held=truth(await read_json(request), "held")))

    async def devices(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """Microphones and speakers of the engine's machine."""
        return reply(await self._surface.sound.devices())

    async def sync(self, request: web.Request, principal: Principal) -> web.StreamResponse:
        """Measure and set the offset of the sound."""
        seconds = whole({"seconds": 8, **await read_json(request)}, "seconds", 5, 30)
        return reply(await self._surface.sound.sync(seconds, principal))
