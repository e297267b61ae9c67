"""Smooths, whitens, warms and evens the skin of one face, in place, by a fast guided filter on Y.

It refuses to touch what isn't skin: outside the mask the coefficients are 0, and no bit changes.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.faces import Cover, Skin
from capture.look.mask import Region, Weights, forehead_height, region_of, shape_mask, skin_gate, uncovered
from capture.look.one_euro import Points
from capture.look.shrink import halved
from capture.look.skin_tone import WHITEN_LUMA, SkinStrengths, lit, shift_u, shift_v
from studio.model.frames import Plane, VideoFrame

_LEAST_EDGE, _MOST_EDGE = 0.04, 0.10
"""The guided filter's √eps at the ends of the slider, on a scale where white is 1: edges above it stay. At .14 faces look like plastic."""
_MOST_SMOOTH = 0.88
"""The rest of the texture always stays."""
_SPARK = 9.0
"""Levels: a pixel that smoothing would darken by more keeps its light more and more."""
_SHIMMER_START, _SHIMMER_END, _SHIMMER_WIDTH = 18.0, 30.0, 265.0
"""Levels above the skin around from which a point is shimmer, a sequin, a glint and is left alone, on a face this wide.
Half as much keeps coarse pores, twice as much dulls shimmer."""
_ABOVE = 0.8
"""The height on the forehead (1 at the mesh's top) from which what no skin joins to the face is a hat's brim or a fringe."""
_MUCH, _LITTLE = 0.3, 0.3
"""A change of the mask that is more than noise, and the share of one that is not."""
_COVER_REACH = 0.15
"""Face widths from a hidden landmark to where the thing before it can end."""
_TOGETHER, _LEAST_TOGETHER, _RIM = 0.07, 6, 0.05
"""Hidden landmarks so near to each other (face widths), and at least so many, are hidden by one thing, which reaches so much further."""
_DRAWN_FOR = 1.0
"""Pixels that a landmark may be from where it was drawn: a quarter of one of the mask's."""
_AROUND = np.ones((3, 3), np.uint8)
_MOST_EVEN = 0.7
"""The share of a patch's own colour that even_tone takes out at 1: all of it is a painted doll."""
_UNEVEN = 14.0
"""Levels of chroma from the person's skin beyond which a patch is something else."""


@dataclass(frozen=True, slots=True)
class Quarter:
    """A region at a quarter of its size, float32 on the 8-bit scale, and the skin in it; `width` is the face's, in pixels."""

    region: Region
    y: Weights
    u: Weights
    v: Weights
    mask: Weights
    width: float
    drawn: Weights
    """Where the face shows skin by its landmarks alone, `points`."""
    points: Points
    is_coarse: bool = False
    """The filter works at half of this size: the machine has no time for more."""

    @property
    def side(self) -> int:
        """The filter's window, about 1/12 of the face: half as wide leaves blotches, twice as wide flattens cheeks."""
        return 2 * max(round(self.width * 0.04 / 4), 1) + 1

    def mean_on_skin(self, side: int) -> Weights:
        """Y averaged over windows of `side` quarter-size pixels, skin alone counted."""
        share = self.mask + np.float32(0.002)
        return box(share * self.y, side) / box(share, side)


def is_plausible(frame: VideoFrame, points: Points, width: float) -> bool:
    """Whether landmarks can be a face's on this frame."""
    return bool(np.isfinite(points).all()) and 8 <= width <= 2 * max(frame.width, frame.height)


