"""Follows faces from sample to sample: detector on loss or now and then, mesh from the last landmarks' square, skin fitted to the person.

It refuses to run on the frame's path: all of it belongs to the `look` thread; `wanted` alone is read elsewhere.
"""

from dataclasses import dataclass, field, fields, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look import mesh, pace
from capture.look.cover import Memory
from capture.look.cut import Cut
from capture.look.detector import SIDE as OVERVIEW_SIDE
from capture.look.detector import Detector
from capture.look.faces import Cover, Face, Faces, Patch, Rectangle, Sample, Skin
from capture.look.mesh import Mesh
from capture.look.one_euro import GAP_NS, OneEuro, Points
from capture.look.pace import Pace
from capture.look.sampler import Target, Wanted

_DETECT_EVERY_NS = 900_000_000
"""Between two looks at the whole frame while a face is followed: a newcomer waits for a second, however rarely the others are looked at."""
_LEAST_WIDTH = 24.0
"""Pixels: a smaller face has nothing to smooth."""
_SPEED_SHARE = 0.35
_SKIN_SHARE = 0.15
"""Shares of the new value: skin and its light change over seconds, a mask that follows noise flickers."""
SKIN_EVERY, _FIRST_FITS = 4, 4
"""Skin is fitted in each of the first meshes, then in every fourth: it costs a tenth of a mesh and changes over seconds."""
_MOST_DETECTED = 16
"""Of a crowd only the nearest are made up; so many are looked at to know which."""
_CALM = 0.03
"""Sides of the face's square a second (a sixteenth of a face's width): somebody who sits and talks."""
_FRAMES_A_SECOND = 30
_MOST_MISSES = 2
"""Meshes in a row that may miss a face that was there."""
_SURE = 0.8
"""The presence from which a face has all of the look: less falls off evenly, so that a turning head doesn't blink."""
_LEAST_SPREAD, _MOST_SPREAD = 3.0, 9.0
"""Levels of chroma: tighter flickers with noise, wider takes in lips and wood."""

_ENOUGH_LIGHT, _MOST_LIGHTER = 90.0, 2.0
"""Levels of skin above black from which the mesh sees well; darker faces are shown to it lighter, up to so many times."""
_LIT_OF_MIDDLE, _LIT_OF_BRIGHT = 0.6, 0.4
"""Skin is fitted to what has so much of the median's light and of the 85th percentile's. The second counts for a face half in deep shadow,
whose median is the shadow's: with the colour of shadow a black brim is skin, and the lit cheek is not.
"""
_MOST_SLOPE = 0.35
"""Levels of chroma a level of light: saturated skin in hard light has .25."""


@dataclass(slots=True)
class _Tracked:
    """One face that is followed; owned by the `look` thread."""

    id: int
    rectangle: Rectangle
    time_ns: int
    smooth: OneEuro = field(default_factory=OneEuro)
    middle: NDArray[np.float32] | None = None
    speed: tuple[float, float] = (0.0, 0.0)
    skin: Skin | None = None
    face: Face | None = None
    memory: Memory = field(default_factory=Memory)
    cover: Cover | None = None
    pace: Pace = field(default_factory=Pace)
    fits: int = 0
    misses: int = 0

    @property
    def is_calm(self) -> bool:
        """Known, in full view, and hardly moving."""
        return self._is_sure and float(np.hypot(*self.speed)) < _CALM * self.rectangle.side

    @property
    def _is_sure(self) -> bool:
        return self.fits > _FIRST_FITS and self.memory.is_known and self.cover is None and not self.misses

    def target(self, at_rest: int) -> Target:
        """What is to be cut out of a frame, and how soon: after `at_rest` frames at most."""
        apart = self.pace.frames_apart(is_calm=self.is_calm, most=at_rest) if self._is_sure else pace.OFTEN
        return Target(self.id, self.rectangle, self.speed, self.time_ns, is_held=self.is_calm, apart=apart)


