"""White balance from something that is white or grey, and whether the light is still what it was.

It refuses a place that tells nothing: too dark, blown out, or of a colour that no light gives white paper.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from capture.look.delta_e import ciede2000, lab_of
from capture.look.light import from_linear, to_linear
from studio.errors import InvalidInput
from studio.model.colour_profile import Rgb8
from studio.model.frames import VideoFrame

_SHARE = 0.03
"""Of the longer side that is read around the place: a card held at arm's length is three times as large."""
_DARK, _BLOWN, _CLIPPED_SHARE = 0.12, 0.97, 0.05
_LARGEST_GAIN = 3.0
"""Between 2300 K and 15000 K no camera needs more."""
_LEAST_ALIKE = 0.6
"""Correlation of the scene's small pictures below which the camera was moved, and nothing can be said of the light."""


def white_gains(frame: VideoFrame, place: tuple[float, float]) -> tuple[float, float, float]:
    """Gains of linear R, G, B that make the colour around a place (pixels) grey of the same luminance.

    Raises InvalidInput: look.white_dark, look.white_blown, look.white_coloured.
    """
    reach = max(round(max(frame.width, frame.height) * _SHARE / 2), 4)
    x, y = round(place[0]), round(place[1])
    luma = frame.y[max(y - reach, 0) : y + reach, max(x - reach, 0) : x + reach]
    half = (slice(max(y - reach, 0) // 2, (y + reach) // 2), slice(max(x - reach, 0) // 2, (x + reach) // 2))
    if luma.size == 0 or frame.u[half].size == 0:
        raise InvalidInput("look.white_dark")
    level, blue, red = (float(np.median(part)) for part in (luma, frame.u[half], frame.v[half]))
    level, blue, red = (level - 16) / 219, (blue - 128) / 224, (red - 128) / 224
    shown = np.array([level + 1.5748 * red, level - 0.187324 * blue - 0.468124 * red, level + 1.8556 * blue])
    if level < _DARK or shown.min() <= 0.02:
        raise InvalidInput("look.white_dark")
    if shown.max() > _BLOWN or float((luma >= 233).mean()) > _CLIPPED_SHARE:
        raise InvalidInput("look.white_blown")
    light = to_linear(shown)
    gains = (light @ np.array([0.2126, 0.7152, 0.0722])) / light
    if not (gains.min() >= 1 / _LARGEST_GAIN and gains.max() <= _LARGEST_GAIN):
        raise InvalidInput("look.white_coloured")
    return float(gains[0]), float(gains[1]), float(gains[2])


def drift(before: Sequence[Rgb8], now: Sequence[Rgb8]) -> tuple[float, bool]:
    """(ΔE2000 that a middle grey has moved by, whether the camera still sees the same scene), from two small pictures.

    The median over the scene: a host who moves or a product held up covers less than half of it.
    """
    old, new = (np.array(list(picture), np.float64) / 255 for picture in (before, now))
    is_same = _alike(old.mean(axis=1), new.mean(axis=1)) >= _LEAST_ALIKE
    lit = (old.min(axis=1) > 0.06) & (old.max(axis=1) < 0.97) & (new.max(axis=1) < 0.97)
    if lit.sum() < len(old) // 4:
        return 0.0, is_same
    ratio = np.median(to_linear(new[lit]) / np.maximum(to_linear(old[lit]), 1e-4), axis=0)
    grey = np.full(3, 0.5)
    moved = from_linear(to_linear(grey) * ratio).clip(0, 1)
    return float(ciede2000(lab_of(grey), lab_of(moved))), is_same


def _alike(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Of the order of brightness, which light as a whole doesn't change."""
    ranks = [np.argsort(np.argsort(values)).astype(np.float64) for values in (one, other)]
    if one.std() < 1e-3 or other.std() < 1e-3:
        return 1.0
    return float(np.corrcoef(*ranks)[0, 1])
