"""Whitens the neck and chest with the face, in place, so that the jaw shows no step.

It refuses to go by colour alone: what it changes must have this person's colour at this light and be joined to the neck without an edge,
so that a beige bottle or a lipstick held before it stays as it is.
"""

import cv2
import numpy as np

from capture.look.anatomy import CHIN, LEFT_SIDE, OVAL, RIGHT_SIDE, TOP
from capture.look.faces import Skin
from capture.look.mask import Region, Weights, fade_out, fill
from capture.look.one_euro import Points
from capture.look.skin import SkinStrengths, planes_at, shift_u, shift_v, whitened
from studio.model.frames import VideoFrame

_SHRINK = 8
_LEAST_WIDTH = 48.0
"""Pixels: the neck of a smaller face is a handful of cells."""
_RISING, _FALLING = 0.2, 0.7
"""Shares of the new weight a frame: skin comes slowly, what is put before it goes at once."""
_JAW = tuple(OVAL[8:29])
"""From ear to ear below."""


class Body:
    """The neck of one face from frame to frame; owned by the `program` thread."""

    def __init__(self) -> None:
        self._weights: Weights | None = None
        self._region: Region | None = None

    def whiten(self, frame: VideoFrame, points: Points, width: float, skin: Skin, wanted: SkinStrengths, weight: float) -> None:
        """In place, before the face itself; `weight` 0..1 fades a face in and out."""
        region = _region(frame, points, width)
        if width < _LEAST_WIDTH or region.is_empty:
            self._weights = None
            return
        y, u, v = planes_at(frame, region, _SHRINK)
        fresh = neck(y, u, v, points, width, skin, region)
        weights = self._weights = self._steadied(fresh, region)
        _apply(frame, region, y, weights * np.float32(weight), skin, wanted)

    def _steadied(self, fresh: Weights, region: Region) -> Weights:
        before = self._weights
        if before is None or self._region is None:
            self._region = region
            return fresh
        old = np.zeros_like(fresh)
        dx, dy = (region.left - self._region.left) // _SHRINK, (region.top - self._region.top) // _SHRINK
        top, left = max(-dy, 0), max(-dx, 0)
        part = before[max(dy, 0) :, max(dx, 0) :][: max(fresh.shape[0] - top, 0), : max(fresh.shape[1] - left, 0)]
        old[top : top + part.shape[0], left : left + part.shape[1]] = part
        self._region = region
        step = fresh - old
        return old + step * np.where(step > 0, np.float32(_RISING), np.float32(_FALLING))


def neck(y: Weights, u: Weights, v: Weights, points: Points, width: float, skin: Skin, region: Region) -> Weights:
    """0..1: skin that is joined to the neck below the jaw, at 1/8 of the size. Planes as `planes_at` gives them."""
    gate = _gate(y, u, v, skin)
    calm = _calm(y, u, v, skin)
    passable = ((gate > 0.5) & (calm > 0.5)).astype(np.uint8)
    count, labels = cv2.connectedComponents(passable, connectivity=4)
    seeds = np.zeros(y.shape, np.uint8)
    down = points[CHIN] - points[TOP]
    down = down / max(float(np.hypot(*down)), 1.0) * np.float32(width)
    jaw = points[list(_JAW)][4:-4]
    fill(seeds, np.concatenate([jaw + down * np.float32(0.05), jaw[::-1] + down * np.float32(0.30)]), region, 1, _SHRINK)
    inside = np.bincount(labels[(seeds > 0) & (passable > 0)], minlength=count)
    inside[0] = 0
    joined = (inside >= 3)[labels].astype(np.float32)
    face = np.zeros(y.shape, np.uint8)
    fill(face, points[list(OVAL)], region, 255, _SHRINK)
    beyond = 1 - cv2.GaussianBlur(face, (0, 0), max(width * 0.012 / _SHRINK, 0.5)).astype(np.float32) * np.float32(1 / 255)
    grown = cv2.GaussianBlur(cv2.dilate(joined, np.ones((3, 3), np.uint8)), (0, 0), 1.0)
    return grown * gate * beyond


def _gate(y: Weights, u: Weights, v: Weights, skin: Skin) -> Weights:
    """How much a colour is this skin in this light: a shadow takes colour away as it takes light (both scale with R'G'B')."""
    light = (y - 16) * np.float32(1 / max(skin.luma - 16, 8.0))
    du = (u - 128) - np.float32(skin.u - 128) * light.clip(0.3, 1.2)
    dv = (v - 128) - np.float32(skin.v - 128) * light.clip(0.3, 1.2)
    return fade_out(du * du + dv * dv, 5.0**2, 10.0**2) * (1 - fade_out(light, 0.25, 0.45)) * fade_out(light, 1.25, 1.5)


def _calm(y: Weights, u: Weights, v: Weights, skin: Skin) -> Weights:
    """1 where light and colour run on, 0 at the edge of a thing."""
    scale = np.float32(1 / 8)
    edges = []
    for plane in (y, u, v):
        across, down = cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1)
        edges.append(cv2.magnitude(across, down) * scale)
    most = 12.0 * max(skin.luma - 16, 30.0) / 130
    return fade_out(edges[0], most, most * 1.5) * fade_out(edges[1] + edges[2], 3.0, 5.0)


def _region(frame: VideoFrame, points: Points, width: float) -> Region:
    """From the height of the mouth down to the chest, three faces wide; corners at multiples of 8."""
    middle = (points[RIGHT_SIDE] + points[LEFT_SIDE]) / 2
    chin = float(points[CHIN][1])
    cells = (
        (float(middle[0]) - 1.5 * width, 0, frame.width),
        (chin - 0.45 * width, 0, frame.height),
        (float(middle[0]) + 1.5 * width, 0, frame.width),
        (chin + 1.4 * width, 0, frame.height),
    )
    left, top, right, bottom = (int(min(max(value, low), high)) // _SHRINK * _SHRINK for value, low, high in cells)
    return Region(left, top, right, bottom)


def _apply(frame: VideoFrame, region: Region, y: Weights, weights: Weights, skin: Skin, wanted: SkinStrengths) -> None:
    from capture.look import face_kernels

    rows, columns = np.nonzero(weights.max(axis=1) > 1e-3)[0], np.nonzero(weights.max(axis=0) > 1e-3)[0]
    if not rows.size or not columns.size:
        return
    box = (slice(max(rows[0] - 1, 0), rows[-1] + 2), slice(max(columns[0] - 1, 0), columns[-1] + 2))
    part = np.where(weights[box] > 1e-3, weights[box], np.float32(0))
    size = (part.shape[1] * 2, part.shape[0] * 2)
    top, left = region.top + box[0].start * _SHRINK, region.left + box[1].start * _SHRINK
    extra = cv2.resize(part * whitened(y[box], wanted), size, interpolation=cv2.INTER_LINEAR)
    nothing = np.zeros_like(extra)
    face_kernels.adjust_luma(frame.y, top, left, nothing, nothing, extra, 1e6)
    for plane, shift in ((frame.u, shift_u(skin, wanted)), (frame.v, shift_v(skin, wanted))):
        moved = cv2.resize(part * np.float32(shift), size, interpolation=cv2.INTER_LINEAR)
        face_kernels.shift_chroma(plane, top // 2, left // 2, moved)
