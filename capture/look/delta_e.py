"""How different two colours look: CIE Lab of sRGB values and the CIEDE2000 difference.

It refuses to be quick: for patches and tests, not for frames.
"""

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.float64]
"""(…, 3)."""
_TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
"""IEC 61966-2-1, white D65."""
_WHITE = _TO_XYZ.sum(axis=1)
_FAR = 25.0**7


def lab_of(values: Colours) -> Colours:
    """L*, a*, b* under D65 of sRGB values 0..1 as shown."""
    linear = np.where(values <= 0.04045, values / 12.92, ((np.maximum(values, 0) + 0.055) / 1.055) ** 2.4)
    ratio = linear @ _TO_XYZ.T / _WHITE
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.stack([116 * root[..., 1] - 16, 500 * (root[..., 0] - root[..., 1]), 200 * (root[..., 1] - root[..., 2])], axis=-1)


def ciede2000(one: Colours, other: Colours) -> NDArray[np.float64]:
    """ΔE00 between Lab colours (CIE 142-2001; steps as in Sharma, Wu, Dalal 2005), all weights 1."""
    mean_chroma = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(other[..., 1], other[..., 2])) / 2
    grey = 0.5 * (1 - np.sqrt(mean_chroma**7 / (mean_chroma**7 + _FAR)))
    (chroma, hue), (chroma_other, hue_other) = (_polar(colour[..., 1] * (1 + grey), colour[..., 2]) for colour in (one, other))
    turn = np.mod(hue_other - hue + 180, 360) - 180
    turn = np.where(chroma * chroma_other == 0, 0, turn)
    d_light, d_chroma = other[..., 0] - one[..., 0], chroma_other - chroma
    d_hue = 2 * np.sqrt(chroma * chroma_other) * np.sin(np.radians(turn / 2))
    light, mean = (one[..., 0] + other[..., 0]) / 2, (chroma + chroma_other) / 2
    middle = np.where(chroma * chroma_other == 0, hue + hue_other, hue + turn / 2)
    angle = np.radians(middle)
    weight = 1 - 0.17 * np.cos(angle - np.pi / 6) + 0.24 * np.cos(2 * angle)
    weight += 0.32 * np.cos(3 * angle + np.radians(6)) - 0.20 * np.cos(4 * angle - np.radians(63))
    s_light = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    s_chroma, s_hue = 1 + 0.045 * mean, 1 + 0.015 * mean * weight
    bend = 30 * np.exp(-((np.mod(middle, 360) - 275) ** 2) / 625)
    twist = -np.sin(np.radians(2 * bend)) * 2 * np.sqrt(mean**7 / (mean**7 + _FAR))
    parts = d_light / s_light, d_chroma / s_chroma, d_hue / s_hue
    return np.sqrt(np.maximum(parts[0] ** 2 + parts[1] ** 2 + parts[2] ** 2 + twist * parts[1] * parts[2], 0))


def _polar(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.hypot(a, b), np.mod(np.degrees(np.arctan2(b, a)), 360)
