"""Colour: the camera's matrix, balance, exposure, tone, saturation and a .cube, all in one table from Y, U, V to Y, U, V.

It refuses to work on a frame by formulas: whatever colour does is in the table, and neutral settings have no table at all.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from capture.look.cube import Cube, read_cube
from capture.look.light import from_linear, to_linear
from capture.look.profile_file import read_profile
from capture.look.tone import toned
from studio.model.frames import VideoFrame
from studio.model.look import LookSettings, parse_gains

Table = NDArray[np.uint8]
"""(128, 128, 3, 256), as kernels.apply_table reads it."""
Curves = NDArray[np.float32]

FIRST, STOP, COUNT = -0.5, 1.75, 2304
"""The curves' range of R'G'B': what I420 can hold between black and white reaches from -0.87 to 1.85; past the ends a curve stays level."""
STEP = (STOP - FIRST) / (COUNT - 1)
_WARMTH, _MAGENTA = 0.30, 0.18
"""Stops of red against blue at temperature 1 (about 6500 K to 4300 K), and of green at tint 1."""
_VIBRANCE = 0.6
"""Share by which the palest colours gain at vibrance 1."""
_NEUTRAL = LookSettings()
KEYS = (
    "exposure",
    "contrast",
    "highlights",
    "shadows",
    "saturation",
    "vibrance",
    "temperature",
    "tint",
    "curve",
    "curve_red",
    "curve_green",
    "curve_blue",
    "white_balance",
)
"""What the table depends on, besides the .cube."""


def is_neutral(look: LookSettings) -> bool:
    """Whether colour changes nothing."""
    has_lut = bool(look.lut) and look.lut_strength > 0
    return not has_lut and not look.colour_profile and all(getattr(look, key) == getattr(_NEUTRAL, key) for key in KEYS)


def signature(look: LookSettings) -> tuple[object, ...]:
    """Equal only for settings that give the same table: a .cube that was written anew since is another one."""
    lut = (look.lut, look.lut_strength) if look.lut and look.lut_strength > 0 else ()
    files = [look.lut] * bool(lut) + [look.colour_profile] * bool(look.colour_profile)
    return (*(getattr(look, key) for key in KEYS), lut, *((path, _written_ns(path)) for path in files))


def _written_ns(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return -1


@lru_cache(maxsize=2)
def _cube(path: str, _written: int) -> Cube:
    """Read once for as long as its file stays: while a hand draws the strength, each step bakes anew."""
    return read_cube(Path(path))


def bake(look: LookSettings) -> Table | None:
    """The table for these settings, None for neutral ones; a few milliseconds, and the reading of the .cube. Raises InvalidInput."""
    if is_neutral(look):
        return None
    from capture.look import bake_kernels

    cube = _cube(look.lut, _written_ns(look.lut)) if look.lut and look.lut_strength > 0 else None
    inputs = np.linspace(FIRST, STOP, COUNT)
    curves = tone_curves(inputs, look)
    lattice, strength = np.zeros((2, 2, 2, 3), np.float32), 0.0
    if cube is not None and cube.is_3d and (cube.low, cube.high) == ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)):
        lattice, strength = cube.values, look.lut_strength
    elif cube is not None:
        lattice, strength = _as_lattice(cube), look.lut_strength
    profile = read_profile(Path(look.colour_profile)) if look.colour_profile else None
    matrix = np.eye(3) if profile is None else np.array(profile.matrix).reshape(3, 3)
    nodes = np.empty((33, 33, 3, 256), np.float32)
    table = np.empty((128, 128, 3, 256), np.uint8)
    bake_kernels.bake_nodes(
        curves.astype(np.float32),
        (np.float32(FIRST), np.float32(STEP)),
        np.ascontiguousarray(matrix, np.float32),
        profile is not None,
        (np.float32(saturation_factor(look.saturation)), np.float32(_VIBRANCE * look.vibrance)),
        lattice,
        np.float32(strength),
        nodes,
    )
    bake_kernels.spread_nodes(nodes, table)
    return table


def apply(frame: VideoFrame, table: Table) -> None:
    """The table on the whole frame, in place."""
    from capture.look import kernels

    kernels.apply_table(frame.y, frame.u, frame.v, table.reshape(-1))


def saturation_factor(saturation: float) -> float:
    """-1 is grey, 1 nearly twice."""
    return 1 + saturation * (0.8 if saturation > 0 else 1.0)


def tone_curves(inputs: NDArray[np.float64], look: LookSettings) -> NDArray[np.float64]:
    """(3, N): R', G', B' out for each input, with balance and exposure in linear light and tone as seen.

    Negative input is mirrored, so that colours just outside R'G'B' keep their slope.
    """
    linear = to_linear(inputs)
    gains = 2.0**look.exposure * balance_gains(look.temperature, look.tint) * np.array(parse_gains(look.white_balance))
    return np.stack([toned(from_linear(linear * gain), look, channel) for channel, gain in enumerate(gains)])


def balance_gains(temperature: float, tint: float) -> NDArray[np.float64]:
    """Gains of linear R, G, B; a grey keeps its luminance. Positive temperature is warmer, positive tint more magenta."""
    gains = 2.0 ** np.array([_WARMTH * temperature, -_MAGENTA * tint, -_WARMTH * temperature])
    return gains / (gains @ np.array([0.2126, 0.7152, 0.0722]))


def _as_lattice(cube: Cube) -> NDArray[np.float32]:
    """A 1D table, or one with a domain of its own, sampled on a 65³ lattice over 0..1."""
    places = np.linspace(0, 1, 65)
    values = np.empty((65, 65, 65, 3), np.float32)
    if not cube.is_3d:
        channels = [_lookup(places, cube, channel) for channel in range(3)]
        for channel, shape in enumerate(((65, 1, 1), (1, 65, 1), (1, 1, 65))):
            values[..., channel] = channels[channel].reshape(shape)
        return values
    size = cube.values.shape[0]
    resampled = cube.values
    for axis in range(3):
        place = ((places - cube.low[axis]) / (cube.high[axis] - cube.low[axis])).clip(0, 1) * (size - 1)
        index = np.minimum(place.astype(int), size - 2)
        part = (place - index).astype(np.float32).reshape([-1 if one == axis else 1 for one in range(3)] + [1])
        resampled = np.take(resampled, index, axis) * (1 - part) + np.take(resampled, index + 1, axis) * part
    return np.ascontiguousarray(resampled.astype(np.float32))


def _lookup(places: NDArray[np.float64], cube: Cube, channel: int) -> NDArray[np.float64]:
    nodes = np.linspace(cube.low[channel], cube.high[channel], cube.values.shape[0])
    return np.interp(places, nodes, cube.values[:, channel])
