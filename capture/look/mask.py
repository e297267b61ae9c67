"""Where a face shows skin: the oval of the mesh less eyes, brows and lips, times what has this person's colour and light.

It refuses a general idea of skin colour: the gates are fitted to the face that is seen, so that every tone is found alike.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.anatomy import CHIN, FOREHEAD, LEFT_BROW, LEFT_EYE, LIPS, OVAL, RIGHT_BROW, RIGHT_EYE, TOP
from capture.look.faces import Cover, Skin
from capture.look.one_euro import Points

Weights = NDArray[np.float32]
"""(h, w), 0..1, at a quarter of the frame's size unless said otherwise."""

_HOLES = tuple(
    (list(indices), half, wider, higher)
    for indices, half, wider, higher in (
        (RIGHT_EYE, 8, 1.35, 2.1),
        (LEFT_EYE, 8, 1.35, 2.1),
        (RIGHT_BROW, 4, 1.12, 1.35),
        (LEFT_BROW, 4, 1.12, 1.35),
        (LIPS, 10, 1.07, 1.10),
    )
)
"""What is left out, from its first landmark across to the one at `half`, and how much wider and higher: for lashes, stray hairs, edges."""
_LIGHT_COUNTS = 0.12
"""Levels of light for one of chroma, where a thing before a face is told from it: skin varies that much more in light."""
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
    open_skin = 255 - _blurred(features_mask(points, region), soft * 0.6)
    return cv2.multiply(_blurred(mask, soft), open_skin, scale=1 / 65025, dtype=cv2.CV_32F)


def features_mask(points: Points, region: Region) -> NDArray[np.uint8]:
    """255 on eyes, brows and lips with the room around them that isn't smoothed, at a quarter of the size."""
    holes = np.zeros(((region.bottom - region.top) // 4, (region.right - region.left) // 4), np.uint8)
    for indices, half, wider, higher in _HOLES:
        fill(holes, _grown(points[indices], half, wider, higher), region, 255)
    return holes


def forehead_height(points: Points, region: Region) -> Weights:
    """0 at and below the brows, 1 at the top of the oval and above, for each pixel of a quarter of the region."""
    up = points[10] - points[9]
    scale = np.float32(1 / max(float(up @ up), 1.0))
    columns = (np.arange((region.right - region.left) // 4, dtype=np.float32) * 4 + (region.left + 1.5 - points[9][0])) * (up[0] * scale)
    rows = (np.arange((region.bottom - region.top) // 4, dtype=np.float32) * 4 + (region.top + 1.5 - points[9][1])) * (up[1] * scale)
    return (rows[:, None] + columns).clip(0, 1)


def skin_gate(y: Weights, u: Weights, v: Weights, skin: Skin, height: Weights) -> Weights:
    """0..1: how much a colour is this person's skin. `y`, `u`, `v` (h, w) float32 on the 8-bit scale.

    Holes in the chroma gate smaller than 1/20 of the face (spots, highlights) are closed unless their colour is far off, as of a brush
    before the cheek. Towards the hair (`height` 1) more light is asked for, and no strands: a blond fringe has the colour of skin, two
    thirds of its light, and a spread of 8 to 18 levels where skin has 1 to 4; a wrinkled forehead has the spread, not the shade.
    """
    du, dv = residual(y, u, v, skin)
    distance = skin.uu * du * du + 2 * skin.uv * du * dv + skin.vv * dv * dv
    chroma = fade_out(distance, 5.0, 14.0)
    hole = max(y.shape[1] // 40, 1) * 2 + 1
    closed = cv2.morphologyEx(chroma, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (hole, hole)))
    chroma = np.maximum(chroma, closed * fade_out(distance, 18.0, 40.0))
    bright = fade_out((y - np.float32(skin.top)) * np.float32(1 / max(skin.top - 16, 8.0)), 0.12, 0.30)
    light = (y - 16) * np.float32(1 / max(skin.luma - 16, 8.0))
    strands = (1 - fade_out(_spread(y) * np.float32(150 / max(skin.luma - 16, 8.0)), 5.5, 11.0)) * fade_out(light, 0.80, 1.0)
    return chroma * bright * (1 - fade_out(light - height * np.float32(0.24), 0.35, 0.60)) * (1 - strands * (height * 2).clip(0, 1))


def residual(y: Weights, u: Weights, v: Weights, skin: Skin) -> tuple[Weights, Weights]:
    """U and V less what this person's skin has at that light."""
    over = y.clip(16, skin.top) - np.float32(skin.luma)
    return u - np.float32(skin.u) - np.float32(skin.u_slope) * over, v - np.float32(skin.v) - np.float32(skin.v_slope) * over


def uncovered(y: Weights, u: Weights, v: Weights, skin: Skin, cover: Cover, near: Weights) -> Weights:
    """0 on the thing that covers a face, 1 on skin; `near` 0..1 says where it can be.

    Of the known colours a pixel belongs to the nearest one.
    """
    colours = (y * np.float32(_LIGHT_COUNTS), *residual(y, u, v, skin))

    def far(colour: tuple[float, ...]) -> Weights:
        places = (colour[0] * _LIGHT_COUNTS, *colour[1:])
        return sum((plane - np.float32(place)) ** 2 for plane, place in zip(colours, places, strict=True))

    from_skin, from_thing = far(cover.skin), far(cover.thing[0])
    for colour in cover.thing[1:]:
        from_thing = np.minimum(from_thing, far(colour))
    return 1 - near * (1 - fade_out(from_skin / (from_skin + from_thing + 1), 0.25, 0.55))


def _spread(y: Weights) -> Weights:
    """The standard deviation in windows of about 1/16 of the face."""
    side = max(round(y.shape[1] * 0.022), 1) * 2 + 1
    mean = cv2.blur(y, (side, side))
    return np.sqrt(np.maximum(cv2.blur(y * y, (side, side)) - mean * mean, 0))


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
    result[_IS_FOREHEAD] += (points[TOP] - points[CHIN]) * np.float32(0.07)
    return result


def _grown(points: Points, half: int, wider: float, higher: float) -> Points:
    """Stretched about its middle along the line from its first point to the one at `half`, and across that line."""
    middle = points.mean(axis=0)
    axis = points[half] - points[0]
    axis = axis / max(float(np.hypot(*axis)), 1e-3)
    away = points - middle
    along = (away @ axis)[:, None] * axis
    return middle + along * np.float32(wider) + (away - along) * np.float32(higher)


def _blurred(mask: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    """`sigma` in pixels of the frame."""
    return cv2.GaussianBlur(mask, (0, 0), max(sigma / 4, 0.5))
