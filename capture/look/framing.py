"""Which part of the source fills the canvas from frame to frame, and the cutting itself.

It refuses to jump: it rests until the face has really moved, and then it moves like a good camera operator, damped.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from capture.look.faces import Face, Faces
from capture.look.one_euro import Points
from studio.model.frames import Plane, VideoFrame
from studio.model.shot import ShotSettings, View, fitted, parse_area, within

_LOOSE, _TIGHT = 0.12, 0.30
"""The face's share of the view's width at follow_zoom 0 and 1 on a square canvas: a whole upper body, and a portrait."""
_MOST_ZOOM = 2.5
"""Beyond it a 1080p camera has fewer pixels than a phone shows."""
_FACE_HEIGHT = 0.42
"""Where the middle of the face stands from the top: eyes on the upper third."""
_RESTING_MOVE, _RESTING_ZOOM = 0.06, 0.12
"""How far (of the view's width), and how much larger or smaller, a face is before the view moves: half as much follows each nod."""
_ARRIVED = 0.005
_SETTLE_S = 0.45
"""The damped spring's time constant: after 3 of them it has arrived; at .2 s the viewer sees a machine, at 1 s the face is cut."""
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
_LOST_S = 2.0
"""How long a lost face is waited for before the view opens up again."""


@dataclass(slots=True)
class _Motion:
    """One value on its way; critically damped, so that it never overshoots."""

    value: float
    speed: float = 0.0

    def step(self, target: float, elapsed_s: float) -> None:
        rate = 1 / _SETTLE_S * 2
        away = self.value - target
        push = (self.speed + rate * away) * elapsed_s
        decay = np.exp(-rate * elapsed_s)
        self.value = float(target + (away + push) * decay)
        self.speed = float((self.speed - rate * push) * decay)


class Framing:
    """The view of one canvas; belongs to the `program` thread."""

    def __init__(self, width: int, height: int) -> None:
        self._canvas = (width, height)
        self._motions: list[_Motion] = []
        self._target: View | None = None
        self._time_ns = 0
        self._seen_ns = 0
        self.view = View(0.0, 0.0, width, height)

    def frame(self, source: VideoFrame, faces: Faces | None, shot: ShotSettings, *, is_close: bool) -> VideoFrame:
        """The canvas' picture, a copy of its own; `is_close` shows the product's area."""
        size = (source.width, source.height)
        if is_close:
            self.view = fitted(parse_area(shot.close_up_area), size, self._canvas)
        else:
            bounds = fitted(parse_area(shot.crop), size, self._canvas)
            self.view = self._following(source, faces, shot, bounds) if shot.follow else self._rest(bounds)
        self.view = self.view._replace(is_mirrored=shot.mirror and not is_close)
        return cut(source, self.view, self._canvas)

    def moved(self, points: Points) -> Points:
        """Landmarks of the source on the canvas."""
        scale = np.float32(self._canvas[0] / self.view.width)
        placed = (points - np.array([self.view.x, self.view.y], np.float32)) * scale
        if self.view.is_mirrored:
            placed[:, 0] = self._canvas[0] - 1 - placed[:, 0]
        return placed

    @property
    def scale(self) -> float:
        """Pixels of the canvas for one of the source."""
        return self._canvas[0] / self.view.width

    def _rest(self, bounds: View) -> View:
        self._motions.clear()
        self._target = None
        return bounds

    def _following(self, source: VideoFrame, faces: Faces | None, shot: ShotSettings, bounds: View) -> View:
        elapsed_s = min(max(source.time_ns - self._time_ns, 0) / 1e9, 0.1)
        self._time_ns = source.time_ns
        face = max(faces.items, key=lambda item: item.width, default=None) if faces is not None else None
        wanted = self._target or bounds
        if face is not None:
            self._seen_ns = source.time_ns
            wanted = wanted_view(face, shot.follow_zoom, bounds, self._canvas)
        elif source.time_ns - self._seen_ns > _LOST_S * 1e9:
            wanted = bounds
        if self._target is None or _is_far(wanted, self._target):
            self._target = wanted
        if not self._motions:
            self._motions = [_Motion(value) for value in (bounds.x + bounds.width / 2, bounds.y + bounds.height / 2, bounds.width)]
        target = self._target
        places = (target.x + target.width / 2, target.y + target.height / 2, target.width)
        for motion, place in zip(self._motions, places, strict=True):
            motion.step(place, elapsed_s)
            if abs(motion.value - place) < _ARRIVED * target.width and abs(motion.speed) < 1:
                motion.value, motion.speed = place, 0.0
        x, y, width = (motion.value for motion in self._motions)
        height = width * self._canvas[1] / self._canvas[0]
        return within(View(x - width / 2, y - height / 2, width, height), bounds)


def wanted_view(face: Face, zoom: float, bounds: View, canvas: tuple[int, int]) -> View:
    """The view that shows a face as asked, inside the bounds."""
    share = (_LOOSE + (_TIGHT - _LOOSE) * zoom) * max(1.0, canvas[1] / canvas[0])
    width = min(max(face.width / share, bounds.width / _MOST_ZOOM), bounds.width)
    height = width * canvas[1] / canvas[0]
    middle = face.points.mean(axis=0)
    return within(View(float(middle[0]) - width / 2, float(middle[1]) - height * _FACE_HEIGHT, width, height), bounds)


def _is_far(one: View, other: View) -> bool:
    across = abs(one.x + one.width / 2 - other.x - other.width / 2)
    down = abs(one.y + one.height / 2 - other.y - other.height / 2)
    return max(across, down) > _RESTING_MOVE * other.width or abs(one.width / other.width - 1) > _RESTING_ZOOM


def turned(source: VideoFrame, degrees: int) -> VideoFrame:
    """The source turned clockwise by 90, 180 or 270 degrees; itself by 0."""
    if degrees not in _TURNS:
        return source
    size = (source.width, source.height) if degrees == 180 else (source.height, source.width)
    picture = VideoFrame.empty(*size, source.time_ns, source.seq)
    for plane, out in ((source.y, picture.y), (source.u, picture.u), (source.v, picture.v)):
        cv2.rotate(plane, _TURNS[degrees], dst=out)
    return picture


def cut(source: VideoFrame, view: View, canvas: tuple[int, int]) -> VideoFrame:
    """The view enlarged to the canvas, (width, height); the whole source at its own size is copied bit for bit."""
    width, height = canvas
    if (source.width, source.height) == canvas and view == View(0.0, 0.0, width, height):
        return VideoFrame(source.planes.copy(), source.time_ns, source.seq)
    picture = VideoFrame.empty(width, height, source.time_ns, source.seq)
    for plane, out, shrink in ((source.y, picture.y, 1), (source.u, picture.u, 2), (source.v, picture.v, 2)):
        _enlarge(plane, view, out, shrink)
    return picture


def _enlarge(plane: Plane, view: View, out: Plane, shrink: int) -> None:
    """One plane: moved by parts of a pixel, then enlarged; a fifth of the time of doing both in one (cv2.warpAffine, measured)."""
    width, height = max(round(view.width / shrink), 1), max(round(view.height / shrink), 1)
    left = (view.x + view.width / 2) / shrink - width / 2
    top = (view.y + view.height / 2) / shrink - height / 2
    part = cv2.getRectSubPix(plane, (width, height), (left + (width - 1) / 2, top + (height - 1) / 2))
    cv2.resize(part, (out.shape[1], out.shape[0]), dst=out, interpolation=cv2.INTER_LINEAR)
    if view.is_mirrored:
        cv2.flip(out, 1, dst=out)