class Tracker:
    """At most `limit` faces, which take turns at the mesh."""

    def __init__(self, detector: Detector, mesh_: Mesh, limit: int = 1) -> None:
        self._detector = detector
        self._mesh = mesh_
        self._limit = limit
        self._tracked: list[_Tracked] = []
        self._next_id = 1
        self._overview_ns = -_DETECT_EVERY_NS
        self._picture = np.empty((1, mesh.SIDE, mesh.SIDE, 3), np.float32)
        self._small = np.empty((1, OVERVIEW_SIDE, OVERVIEW_SIDE, 3), np.float32)
        self.wanted = Wanted()

    def track(self, sample: Sample) -> Faces:
        """The faces as last seen, those in this sample anew; also decides what the next one should hold."""
        for patch in sample.patches:
            tracked = next((one for one in self._tracked if one.id == patch.face_id), None)
            if tracked is not None:
                self._look_at(tracked, patch, sample)
        self._tracked = _without_doubles([one for one in self._tracked if one.misses <= _MOST_MISSES])
        if sample.overview is not None:
            self._meet(sample, sample.overview)
            self._overview_ns = sample.time_ns
        self.wanted = self._next_wanted(sample)
        return Faces(tuple(one.face for one in self._tracked if one.face is not None), sample.time_ns)

    def _next_wanted(self, sample: Sample) -> Wanted:
        """The face whose turn it is goes to the end of the line; the whole frame where one is lost, or now and then."""
        if not self._tracked:
            return Wanted()
        turns = sorted(self._tracked, key=lambda one: one.time_ns)
        is_lost = any(one.misses for one in turns)
        is_due = abs(sample.time_ns - self._overview_ns) >= _DETECT_EVERY_NS
        overview = is_lost or (is_due and len(turns) < self._limit)
        at_rest = pace.at_rest(sample.width, sample.height, is_alone=len(turns) == 1)
        return Wanted(tuple(one.target(at_rest) for one in turns), overview)

    def _look_at(self, tracked: _Tracked, patch: Patch, sample: Sample) -> None:
        """A face that isn't found is kept where it was for a moment: a hand passes, a head turns."""
        face = self._fit(tracked, patch, sample)
        if face is not None:
            tracked.face, tracked.misses = face, 0
            return
        tracked.misses += 1 if tracked.face is not None else _MOST_MISSES + 1
        tracked.speed = (0.0, 0.0)
        tracked.time_ns = sample.time_ns
        if tracked.face is not None:
            tracked.face = replace(tracked.face, speed=(0.0, 0.0), time_ns=sample.time_ns)

    def _fit(self, tracked: _Tracked, patch: Patch, sample: Sample) -> Face | None:
        from capture.look import kernels

        size = (mesh.SIDE, mesh.SIDE)
        u, v = cv2.resize(patch.u, size), cv2.resize(patch.v, size)
        lighter = min(max(_ENOUGH_LIGHT / max(tracked.skin.luma - 16, 8.0), 1.0), _MOST_LIGHTER) if tracked.skin is not None else 1.0
        kernels.to_rgb(patch.y, u, v, self._picture[0], np.float32(lighter), np.float32(0))
        raw, presence = self._mesh.fit(self._picture, patch.rectangle)
        low, high = raw.min(axis=0), raw.max(axis=0)
        width = float(max(high - low))
        is_inside = low[0] < sample.width and low[1] < sample.height and high[0] > 0 and high[1] > 0
        if presence < mesh.LEAST_PRESENCE or not is_inside or not _LEAST_WIDTH <= width <= 4 * max(sample.width, sample.height):
            return None
        points = tracked.smooth(raw, width, sample.time_ns, lighter)
        self._move(tracked, points, sample.time_ns)
        tracked.rectangle = mesh.steadied(mesh.around(raw), tracked.rectangle)
        cut = Cut(patch, raw)
        is_due = tracked.fits < _FIRST_FITS or tracked.fits % SKIN_EVERY == 0
        if tracked.skin is None or (is_due and tracked.cover is None):
            skin = fit_skin(cut)
            tracked.skin = skin if tracked.skin is None else _blend(tracked.skin, skin, _SKIN_SHARE)
        tracked.cover = tracked.memory.look(cut, raw, tracked.skin)
        tracked.fits += 1
        across = max(float(np.hypot(*(points[454] - points[234]))), width * 0.5)
        certainty = min((presence - mesh.LEAST_PRESENCE) / (_SURE - mesh.LEAST_PRESENCE), 1.0)
        return Face(tracked.id, points, tracked.speed, across, tracked.skin, sample.time_ns, certainty, tracked.cover)

    @staticmethod
    def _move(tracked: _Tracked, points: Points, time_ns: int) -> None:
        middle = points.mean(axis=0)
        elapsed_s = (time_ns - tracked.time_ns) / 1e9
        if tracked.middle is None or tracked.face is None or not 0 < elapsed_s * 1e9 <= GAP_NS:
            tracked.speed = (0.0, 0.0)
        else:
            foreseen = tracked.face.points + np.array(tracked.speed, np.float32) * np.float32(elapsed_s)
            tracked.pace.note(foreseen, points, elapsed_s * _FRAMES_A_SECOND)
            new = (middle - tracked.middle) / elapsed_s
            old = tracked.speed
            tracked.speed = (old[0] + _SPEED_SHARE * (float(new[0]) - old[0]), old[1] + _SPEED_SHARE * (float(new[1]) - old[1]))
        tracked.middle, tracked.time_ns = middle, time_ns

    def _meet(self, sample: Sample, overview: NDArray[np.uint8]) -> None:
        """Take on faces that the detector sees and nobody follows, the largest first, and put a lost one right."""
        from capture.look import kernels

        kernels.to_rgb(overview[0], overview[1], overview[2], self._small[0], np.float32(2), np.float32(-1))
        for detection in self._detector.find(self._small, _MOST_DETECTED):
            rectangle = mesh.from_detection(detection, sample.width, sample.height)
            known = next((one for one in self._tracked if _is_same(rectangle, one.rectangle)), None)
            if known is not None and known.misses:
                known.rectangle, known.time_ns = rectangle, sample.time_ns
            elif known is None and len(self._tracked) < self._limit:
                self._tracked.append(_Tracked(self._next_id, rectangle, sample.time_ns))
                self._next_id += 1


