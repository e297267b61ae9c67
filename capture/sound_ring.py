"""From the sound device's callback to the microphone's thread: a ring of 500 ms without a lock.

When full the oldest samples are overwritten and counted. One writer, one reader; it never waits.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RING_MS = 500
"""As the hand-off to the mixer: older sound is of no use to it."""


class Piece(NamedTuple):
    """Samples (n, channels) float32, the number of the first since the start, and the newest stamp: (sample number, ns)."""

    samples: NDArray[np.float32]
    first: int
    mark: tuple[int, int]


class SoundRing:
    """The writer changes `written` and `mark` alone, after the samples are in place; the reader all else."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._samples = np.zeros((rate_hz * RING_MS // 1000, channels), np.float32)
        self.written = 0
        self.mark = (0, 0)
        self.taken = 0
        self.overrun_samples = 0

    def write(self, block: NDArray[np.float32], time_ns: int) -> None:
        """Copy the block (n, channels), the device's, whose first sample is of `time_ns`. Called by the callback."""
        capacity = len(self._samples)
        count = min(len(block), capacity)
        begin = (self.written + len(block) - count) % capacity
        first = min(count, capacity - begin)
        self._samples[begin : begin + first] = block[len(block) - count : len(block) - count + first]
        self._samples[: count - first] = block[len(block) - count + first :]
        self.mark = (self.written, time_ns)
        self.written += len(block)

    def take(self, count: int) -> Piece | None:
        """Exactly `count` samples, or None while there aren't as many."""
        capacity = len(self._samples)
        while True:
            self._forget(self.written - capacity)
            if self.written - self.taken < count:
                return None
            first, mark = self.taken, self.mark
            begin = first % capacity
            samples = np.take(self._samples, np.arange(begin, begin + count), axis=0, mode="wrap")
            if self.written - first <= capacity:
                self.taken = first + count
                return Piece(samples, first, mark)

    def _forget(self, oldest: int) -> None:
        if oldest > self.taken:
            self.overrun_samples += oldest - self.taken
            self.taken = oldest
