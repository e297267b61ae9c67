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

OFTEN, CALM, AT_REST = 2, 3, 6
"""Frames from one mesh to the next: of a face that turns or talks, of one that hardly moves, of one that moves as foreseen."""
LONGEST_NS = 300_000_000
"""Between two meshes, however slow the camera is: a face that wasn't looked at for half a second starts anew."""
_MOST_OFF = 1.5
"""Pixels that a landmark in ten may be from where it was foreseen when it is looked at again; the mask's own are 4."""
_FORGOTTEN = 0.7
"""The share of an old surprise that is still believed at the next mesh: a mouth rests between words."""
_STIRRED = 2.0
"""Levels, the mean change of a face's picture: noise of 5 levels makes 1.4, 3 pixels of a face of 300 make 3."""
_SMALL = 96
"""Pixels across the picture that is compared, at least."""
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

    def frames_apart(self, *, is_calm: bool) -> int:
        """Until the next mesh."""
        least = CALM if is_calm else OFTEN
        return max(min(int(_MOST_OFF / max(self._off, 1e-3)), AT_REST), least)


class Watch:
    """When the faces are looked at: it counts frames, and sees when their picture has changed; belongs to the `program` thread."""

    def __init__(self) -> None:
        self._kept: dict[int, _Glimpse] = {}
        self._frames = AT_REST
        self._time_ns = -LONGEST_NS

    def due(self, frame: VideoFrame, wanted: Wanted, rarer: int) -> Wanted | None:
        """What is to be cut out of this frame, a face whose picture has changed first; `rarer` 2 takes half as many."""
        self._frames += 1
        is_late = frame.time_ns - self._time_ns >= LONGEST_NS
        if not is_late and self._frames < min(wanted.apart, OFTEN) * rarer:
            return None
        stirred = [target for target in wanted.targets if self._is_other(frame, target)] if wanted.apart >= OFTEN else []
        if not is_late and not stirred and self._frames < wanted.apart * rarer:
            return None
        self._frames, self._time_ns = 0, frame.time_ns
        turns = (*stirred, *(target for target in wanted.targets if target not in stirred))
        known = {target.face_id for target in turns}
        self._kept = {face_id: glimpse for face_id, glimpse in self._kept.items() if face_id in known}
        if turns:
            self._kept[turns[0].face_id] = _glimpse(frame, turns[0])
        return replace(wanted, targets=turns)

    def _is_other(self, frame: VideoFrame, target: Target) -> bool:
        before = self._kept.get(target.face_id)
        if before is None:
            return True
        now = _small(frame, replace(before.target, speed=target.speed).moved_on(frame.time_ns))
        if not now.size or now.shape != before.small.shape:
            return True
        return float(cv2.norm(before.small, now, cv2.NORM_L1)) > _STIRRED * now.size


@dataclass(frozen=True, slots=True)
class _Glimpse:
    """A face as it was, and where."""

    small: Plane
    target: Target


def _glimpse(frame: VideoFrame, target: Target) -> _Glimpse:
    place = target.moved_on(frame.time_ns)
    return _Glimpse(_small(frame, place), replace(target, rectangle=place, time_ns=frame.time_ns))


def _small(frame: VideoFrame, place: Rectangle) -> Plane:
    """Y of a face at a fraction of the size; what is outside the frame is left out."""
    half = round(place.side * _FACE)
    left, top = round(place.x) - half, round(place.y) - half
    part = frame.y[max(top, 0) : max(top + 2 * half, 0), max(left, 0) : max(left + 2 * half, 0)]
    return halved(part, max((2 * half // _SMALL).bit_length() - 1, 0)) if part.size else part
