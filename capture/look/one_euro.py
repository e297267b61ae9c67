"""The One-Euro filter on an array of points: still when they are still, without lag when they move.

It refuses to guess: after a gap it starts again from what it is given.
"""

from math import pi

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
"""(N, 2), pixels of the frame."""

GAP_NS = 700_000_000
"""Older than this the last points say nothing about the new ones: of four faces at rest each is looked at after half a second."""
_NOISE = 0.015
"""Face widths a second that a camera's noise makes a landmark seem to move."""

_LONGEST_REST_S = 2.5
"""A face that has rested for so long is held three and a half times as firmly; a step ends it at once."""


_LONGEST_STEP_S = 0.2
"""Points that come later than this after the last ones count as if they had come then: a face at rest is looked at so rarely, and there
is no less noise in what is seen (jitter of .07 pixels would be .12).
"""


class OneEuro:
    """One filter for all landmarks of one face (Casiez et al., CHI 2012); speeds count in face widths a second.

    With `min_cutoff_hz` 0.2 and `beta` 0.2 a moving face lags by less than 1 % of its width, by 1.5 when it starts off at one width a
    second; twice the cutoff lets jitter through.
    """

    def __init__(self, min_cutoff_hz: float = 0.2, beta: float = 0.2) -> None:
        self._min_cutoff_hz = min_cutoff_hz
        self._beta = beta
        self._points: Points | None = None
        self._speed: Points | None = None
        self._time_ns = 0
        self._rest_s = 0.0

    def __call__(self, points: Points, size: float, time_ns: int, noise: float = 1.0) -> Points:
        """The smoothed points at `time_ns` (monotonic); `size` is the face's width in pixels, `noise` 2 for twice as much of it."""
        elapsed_ns = time_ns - self._time_ns
        if self._points is None or self._speed is None or not 0 < elapsed_ns <= GAP_NS:
            self._points, self._speed, self._time_ns, self._rest_s = points.copy(), np.zeros_like(points), time_ns, 0.0
            return self._points
        elapsed_s = elapsed_ns / 1e9
        speed = (points - self._points) / (elapsed_s * max(size, 1.0))
        self._speed = self._speed + _weight(1.0, elapsed_s) * (speed - self._speed)
        pace = np.hypot(self._speed[:, 0], self._speed[:, 1])
        self._rest_s = min(self._rest_s + elapsed_s, _LONGEST_REST_S) if _middle(pace) < _NOISE * noise else 0.0
        fastest = (pace[:, None] - _NOISE * noise).clip(0) * 100
        weight = _weight(self._min_cutoff_hz / (1 + self._rest_s) + self._beta * fastest, min(elapsed_s, _LONGEST_STEP_S))
        self._points = (self._points + weight * (points - self._points)).astype(np.float32)
        self._time_ns = time_ns
        return self._points


def _middle(values: NDArray[np.float32]) -> float:
    """The (upper) median, in a fifth of np.median's time for so few."""
    half = values.size // 2
    return float(np.partition(values, half)[half])


def _weight(cutoff_hz: "float | NDArray[np.float32]", elapsed_s: float) -> "float | NDArray[np.float32]":
    """The share of the new value in a first-order low-pass."""
    return 1.0 / (1.0 + 1.0 / (2 * pi * cutoff_hz * elapsed_s))
