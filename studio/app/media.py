"""The media side of the engine: sources, look, overlays, program and sound, built from settings and rebuilt when they change.

It decides nothing about going on air; it owns the stages and joins them with deadlines.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from studio.app.sound_inputs import SoundInputs
from studio.camera_port import ControlledCamera
from studio.engine.feed import Feed, SourceState
from studio.engine.picture_watch import PictureWatch
from studio.engine.preview import PreviewFile
from studio.engine.program import Program
from studio.engine.sync_tap import SyncTap
from studio.errors import InvalidInput
from studio.model.camera import CameraOrder, CameraReport
from studio.model.frames import AudioBlock, VideoFrame
from studio.model.scene import Scene
from studio.model.settings import LookSettings, Settings, VideoSettings
from studio.model.shot import source_canvas
from studio.ports import VideoSource
from studio.registry import Registry

log = logging.getLogger(__name__)

START_LEAD_NS = 50_000_000
"""A clip starts this long after its feeds do, so that picture and sound are both open when their first moment comes."""


class Media:
    """Everything with a media thread but the session on air. Methods that join threads block: call them on a worker thread."""

    def __init__(
        self,
        registry: Registry,
        settings: Settings,
        preview_path: Path,
        post: Callable[[object], None],
        on_failed: Callable[[str, Exception], None],
    ) -> None:
        self._registry = registry
        self._preview_path = preview_path
        self._post = post
        self._on_failed = on_failed
        self.camera: Feed[VideoFrame] | None = None
        self.second: Feed[VideoFrame] | None = None
        self._order = CameraOrder()
        self._devices: dict[str, ControlledCamera] = {}
        self.watch = PictureWatch()
        self.second_watch = PictureWatch()
        self.opened_ns = 0
        self._tap: SyncTap | None = None
        self.sound = SoundInputs(registry, post, on_failed)
        self.mixer = self.sound.mixer
        self._build(settings.video, Scene(look=settings.look, shot=settings.shot))

    def start(self, settings: Settings) -> None:
        """Start the stages, then the sources."""
        self.configure_look(settings.look)
        self.configure_sound(settings)
        self.mixer.start()
        self.program.start()
        self.open_sources(settings)
        self.sound.open_others(settings)

    def stop(self) -> None:
        """Upstream to downstream; idempotent."""
        self._close_sources()
        self.program.stop()
        self.sound.stop()
        self._preview.close()

    def rebuild(self, settings: Settings) -> None:
        """Another canvas or rate: new program, overlays and preview. Only off air."""
        self._close_sources()
        self.program.stop()
        self._preview.close()
        was_watched = self.program.is_watched
        self._build(settings.video, self.program.scene)
        self.program.is_watched = was_watched
        self.configure_look(settings.look)
        self.program.start()
        self.open_sources(settings)

    def configure_look(self, look: LookSettings) -> None:
        """Bake the look's tables and swap them in. Raises InvalidInput for a .cube file that can't be used."""
        self._look.configure(look)

    def ease_look(self, level: int) -> None:
        """How much cheaper the look should be; see `Look.ease`."""
        self._look.ease(level)

    def configure_sound(self, settings: Settings) -> None:
        """Prepare chains, faders and mix and swap them in; loads libraries the first time."""
        self.sound.configure(settings)

    @property
    def microphone(self) -> Feed[AudioBlock] | None:
        """The feed of `[audio]`, if it has a source."""
        return self.sound.microphone

    def open_sources(self, settings: Settings) -> None:
        """Close what is open and open what the settings name, clips from their beginning.

        A source that can't even be named is told as lost; the other one opens all the same.
        """
        self._close_sources()
        self.watch, self.second_watch, self.opened_ns = PictureWatch(), PictureWatch(), time.monotonic_ns()
        epoch_ns = self.opened_ns + START_LEAD_NS
        try:
            width, height = source_canvas((settings.video.width, settings.video.height), settings.shot)
            video = self._registry.video_source(replace(settings.video, width=width, height=height))
            self._control("camera", video)
            put = _watched(self.program.source.put, self.watch, self._see)
            self.camera = Feed("camera", settings.video.source, video, put, self._post, self._on_failed)
            self.camera.start(epoch_ns)
        except InvalidInput as error:
            self._post(SourceState("video", settings.video.source, None, error))
        try:
            self._open_second(settings, epoch_ns)
        except InvalidInput as error:
            self._post(SourceState("second", settings.shot.second, None, error))
        self.sound.open_microphone(settings, epoch_ns)

    def _open_second(self, settings: Settings, epoch_ns: int) -> None:
        """The close-up's camera is open all the time, so that one key shows it at once. Raises InvalidInput."""
        if settings.shot.second:
            second = self._registry.video_source(replace(settings.video, source=settings.shot.second))
            self._control("close-up", second)
            put = _watched(self.program.second.put, self.second_watch, lambda _: None)
            self.second = Feed("close-up", settings.shot.second, second, put, self._post, self._on_failed)
            self.second.start(epoch_ns)

    def _control(self, name: str, source: VideoSource) -> None:
        if isinstance(source, ControlledCamera):
            self._devices = {**self._devices, name: source}  # swapped whole: the loop thread reads it
            source.order(self._order_for(name))

    def _order_for(self, name: str) -> CameraOrder:
        """A colour profile is for the main camera alone: the close-up's keeps its automatics."""
        return self._order if name == "camera" else CameraOrder(power_line_hz=self._order.power_line_hz)

    def order_camera(self, order: CameraOrder) -> None:
        """What the cameras' automatics should do, from now on and after each opening; returns at once."""
        self._order = order
        for name, device in self._devices.items():
            device.order(self._order_for(name))

    @property
    def has_camera(self) -> bool:
        """Whether the main source is a camera that can be asked for something."""
        return "camera" in self._devices

    def camera_report(self) -> CameraReport | None:
        """What the main camera made of the newest order; None while that is still to come."""
        device = self._devices.get("camera")
        return None if device is None else device.report()

    def measure_sync(self, tap: SyncTap | None) -> None:
        """Let it see and hear from now on, or no longer with None. Swapped by the loop, read by `camera` and `mixer`."""
        self._tap = tap
        self.sound.listen(tap.hear if tap is not None else None)

    def _see(self, frame: VideoFrame) -> None:
        tap = self._tap
        if tap is not None:
            tap.see(frame)

    def jpeg(self, width: int) -> bytes | None:
        """The newest program frame as JPEG, or None before the first. Blocks a few ms."""
        frame = self.program.newest
        return None if frame is None else self._registry.picture_tools.jpeg(frame, width)

    def to_source(self, place: tuple[float, float]) -> tuple[float, float]:
        """A place of the published picture (shares of it) in pixels of the upright source."""
        return self._look.to_source(place)

    def look_state(self) -> dict[str, str]:
        """What of the look works, for health."""
        return dict(self._look.state())

    def _build(self, video: VideoSettings, scene: Scene) -> None:
        self._look = self._registry.new_look(video)
        self._preview = PreviewFile(self._preview_path, video.width, video.height, self._registry.picture_tools)
        overlays = self._registry.new_overlays(video)
        tools = self._registry.picture_tools
        self.program = Program(video, self._look, overlays, tools, scene, self._preview, self._on_failed)

    def _close_sources(self) -> None:
        feeds = [feed for feed in (self.camera, self.second) if feed is not None]
        for feed in feeds:
            feed.ask_to_stop()
        self.sound.ask_microphone_to_stop()
        for feed in feeds:
            feed.stop()
        self.sound.close_microphone()
        self._devices = {}
        self.camera = None
        self.second = None


def _watched(put: Callable[[VideoFrame], None], watch: PictureWatch, see: Callable[[VideoFrame], None]) -> Callable[[VideoFrame], None]:
    """Hand a frame on, then look at it."""

    def put_and_look(frame: VideoFrame) -> None:
        put(frame)
        watch.look(frame)
        see(frame)

    return put_and_look
