"""A screen of one colour taken out by its chroma: how much of each pixel is in front of it, and its light on the person removed.

It refuses to look at brightness: a screen that is lit unevenly has one chroma nearly everywhere.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.model.frames import Plane, VideoFrame

_UNLIKE, _ALIKE = 0.6, 0.9
"""Cosine between a colour's hue and the key's: above the second it is the screen's light, below the first a colour of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """(256, 256, 3) uint8: coverage, new U and new V for each U, V."""

    table: NDArray[np.uint8]


def key_of(colour: str, reach: float, edge: float, despill: float) -> Key:
    """The table for "#rrggbb"; `reach`, `edge` and `despill` are the sliders, 0..1."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    key = np.array([(blue - luma) * 224 / 1.8556, (red - luma) * 224 / 1.5748])
    strength = max(float(np.hypot(*key)), 1.0)
    toward = key / strength
    u, v = np.meshgrid(np.arange(256) - 128.0, np.arange(256) - 128.0, indexing="ij")
    near, soft = strength * (0.15 + 0.6 * reach), strength * (0.05 + 0.4 * edge)
    distance = np.hypot(u - key[0], v - key[1])
    coverage = ((distance - near) / soft).clip(0, 1)
    along = np.maximum(u * toward[0] + v * toward[1], 0)
    alike = along / np.maximum(np.hypot(u, v), 1)
    along *= ((alike - _UNLIKE) / (_ALIKE - _UNLIKE)).clip(0, 1) * despill
    table = np.stack([coverage * 255, u - along * toward[0] + 128, v - along * toward[1] + 128], axis=-1)
    return Key(np.ascontiguousarray(np.rint(table.clip(0, 255)).astype(np.uint8)))


def keyed(frame: VideoFrame, key: Key) -> Plane:
    """The coverage (H/2, W/2), 255 in front; U and V of the frame lose the screen's light in place."""
    from capture.look import mix_kernels

    coverage = np.empty_like(frame.u)
    mix_kernels.key_chroma(frame.u, frame.v, key.table, coverage)
    return cv2.blur(coverage, (3, 3))
