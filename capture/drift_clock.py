"""When each block of a sound device really began: the jitter of its callbacks smoothed away, its drift followed.

Pure arithmetic; it reads no clock. A delay-locked loop after Fons Adriaensen, "Using a DLL to filter time", 2005.
"""

import math

_BANDWIDTH_HZ = 0.1
"""Twice as much lets callback jitter of some ms through; half as much takes 10 s to settle on a drifting device."""

_JUMP_NS = 60_000_000
"""Further off than this it isn't jitter: the device paused or samples were lost, so begin anew."""


class DriftClock:
    """Stamps for consecutive blocks of a device whose rate is nearly `rate_hz`."""

    def __init__(self, rate_hz: float) -> None:
        self._nominal_ns = 1e9 / rate_hz
        self._sample_ns = self._nominal_ns
        self._expected_ns: float | None = None

    @property
    def drift_ppm(self) -> float:
        """How much faster than its nominal rate the device runs, in millionths."""
        return (self._nominal_ns / self._sample_ns - 1) * 1e6

    def stamp(self, measured_ns: int, samples: int) -> int:
        """The smoothed time of the first sample of a block of `samples`, of which the device says `measured_ns`."""
        if self._expected_ns is None or abs(measured_ns - self._expected_ns) > _JUMP_NS:
            self._expected_ns = measured_ns + samples * self._sample_ns
            return measured_ns
        first_ns = self._expected_ns
        omega = min(1.0, 2 * math.pi * _BANDWIDTH_HZ * samples * self._nominal_ns / 1e9)
        error_ns = measured_ns - first_ns
        self._sample_ns += omega * omega * error_ns / samples
        self._expected_ns = first_ns + samples * self._sample_ns + math.sqrt(2) * omega * error_ns
        return round(first_ns)
