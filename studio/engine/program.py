"""The output clock: at each tick it takes a frame, applies the look, blends the overlays and hands the picture on.

Nothing it calls may block; faces and drawn layers come from stages of their own, always the newest there are.
"""

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from studio.engine.clock import TARGET_LEAD_NS, TickClock, is_lockable
from studio.engine.handoff import Latest
from studio.engine.preview import PreviewFile
from studio.engine.stage import Stage, StageMeter
from studio.engine.standby import Standby
from studio.model.frames import ProgramFrame, VideoFrame
from studio.model.scene import AirView, Scene
from studio.model.settings import VideoSettings
from studio.model.shot import ShotSettings
from studio.ports import FaceSample, FaceTrack, Layers, Look, Overlays, PictureTools

IDLE_PREVIEW_EVERY = 30
"""With no window attached the preview file is written once in so many ticks: nobody looks, but whoever attaches finds a recent picture."""


class FrameSink(Protocol):
    """Where finished pictures go while live."""

    def put_frame(self, frame: ProgramFrame) -> None:
        """Take it or count it as skipped; never blocks."""
        ...


@dataclass(slots=True)
class ProgramCounters:
    """What became of the ticks; written by `program`."""

    ticks: int = 0
    repeated: int = 0
    skipped: int = 0
    slated: int = 0


