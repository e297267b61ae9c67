"""Everything that looks at the running studio by itself, and how often: picture, sound, stages, load, camera, light, machine.

What each of them finds is told by `Watchers`; nothing here decides about the show.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from studio.app.camera_desk import CameraDesk
from studio.app.colour_bench import ColourBench
from studio.app.look_watch import LookWatch
from studio.app.machine_watch import MachineWatch
from studio.app.media import Media
from studio.app.notices import Notices
from studio.app.overload import Overload
from studio.app.picture_guard import LOOK_EVERY_S, PictureGuard
from studio.app.sound_watch import SoundWatch
from studio.app.source_states import SourceStates
from studio.app.stage_watch import StageWatch
from studio.app.watchers import Watchers
from studio.broadcast import Broadcast
from studio.engine.feed import SourceState
from studio.engine.meters import SoundLevel
from studio.errors import InvalidInput
from studio.model.settings import Settings

TELL_EVERY_S = 0.25
HEALTH_EVERY = 4


class Lookout:
    """Loop thread only. `changed` is called when the picture is gone or back, so that the scene is made anew."""

    def __init__(
        self, media: Media, broadcast: Broadcast, notices: Notices, settings: Callable[[], Settings], changed: Callable[[], None]
    ) -> None:
        self._media = media
        self._broadcast = broadcast
        self._settings = settings
        self._watchers = Watchers(notices)
        self.guard = PictureGuard(media, self._watchers, changed)
        self._sound = SoundWatch(self._watchers)
        self._stages = StageWatch(media, broadcast, self._watchers)
        self._overload = Overload(media, broadcast, self._watchers)
        self._machine = MachineWatch(notices, self._watchers)
        self._look = LookWatch(lambda code, file: notices.add("warn", code, file=file))

    async def begin(self) -> None:
        """The show begins."""
        for watch in (self.guard, self._overload):
            watch.begin(time.monotonic_ns())
        await self._machine.begin()

    async def end(self) -> None:
        """The show is over."""
        self.guard.end()
        self._overload.end()
        await self._machine.end()

    async def watch_machine(self) -> None:
        """Look until cancelled."""
        await self._machine.watch()

    async def watch_picture(self, sources: SourceStates) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.guard.look(self._settings(), sources.by_kind, time.monotonic_ns(), time.time_ns() // 1_000_000)

    async def watch_work(self, camera: CameraDesk, light: ColourBench, tell_health: Callable[[], None]) -> None:
        """How the stages, the camera and the look do, four times a second; `tell_health` once a second; until cancelled."""
        turn = 0
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            settings = self._settings()
            self._stages.look()
            self._overload.look(settings.video.fps, settings.encoder, time.monotonic_ns())
            turn += 1
            with contextlib.suppress(InvalidInput):
                await light.watch(settings.look.colour_profile)
            camera.watch()
            if turn % HEALTH_EVERY == 0:
                self._look.watch(self._media.look_state())
                tell_health()

    def hear(self, level: SoundLevel) -> None:
        """One reading of the meters."""
        is_away = self.guard.air is not None
        self._sound.hear(level, self._settings().audio, is_on_air=self._broadcast.is_on_air, is_away=is_away)

    async def name_holder(self, state: SourceState) -> None:
        """A camera that can't be opened: tell which program has it."""
        await self._machine.name_holder(state)

    def report(self) -> dict[str, Any]:
        """{standing, adaptive, machine}."""
        return {"standing": self._watchers.report(), "adaptive": self._overload.report(), "machine": self._machine.report()}
