"""Where a face shows skin: the oval of the mesh less eyes, brows and lips, times what has this person's colour and light.

It refuses a general idea of skin colour: the gates are fitted to the face that is seen, so that every tone is found alike.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.anatomy import BETWEEN_BROWS, CHIN, FOREHEAD, LEFT_BROW, LEFT_EYE, LIPS, OVAL, RIGHT_BROW, RIGHT_EYE, TOP
from capture.look.faces import Cover, Skin
from capture.look.one_euro import Points
from studio.model.frames import Plane

Weights = NDArray[np.float32]
"""(h, w), 0..1, at a quarter of the frame's size unless said otherwise."""

_HOLES = (
    (RIGHT_EYE, 8, 1.35, 2.1),
    (LEFT_EYE, 8, 1.35, 2.1),
    (RIGHT_BROW, 4, 1.12, 1.35),
    (LEFT_BROW, 4, 1.12, 1.35),
    (LIPS, 10, 1.07, 1.10),
)
"""What is left out, from its first landmark across to the one at `half`, and how much wider and higher: for lashes, stray hairs, edges."""
_OUTLINES = np.concatenate([indices for indices, *_ in _HOLES])
_COUNTS = np.array([len(indices) for indices, *_ in _HOLES])
_STARTS = np.cumsum(_COUNTS) - _COUNTS
_GROUP = np.repeat(np.arange(len(_HOLES)), _COUNTS)
_ENDS = np.array([(indices[half], indices[0]) for indices, half, *_ in _HOLES])
_GROWTH = np.array([(wider, higher) for *_, wider, higher in _HOLES], np.float32)[_GROUP]
LIGHT_COUNTS = 0.12
"""Levels of light for one of chroma, where a thing before a face is told from it: skin varies that much more in light."""
_FROM_SKIN = (1.0, 9.0)
"""Levels, squared, from the colour of the skin that a thing hides: what lies amid a thing and is further from it is the thing's."""
_HIGHER = 0.15
"""Of the face's height, above the mesh's top, which lies below a high hairline: half as much leaves a bare strip on a dark forehead."""
_EVEN = 2.0
"""Levels of spread that any skin has: on dark skin they are as large a share of its light as a strand is on pale skin."""
_FAR = 4000.0
"""Landmarks of a face half outside the frame are brought back to this before drawing: OpenCV's fixed point ends at 2^27."""


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the frame, in pixels: corners at multiples of 4, so that a quarter-size pixel covers whole chroma pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def is_empty(self) -> bool:
        """Nothing of it is in the frame."""
        return self.right - self.left < 16 or self.bottom - self.top < 16


