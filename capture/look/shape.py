"""Reshapes one face, in place: a small field of displacements, smooth and normalised, by which the planes are redrawn.

It refuses to bend what is behind: outside the face the field ends within a tenth of its width, and beyond that no bit changes.
"""

from dataclasses import dataclass
from math import pi

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.anatomy import CHIN, LEFT_EYE, LEFT_SIDE, LIPS, NOSE_TIP, OVAL, RIGHT_EYE, RIGHT_SIDE, TOP
from capture.look.mask import Region
from capture.look.one_euro import Points
from studio.model.frames import VideoFrame
from studio.model.look import LookSettings

_CELL = 16
"""Pixels between two displacements: the field's features are ten times as large."""
_JAW = (93, 132, 58, 172, 136, 150, 149, 323, 361, 288, 397, 365, 379, 378)
_SIDES = (127, 234, 93, 132, 356, 454, 323, 361)
_CHIN = (148, 152, 377, 176, 400)
_HAIRLINE = (67, 109, 10, 338, 297)
_WINGS = (129, 64, 98, 48, 358, 294, 327, 278)
_BAND = 0.30
"""How far outside the oval the field ends, as a share of the oval's radius: half as much smears what is behind, twice bends it visibly."""
_PLACES = np.linspace(-pi, pi, 64, endpoint=False)
"""The directions in which the oval's outline is taken."""
_LEAST = 0.03
"""Pixels: what moves by less stays as it is, for redrawing costs by the area and blurs."""
_RESTING = 1.0
"""Pixels that a landmark may move before the field is drawn anew."""

Maps = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Where each pixel comes from, x and y, for cv2.remap."""


@dataclass(frozen=True, slots=True)
class ShapeStrengths:
    """What the sliders ask for, each 0..1."""

    slim: float = 0.0
    narrow: float = 0.0
    chin: float = 0.0
    forehead: float = 0.0
    eyes: float = 0.0
    nose: float = 0.0
    mouth: float = 0.0

    @property
    def is_off(self) -> bool:
        """Nothing to do."""
        return not (self.slim or self.narrow or self.chin or self.forehead or self.eyes or self.nose or self.mouth)


def strengths(look: LookSettings) -> ShapeStrengths:
    """The sliders that concern shape."""
    return ShapeStrengths(look.slim, look.narrow, look.chin, look.forehead, look.eyes, look.nose, look.mouth)


@dataclass(frozen=True, slots=True)
class Form:
    """One face's field as maps of its region; stays while the face rests and no slider moves."""

    points: Points
    key: tuple[ShapeStrengths, float, int, int]
    region: Region
    whole: Maps
    half: Maps

    def is_for(self, points: Points, key: tuple[ShapeStrengths, float, int, int]) -> bool:
        """Whether it still fits: it changes by a tenth of what the face moves."""
        return key == self.key and float(np.abs(points - self.points).max()) < _RESTING


