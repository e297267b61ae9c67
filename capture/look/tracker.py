"""Follows faces from sample to sample: detector on loss or now and then, mesh from the last landmarks' square, skin fitted to the person.

It refuses to run on the frame's path: all of it belongs to the `look` thread; `wanted` alone is read elsewhere.
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look import mask, mesh
from capture.look.detector import SIDE as OVERVIEW_SIDE
from capture.look.detector import Detection, Detector
from capture.look.faces import Face, Faces, Patch, Rectangle, Sample, Skin
from capture.look.mesh import Mesh
from capture.look.one_euro import OneEuro, Points
from capture.look.sampler import Target, Wanted

DETECT_EVERY = 15
"""Samples between two looks at the whole frame while a face is followed: twice as many, and a newcomer waits for 2 s."""
_LEAST_WIDTH = 24.0
"""Pixels: a smaller face has nothing to smooth."""
_SPEED_SHARE = 0.35
_SKIN_SHARE = 0.15
"""Shares of the new value: skin and its light change over seconds, a mask that follows noise flickers."""
_LEAST_SPREAD, _MOST_SPREAD = 3.0, 9.0
"""Levels of chroma: tighter flickers with noise, wider takes in lips and wood."""


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


class Tracker:
    """At most `limit` faces."""

    def __init__(self, detector: Detector, mesh_: Mesh, limit: int = 1) -> None:
        self._detector = detector
        self._mesh = mesh_
        self._limit = limit
        self._tracked: list[_Tracked] = []
        self._next_id = 1
        self._until_overview = 0
        self._picture = np.empty((1, mesh.SIDE, mesh.SIDE, 3), np.float32)
        self._small = np.empty((1, OVERVIEW_SIDE, OVERVIEW_SIDE, 3), np.float32)
        self.wanted = Wanted()

    def track(self, sample: Sample) -> Faces:
        """The faces in this sample; also decides what the next one should hold."""
        patches = {patch.face_id: patch for patch in sample.patches}
        faces: list[Face] = []
        kept: list[_Tracked] = []
        for tracked in self._tracked:
            patch = patches.get(tracked.id)
            face = self._fit(tracked, patch, sample) if patch is not None else None
            if face is not None:
                faces.append(face)
            if patch is None or face is not None:
                kept.append(tracked)
        self._tracked = _without_doubles(kept)
        if sample.overview is not None:
            self._meet(sample, sample.overview)
            self._until_overview = DETECT_EVERY
        self._until_overview -= 1
        targets = tuple(Target(one.id, one.rectangle, one.speed, one.time_ns) for one in self._tracked)
        self.wanted = Wanted(targets, overview=not targets or (self._until_overview <= 0 and len(targets) < self._limit))
        ids = {one.id for one in self._tracked}
        return Faces(tuple(face for face in faces if face.id in ids), sample.time_ns)

    def _fit(self, tracked: _Tracked, patch: Patch, sample: Sample) -> Face | None:
        from capture.look import kernels

        size = (mesh.SIDE, mesh.SIDE)
        u, v = cv2.resize(patch.u, size), cv2.resize(patch.v, size)
        kernels.to_rgb(patch.y, u, v, self._picture[0], np.float32(1), np.float32(0))
        raw, presence = self._mesh.fit(self._picture, patch.rectangle)
        low, high = raw.min(axis=0), raw.max(axis=0)
        width = float(max(high - low))
        is_inside = low[0] < sample.width and low[1] < sample.height and high[0] > 0 and high[1] > 0
        if presence < mesh.LEAST_PRESENCE or not is_inside or not _LEAST_WIDTH <= width <= 4 * max(sample.width, sample.height):
            return None
        points = tracked.smooth(raw, width, sample.time_ns)
        self._move(tracked, points, sample.time_ns)
        tracked.rectangle = mesh.around(raw)
        skin = fit_skin(patch, _to_patch(raw, patch.rectangle))
        tracked.skin = skin if tracked.skin is None else _blend(tracked.skin, skin, _SKIN_SHARE)
        across = float(np.hypot(*(points[454] - points[234])))
        return Face(tracked.id, points, tracked.speed, max(across, width * 0.5), tracked.skin)

    @staticmethod
    def _move(tracked: _Tracked, points: Points, time_ns: int) -> None:
        middle = points.mean(axis=0)
        elapsed_s = (time_ns - tracked.time_ns) / 1e9
        if tracked.middle is None or not 0 < elapsed_s < 0.5:
            tracked.speed = (0.0, 0.0)
        else:
            new = (middle - tracked.middle) / elapsed_s
            old = tracked.speed
            tracked.speed = (old[0] + _SPEED_SHARE * (float(new[0]) - old[0]), old[1] + _SPEED_SHARE * (float(new[1]) - old[1]))
        tracked.middle, tracked.time_ns = middle, time_ns

    def _meet(self, sample: Sample, overview: NDArray[np.uint8]) -> None:
        """Take on faces that the detector sees and nobody follows."""
        if len(self._tracked) >= self._limit:
            return
        from capture.look import kernels

        kernels.to_rgb(overview[0], overview[1], overview[2], self._small[0], np.float32(2), np.float32(-1))
        for detection in self._detector.find(self._small, self._limit):
            rectangle = _from_detection(detection, sample)
            if len(self._tracked) < self._limit and not any(_is_same(rectangle, one.rectangle) for one in self._tracked):
                self._tracked.append(_Tracked(self._next_id, rectangle, sample.time_ns))
                self._next_id += 1


def _from_detection(detection: Detection, sample: Sample) -> Rectangle:
    return mesh.from_detection(detection, sample.width, sample.height)


def _is_same(one: Rectangle, other: Rectangle) -> bool:
    distance = float(np.hypot(one.x - other.x, one.y - other.y))
    return distance < 0.3 * max(one.side, other.side)


def _without_doubles(tracked: list[_Tracked]) -> list[_Tracked]:
    kept: list[_Tracked] = []
    for one in tracked:
        if not any(_is_same(one.rectangle, other.rectangle) for other in kept):
            kept.append(one)
    return kept


def _to_patch(points: Points, rectangle: Rectangle) -> Points:
    """Pixels of the frame to pixels of the patch, the inverse of mesh.to_frame."""
    cosine, sine = np.cos(rectangle.angle), np.sin(rectangle.angle)
    away = (points - np.array([rectangle.x, rectangle.y], np.float32)) / np.float32(rectangle.side)
    return ((away @ np.array([[cosine, -sine], [sine, cosine]], np.float32) + np.float32(0.5)) * mesh.SIDE).astype(np.float32)


def fit_skin(patch: Patch, points: Points) -> Skin:
    """The person's skin from the oval less eyes, brows and lips: medians and a spread that leaves out what is far from them.

    On a quarter of the patch's size: a few hundred pixels that differ by more than noise.
    """
    side = mesh.SIDE // 4
    region = mask.Region(0, 0, mesh.SIDE, mesh.SIDE)
    width = float(np.hypot(*(points[454] - points[234])))
    inside = mask.shape_mask(points, width, region) > 0.9
    y, u, v = (
        cv2.resize(plane, (side, side), interpolation=cv2.INTER_AREA)[inside].astype(np.float32) for plane in (patch.y, patch.u, patch.v)
    )
    if y.size < 40:
        return Skin(112.0, 146.0, 1 / _MOST_SPREAD**2, 0.0, 1 / _MOST_SPREAD**2, 120.0)
    lit = y > 16 + 0.6 * (np.median(y) - 16)
    y, u, v = y[lit], u[lit], v[lit]
    u_middle, v_middle = np.median(u), np.median(v)
    near = np.hypot(u - u_middle, v - v_middle) < 3.2 * max(float(np.median(np.hypot(u - u_middle, v - v_middle))), 1.5)
    du, dv = u[near] - u_middle, v[near] - v_middle
    spread = np.array([[np.mean(du * du), np.mean(du * dv)], [np.mean(du * dv), np.mean(dv * dv)]], np.float64)
    values, axes = np.linalg.eigh(spread)
    inverse = axes @ np.diag(1 / values.clip(_LEAST_SPREAD**2, _MOST_SPREAD**2)) @ axes.T
    return Skin(float(u_middle), float(v_middle), float(inverse[0, 0]), float(inverse[0, 1]), float(inverse[1, 1]), float(np.median(y)))


def _blend(old: Skin, new: Skin, share: float) -> Skin:
    def mixed(name: str) -> float:
        return getattr(old, name) + share * (getattr(new, name) - getattr(old, name))

    return replace(old, u=mixed("u"), v=mixed("v"), uu=mixed("uu"), uv=mixed("uv"), vv=mixed("vv"), luma=mixed("luma"))
