"""The effects of the profile, loaded: played by name, and by themselves when something happens in the show.

Loop thread only; files are read on a worker thread. One that can't be read is told and missing, the others play.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from studio.audience import Cheered
from studio.bus import Bus
from studio.drops import DropChanged
from studio.engine.effects import Effect, EffectPlayer
from studio.errors import Conflict, InvalidInput, KnownError, NotFound, SourceUnavailable
from studio.model.mixing import factor_of
from studio.model.sound_settings import EffectSettings
from studio.sound_port import LoadEffect


class EffectShelf:
    """One for the engine's life."""

    def __init__(self, player: EffectPlayer, load: LoadEffect, bus: Bus, tell: Callable[[KnownError], None]) -> None:
        self._player = player
        self._load = load
        self._tell = tell
        self._settings: tuple[EffectSettings, ...] = ()
        self._loaded: dict[str, Effect] = {}
        self._drops: dict[str, str] = {}
        bus.subscribe(Cheered, self._on_cheered)
        bus.subscribe(DropChanged, self._on_drop)

    async def apply(self, effects: tuple[EffectSettings, ...]) -> None:
        """Load what is new or changed, forget what is gone."""
        before = {found.name: found for found in self._settings}
        self._settings = effects
        kept = {found.name for found in effects if before.get(found.name) == found}
        loaded = {name: effect for name, effect in self._loaded.items() if name in kept}
        for found in effects:
            if found.name not in loaded:
                try:
                    loaded[found.name] = await asyncio.to_thread(self._loaded_effect, found)
                except (SourceUnavailable, InvalidInput) as error:
                    self._tell(error)
        self._loaded = loaded

    def report(self) -> list[dict[str, Any]]:
        """[{name, key, on, file, seconds, loaded}]; never a whole path."""
        return [
            {
                "name": found.name,
                "key": found.key,
                "on": found.on,
                "file": Path(found.path).name,
                "loaded": found.name in self._loaded,
            }
            for found in self._settings
        ]

    def play(self, name: str) -> dict[str, Any]:
        """Play it once, on top of what plays: {name}. Raises NotFound, Conflict for a file that couldn't be loaded."""
        if name not in {found.name for found in self._settings}:
            raise NotFound("sound.no_effect", name=name)
        effect = self._loaded.get(name)
        if effect is None:
            raise Conflict("sound.effect_not_loaded", name=name)
        self._player.play(effect)
        return {"name": name}

    def _loaded_effect(self, found: EffectSettings) -> Effect:
        samples = self._load(found.path)
        return Effect(found.name, samples * np.float32(factor_of(found.gain_db)))

    def _on_cheered(self, cheered: Cheered) -> None:
        for kind in sorted(cheered.kinds):
            self._play_on(kind)

    def _on_drop(self, change: DropChanged) -> None:
        """Each drop sounds once when it opens and once when its winners are known."""
        drop_id, state = str(change.drop["id"]), str(change.drop["state"])
        if self._drops.get(drop_id) == state:
            return
        was_open = self._drops.get(drop_id) in {"open", "closing"}
        self._drops[drop_id] = state
        if state == "open":
            self._play_on("drop")
        elif state == "drawn" and was_open:
            self._play_on("winner")

    def _play_on(self, event: str) -> None:
        """A rain of gifts is one sound after the other, not one on top of the other."""
        for found in self._settings:
            effect = self._loaded.get(found.name)
            if found.on == event and effect is not None and not self._player.is_playing(found.name):
                self._player.play(effect)
