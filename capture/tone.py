"""A beep of 1 kHz for 100 ms at each full second since the epoch, in step with the test card's flash.

It makes every sample from its number alone and opens no device.
"""

import time

import numpy as np

from capture.pacing import NS, deadline_ns, sleep_until
from studio.errors import InvalidInput
from studio.model.frames import AUDIO_RATE_HZ, AudioBlock
from studio.ports import SourceInfo

TONE_HZ = 1_000
BEEP_MS = 100
_BLOCK_SAMPLES = 960
_AHEAD_NS = 80_000_000
"""As the clip's sound: handed over early, the stamp carries the truth."""

_BEHIND_NS = NS
_LEVEL = 0.25
"""-12 dBFS: heard well, and nowhere near the limiter."""


class Tone:
    """The beeps in blocks of 20 ms. One thread, the caller's."""

    def __init__(self, rest: str = "") -> None:
        if rest:
            raise InvalidInput("source.unknown", source=f"tone:{rest}")
        self._epoch_ns: int | None = None
        beep = np.sin(2 * np.pi * TONE_HZ / AUDIO_RATE_HZ * np.arange(AUDIO_RATE_HZ * BEEP_MS // 1000)) * _LEVEL
        self._second = np.zeros((AUDIO_RATE_HZ, 2), np.float32)
        self._second[: len(beep)] = beep[:, np.newaxis]

    def open(self, epoch_ns: int) -> SourceInfo:
        """The first beep begins at `epoch_ns`."""
        self._epoch_ns = epoch_ns
        self._next = 0
        return SourceInfo("tone")

    def read(self, timeout_s: float) -> AudioBlock | None:
        """The next block, (960, 2) float32, up to 80 ms early, or None when none is due in time."""
        if self._epoch_ns is None:
            return None
        limit_ns = deadline_ns(timeout_s)
        behind = (time.monotonic_ns() - self._epoch_ns) * AUDIO_RATE_HZ // NS - self._next
        if behind > _BEHIND_NS * AUDIO_RATE_HZ // NS:
            self._next += behind
        due_ns = self._epoch_ns + self._next * NS // AUDIO_RATE_HZ
        if not sleep_until(due_ns - _AHEAD_NS, limit_ns):
            return None
        samples = self._second[(self._next + np.arange(_BLOCK_SAMPLES)) % AUDIO_RATE_HZ]
        self._next += _BLOCK_SAMPLES
        return AudioBlock(samples, due_ns)

    def close(self) -> None:
        """Nothing is held; idempotent."""
        self._epoch_ns = None
