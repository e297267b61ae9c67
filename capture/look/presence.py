"""Which faces are on the picture at this frame, and how much of the look each has: none pops in or out.

It refuses to guess for long: a face is moved on by its last motion for a moment, then it fades.
"""

from dataclasses import dataclass, replace

import numpy as np

from capture.look.body import Body
from capture.look.faces import Face, Faces
from capture.look.one_euro import GAP_NS, Points
from capture.look.shape import Form
from capture.look.skin import Quarter, again, quarter_of, steadied
from studio.model.frames import VideoFrame

FADE_NS = 200_000_000
"""A face comes and goes within this: shorter pops, longer shows unsmoothed skin."""
_LONGEST_MOVE_NS = 250_000_000
_RESTING = 1.0
"""Pixels: a quarter of one of the mask's."""
_RESTING_COARSE = 4.0
"""The same while the machine has no time for more: one of the mask's, which a soft edge hides."""


@dataclass(slots=True)
class Shown:
    """A face on the picture, how much of the look it has, and what was found of it; owned by the `program` thread."""

    face: Face
    weight: float = 0.0
    body: Body | None = None
    form: Form | None = None
    quarter: Quarter | None = None
    places: Points | None = None
    is_taken_over: bool = False
    is_coarse: bool = False

    def find(self, frame: VideoFrame, points: Points, width: float) -> Quarter | None:
        """The skin of the face at `points`: found anew in each frame, in each second one while the face rests."""
        resting = _RESTING_COARSE if self.is_coarse else _RESTING
        is_resting = self.places is not None and bool(np.abs(points - self.places).max() < resting)
        before, self.places = self.quarter if is_resting else None, points
        self.is_taken_over = before is not None and not self.is_taken_over
        if before is not None and self.is_taken_over:
            self.quarter = again(frame, before)
            return self.quarter
        fresh = quarter_of(frame, points, width, self.face.skin, self.face.cover, before)
        if fresh is not None:
            fresh = steadied(fresh, before) if before is not None and before.region == fresh.region else fresh
            fresh = replace(fresh, is_coarse=True) if self.is_coarse else fresh
        self.quarter = fresh
        return self.quarter

    def points_at(self, time_ns: int) -> Points:
        """The landmarks moved on by the last motion to the frame's time."""
        ahead_s = min(max(time_ns - self.face.time_ns, 0), _LONGEST_MOVE_NS) / 1e9
        most = 0.25 * self.face.width
        x, y = (min(max(speed * ahead_s, -most), most) for speed in self.face.speed)
        return self.face.points + np.array([x, y], np.float32)


class Presence:
    """The faces from frame to frame; owned by the `program` thread."""

    def __init__(self) -> None:
        self._shown: dict[int, Shown] = {}
        self._time_ns = -1
        self.is_coarse = False
        """Whether skin may be found less often and smoothed at a coarser scale; written by the loop."""

    def at(self, time_ns: int, faces: Faces | None) -> list[Shown]:
        """The faces to work on, each a step nearer to fully shown or gone; one of which the mesh isn't sure is shown in part."""
        elapsed_ns = min(max(time_ns - self._time_ns, 0), 100_000_000) if self._time_ns >= 0 else 0
        self._time_ns = time_ns
        step = elapsed_ns / FADE_NS
        current = {face.id: face for face in faces.items if abs(time_ns - face.time_ns) <= GAP_NS} if faces is not None else {}
        for face in current.values():
            self._shown.setdefault(face.id, Shown(face)).face = face
        for face_id, shown in list(self._shown.items()):
            shown.is_coarse = self.is_coarse
            target = shown.face.certainty if face_id in current else 0.0
            shown.weight += min(max(target - shown.weight, -step), step)
            if face_id not in current and shown.weight <= 0:
                del self._shown[face_id]
            elif shown.body is not None:
                shown.body.company = len(self._shown)
        return [shown for shown in self._shown.values() if shown.weight > 0]