def region_of(points: Points, width: float, frame_width: int, frame_height: int) -> Region:
    """The face's rectangle with room for the filter, inside the frame; a rest of up to 3 pixels at the frame's far edges is left alone."""
    margin = width * 0.14 + 8
    oval = _oval(points)
    low, high = oval.min(axis=0) - margin, oval.max(axis=0) + margin
    left, top = (int(np.clip(value, 0, _FAR)) // 4 * 4 for value in low)
    right = min(int(np.clip(high[0], 0, _FAR)) // 4 * 4 + 4, frame_width // 4 * 4)
    bottom = min(int(np.clip(high[1], 0, _FAR)) // 4 * 4 + 4, frame_height // 4 * 4)
    return Region(left, top, right, bottom)


def shape_mask(points: Points, width: float, region: Region) -> Weights:
    """The oval less eyes, brows and lips, with soft edges, at a quarter of the size."""
    size = ((region.bottom - region.top) // 4, (region.right - region.left) // 4)
    mask = np.zeros(size, np.uint8)
    fill(mask, _oval(points), region, 255)
    soft = max(width * 0.012, 2.0)
    open_skin = 1 - _blurred(features_mask(points, region), soft * 0.6)
    return _blurred(mask, soft) * open_skin


def features_mask(points: Points, region: Region) -> NDArray[np.uint8]:
    """255 on eyes, brows and lips with the room around them that isn't smoothed, at a quarter of the size."""
    holes = np.zeros(((region.bottom - region.top) // 4, (region.right - region.left) // 4), np.uint8)
    for outline in np.split(_grown(points), _STARTS[1:]):
        fill(holes, outline, region, 255)
    return holes


def forehead_height(points: Points, region: Region) -> NDArray[np.float32]:
    """0 at the brows, 1 at the top of the oval: its steps for a quarter-size pixel across and down, and its value at the region's first."""
    up = points[TOP] - points[BETWEEN_BROWS]
    across, down = (float(part) / max(float(up @ up), 1.0) for part in up)
    first = (region.left + 1.5 - float(points[BETWEEN_BROWS][0])) * across + (region.top + 1.5 - float(points[BETWEEN_BROWS][1])) * down
    return np.array([4 * across, 4 * down, first], np.float32)


def skin_gate(y: Plane, u: Plane, v: Plane, skin: Skin, height: NDArray[np.float32]) -> Weights:
    """0..1: how much a colour is this person's skin. `y`, `u`, `v` (h, w) uint8, a little blurred; `height` as `forehead_height` gives it.

    Holes in the chroma gate smaller than 1/20 of the face (spots, highlights) are closed unless their colour is far off, as of a brush
    before the cheek. Towards the hair (height 1) more light is asked for, and no strands: a blond fringe has the colour of skin, two
    thirds of its light, and a spread of 8 to 18 levels where skin has 1 to 4; a wrinkled forehead has the spread, not the shade.
    """
    from capture.look import face_kernels

    tone = np.array([skin.u, skin.v, skin.uu, skin.uv, skin.vv, skin.luma, skin.u_slope, skin.v_slope, skin.top], np.float32)
    chroma, gate = np.empty_like(y), np.empty(y.shape, np.float32)
    face_kernels.tone_gate(y, u, v, tone, chroma, gate)
    hole = max(y.shape[1] // 40, 1) * 2 + 1
    closed = cv2.morphologyEx(chroma, cv2.MORPH_CLOSE, _round(hole))
    face_kernels.close_gate(y, _spread(y), chroma, closed, gate, tone, height)
    return gate


def residual(y: Weights, u: Weights, v: Weights, skin: Skin) -> tuple[Weights, Weights]:
    """U and V less what this person's skin has at that light."""
    over = y.clip(16, skin.top) - np.float32(skin.luma)
    return u - np.float32(skin.u) - np.float32(skin.u_slope) * over, v - np.float32(skin.v) - np.float32(skin.v_slope) * over


def uncovered(planes: tuple[Weights, Weights, Weights], skin: Skin, cover: Cover, near: Weights, between: Weights) -> Weights:
    """0 on the thing that covers a face, 1 on skin. `planes` are Y, U, V; `near` 0..1 says where the thing can be, `between` where it is
    all around: a cup's pale inside, on which no landmark lies.

    Of the known colours a pixel belongs to the nearest one; between hidden landmarks it must be near to the skin's that they hide.
    """
    y, u, v = planes
    colours = (y * np.float32(LIGHT_COUNTS), *residual(y, u, v, skin))

    def far(colour: tuple[float, ...]) -> Weights:
        places = (colour[0] * LIGHT_COUNTS, *colour[1:])
        return sum((plane - np.float32(place)) ** 2 for plane, place in zip(colours, places, strict=True))

    from_skin, from_thing = far(cover.skin), far(cover.thing[0])
    for colour in cover.thing[1:]:
        from_thing = np.minimum(from_thing, far(colour))
    by_colour = 1 - near * (1 - fade_out(from_skin / (from_skin + from_thing + 1), 0.25, 0.55))
    return by_colour * (1 - between * (1 - fade_out(from_skin, *_FROM_SKIN)))


@lru_cache(maxsize=8)
def _round(side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


def _spread(y: Plane) -> Weights:
    """How far light is spread in windows of about 1/16 of the face, other than by shade that grows from one side to the other."""
    from capture.look import face_kernels

    side = max(round(y.shape[1] * 0.022), 1) * 2 + 1
    mean, result = cv2.boxFilter(y, cv2.CV_32F, (side, side)), cv2.sqrBoxFilter(y, cv2.CV_32F, (side, side))
    face_kernels.texture(mean, result, side, _EVEN)
    return result


def fade_out(values: Weights, start: float, end: float) -> Weights:
    """1 up to `start`, 0 from `end`, smooth between."""
    place = ((values - np.float32(start)) * np.float32(1 / (end - start))).clip(0, 1)
    return 1 - place * place * (3 - 2 * place)


def fill(mask: NDArray[np.uint8], points: Points, region: Region, value: int, shrink: int = 4) -> None:
    """Fill the polygon in `mask`, which shows the region at 1/`shrink` of its size."""
    small = (points - np.array([region.left, region.top], np.float32) + 0.5) / shrink - 0.5
    fixed = np.rint(small.clip(-_FAR, _FAR) * 16).astype(np.int32)
    cv2.fillPoly(mask, [fixed], value, cv2.LINE_AA, 4)


_OVAL = list(OVAL)
_IS_FOREHEAD = np.isin(OVAL, FOREHEAD)


def _oval(points: Points) -> Points:
    """The oval, a little inside the jaw, and up to where a high forehead ends: hair is left out by the gate."""
    oval = points[_OVAL]
    middle = oval.mean(axis=0)
    result = middle + (oval - middle) * np.float32(0.975)
    result[_IS_FOREHEAD] += (points[TOP] - points[CHIN]) * np.float32(_HIGHER)
    return result


def _grown(points: Points) -> Points:
    """The outlines of the holes, stretched about their middles along the lines to their other ends, and across these."""
    outlines = points[_OUTLINES]
    middles = np.add.reduceat(outlines, _STARTS) / _COUNTS[:, None].astype(np.float32)
    axes = points[_ENDS[:, 0]] - points[_ENDS[:, 1]]
    axes = (axes / np.maximum(np.hypot(axes[:, 0], axes[:, 1]), 1e-3)[:, None])[_GROUP]
    away = outlines - middles[_GROUP]
    along = (away * axes).sum(axis=1)[:, None] * axes
    return middles[_GROUP] + along * _GROWTH[:, :1] + (away - along) * _GROWTH[:, 1:]


def _blurred(mask: NDArray[np.uint8], sigma: float) -> Weights:
    """0..1 for 0..255; `sigma` in pixels of the frame."""
    return cv2.GaussianBlur(mask.astype(np.float32) * np.float32(1 / 255), (0, 0), max(sigma / 4, 0.5))
