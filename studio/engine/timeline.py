"""An input's blocks on one continuous line of samples, placed by their stamps.

Gaps become silence by their timestamps; a slow drift between the sound card and the monotonic clock is taken up by slight
resampling, and only a step of more than 100 ms is a jump.
"""

import numpy as np
from numpy.typing import NDArray

from studio.model.frames import AUDIO_RATE_HZ, AudioBlock

JUMP_NS = 100_000_000
"""Beyond this a difference is a gap or a jump, below it is drift."""
DEAD_BAND_NS = 2_000_000
MAX_STRETCH = 0.001
"""1,000 ppm: five times the worst sound card; a change of pitch of 1.7 cents, which nobody hears."""


class Timeline:
    """Blocks placed by their stamps on one continuous line of samples. Pure but for its own state."""

    def __init__(self) -> None:
        self._samples = np.zeros((0, 2), np.float32)
        self._start_ns = 0
        self.drift_ms = 0.0

    @property
    def is_empty(self) -> bool:
        """Nothing waits on it."""
        return not len(self._samples)

    @property
    def end_ns(self) -> int:
        """Where the next sample belongs."""
        return self._start_ns + len(self._samples) * 1_000_000_000 // AUDIO_RATE_HZ

    def add(self, block: AudioBlock) -> None:
        """Append a block; its stamp decides about silence before it, cutting, or slight resampling."""
        error_ns = block.time_ns - self.end_ns
        if not len(self._samples):
            self._start_ns = block.time_ns
            self._samples = block.samples
            return
        self.drift_ms = error_ns / 1e6
        if error_ns > JUMP_NS:
            silence = np.zeros((error_ns * AUDIO_RATE_HZ // 1_000_000_000, 2), np.float32)
            self._samples = np.concatenate([self._samples, silence, block.samples])
        elif error_ns < -JUMP_NS:
            cut = -error_ns * AUDIO_RATE_HZ // 1_000_000_000
            self._samples = np.concatenate([self._samples, block.samples[cut:]])
        else:
            self._samples = np.concatenate([self._samples, _stretched(block.samples, error_ns)])

    def cut(self, start_ns: int, count: int) -> NDArray[np.float32]:
        """The `count` samples from `start_ns` on, silence where there are none; what lies before is forgotten."""
        skip = round((start_ns - self._start_ns) * AUDIO_RATE_HZ / 1_000_000_000)
        result = np.zeros((count, 2), np.float32)
        if not len(self._samples):
            return result
        if skip > 0:
            self._samples = self._samples[skip:]
            self._start_ns += skip * 1_000_000_000 // AUDIO_RATE_HZ
            skip = 0
        offset = -skip
        if offset < count:
            part = self._samples[: count - offset]
            result[offset : offset + len(part)] = part
            self._samples = self._samples[len(part) :]
            self._start_ns += len(part) * 1_000_000_000 // AUDIO_RATE_HZ
        return result


def _stretched(samples: NDArray[np.float32], error_ns: int) -> NDArray[np.float32]:
    """The block lengthened or shortened towards its stamp, by at most MAX_STRETCH; linear, since a few samples in 1,000 move."""
    if abs(error_ns) < DEAD_BAND_NS:
        return samples
    count = len(samples)
    limit = max(1, int(count * MAX_STRETCH))
    step = max(-limit, min(limit, error_ns * AUDIO_RATE_HZ // 1_000_000_000))
    if not step or count + step < 2:
        return samples
    places = np.linspace(0, count - 1, count + step)
    known = np.arange(count)
    return np.stack([np.interp(places, known, samples[:, channel]) for channel in (0, 1)], axis=1).astype(np.float32)
