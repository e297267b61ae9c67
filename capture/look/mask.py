"""Where a face shows skin: the oval of the mesh less eyes, brows and lips, times what has this person's colour and light.

It refuses a general idea of skin colour: the gates are fitted to the face that is seen, so that every tone is found alike.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.faces import Skin
from capture.look.one_euro import Points

Weights = NDArray[np.float32]
"""(h, w), 0..1, at a quarter of the frame's size unless said otherwise."""

OVAL = (
    10,
    338,
    297,
    332,
    284,
    251,
    389,
    356,
    454,
    323,
    361,
    288,
    397,
    365,
    379,
    378,
    400,
    377,
    152,
    148,
    176,
    149,
    150,
    136,
    172,
    58,
    132,
    93,
)
OVAL += (234, 127, 162, 21, 54, 103, 67, 109)
_FOREHEAD = (10, 338, 297, 332, 284, 54, 103, 67, 109)
_RIGHT_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
_LEFT_EYE = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
_RIGHT_BROW = (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)
_LEFT_BROW = (300, 293, 334, 296, 336, 285, 295, 282, 283, 276)
_LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185)
HOLES = ((_RIGHT_EYE, 1.35, 2.1), (_LEFT_EYE, 1.35, 2.1), (_RIGHT_BROW, 1.12, 1.35), (_LEFT_BROW, 1.12, 1.35), (_LIPS, 1.07, 1.10))
"""What is left out, and how much wider and higher than its landmarks: lashes and lid lines, stray brow hairs, the lip's edge."""
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
    _fill(mask, _oval(points), region, 255)
    soft = max(width * 0.012, 2.0)
    mask = _blurred(mask, soft)
    holes = np.zeros(size, np.uint8)
    for indices, wider, higher in HOLES:
        _fill(holes, _grown(points[list(indices)], wider, higher), region, 255)
    open_skin = 255 - _blurred(holes, soft * 0.6)
    return mask.astype(np.float32) * open_skin.astype(np.float32) * np.float32(1 / 65025)


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
    thirds of its light, and a spread of 8 to 18 levels where skin has 1 to 4.
    """
    du, dv = u - np.float32(skin.u), v - np.float32(skin.v)
    distance = skin.uu * du * du + 2 * skin.uv * du * dv + skin.vv * dv * dv
    chroma = _fade_out(distance, 5.0, 14.0)
    hole = max(y.shape[1] // 40, 1) * 2 + 1
    closed = cv2.morphologyEx(chroma, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (hole, hole)))
    chroma = np.maximum(chroma, closed * _fade_out(distance, 18.0, 40.0))
    light = (y - 16) * np.float32(1 / max(skin.luma - 16, 8.0)) - height * np.float32(0.24)
    strands = 1 - _fade_out(_spread(y) * np.float32(150 / max(skin.luma - 16, 8.0)), 5.5, 11.0)
    return chroma * (1 - _fade_out(light, 0.35, 0.60)) * (1 - strands * (height * 2).clip(0, 1))


def _spread(y: Weights) -> Weights:
    """The standard deviation in windows of about 1/16 of the face."""
    side = max(round(y.shape[1] * 0.022), 1) * 2 + 1
    mean = cv2.blur(y, (side, side))
    return np.sqrt(np.maximum(cv2.blur(y * y, (side, side)) - mean * mean, 0))


def _fade_out(values: Weights, start: float, end: float) -> Weights:
    """1 up to `start`, 0 from `end`, smooth between."""
    place = ((values - np.float32(start)) * np.float32(1 / (end - start))).clip(0, 1)
    return 1 - place * place * (3 - 2 * place)


def _oval(points: Points) -> Points:
    """The oval, a little inside the jaw, and up to where a high forehead ends: hair is left out by the gate."""
    oval = points[list(OVAL)]
    middle = oval.mean(axis=0)
    result = middle + (oval - middle) * np.float32(0.975)
    result[np.isin(OVAL, _FOREHEAD)] += (points[10] - points[152]) * np.float32(0.07)
    return result


def _grown(points: Points, wider: float, higher: float) -> Points:
    """Stretched about its middle along the longest direction (eyes and lips lie across the face) and across it."""
    middle = points.mean(axis=0)
    _, _, axes = np.linalg.svd(points - middle, full_matrices=False)
    along = (points - middle) @ axes.T
    return middle + (along * np.array([wider, higher], np.float32)) @ axes


def _fill(mask: NDArray[np.uint8], points: Points, region: Region, value: int) -> None:
    quarter = (points - np.array([region.left, region.top], np.float32) + 0.5) / 4 - 0.5
    fixed = np.rint(quarter.clip(-_FAR, _FAR) * 16).astype(np.int32)
    cv2.fillPoly(mask, [fixed], value, cv2.LINE_AA, 4)


def _blurred(mask: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    """`sigma` in pixels of the frame."""
    return cv2.GaussianBlur(mask, (0, 0), max(sigma / 4, 0.5))
