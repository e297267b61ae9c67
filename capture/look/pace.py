"""How often a face needs the mesh: as often as it moves otherwise than its last motion said, and at once when its picture has changed.

It refuses to save on a face that isn't known yet, is partly hidden or was missed.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from capture.look.faces import Rectangle
from capture.look.one_euro import Points
from capture.look.sampler import Target, Wanted
from capture.look.shrink import halved
from studio.model.frames import Plane, VideoFrame

OFTEN, CALM, AT_REST, AT_REST_OF_SEVERAL = 2, 3, 6, 15
"""Frames from one mesh to the next: of a face that turns or talks, of one that hardly moves, of one that moves as foreseen, alone at
1080p and in company.
"""
_FULL_HD = 1920 * 1080
LONGEST_NS = 500_000_000
"""Between two meshes of a face, however slow the camera is and however many the faces: what is older than GAP_NS is forgotten."""
_MOST_OFF = 1.5
"""Pixels that a landmark in ten may be from where it was foreseen when it is looked at again; the mask's own are 4."""
_FORGOTTEN = 0.7
"""The share of an old surprise that is still believed at the next mesh: a mouth rests between words."""
_STIRRED = 2.0
"""Levels, the mean change of a face's picture: noise of 5 levels makes 1.4, 2 pixels of a face of 300 make 2."""
_SPOKEN, _PARTS, _MOST_NOISE = 6.0, 8, 4.0
"""Levels by which one of 8 × 8 parts of it has changed beyond what the middle one has, which is noise up to so many: lips that part by 2
pixels each make 6 to 9 there and .3 of the mean, a wide open mouth 1.4.
"""
_STEEP, _STEEPEST = 530.0, 2.0
"""The square of a face of 300: on a smaller one light changes more from pixel to pixel, and the same pixels make more levels."""
_SMALL = 64
"""Pixels across the picture that is compared, at least: at twice as many a camera's noise on a face of 200 is more than its motion."""
_FACE = 0.34
"""Of the square's side, to each side of its middle: the face without what is around it."""


class Pace:
    """How far one face's landmarks are from where they were foreseen, in pixels a frame; belongs to the `look` thread."""

    def __init__(self) -> None:
        self._off = 0.0

    def note(self, foreseen: Points, found: Points, frames: float) -> None:
        """A mesh `frames` after the one before."""
        off = np.sort(np.abs(found - foreseen).max(axis=1))[foreseen.shape[0] * 9 // 10]
        self._off = max(float(off) / max(frames, 1.0), self._off * _FORGOTTEN)

    def frames_apart(self, *, is_calm: bool, most: int = AT_REST) -> int:
        """Until the next mesh; `most` as `at_rest` gives it."""
        return max(min(int(_MOST_OFF / max(self._off, 1e-3)), most), CALM if is_calm else OFTEN)


def at_rest(width: int, height: int, *, is_alone: bool) -> int:
    """The most frames between two meshes of a face, on a frame of this size: it is the watch that notices when a face stirs, and the
    mesh of one at rest only makes sure. The network takes the same time for a small frame as for a large one, so it makes sure as many
    times less often as there are fewer pixels: its share of the work stays what it is at 1080p.
    """
    return round(min(max(AT_REST * _FULL_HD / (width * height), AT_REST), AT_REST_OF_SEVERAL)) if is_alone else AT_REST_OF_SEVERAL


class Watch:
    """When each face is looked at: it counts frames, and sees when a face's picture has changed; belongs to the `program` thread."""

    def __init__(self) -> None:
        self._kept: dict[int, _Glimpse] = {}
        self._number = 0
        self._last = -AT_REST

    def due(self, frame: VideoFrame, wanted: Wanted, rarer: int) -> Wanted | None:
        """What is to be cut out of this frame, the face that has waited longest over its time first; `rarer` 2 takes half as many."""
        self._number += 1
        waited = self._number - self._last
        has_paused = waited >= OFTEN * rarer
        if not wanted.targets:
            return self._taken(frame, wanted) if has_paused else None
        is_compared = has_paused and waited % OFTEN == 0
        urgent = {target.face_id: self._urgency(frame, target, rarer, is_compared=is_compared) for target in wanted.targets}
        turns = sorted(wanted.targets, key=lambda target: -urgent[target.face_id])
        return self._taken(frame, replace(wanted, targets=tuple(turns))) if urgent[turns[0].face_id] >= 1 else None

    def _taken(self, frame: VideoFrame, wanted: Wanted) -> Wanted:
        self._last = self._number
        known = {target.face_id for target in wanted.targets}
        self._kept = {face_id: glimpse for face_id, glimpse in self._kept.items() if face_id in known}
        if wanted.targets:
            first = wanted.targets[0]
            self._kept[first.face_id] = _glimpse(frame, first, self._number)
        return wanted

    def _urgency(self, frame: VideoFrame, target: Target, rarer: int, *, is_compared: bool) -> float:
        """1 where its time has come; no more for one that has stirred, or somebody who talks would leave no turn to the others."""
        before = self._kept.get(target.face_id)
        if before is None:
            return float("inf")
        frames = self._number - before.number
        if frames < OFTEN:
            return 0.0
        waited = max(frames / (target.apart * rarer), (frame.time_ns - target.time_ns) / LONGEST_NS)
        return 1.0 if waited < 1 and is_compared and _is_other(frame, target, before) else waited


@dataclass(frozen=True, slots=True)
class _Glimpse:
    """A face as it was, where, and on which frame."""

    small: Plane
    target: Target
    number: int


def _glimpse(frame: VideoFrame, target: Target, number: int) -> _Glimpse:
    """Of whole pixels: one step aside by rounding would be a change of 2 levels."""
    place = target.moved_on(frame.time_ns)
    place = Rectangle(float(round(place.x)), float(round(place.y)), place.side, place.angle)
    return _Glimpse(_small(frame, place), Target(target.face_id, place, target.speed, frame.time_ns), number)


def _is_other(frame: VideoFrame, target: Target, before: _Glimpse) -> bool:
    at = before.target
    now = _small(frame, Target(at.face_id, at.rectangle, target.speed, at.time_ns).moved_on(frame.time_ns))
    if not now.size or now.shape != before.small.shape:
        return True
    change = cv2.absdiff(before.small, now).astype(np.float32)
    parts = np.sort(cv2.resize(change, (_PARTS, _PARTS), interpolation=cv2.INTER_AREA), axis=None)
    noise = min(float(parts[parts.size // 2]), _MOST_NOISE)
    steeper = min(max(_STEEP / max(target.rectangle.side, 1.0), 1.0), _STEEPEST)
    return cv2.mean(change)[0] > _STIRRED * steeper or float(parts[-1]) > _SPOKEN * steeper + noise


def _small(frame: VideoFrame, place: Rectangle) -> Plane:
    """Y of a face at a fraction of the size; what is outside the frame is left out."""
    half = round(place.side * _FACE)
    left, top = round(place.x) - half, round(place.y) - half
    part = frame.y[max(top, 0) : max(top + 2 * half, 0), max(left, 0) : max(left + 2 * half, 0)]
    return halved(part, max((2 * half // _SMALL).bit_length() - 1, 0)) if part.size else part
