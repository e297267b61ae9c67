"""The desk of sound as the control API sees it: what is open, a fader moved, a list of music stopped or skipped.

Loop thread only; what blocks runs on worker threads, one change after the other.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields
from typing import Any

from studio.app.effect_shelf import EffectShelf
from studio.app.media import Media
from studio.engine.sync_tap import SyncTap
from studio.errors import Conflict, InvalidInput, NotFound
from studio.model.profile_tables import to_json
from studio.model.settings import Settings
from studio.model.sound_settings import MICROPHONE, InputSettings
from studio.remote.roles import Principal
from studio.remote.sound_surface import MusicStep

Body = dict[str, Any]
Patch = Callable[[Body, Principal], Awaitable[Body]]

TALK_LEASE_S = 2.0
"""A window that dies with the key held must not leave a microphone open: it says every half second that it still is."""
_FIXED = frozenset({"name"})
"""What makes an input the one it is; another one is another input."""


class SoundDesk:
    """One for the engine's life."""

    def __init__(
        self,
        media: Media,
        effects: EffectShelf,
        devices: Callable[[], Mapping[str, Any]],
        settings: Callable[[], Settings],
        patch: Patch,
    ) -> None:
        self._media = media
        self._inputs = media.sound
        self._effects = effects
        self._devices = devices
        self._settings = settings
        self._patch = patch
        self._is_measuring = False
        self._changing = asyncio.Lock()
        self._lease: asyncio.TimerHandle | None = None

    async def begin(self, settings: Settings) -> None:
        """Load the profile's effects."""
        async with self._changing:
            await self._effects.apply(settings.effect)

    async def apply(self, old: Settings, new: Settings) -> None:
        """Put a change of the profile into force; what it doesn't touch plays on."""
        async with self._changing:
            if (old.audio, old.input, old.mix) != (new.audio, new.input, new.mix):
                await asyncio.to_thread(self._inputs.configure, new)
            if old.input != new.input:
                await asyncio.to_thread(self._inputs.open_others, new)
            if old.effect != new.effect:
                await self._effects.apply(new.effect)

    def state(self) -> Body:
        """{inputs, effects, talking}: the inputs that are open, the microphone first."""
        return {"inputs": self._inputs.report(), "effects": self._effects.report(), "talking": self._lease is not None}

    async def change(self, name: str, body: Body, principal: Principal) -> Body:
        """Set keys of one input: as a change of the profile. Raises NotFound, InvalidSettings."""
        if _FIXED & body.keys():
            raise InvalidInput("sound.name_stays", name=name)
        if name == MICROPHONE:
            return await self._patch({"audio": body}, principal)
        rows = to_json(self._settings())["input"]
        row = next((row for row in rows if row["name"] == name), None)
        if row is None:
            raise NotFound("sound.no_input", name=name)
        defaults = {item.name: item.default for item in fields(InputSettings)}
        row |= {key: defaults.get(key, value) if value is None else value for key, value in body.items()}
        return await self._patch({"input": rows}, principal)

    def play(self, name: str, step: MusicStep) -> Body:
        """Pause, go on, or to the next track: {name, playing, track, tracks, paused}. Raises NotFound."""
        is_paused = {"pause": True, "play": False}.get(step)
        self._inputs.play(name, is_paused=is_paused, skips=1 if step == "next" else 0)
        return next(row for row in self._inputs.report() if row["name"] == name)

    def play_effect(self, name: str) -> Body:
        """One effect, once. Raises NotFound, Conflict."""
        return self._effects.play(name)

    def talk(self, *, is_held: bool) -> Body:
        """The key to talk is held, for two seconds unless it is said again, or let go: {talking}."""
        if self._lease is not None:
            self._lease.cancel()
            self._lease = None
        if is_held:
            self._lease = asyncio.get_running_loop().call_later(TALK_LEASE_S, lambda: self.talk(is_held=False))
        self._inputs.talk(is_held=is_held)
        return {"talking": is_held}

    async def devices(self) -> Body:
        """{microphones, system, speakers}: [{name, spec}], as the profile calls them."""
        return dict(await asyncio.to_thread(self._devices))

    async def sync(self, seconds: float, principal: Principal) -> Body:
        """Watch for flashes and beeps that happen at once, and move the microphone's sound by what is between them.

        {offset_ms, before_ms, spread_ms, pairs}. Raises InvalidInput where there were none, Conflict while one is measured already.
        """
        if self._is_measuring:
            raise Conflict("sync.already")
        if self._settings().audio.source == "none":
            raise InvalidInput("sync.no_microphone")
        self._is_measuring, tap = True, SyncTap()
        try:
            self._media.measure_sync(tap)
            await asyncio.sleep(seconds)
        finally:
            self._media.measure_sync(None)
            self._is_measuring = False
        found = await asyncio.to_thread(tap.result)
        before_ms = self._settings().audio.sync_offset_ms
        await self._patch({"audio": {"sync_offset_ms": found.offset_ms}}, principal)
        return {"offset_ms": found.offset_ms, "before_ms": before_ms, "spread_ms": found.spread_ms, "pairs": found.pairs}
