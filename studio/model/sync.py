"""From a flash and a beep that happen at once, seen by the camera and heard by the microphone: by how much the sound must be moved.

Pure. The flash counts from the first picture that shows it, as a viewer sees it; several with the median of their distances.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.errors import InvalidInput

LEAST_PAIRS = 4
"""Fewer could be a lamp and a word."""
_LEAST_RISE = 24.0
"""Steps of luma: a phone in a lit room brings 40 and more, noise and exposure 5."""
_LEAST_BEEP = 0.02
_OVER_NOISE = 5.0
_REACH_MS = 450.0
"""With a flash each second a beep further away belongs to another flash."""
MOST_SPREAD_MS = 25.0
"""A picture at 30 a second spreads by 17 around its middle; speech and a moving hand by hundreds."""
_REST_MS = 250.0
"""Of dark or of quiet before each beginning."""


@dataclass(frozen=True, slots=True)
class SyncMeasure:
    """By how much the sound must be moved later (above 0) or earlier, half the range of the middle half, and of how many pairs."""

    offset_ms: int
    spread_ms: float
    pairs: int


def measured(light_ms: Sequence[float], light: NDArray[np.float32], sound_ms: Sequence[float], sound: NDArray[np.float32]) -> SyncMeasure:
    """`light` (pictures, cells) is the luma of parts of the picture, `sound` the peaks of a millisecond each, with their times.

    Raises InvalidInput where there is no flash, no beep, or no steady distance between them.
    """
    flashes = _flashes(np.asarray(light_ms), light)
    beeps = _beeps(np.asarray(sound_ms), sound)
    nearest = [min((flash - beep for beep in beeps), key=abs, default=_REACH_MS) for flash in flashes]
    pairs = sorted(distance for distance in nearest if abs(distance) < _REACH_MS)
    if len(pairs) < LEAST_PAIRS:
        raise InvalidInput("sync.no_flash" if len(flashes) < LEAST_PAIRS else "sync.no_beep", found=len(pairs), least=LEAST_PAIRS)
    low, high = np.percentile(pairs, [25, 75])
    spread_ms = float(high - low) / 2
    if spread_ms > MOST_SPREAD_MS:
        raise InvalidInput("sync.unsteady", spread=round(spread_ms))
    return SyncMeasure(round(float(np.median(pairs))), round(spread_ms, 1), len(pairs))


def _flashes(times_ms: NDArray[np.float64], light: NDArray[np.float32]) -> list[float]:
    """When the part of the picture that changes most becomes bright."""
    if not len(light):
        return []
    ranges = light.max(axis=0) - light.min(axis=0)
    cell = int(ranges.argmax())
    if ranges[cell] < _LEAST_RISE:
        return []
    return _beginnings(times_ms, light[:, cell] > light[:, cell].min() + ranges[cell] / 2)


def _beeps(times_ms: NDArray[np.float64], sound: NDArray[np.float32]) -> list[float]:
    """When the sound rises out of quiet."""
    if not len(sound):
        return []
    loudest, noise = float(sound.max()), float(np.median(sound))
    if loudest < _LEAST_BEEP or loudest < _OVER_NOISE * noise:
        return []
    return _beginnings(times_ms, sound > max(0.3 * loudest, 2 * noise))


def _beginnings(times_ms: NDArray[np.float64], is_on: NDArray[np.bool_]) -> list[float]:
    """The times at which it comes on after a rest; what was on at the start has none."""
    found: list[float] = []
    last_on_ms = -np.inf if len(is_on) and not is_on[0] else times_ms[0] if len(times_ms) else 0.0
    for time_ms in times_ms[is_on]:
        if time_ms - last_on_ms > _REST_MS:
            found.append(float(time_ms))
        last_on_ms = time_ms
    return found
