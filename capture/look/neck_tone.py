"""Which cells of 8 × 8 pixels could be this person's neck: by chroma over light, by light, and where both run on without an edge.

It refuses to decide: a beige bottle has these colours too; `body` asks what a piece is joined to and how long it has been there.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.faces import Skin
from capture.look.mask import Region, Weights
from studio.model.frames import VideoFrame

SHRINK = 8
"""Pixels of the frame to a cell: a fine chain round a neck is lost in it, a lipstick isn't."""
_FACE_TONE, _NECK_TONE = (6.0, 10.0), (7.5, 13.0)
"""Levels of chroma, at the face's light, from the face's tone and from the neck's: whole up to the first, nothing from the second."""
_MOST_TURN = 0.45
"""Radians of hue that a neck's tone may be from the face's: a neck is in shade, unpowdered, reddened."""
_SMOOTH, _ROUGH = 0.09, 0.14
"""Of the light: skin differs by .01 to .07 within a cell, a beard, which has the hue of skin in shade, by .11 to .26."""
_LEAST_COLOUR = 9.0
"""Levels: skin with less colour than this (a grey picture, pale skin in blue light) can't be told from grey hair and cloth by its tone."""
_NOISE = 2.0
"""Levels, standard deviation: a camera's in a lit room."""
_WIDE = 230.0
"""Pixels: on a narrower face a cell covers more of what skin has by way of folds and shade."""
_AROUND = np.ones((3, 3), np.uint8)

Tone = tuple[float, float]
"""Chroma over light, in levels at the light of the face: a shadow takes colour away as it takes light, for both scale with R'G'B'."""


def cells(frame: VideoFrame, region: Region, width: float) -> tuple[Weights, Weights]:
    """Y, U, V at 1/8 of the size, (3, h, w): four pixels of each cell are read, the rest is noise that the mean takes out. And how much
    Y differs within cells, in levels, less a camera's noise: the least of the neighbours', for beside an edge cells differ too.
    """
    from capture.look import neck_kernels

    planes = np.empty((4, (region.bottom - region.top) // SHRINK, (region.right - region.left) // SHRINK), np.float32)
    neck_kernels.means(frame.y, frame.u, frame.v, region.top, region.left, planes)
    rough = cv2.erode(cv2.blur(planes[3], (3, 3)), _AROUND)
    return planes[:3], np.sqrt((rough - np.float32(_NOISE**2)).clip(0)) * np.float32(min(width / _WIDE, 1))


def calm(seen: Weights, skin: Skin) -> Weights:
    """1 where light and colour of (3, h, w) cells run on, 0 at the edge of a thing."""
    from capture.look import neck_kernels

    result = np.empty(seen.shape[1:], np.float32)
    most = 18.0 * max(skin.luma - 16, 30.0) / 130
    neck_kernels.calm(seen[0], seen[1], seen[2], most, 3.0, result)
    return result


def tone_of(seen: Weights, skin: Skin, seeds: NDArray[np.bool_]) -> Tone | None:
    """The neck's own tone: the median of what lies below the jaw and could be this person's skin in another light."""
    from capture.look import neck_kernels

    face, tones = np.array([skin.u - 128, skin.v - 128, _LEAST_COLOUR, _MOST_TURN], np.float32), np.empty((2, seeds.size), np.float32)
    there, own = neck_kernels.own_tones(seen, seeds, _light(skin), face, tones)
    if own < max(8, 0.3 * there):
        return None
    middle = np.partition(tones[:, :own], own // 2, axis=1)[:, own // 2]
    return float(middle[0]), float(middle[1])


def gate(seen: Weights, rough: Weights, skin: Skin, tone: Tone | None) -> Weights:
    """How much each cell has this person's tone, on the face or on the neck, and is smooth, 0..1."""
    from capture.look import neck_kernels

    face = (skin.u - 128, skin.v - 128)
    tones = [(*face, *_FACE_TONE)] if np.hypot(*face) >= _LEAST_COLOUR else []
    tones += [(*tone, *_NECK_TONE)] if tone is not None else []
    result = np.empty(rough.shape, np.float32)
    neck_kernels.gate(seen, rough, _light(skin), _SMOOTH, _ROUGH, np.array(tones, np.float32).reshape(-1, 4), result)
    return result


def _light(skin: Skin) -> float:
    return max(skin.luma - 16, 8.0)