def quarter_of(
    frame: VideoFrame, points: Points, width: float, skin: Skin, cover: Cover | None = None, before: Quarter | None = None
) -> Quarter | None:
    """Shrink the face's region and find the skin in it; None where nothing of it is in the frame or the landmarks can't be a face's.

    `before` is the face at rest as it was found last on a frame of this size: what is drawn by its landmarks needn't be drawn again.
    """
    from capture.look import skin_kernels

    if not is_plausible(frame, points, width):
        return None
    if before is not None and float(np.abs(points - before.points).max()) < _DRAWN_FOR:
        region, drawn, points = before.region, before.drawn, before.points
    else:
        region = region_of(points, width, frame.width, frame.height)
        if region.is_empty:
            return None
        drawn = shape_mask(points, width, region)
    planes = _planes_at(frame, region)
    y, u, v = (plane.astype(np.float32) for plane in planes)
    soft = max(width * 0.0015, 0.6)
    side = 2 * max(round(soft * 1.5), 1) + 1
    blurred = tuple(cv2.GaussianBlur(plane, (side, side), soft) for plane in planes)
    height = forehead_height(points, region)
    gate = skin_gate(*blurred, skin, height)
    if cover is not None:
        hidden = points[list(cover.hidden)]
        y_soft, u_soft, v_soft = (plane.astype(np.float32) for plane in blurred)
        gate *= uncovered((y_soft, u_soft, v_soft), skin, cover, _around(hidden, width, region), _between(hidden, width, region))
    found = drawn * cv2.GaussianBlur(gate, (side, side), soft)
    skin_kernels.leave_islands(found, height, _ABOVE)
    return Quarter(region, y, u, v, found, width, drawn, points)


def again(frame: VideoFrame, before: Quarter) -> Quarter:
    """The same region in the next frame, with the skin that was found in it."""
    y, u, v = (plane.astype(np.float32) for plane in _planes_at(frame, before.region))
    return Quarter(before.region, y, u, v, before.mask, before.width, before.drawn, before.points, before.is_coarse)


def steadied(fresh: Quarter, before: Quarter) -> Quarter:
    """A face at rest found anew: what changes little is noise and follows slowly, what changes much has come or gone and counts at once."""
    from capture.look import skin_kernels

    skin_kernels.steady(fresh.mask, before.mask, _MUCH, _LITTLE)
    return fresh


def _around(places: Points, width: float, region: Region) -> Weights:
    """1 within an eighth of the face of any place, at a quarter of the size."""
    near = np.zeros(_quarter_size(region), np.uint8)
    for x, y in _on_quarter(places, region):
        cv2.circle(near, (int(x), int(y)), max(round(width * _COVER_REACH / 4), 1), 255, -1)
    return cv2.GaussianBlur(near, (0, 0), max(width * 0.01, 0.5)).astype(np.float32) * np.float32(1 / 255)


