"""Draws the counter in front of the sample presenter and the goods on it.

It refuses to use any picture: everything is rounded boxes with the shading of a cylinder.
"""  # noqa: INP001 - scripts beside the pictures that they make

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

GOLD, BLACK, WHITE = (214, 168, 96), (38, 32, 34), (240, 232, 226)
ROSE, RED, NUDE = (200, 120, 112), (166, 42, 52), (216, 148, 128)


@dataclass(frozen=True, slots=True)
class Box:
    """A rounded box: centre and foot in units of 1/1080 of the canvas's short side, shaded like a cylinder unless `is_flat`."""

    x: float
    foot: float
    width: float
    height: float
    colour: tuple[int, int, int]
    radius: float = 4
    gloss: float = 1.0
    is_flat: bool = False


def _lipstick(x: float, foot: float, colour: tuple[int, int, int]) -> Iterator[Box]:
    yield Box(x, foot - 78, 22, 52, colour, 10, 0.8)
    yield Box(x, foot - 62, 28, 26, GOLD, 2, 1.4)
    yield Box(x, foot, 34, 66, BLACK, 4, 1.2)


def _bottle(x: float, foot: float, colour: tuple[int, int, int], height: float) -> Iterator[Box]:
    yield Box(x, foot - height, 30, 54, BLACK, 4, 1.2)
    yield Box(x, foot, 84, height, colour, 14, 0.9)
    yield Box(x, foot - height * 0.22, 54, height * 0.4, WHITE, 2, 0.2)


def _jar(x: float, foot: float, colour: tuple[int, int, int]) -> Iterator[Box]:
    yield Box(x, foot, 118, 62, colour, 16, 0.8)
    yield Box(x, foot - 56, 124, 32, GOLD, 6, 1.4)


def _brushes(x: float, foot: float) -> Iterator[Box]:
    for offset, length in ((-22, 150), (2, 176), (24, 142)):
        yield Box(x + offset, foot - 40, 7, length, GOLD, 3)
        yield Box(x + offset, foot - 30 - length, 24, 48, (92, 54, 50) if offset else (186, 116, 100), 11, 0.3)
    yield Box(x, foot, 84, 96, WHITE, 6, 0.6)


def goods() -> list[Box]:
    """From the back to the front; x counts from the presenter's middle."""
    boxes: list[Box] = []
    boxes += _brushes(-430, 100)
    boxes += _jar(-290, 120, (236, 214, 204))
    for x, colour in ((-170, RED), (-120, ROSE), (-70, NUDE)):
        boxes += _lipstick(x, 140, colour)
    boxes += [Box(70, 140, 200, 26, BLACK, 5, 0.8), Box(70, 132, 184, 10, (150, 60, 64), 2, 0.3, is_flat=True)]
    boxes += _jar(250, 120, (226, 190, 178))
    boxes += _bottle(380, 118, NUDE, 140)
    boxes += _bottle(490, 112, (232, 216, 200), 104)
    return boxes


def counter(
    size: tuple[int, int], top: float, middle: float, goods_size: float, goods_down: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The counter and its goods as (RGB 0..255, coverage 0..1) on a canvas; `top` is its far edge, `middle` the presenter's x."""
    width, height = size
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    unit = min(width, height) / 1080
    depth = ((rows - top) / (height - top)).clip(0, 1)
    light = 1 - 0.10 * np.abs(columns - middle) / width
    colour = (np.array([246, 238, 232], np.float32) - depth[..., None] * np.array([26, 34, 40], np.float32)) * light[..., None]
    coverage = (0.5 + (rows - top) / 2).clip(0, 1)
    colour += np.exp(-(((rows - top - 5 * unit) / (4 * unit)) ** 2))[..., None] * 9
    boxes, base = goods(), top + goods_down * unit
    for box in boxes:
        _shadow(colour, box, base, middle, unit * goods_size)
    for box in boxes:
        _draw(colour, coverage, box, (middle + box.x * unit * goods_size, base + box.foot * unit * goods_size), unit * goods_size)
    return colour.clip(0, 255), coverage


def _shadow(colour: NDArray[np.float32], box: Box, top: float, middle: float, unit: float) -> None:
    if box.foot < 90:
        return
    mask = np.zeros(colour.shape[:2], np.float32)
    centre = (round(middle + (box.x + 6) * unit), round(top + box.foot * unit))
    cv2.ellipse(mask, centre, (round(box.width * 0.62 * unit), round(12 * unit)), 0, 0, 360, 1, -1)
    colour *= 1 - 0.34 * cv2.GaussianBlur(mask, (0, 0), 7 * unit)[..., None]


def _draw(colour: NDArray[np.float32], coverage: NDArray[np.float32], box: Box, foot: tuple[float, float], unit: float) -> None:
    left, right = max(0, int(foot[0] - box.width * unit)), int(foot[0] + box.width * unit) + 2
    high, low = max(0, int(foot[1] - box.height * unit) - 4), int(foot[1]) + 4
    colour, coverage = colour[high:low, left:right], coverage[high:low, left:right]
    rows, columns = np.mgrid[high : high + coverage.shape[0], left : left + coverage.shape[1]].astype(np.float32)
    across, down = columns - foot[0], rows - (foot[1] - box.height * unit / 2)
    half_width, half_height, radius = box.width * unit / 2, box.height * unit / 2, box.radius * unit
    outside = np.hypot(np.maximum(np.abs(across) - half_width + radius, 0), np.maximum(np.abs(down) - half_height + radius, 0)) - radius
    inside = (0.5 - outside).clip(0, 1)
    place = (across / half_width).clip(-1, 1)
    shade = np.ones_like(place) if box.is_flat else 0.62 + 0.42 * np.sqrt(1 - (place * 0.96) ** 2) + 0.06 * -place
    highlight = box.gloss * 70 * np.exp(-(((place + 0.42) / 0.13) ** 2)) + box.gloss * 22 * np.exp(-(((place - 0.62) / 0.1) ** 2))
    own = np.array(box.colour, np.float32) * shade[..., None] + (highlight if not box.is_flat else 0 * highlight)[..., None]
    colour += (own - colour) * inside[..., None]
    np.maximum(coverage, inside, out=coverage)
