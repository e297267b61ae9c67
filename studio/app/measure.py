"""Measures this machine: how many pictures a second look, overlays and encoder manage together, preset by preset.

It runs the parts as a show does, the encoder beside the look, only as fast as they go. It opens no camera and publishes nothing.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from studio.encoder_port import PictureEncoder
from studio.engine.handoff import Fifo
from studio.errors import KnownError
from studio.model.frames import ProgramFrame, VideoFrame
from studio.model.measure import PRESETS, RECORDING_CODECS, Rate, pick, result
from studio.model.scene import AirView
from studio.model.settings import Settings
from studio.ports import FaceTrack, Look, Overlays
from studio.registry import Registry

SECONDS = 2.5
"""Of measuring for each preset, after half a second to warm up: a shorter one is at the mercy of one hiccup."""
_WARM_SHARE = 0.2
_FRAMES = 24
"""Different pictures, shown forwards and backwards: enough for an encoder to have to move, 75 MB at 1080p."""
_WAIT_S = 0.5
_QUEUED = 4


class Measuring:
    """One measurement with a profile's picture, look and rate."""

    def __init__(self, registry: Registry, settings: Settings, codecs: Sequence[str]) -> None:
        self._registry = registry
        self._settings = settings
        self._plan = [("libx264", preset) for preset in PRESETS] + [(codec, "veryfast") for codec in codecs if codec != "libx264"]
        self._look = registry.new_look(settings.video)
        self._look.configure(settings.look)
        self._overlays = registry.new_overlays(settings.video)

    def run(self, tell: Callable[[dict[str, Any]], None], seconds: float = SECONDS) -> dict[str, Any]:
        """All of the plan, the quickest first, until one is too slow for the show, then what fits with a recording of another codec beside
        it; `tell` hears of each: {done, of, rows, picked, has_room, recording}.
        """
        fps, rates, of = self._settings.video.fps, list[Rate](), len(self._plan) + len(RECORDING_CODECS)
        frames = self._pictures()
        tell({"done": 0, "of": of, **result(rates, fps)})
        is_too_slow = False
        for done, (codec, preset) in enumerate(self._plan, 1):
            if is_too_slow and codec == "libx264":  # a dearer one is slower still
                continue
            rate = Rate(codec, preset, self._rate(codec, preset, frames, seconds))
            is_too_slow = is_too_slow or (codec == "libx264" and rate.fps < fps)
            rates.append(rate)
            tell({"done": done, "of": of, **result(rates, fps)})
        recording, picked = list[Rate](), pick(rates, fps)
        for done, codec in enumerate(RECORDING_CODECS, len(self._plan) + 1):
            if picked is not None:
                recording.append(Rate(codec, "", self._rate(picked.codec, picked.preset, frames, seconds / 2, beside=codec)))
            tell({"done": done, "of": of, **result(rates, fps, recording)})
        return {"done": of, "of": of, **result(rates, fps, recording)}

    def _pictures(self) -> list[VideoFrame]:
        """Of the sample clip where the profile's own source is a device: it may be in use, and nobody may be before it."""
        video = self._settings.video
        source = self._registry.video_source(video)
        frames = list[VideoFrame]()
        deadline = time.monotonic() + 10
        try:
            source.open(time.monotonic_ns())
            while len(frames) < _FRAMES and time.monotonic() < deadline:
                frame = source.read(_WAIT_S)
                if frame is not None:
                    frames.append(frame)
        finally:
            source.close()
        return [*frames, *reversed(frames)] or [VideoFrame.black(video.width, video.height)]

    def _rate(self, codec: str, preset: str, frames: Sequence[VideoFrame], seconds: float, beside: str = "") -> float:
        """Pictures a second that came out of the encoder, and of a recording's own of the codec `beside`; 0 where one can't be opened."""
        settings = replace(self._settings.encoder, codec=codec, preset=preset)
        video, encoders = self._settings.video, self._registry.encoders
        try:
            encoder, _, _ = encoders.open(video, settings)
            recording = encoders.open_dense(beside, video, settings) if beside else None
        except KnownError:
            return 0.0
        painter = _Painter(self._look, self._overlays, self._settings, frames)
        return _race(painter, encoder, recording, seconds)


def _race(painter: "_Painter", encoder: PictureEncoder, recording: PictureEncoder | None, seconds: float) -> float:
    """Pictures a second through all of them side by side."""
    queue, second = Fifo[ProgramFrame](_QUEUED), Fifo[ProgramFrame](_QUEUED)
    stopping = threading.Event()
    queues = (queue,) if recording is None else (queue, second)
    workers = [threading.Thread(target=painter.run, args=(queues, stopping), name="measure-look")]
    if recording is not None:
        workers.append(threading.Thread(target=_record, args=(recording, second, stopping), name="measure-recording"))
    began = time.monotonic()
    for worker in workers:
        worker.start()
    counted, counting_s = 0, began + seconds * _WARM_SHARE
    try:
        while (now := time.monotonic()) < began + seconds * (1 + _WARM_SHARE):
            frame = queue.take(_WAIT_S)
            if frame is not None:
                encoder.encode(frame, frame.index)
                counted += now >= counting_s
    finally:
        stopping.set()
        for worker in workers:
            worker.join()
    encoder.flush()
    return round(counted / max(0.001, time.monotonic() - counting_s), 1)


def _record(encoder: PictureEncoder, queue: Fifo[ProgramFrame], stopping: threading.Event) -> None:
    while not stopping.is_set():
        frame = queue.take(_WAIT_S)
        if frame is not None:
            encoder.encode(frame, frame.index)
    encoder.flush()


class _Painter:
    """The program's part: look and overlays on one picture after another, faces at their usual rate."""

    def __init__(self, look: Look, overlays: Overlays, settings: Settings, frames: Sequence[VideoFrame]) -> None:
        self._look = look
        self._overlays = overlays
        self._shot = settings.shot
        self._frames = frames
        self._faces: FaceTrack | None = None
        self._layers = overlays.draw(AirView(locale=settings.overlay.locale, theme=settings.overlay.theme), 0)
        self._step_ns = 1_000_000_000 // settings.video.fps

    def run(self, queues: Sequence[Fifo[ProgramFrame]], stopping: threading.Event) -> None:
        """As fast as the slowest of those that take pictures."""
        index = 0
        while not stopping.is_set():
            if max(len(queue) for queue in queues) >= _QUEUED - 1:
                stopping.wait(0.0005)
                continue
            source = self._frames[index % len(self._frames)]
            stamped = VideoFrame(source.planes, (index + 1) * self._step_ns, index)
            sample = self._look.sample(stamped, self._shot)
            if sample is not None:
                self._faces = self._look.track(sample)
            picture = self._look.frame(stamped, self._faces, self._shot)
            self._look.apply(picture, self._faces, self._shot)
            self._overlays.blend(picture, self._layers)
            for queue in queues:
                queue.put(ProgramFrame(picture, index, 0, repeated=False, board_version=0))
            index += 1
