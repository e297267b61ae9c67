"""The look of one canvas: faces, skin and colour on I420 planes, in place.

It refuses to delay a frame: what isn't ready yet (kernels, faces) is left out, and `state` says so.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from capture.look import background, beauty, colour, pace, person, sampler, weights
from capture.look.denoise import Denoiser
from capture.look.detector import Detector
from capture.look.faces import Faces, Sample, is_sound
from capture.look.framing import Framing, turned
from capture.look.mesh import Mesh
from capture.look.presence import Presence
from capture.look.tracker import Tracker
from studio.errors import KnownError
from studio.model.frames import VideoFrame
from studio.model.settings import LookSettings, VideoSettings
from studio.model.shot import ShotSettings, to_source
from studio.ports import FaceSample, FaceTrack
from studio.words import say_error

_PERSON_EVERY = 2
"""Frames from one look at the person to the next."""
MOST_FACES = 4
_EASED = 2
"""How many times rarer faces and person are looked for while the machine is out of breath; between, points lag by a pixel."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What to do with each frame, swapped whole by `configure`."""

    beauty: beauty.Beauty
    table: colour.Table | None
    behind: background.Plan | None = None
    denoise: float = 0.0


class BeautyLook:
    """Fulfils `Look`. `configure` may be called from any one thread, off the loop: it reads a .cube and bakes for some 10 ms.

    Kernels and networks are loaded by a thread of its own from the start on (1 to 2 s; 10 s once, to compile); `wait_ready` waits for it.
    """

    def __init__(self, video: VideoSettings, faces: int = MOST_FACES, models: Path = weights.FOLDER) -> None:
        self._video = video
        self._order: _Order | None = None
        self._baked: tuple[object, colour.Table | None] = ((), None)
        self._planned: tuple[object, background.Plan | None] = ((), None)
        self._tracker: Tracker | None = None
        self._trouble: KnownError | None = None
        self._person_trouble: KnownError | None = None
        self._presence = Presence()
        self._watch = pace.Watch()
        self._sampled_ns = -1
        self._has_kernels = False
        self._people = 0
        self._rarer = 1
        self._denoiser = Denoiser()
        self._person: person.PersonMask | None = None
        self._last_faces = Faces()
        self._source_size = (video.width, video.height)
        self._turned: tuple[VideoFrame, VideoFrame] | None = None
        self._framing = Framing(video.width, video.height)
        self._is_ready = threading.Event()
        self._warmer = threading.Thread(target=self._warm, args=(faces, models), name="look-warm", daemon=True)
        self._warmer.start()

    def wait_ready(self, timeout_s: float) -> bool:
        """Whether kernels and networks were loaded within the time."""
        return self._is_ready.wait(timeout_s)

    def configure(self, settings: LookSettings) -> None:
        """Bake where colour changed, and swap. Raises InvalidInput for a .cube that can't be used; the old look then stays."""
        if not settings.enabled:
            self._order = None
            return
        signature = colour.signature(settings)
        if signature != self._baked[0]:
            self._baked = (signature, colour.bake(settings))
        behind = background.signature(settings)
        if behind != self._planned[0]:
            self._planned = (behind, background.plan(settings, self._video.width, self._video.height))
        self._order = _Order(beauty.of(settings), self._baked[1], self._planned[1], settings.denoise)

    def ease(self, level: int) -> None:
        """How much cheaper to be: from 1 on faces are looked for half as often, from 2 on skin is smoothed at half the scale."""
        self._rarer = _EASED if level >= 1 else 1
        self._presence.is_coarse = level >= 2

    def sample(self, frame: VideoFrame, shot: ShotSettings) -> FaceSample | None:
        """As often as the faces' motion asks for, while a face is needed; the person's mask in every second frame (`program` thread).

        `frame` is the host's camera's, in a close-up too: faces are followed there and under true skin, so that beauty comes back with
        the frame that asks for it.
        """
        order = self._order
        if frame.time_ns == self._sampled_ns:
            return None
        self._sampled_ns = frame.time_ns
        has_beauty = order is not None and not order.beauty.is_off
        faces = self._face_sample(frame, shot) if shot.follow or has_beauty else None
        if order is None or order.behind is None or not order.behind.needs_person or self._person is None:
            return faces
        self._people += 1
        if self._people % (_PERSON_EVERY * self._rarer) != 1:
            return faces
        small = person.small_picture(self._upright(frame, shot))
        if faces is None:
            return Sample(frame.time_ns, frame.width, frame.height, person=small, has_faces=False)
        return replace(faces, person=small)

    def _face_sample(self, frame: VideoFrame, shot: ShotSettings) -> Sample | None:
        tracker = self._tracker
        if tracker is None:
            return None
        upright = self._upright(frame, shot)
        due = self._watch.due(upright, tracker.wanted, self._rarer)
        return sampler.cut(upright, due) if due is not None else None

    def track(self, sample: FaceSample) -> FaceTrack:
        """Find the faces and the person (`look` thread)."""
        if not isinstance(sample, Sample):
            return Faces()
        faces = self._last_faces
        if sample.has_faces and self._tracker is not None:
            found = self._tracker.track(sample)
            faces = replace(found, items=tuple(filter(is_sound, found.items)))
        mask = self._person.find(sample.person) if sample.person is not None and self._person is not None else faces.person
        self._last_faces = faces = replace(faces, person=mask)
        return faces

    def frame(self, source: VideoFrame, faces: FaceTrack | None, shot: ShotSettings) -> VideoFrame:
        """The shot's part of the source, less its noise (`program` thread)."""
        if shot.close_up and shot.second:
            return self._framing.frame(source, None, ShotSettings(), is_close=False)
        order, upright = self._order, self._upright(source, shot)
        if order is not None and order.denoise and self._has_kernels:
            upright = self._denoiser.clean(upright, order.denoise)
        self._source_size = (upright.width, upright.height)
        return self._framing.frame(upright, faces if isinstance(faces, Faces) else None, shot, is_close=shot.close_up)

    def _upright(self, source: VideoFrame, shot: ShotSettings) -> VideoFrame:
        """The source as the camera would give it if it didn't lie on its side; turned once for finding faces and for showing."""
        if not shot.rotate:
            return source
        if self._turned is None or self._turned[0] is not source:
            self._turned = (source, turned(source, shot.rotate))
        return self._turned[1]

    def apply(self, frame: VideoFrame, faces: FaceTrack | None, shot: ShotSettings) -> None:
        """Faces first, then what stands behind, then colour, so that the table sees what a camera would have seen (`program` thread)."""
        order = self._order
        if order is None or not self._has_kernels or (shot.close_up and shot.second):
            return
        if not order.beauty.is_off:
            framing, there = self._framing, self._presence.at(frame.time_ns, faces if isinstance(faces, Faces) else None)
            for shown in () if shot.is_bare else there:
                beauty.beautify(frame, shown, order.beauty, framing.moved(shown.points_at(frame.time_ns)), framing.scale)
        if order.behind is not None and not shot.close_up:
            self._replace_background(frame, order.behind, faces.person if isinstance(faces, Faces) else None)
        if order.table is not None:
            colour.apply(frame, order.table)

    def _replace_background(self, frame: VideoFrame, wanted: background.Plan, mask: person.Mask | None) -> None:
        """Until the person is found nobody is shown: a room that is to be hidden isn't shown for the first moments either."""
        if wanted.needs_person and mask is None:
            if self._person_trouble is not None:
                return
            mask = np.zeros((person.HEIGHT, person.WIDTH), np.float32)
        background.replace_background(frame, wanted, mask, self._framing.view, self._source_size)

    def to_source(self, place: tuple[float, float]) -> tuple[float, float]:
        """A place of the published picture in pixels of the upright source."""
        return to_source(self._framing.view, place)

    def state(self) -> Mapping[str, str]:
        """`faces` and `person` are "on", "starting" or "off: why" in English; `…_code` then names the sentence, `file` what it is about."""
        told: dict[str, str] = {}
        for name, part, trouble in (("faces", self._tracker, self._trouble), ("person", self._person, self._person_trouble)):
            told[name] = "on" if part is not None else "starting"
            if trouble is not None:
                told |= {name: f"off: {say_error(trouble, 'en')}", f"{name}_code": trouble.code}
                told["file"] = str(trouble.params.get("file", ""))
        return told

    def _warm(self, faces: int, models: Path) -> None:
        try:
            from capture.look import bake_kernels, face_kernels, kernels, mix_kernels, neck_kernels, skin_kernels  # noqa: F401 - compiled or loaded here, used by name elsewhere

            self._has_kernels = True
            self._load(faces, models)
        finally:
            self._is_ready.set()

    def _load(self, faces: int, models: Path) -> None:
        """Each by itself: without one the other still works."""
        try:
            self._tracker = Tracker(
                Detector(weights.load("face_detector.tflite", models)), Mesh(weights.load("face_mesh.tflite", models)), faces
            )
        except weights.FacesUnavailable as trouble:
            self._trouble = trouble
        try:
            self._person = person.PersonMask(weights.load("person_mask.tflite", models))
        except weights.FacesUnavailable:
            self._person_trouble = weights.FacesUnavailable("look.person_off")
