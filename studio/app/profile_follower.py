"""Carries a change of the profile to the parts that it concerns, and touches no other."""

import asyncio

from studio.app.camera_desk import CameraDesk
from studio.app.colour_bench import ColourBench
from studio.app.media import Media
from studio.app.room import Room
from studio.app.settings_desk import SettingsChanged
from studio.app.sound_desk import SoundDesk
from studio.app.source_states import SourceStates
from studio.broadcast import Broadcast
from studio.model.settings import Settings


def _camera_orders(settings: Settings) -> tuple[object, ...]:
    return settings.video.power_line_hz, settings.look.colour_profile, settings.look.enabled


def _canvas(settings: Settings) -> tuple[object, ...]:
    return settings.video.width, settings.video.height, settings.video.fps


def _sources(settings: Settings) -> tuple[object, ...]:
    """What the sources are opened with, besides the canvas."""
    shot = settings.shot
    return settings.video.source, settings.audio.source, shot.second, shot.rotate, shot.wide


def _of_the_room(settings: Settings) -> tuple[object, ...]:
    """Also for how long it keeps what of fans, and how far its assistants may go."""
    return settings.audience, settings.overlay, settings.hook, settings.privacy, settings.remote


class ProfileFollower:
    """Loop thread only."""

    def __init__(
        self,
        media: Media,
        broadcast: Broadcast,
        room: Room,
        sources: SourceStates,
        sound: SoundDesk,
        camera: CameraDesk,
        colour_bench: ColourBench,
    ) -> None:
        self._media = media
        self._broadcast = broadcast
        self._room = room
        self._sources = sources
        self._sound = sound
        self._camera = camera
        self._colour_bench = colour_bench

    async def order_camera(self, settings: Settings) -> None:
        """Hold the camera at the values of the colour profile in use."""
        self._camera.follow(settings, await self._colour_bench.values_of(settings.look.colour_profile))

    async def follow(self, changed: SettingsChanged) -> None:
        """Reopen, restart or set anew what the change asks for; the scene is whoever calls' own business."""
        old, new = changed.old, changed.new
        if _camera_orders(old) != _camera_orders(new):
            await self.order_camera(new)
        await self._sound.apply(old, new)
        self._sources.follow()
        if _canvas(old) != _canvas(new):
            await asyncio.to_thread(self._media.rebuild, new)
        elif _sources(old) != _sources(new):
            await asyncio.to_thread(self._media.open_sources, new)
        if self._broadcast.session is not None:
            self._broadcast.session.set_bitrate_kbps(new.encoder.bitrate_kbps)
            self._broadcast.session.is_adaptive = new.encoder.adaptive
        if _of_the_room(old) != _of_the_room(new):
            self._room.reconfigure(new)
