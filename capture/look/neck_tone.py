"""Which cells of 8 × 8 pixels could be this person's neck: by chroma over light, by light, and where both run on without an edge.

It refuses to decide: a beige bottle has these colours too; `body` asks what a piece is joined to and how long it has been there.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.faces import Skin
from capture.look.mask import Region, Weights, fade_out
from studio.model.frames import VideoFrame

SHRINK = 8
"""Pixels of the frame to a cell: a fine chain round a neck is lost in it, a lipstick isn't."""
_MOST_TURN, _LEAST_STRONG, _MOST_STRONG = 0.45, 0.5, 2.2
"""Radians of hue, and times the colourfulness, that a neck's tone may be from the face's: a neck is in shade, unpowdered, reddened."""
_UNSURE = 4.0
"""Levels of chroma by which a face's tone is uncertain: the hue of pale skin is hardly known."""
_FACE_TONE, _NECK_TONE = (6.0, 10.0), (7.5, 13.0)
"""Levels of chroma, at the face's light, from the face's tone and from the neck's: whole up to the first, nothing from the second."""
_LEAST_COLOUR = 9.0
"""Levels: skin with less colour than this (a grey picture, pale skin in blue light) can't be told from grey hair and cloth by its tone."""
_DARK = (0.09, 0.18)
"""Of the face's light: nothing is whitened below the first, all of it from the second on."""
_NOISE = 2.0
"""Levels, standard deviation: a camera's in a lit room."""
_WIDE = 230.0
"""Pixels: on a narrower face a cell covers more of what skin has by way of folds and shade."""
_SMOOTH, _ROUGH = 0.09, 0.14
"""Of the light: skin differs by .01 to .07 within a cell, a beard, which has the hue of skin in shade, by .11 to .26."""
_DEEPEST = 0.25
"""Of the face's light: below it chroma is noise."""

Tone = tuple[float, float]
"""Chroma over light, in levels at the light of the face: a shadow takes colour away as it takes light, for both scale with R'G'B'."""


def cells(frame: VideoFrame, region: Region, width: float) -> tuple[Weights, Weights, Weights, Weights]:
    """Y, U, V at 1/8 of the size, float32: every second or fourth pixel is read, the rest is noise that the mean takes out. And how much
    Y differs within cells, in levels, less a camera's noise: the least of the neighbours', for beside an edge cells differ too.
    """
    size = ((region.right - region.left) // SHRINK, (region.bottom - region.top) // SHRINK)
    box = (slice(region.top, region.bottom, 4), slice(region.left, region.right, 4))
    half = (slice(region.top // 2, region.bottom // 2, 2), slice(region.left // 2, region.right // 2, 2))
    planes = [np.ascontiguousarray(plane).astype(np.float32) for plane in (frame.y[box], frame.u[half], frame.v[half])]
    y, u, v, square = (cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in (*planes, planes[0] * planes[0]))
    rough = cv2.erode(cv2.blur(square - y * y, (3, 3)), np.ones((3, 3), np.uint8))
    return y, u, v, np.sqrt((rough - np.float32(_NOISE**2)).clip(0)) * np.float32(min(width / _WIDE, 1))


def calm(y: Weights, u: Weights, v: Weights, skin: Skin) -> Weights:
    """1 where light and colour run on, 0 at the edge of a thing."""
    scale = np.float32(1 / 8)
    edges = []
    for plane in (y, u, v):
        across, down = cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1)
        edges.append(cv2.magnitude(across, down) * scale)
    most = 18.0 * max(skin.luma - 16, 30.0) / 130
    return fade_out(edges[0], most, most * 1.5) * fade_out(edges[1] + edges[2], 3.0, 5.0)


def tones(y: Weights, u: Weights, v: Weights, skin: Skin) -> tuple[Weights, Weights]:
    """U and V of each cell as a `Tone`."""
    scale = np.float32(max(skin.luma - 16, 8.0)) / np.maximum(y - 16, 12)
    return (u - 128) * scale, (v - 128) * scale


def tone_of(tones: tuple[Weights, Weights], light: Weights, skin: Skin, seeds: Weights) -> Tone | None:
    """The neck's own tone: the median of what lies below the jaw and could be this person's skin in another light."""
    there = (seeds > 0) & (light > _DARK[1])
    u, v = tones[0][there], tones[1][there]
    face_u, face_v = skin.u - 128, skin.v - 128
    colour = float(np.hypot(face_u, face_v))
    turn = np.abs(np.angle((u + 1j * v) * complex(face_u, -face_v)))
    strong = np.hypot(u, v)
    own = (turn < _MOST_TURN + _UNSURE / max(colour, _UNSURE)) & (strong > max(_LEAST_STRONG * colour, _LEAST_COLOUR))
    own &= strong * light[there].clip(0, 1) < _MOST_STRONG * max(colour, _LEAST_COLOUR)
    if np.count_nonzero(own) < max(8, 0.3 * own.size):
        return None
    middle = np.count_nonzero(own) // 2
    return float(np.partition(u[own], middle)[middle]), float(np.partition(v[own], middle)[middle])


def candidates(
    light: Weights, tones: tuple[Weights, Weights], textures: tuple[Weights, Weights], skin: Skin, tone: Tone | None
) -> tuple[Weights, NDArray[np.uint8]]:
    """How much each cell has this person's tone and is smooth (0..1), and where that runs on without an edge (0 or 1); `textures` are
    `calm` and how much Y differs within each cell.
    """
    calm, rough = textures
    face, gate = (skin.u - 128, skin.v - 128), np.zeros_like(light)
    if np.hypot(*face) >= _LEAST_COLOUR:
        gate = near(tones, light, face, _FACE_TONE)
    if tone is not None:
        gate = np.maximum(gate, near(tones, light, tone, _NECK_TONE))
    gate *= (1 - fade_out(light, *_DARK)) * fade_out(light, 1.3, 1.6)
    gate *= fade_out(rough / np.maximum(light * np.float32(skin.luma - 16), 20), _SMOOTH, _ROUGH)
    return gate, ((gate > 0.5) & (calm > 0.5)).astype(np.uint8)


def near(tones: tuple[Weights, Weights], light: Weights, tone: Tone, reach: tuple[float, float]) -> Weights:
    """1 where a tone is the given one. In shade it may be stronger, by up to light to the power of -1.5: -1 is a shadow that takes light
    and leaves colour, and light that comes to it from skin nearby adds some.
    """
    strength = float(np.hypot(*tone))
    along = (tones[0] * np.float32(tone[0]) + tones[1] * np.float32(tone[1])) * np.float32(1 / max(strength, 1.0) ** 2)
    deep = light.clip(_DEEPEST, 1)
    most = 1 / (deep * np.sqrt(deep))
    scale = 1 / np.clip(along, 1, most)
    du, dv = tones[0] * scale - np.float32(tone[0]), tones[1] * scale - np.float32(tone[1])
    return fade_out(du * du + dv * dv, reach[0] ** 2, reach[1] ** 2)