def reshape(
    frame: VideoFrame, points: Points, width: float, wanted: ShapeStrengths, weight: float, before: Form | None = None
) -> Form | None:
    """One face, in place; `weight` 0..1 fades a face in and out, and so does turning to profile. `before` is what it returned last."""
    if wanted.is_off:
        return None
    key = (wanted, weight, frame.width, frame.height)
    form = before if before is not None and before.is_for(points, key) else _form(frame, points, width, key)
    if form is not None:
        region = form.region
        half = (region.top // 2, region.bottom // 2, region.left // 2, region.right // 2)
        _redraw(frame.y, (region.top, region.bottom, region.left, region.right), form.whole)
        _redraw(frame.u, half, form.half)
        _redraw(frame.v, half, form.half)
    return form


def _form(frame: VideoFrame, points: Points, width: float, key: tuple[ShapeStrengths, float, int, int]) -> Form | None:
    from capture.look import face_kernels

    wanted, weight = key[0], key[1] * frontality(points)
    region = _region(frame, points, width)
    if weight <= 0 or region.is_empty:
        return None
    field, region = _trimmed(field_of(points, width, wanted, weight, region), region)
    rows, columns = field.shape[1] - 1, field.shape[2] - 1
    whole = np.empty((2, rows * _CELL, columns * _CELL), np.float32)
    face_kernels.spread_field(field, _CELL, *whole)
    half = np.empty((2, rows * _CELL // 2, columns * _CELL // 2), np.float32)
    face_kernels.spread_field(field * np.float32(0.5), _CELL // 2, *half)
    return Form(points, key, region, (whole[0], whole[1]), (half[0], half[1]))


def _trimmed(field: NDArray[np.float32], region: Region) -> tuple[NDArray[np.float32], Region]:
    """Both without the rows and columns of cells at their sides that hardly move anything."""
    moves = np.abs(field).max(axis=0) > _LEAST
    rows, columns = (np.nonzero(moves.any(axis=axis))[0] for axis in (1, 0))
    if not rows.size:
        return field, region
    top, bottom, left, right = (int(value) for value in (rows[0] - 1, rows[-1] + 2, columns[0] - 1, columns[-1] + 2))
    top, left = max(top, 0), max(left, 0)
    trimmed = np.ascontiguousarray(field[:, top:bottom, left:right])
    ends = (trimmed.shape[2] - 1) * _CELL + left * _CELL + region.left, (trimmed.shape[1] - 1) * _CELL + top * _CELL + region.top
    return trimmed, Region(region.left + left * _CELL, region.top + top * _CELL, min(ends[0], region.right), min(ends[1], region.bottom))


def frontality(points: Points) -> float:
    """1 from the front, 0 in profile, where the far side's landmarks say nothing: by the distances of the nose's tip to both sides."""
    right, left = (float(np.hypot(*(points[NOSE_TIP] - points[side]))) for side in (RIGHT_SIDE, LEFT_SIDE))
    return min(max((min(right, left) / max(right, left, 1.0) - 0.10) / 0.20, 0.0), 1.0)


def field_of(points: Points, width: float, wanted: ShapeStrengths, weight: float, region: Region) -> NDArray[np.float32]:
    """(2, h + 1, w + 1) float32: where the corners of the region's cells come from, less where they are, in pixels."""
    from capture.look import face_kernels

    rows, columns = -(-(region.bottom - region.top) // _CELL), -(-(region.right - region.left) // _CELL)
    field = np.zeros((2, rows + 1, columns + 1), np.float32)
    corner = np.array([region.left, region.top], np.float32)
    for near, pushes, reach in _gestures(points, width, wanted):
        face_kernels.push(near - corner, pushes * np.float32(-weight), reach, _CELL, field)
    middle = (points[TOP] + points[CHIN]) / 2
    face_kernels.end_outside(field, _CELL, middle - corner, _radii(points, middle), _BAND)
    return field


def _gestures(points: Points, width: float, wanted: ShapeStrengths) -> list[tuple[Points, Points, float]]:
    """(control points, how far each moves, how far that reaches) for each slider that is up, in pixels.

    Slimming and narrowing take 8 % of the width at most where both reach: beyond that a face is another's.
    """
    down = points[CHIN] - points[TOP]
    height = max(float(np.hypot(*down)), 1.0)
    down = down / height
    result = []
    for amount, indices, share, reach in (
        (wanted.slim, _JAW, 0.032, 0.30),
        (wanted.narrow, _SIDES, 0.024, 0.36),
        (wanted.nose, _WINGS, 0.02, 0.12),
    ):
        if amount:
            near = points[list(indices)]
            away = near - points[NOSE_TIP]
            away -= (away @ down)[:, None] * down
            inward = -away / np.maximum(np.hypot(away[:, 0], away[:, 1]), 1.0)[:, None]
            result.append((near, inward * np.float32(share * amount * width), reach * width))
    for amount, indices, share in ((wanted.chin, _CHIN, -0.035), (wanted.forehead, _HAIRLINE, 0.05)):
        if amount:
            near = points[list(indices)]
            result.append((near, np.broadcast_to(down * np.float32(share * amount * height), near.shape).copy(), 0.30 * width))
    for amount, outline, growth, reach in (
        (wanted.eyes, RIGHT_EYE, 0.16, 0.11),
        (wanted.eyes, LEFT_EYE, 0.16, 0.11),
        (wanted.mouth, LIPS, -0.10, 0.13),
    ):
        if amount:
            near = points[list(outline)]
            middle = near.mean(axis=0)
            near = np.concatenate([near, middle[None]])
            result.append((near, (near - middle) * np.float32(growth * amount), reach * width))
    return result


def _radii(points: Points, middle: Points) -> NDArray[np.float32]:
    """How far the oval is from its middle in each of 64 directions, in pixels."""
    away = points[list(OVAL)] - middle
    angles = np.arctan2(away[:, 1], away[:, 0])
    return np.interp(_PLACES, angles, np.hypot(away[:, 0], away[:, 1]), period=2 * pi).astype(np.float32)


def _region(frame: VideoFrame, points: Points, width: float) -> Region:
    """The oval with room for the field to end, corners even."""
    oval = points[list(OVAL)]
    margin = width * 0.17 + _CELL
    low, high = oval.min(axis=0) - margin, oval.max(axis=0) + margin
    left, top = (int(min(max(value, 0), 8192)) // 2 * 2 for value in low)
    right = min(int(min(max(high[0], 0), 8192)) // 2 * 2, frame.width)
    bottom = min(int(min(max(high[1], 0), 8192)) // 2 * 2, frame.height)
    return Region(left, top, right, bottom)


def _redraw(plane: NDArray[np.uint8], box: tuple[int, int, int, int], maps: Maps) -> None:
    (top, bottom, left, right), (map_x, map_y) = box, maps
    part = plane[top:bottom, left:right]
    size = (slice(0, part.shape[0]), slice(0, part.shape[1]))
    cv2.remap(part.copy(), map_x[size], map_y[size], cv2.INTER_LINEAR, dst=part, borderMode=cv2.BORDER_REPLICATE)