def _is_same(one: Rectangle, other: Rectangle) -> bool:
    distance = float(np.hypot(one.x - other.x, one.y - other.y))
    return distance < 0.3 * max(one.side, other.side)


def _without_doubles(tracked: list[_Tracked]) -> list[_Tracked]:
    kept: list[_Tracked] = []
    for one in tracked:
        if not any(_is_same(one.rectangle, other.rectangle) for other in kept):
            kept.append(one)
    return kept


def fit_skin(cut: Cut) -> Skin:
    """The person's skin from the oval less eyes, brows and lips: medians and a spread that leaves out what is far from them."""
    inside = cut.open_skin > 0.9
    y, u, v = (plane[inside] for plane in cut.planes)
    if y.size < 40:
        return Skin(112.0, 146.0, 1 / _MOST_SPREAD**2, 0.0, 1 / _MOST_SPREAD**2, 120.0)
    middle, bright = np.percentile(y - 16, (50, 85))
    lit = y > 16 + max(_LIT_OF_MIDDLE * middle, _LIT_OF_BRIGHT * bright)
    y, u, v = y[lit], u[lit], v[lit]
    luma = float(np.median(y))
    (u_middle, u_slope), (v_middle, v_slope) = _lines(y, (u, v), luma)
    du, dv = u - u_middle - u_slope * (y - luma), v - v_middle - v_slope * (y - luma)
    far = np.hypot(du, dv)
    near = far < 3.2 * max(float(np.median(far)), 1.5)
    du, dv = du[near], dv[near]
    spread = np.array([[np.mean(du * du), np.mean(du * dv)], [np.mean(du * dv), np.mean(dv * dv)]], np.float64)
    values, axes = np.linalg.eigh(spread)
    inverse = axes @ np.diag(1 / values.clip(_LEAST_SPREAD**2, _MOST_SPREAD**2)) @ axes.T
    uu, uv, vv = (float(value) for value in inverse[[0, 0, 1], [0, 1, 1]])
    return Skin(u_middle, v_middle, uu, uv, vv, luma, u_slope, v_slope, float(np.percentile(y[near], 97)))


def _lines(y: NDArray[np.float32], planes: tuple[NDArray[np.float32], ...], luma: float) -> list[tuple[float, float]]:
    """(value at `luma`, slope) of each chroma plane over light, from medians of five bins of light and of the lines
    through two of them (Theil, 1950): a brush before a cheek can't turn it.
    """
    bins = np.argsort(y)[: y.size // 5 * 5].reshape(5, -1)
    lights = np.median(y[bins], axis=1)
    one, other = np.triu_indices(5, 1)
    steps = lights[other] - lights[one]
    is_apart = steps > 4
    result = []
    for plane in planes:
        values = np.median(plane[bins], axis=1)
        slopes = (values[other] - values[one])[is_apart] / steps[is_apart]
        slope = float(np.clip(np.median(slopes), -_MOST_SLOPE, _MOST_SLOPE)) if slopes.size else 0.0
        result.append((float(np.median(plane - slope * (y - luma))), slope))
    return result


def _blend(old: Skin, new: Skin, share: float) -> Skin:
    mixed = {part.name: getattr(old, part.name) + share * (getattr(new, part.name) - getattr(old, part.name)) for part in fields(Skin)}
    return Skin(**mixed)