class Program:
    """Three stages, `program`, `look` and `overlays`, around one `Scene` that the loop swaps."""

    def __init__(
        self,
        video: VideoSettings,
        look: Look,
        overlays: Overlays,
        tools: PictureTools,
        scene: Scene,
        preview: PreviewFile | None,
        on_failed: Callable[[str, Exception], None],
    ) -> None:
        self.scene = scene
        self.source: Latest[VideoFrame] = Latest()
        self.second: Latest[VideoFrame] = Latest()
        self.sink: FrameSink | None = None
        self.source_fps = 0.0
        self.is_watched = False
        self.newest: VideoFrame | None = None
        self.source_frame: VideoFrame | None = None
        self.counters = ProgramCounters()
        self.meters = {"look": StageMeter(), "overlays": StageMeter(), "program": StageMeter(), "faces": StageMeter()}
        self._video = video
        self._look = look
        self._overlays = overlays
        self._preview = preview
        self._samples: Latest[FaceSample] = Latest()
        self._views: Latest[tuple[AirView, int]] = Latest()
        self._faces: FaceTrack | None = None
        self._layers = Layers()
        self._standby = Standby(tools)
        self._shown = VideoFrame.black(video.width, video.height, time.monotonic_ns())
        self._clock = TickClock(video.fps, time.monotonic_ns())
        self._second_shown: VideoFrame | None = None
        self._has_frame = False
        self._stages = [
            Stage("look", self._find_faces, on_failed),
            Stage("overlays", self._draw_layers, on_failed),
            Stage("program", self._run, on_failed),
        ]

    def start(self) -> None:
        """Start ticking. The sign of true skin is drawn before: the first picture may need it."""
        bare = replace(self.scene.air, board=None, drop=None, ticker=None, slate=None)
        self._layers = self._overlays.draw(bare, time.time_ns() // 1_000_000)
        for stage in self._stages:
            stage.start()

    def stop(self, deadline_s: float = 2.0) -> None:
        """Stop ticking; idempotent."""
        for stage in reversed(self._stages):
            stage.ask_to_stop()
        self._samples.close()
        self._views.close()
        for stage in reversed(self._stages):
            stage.stop(deadline_s)

    def _run(self, stopping: threading.Event) -> None:
        index = 0
        while not stopping.is_set():
            frame, is_repeated = self._take(index)
            due_ns = self._clock.due_ns(index)
            self._tick(frame, index, due_ns, is_repeated)
            _collect_garbage(index)
            behind = self._clock.index_at(time.monotonic_ns())
            if behind > index + 1:
                self.counters.skipped += behind - index - 1
                index = behind
            else:
                index += 1

    def _take(self, index: int) -> tuple[VideoFrame, bool]:
        """The frame for this tick. A live source may be up to half a period late before its last frame is shown again."""
        wait_ns = self._clock.due_ns(index) - time.monotonic_ns()
        if wait_ns > 0:
            time.sleep(wait_ns / 1e9)
        is_locked = is_lockable(self.source_fps, self._clock.fps)
        frame = self.source.take(self._clock.period_ns / 2e9 if is_locked and self._has_frame else 0.0)
        if frame is None:
            return self._shown, True
        put_ns = self.source.put_ns
        if not self._has_frame and self.sink is None:
            self._clock = TickClock(self._clock.fps, put_ns + TARGET_LEAD_NS - index * 1_000_000_000 // self._clock.fps)
        elif is_locked:
            self._clock = self._clock.pulled(self._clock.due_ns(index) - put_ns)
        self._has_frame = True
        self._shown = self.source_frame = frame
        return frame, False

    def _tick(self, source: VideoFrame, index: int, due_ns: int, is_repeated: bool) -> None:  # noqa: FBT001 - a fact of the tick
        whole = self.meters["program"]
        whole.begin()
        scene = self.scene
        self._views.put((scene.air, time.time_ns() // 1_000_000))
        layers = self._layers
        before, picture, has_look = self._picture(source, scene)
        self._overlays.blend(picture, layers.signed if has_look and scene.shot.true_skin else layers)
        self.newest = picture
        sink = self.sink
        if sink is not None:
            sink.put_frame(ProgramFrame(picture, index, due_ns, is_repeated, layers.board_version))
        self.counters.ticks += 1
        self.counters.repeated += is_repeated
        if self._preview is not None and (self.is_watched or index % IDLE_PREVIEW_EVERY == 0):
            _write_preview(self._preview, scene, source, before, picture)
        whole.end()

    def _picture(self, source: VideoFrame, scene: Scene) -> tuple[VideoFrame, VideoFrame, bool]:
        """The picture without and with the look, nothing drawn on it yet; under a slate both are its ground, which shows nobody's skin."""
        if scene.air.slate is None:
            self._standby.forget()
            return *self._with_look(source, scene), True
        self.counters.slated += 1
        ground = self._standby.picture(source)
        if ground is not None:
            return ground, ground, False
        before, picture = self._with_look(source, scene)
        self._standby.keep(picture)
        return before, picture, True

    def _chosen(self, source: VideoFrame, shot: ShotSettings) -> VideoFrame:
        """The second camera's newest frame in a close-up, as soon as there is one; the main source's otherwise."""
        if not (shot.close_up and shot.second):
            self._second_shown = None
            return source
        newest = self.second.take()
        if newest is not None:
            self._second_shown = newest
        return self._second_shown or source

    def _with_look(self, source: VideoFrame, scene: Scene) -> tuple[VideoFrame, VideoFrame]:
        """The picture without and with the look, of the second camera in its close-up; faces are followed on the main source all along."""
        meter = self.meters["look"]
        meter.begin()
        shot = scene.shot
        sample = self._look.sample(source, shot)
        if sample is not None:
            self._samples.put(sample)
        picture = before = self._look.frame(self._chosen(source, shot), self._faces, shot)
        if scene.compare != "off":
            before = VideoFrame(picture.planes.copy(), picture.time_ns, picture.seq)
        self._look.apply(picture, self._faces, shot)
        meter.end()
        return before, picture

    def _find_faces(self, stopping: threading.Event) -> None:
        meter = self.meters["faces"]
        while not stopping.is_set():
            sample = self._samples.take(0.2)
            if sample is None:
                continue
            meter.begin()
            self._faces = self._look.track(sample)
            meter.end()

    def _draw_layers(self, stopping: threading.Event) -> None:
        meter = self.meters["overlays"]
        while not stopping.is_set():
            view = self._views.take(0.2)
            if view is None:
                continue
            meter.begin()
            air, now_ms = view
            if air.slate is not None:
                self._standby.prepare(air.slate, now_ms)
            self._layers = self._overlays.draw(air, now_ms)
            meter.end()


def _write_preview(preview: PreviewFile, scene: Scene, source: VideoFrame, before: VideoFrame, picture: VideoFrame) -> None:
    if scene.compare == "off":
        preview.write(picture)
    elif scene.compare == "source":
        preview.write_whole(source, scene.shot.rotate)
    elif scene.compare == "original":
        preview.write(before)
    else:
        preview.write(before, picture, scene.compare_at)


def _collect_garbage(index: int) -> None:
    """Between frames, never within one: a full collection inside a frame costs 100s of ms (the engine turns the automatic off).

    Often, because everybody waits for the interpreter meanwhile: half a second of 5,000 events a second leaves 6,000 objects, which take
    up to 5 ms to look at, and ten seconds of them more than a frame. What lives longer than 0.3 s waits for the full collection.
    """
    if index % 9000 == 8999:
        gc.collect(2)
    elif index % 9 == 8:
        gc.collect(1)
    elif index % 3 == 2:
        gc.collect(0)