def _between(places: Points, width: float, region: Region) -> Weights:
    """1 between places that lie close together, at a quarter of the size."""
    drawn, small = np.zeros(_quarter_size(region), np.uint8), _on_quarter(places, region)
    for x, y in small:
        cv2.circle(drawn, (int(x), int(y)), max(round(width * _TOGETHER / 4), 1), 255, -1)
    _, labels = cv2.connectedComponents(drawn)
    inside = small[((small >= 0) & (small < drawn.shape[::-1])).all(axis=1)]
    groups = labels[inside[:, 1], inside[:, 0]]
    drawn[:] = 0
    for group in np.unique(groups):
        if np.count_nonzero(groups == group) >= _LEAST_TOGETHER:
            cv2.fillConvexPoly(drawn, cv2.convexHull(inside[groups == group]), 255)
    reach = 2 * max(round(width * _RIM / 4), 1) + 1
    drawn = cv2.dilate(drawn, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    return cv2.GaussianBlur(drawn, (0, 0), max(width * 0.01, 0.5)).astype(np.float32) * np.float32(1 / 255)


def _quarter_size(region: Region) -> tuple[int, int]:
    return (region.bottom - region.top) // 4, (region.right - region.left) // 4


def _on_quarter(places: Points, region: Region) -> NDArray[np.int32]:
    """In whole pixels of the region at a quarter of its size."""
    return np.rint((places - np.array([region.left, region.top], np.float32)) / 4).clip(-4000, 4000).astype(np.int32)


def _planes_at(frame: VideoFrame, region: Region) -> tuple[Plane, Plane, Plane]:
    """Y, U, V of a region at a quarter of its size."""
    y = frame.y[region.top : region.bottom, region.left : region.right]
    half = (slice(region.top // 2, region.bottom // 2), slice(region.left // 2, region.right // 2))
    return halved(y, 2), halved(frame.u[half], 1), halved(frame.v[half], 1)


def beautify(frame: VideoFrame, quarter: Quarter, skin: Skin, wanted: SkinStrengths, weight: float) -> None:
    """One face, in place; `weight` 0..1 fades a face in and out."""
    from capture.look import face_kernels, skin_kernels

    mask = quarter.mask if weight == 1 else quarter.mask * np.float32(weight)
    left, top = quarter.region.left, quarter.region.top
    slope, lift, extra = _smoothing(frame, quarter, mask, wanted)
    face_kernels.adjust_luma(frame.y, top, left, slope, lift, extra, _SPARK * _steeper(quarter.width))
    if wanted.whiten or wanted.rosy or wanted.even_tone:
        moved = np.empty_like(quarter.y)
        even = _MOST_EVEN * wanted.even_tone
        for plane, small, own, shift in (
            (frame.u, quarter.u, skin.u, shift_u(skin, wanted)),
            (frame.v, quarter.v, skin.v, shift_v(skin, wanted)),
        ):
            skin_kernels.tinge(mask, quarter.y, small, np.array([shift, lit(skin), own, even, _UNEVEN], np.float32), moved)
            face_kernels.shift_chroma(plane, top // 2, left // 2, moved)


def _steeper(width: float) -> float:
    """How much steeper the same wrinkles are on a smaller face."""
    return max(_SHIMMER_WIDTH / width, 1.0) ** 1.5


def _smoothing(frame: VideoFrame, quarter: Quarter, mask: Weights, wanted: SkinStrengths) -> tuple[Weights, Weights, Weights]:
    """(slope, lift, extra): the guided filter's a - 1 and b (He, Sun, Tang 2013; fast form 2015), skin alone counted, times the mask
    where nothing shines; what whitening adds.
    """
    from capture.look import skin_kernels

    slope, lift, mean = _smoothed(quarter, wanted.smooth)
    dull, extra = np.ones_like(quarter.y), np.empty_like(quarter.y)
    if wanted.smooth:
        steeper = _steeper(quarter.width)
        skin_kernels.peaks(frame.y, quarter.region.top, quarter.region.left, extra)
        skin_kernels.fades(extra, mean, _SHIMMER_START * steeper, _SHIMMER_END * steeper, dull)
        dull = np.asarray(cv2.erode(dull, _AROUND), np.float32)
    skin_kernels.coat(mask, dull, _MOST_SMOOTH * wanted.smooth**0.5, wanted.whiten * WHITEN_LUMA, mean, slope, lift, extra)
    return slope, lift, extra


def _smoothed(quarter: Quarter, smooth: float) -> tuple[Weights, Weights, Weights]:
    """1 - a, (1 - a) of b's mean, and Y's mean on skin; found at half the scale for a coarse quarter."""
    if not quarter.is_coarse:
        return _coefficients(quarter.y, quarter.mask, quarter.side, smooth)
    size = (quarter.y.shape[1], quarter.y.shape[0])
    half = (max(1, size[0] // 2), max(1, size[1] // 2))
    y, mask = (np.asarray(cv2.resize(plane, half, interpolation=cv2.INTER_AREA), np.float32) for plane in (quarter.y, quarter.mask))
    slope, lift, mean = _coefficients(y, mask, quarter.side // 2 | 1, smooth)
    return _enlarged(slope, size), _enlarged(lift, size), _enlarged(mean, size)


def _enlarged(plane: Weights, size: tuple[int, int]) -> Weights:
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _coefficients(y: Weights, mask: Weights, side: int, smooth: float) -> tuple[Weights, Weights, Weights]:
    """The three of `_smoothed`, each averaged over the window; zeros for no smoothing."""
    from capture.look import skin_kernels

    share, weighted, squared = skin_kernels.weigh(mask, y, 0.002)
    total, mean = box(share, side), box(weighted, side)
    if not smooth:
        return np.zeros_like(y), np.zeros_like(y), mean / total
    edge = 255 * (_LEAST_EDGE + (_MOST_EDGE - _LEAST_EDGE) * smooth)
    skin_kernels.flatten(share, total, box(squared, side), edge * edge, (mean, weighted))
    slope, lift = box(share, side), box(weighted, side)
    slope *= total
    lift *= total
    return slope, lift, mean


def box(values: Weights, side: int) -> Weights:
    """Means over windows of `side` × `side`, the edge repeated."""
    return cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE)
