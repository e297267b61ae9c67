"""When each block of a sound device really began: the jitter of its callbacks smoothed away, its drift followed.

Pure arithmetic; it reads no clock. A delay-locked loop after Fons Adriaensen, "Using a DLL to filter time", 2005.
"""

import math

_BANDWIDTH_HZ = 0.1
"""Twice as much lets callback jitter of some ms through; half as much takes 10 s to follow a device that drifts."""

_FIRST_BANDWIDTH_HZ = 1.0
"""The first stamps of a device are its worst (PulseAudio's are 0.1 s off for 0.2 s): settle fast, then narrow down."""

_JUMP_NS = 60_000_000
"""Further off than this it isn't jitter: the device paused or samples were lost, so begin anew."""

_MOST_DRIFT = 0.001
"""Devices are within 200 ppm of their rate; five times that is not drift but bad stamps."""


class DriftClock:
    """Stamps for consecutive blocks of a device whose rate is nearly `rate_hz`."""

    def __init__(self, rate_hz: float) -> None:
        self._nominal_ns = 1e9 / rate_hz
        self._begin_at(0)
        self._is_new = True

    @property
    def drift_ppm(self) -> float:
        """How much faster than its nominal rate the device runs, in millionths."""
        return (self._nominal_ns / self._sample_ns - 1) * 1e6

    def stamp(self, measured_ns: int, samples: int) -> int:
        """The smoothed time of the first sample of a block of `samples`, of which the device says `measured_ns`."""
        if self._is_new or abs(measured_ns - self._expected_ns) > _JUMP_NS:
            self._begin_at(measured_ns)
        length_s = samples * self._nominal_ns / 1e9
        bandwidth_hz = max(_BANDWIDTH_HZ, _FIRST_BANDWIDTH_HZ / (1 + self._settled_s))
        omega = min(1.0, 2 * math.pi * bandwidth_hz * length_s)
        first_ns = self._expected_ns
        error_ns = measured_ns - first_ns
        most_ns = self._nominal_ns * _MOST_DRIFT
        faster_ns = self._sample_ns - self._nominal_ns + omega * omega * error_ns / samples
        self._sample_ns = self._nominal_ns + min(most_ns, max(-most_ns, faster_ns))
        self._expected_ns = first_ns + samples * self._sample_ns + math.sqrt(2) * omega * error_ns
        self._settled_s += length_s
        return round(first_ns)

    def _begin_at(self, time_ns: int) -> None:
        self._is_new = False
        self._sample_ns = self._nominal_ns
        self._expected_ns = float(time_ns)
        self._settled_s = 0.0
