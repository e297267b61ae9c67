"""A clip's sound for ever, at 48 kHz in stereo, on the same clock as its picture.

It places samples by their number since the epoch, so that it can't drift; gaps are silence. It opens no device.
"""

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from capture.clip_clock import clip_errors, read_clock, unplayable
from capture.clip_sound_decoder import ClipSoundDecoder
from capture.pacing import NS, deadline_ns, sleep_until
from studio.model.frames import AUDIO_RATE_HZ, AudioBlock
from studio.ports import SourceInfo

BLOCK_SAMPLES = 960
"""20 ms: half of it doubles the calls for no gain, twice as much is heard as lag in the meters."""

AHEAD_NS = 80_000_000
"""How early a block is handed over: the stamp carries the truth, the mixer never waits for a decoder."""

_BEHIND_NS = NS
"""Blocks later than this are of no use to the mixer, which keeps 500 ms: go on at the present."""


class ClipSound:
    """The sound of one clip in blocks of 20 ms. One thread, the caller's."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._decoder: ClipSoundDecoder | None = None
        self._next = 0

    def open(self, epoch_ns: int) -> SourceInfo:
        """Open the clip; what belongs to its first picture sounds at `epoch_ns`. Raises SourceUnavailable."""
        self.close()
        self._clock = read_clock(self._path)
        self._decoder = ClipSoundDecoder(self._path, self._clock)
        self._epoch_ns = epoch_ns
        self._next = 0
        self._play_from(self._decoder, 0)
        return SourceInfo(Path(self._path).name)

    def read(self, timeout_s: float) -> AudioBlock | None:
        """The next block, up to 80 ms early, or None when none is due in time. Raises SourceUnavailable."""
        if self._decoder is None:
            return None
        limit_ns = deadline_ns(timeout_s)
        now_ns = time.monotonic_ns()
        if now_ns - self._due_ns() > _BEHIND_NS:
            self._next = (now_ns - self._epoch_ns) * AUDIO_RATE_HZ // NS
            self._play_from(self._decoder, self._clock.loop_at(now_ns - self._epoch_ns)[0])
        if not sleep_until(self._due_ns() - AHEAD_NS, limit_ns):
            return None
        with clip_errors(self._path, is_playing=self._next > 0):
            block = AudioBlock(self._block(), self._due_ns())
        self._next += BLOCK_SAMPLES
        return block

    def close(self) -> None:
        """Let the file go; idempotent."""
        if self._decoder is not None:
            self._decoder.close()
        self._decoder = None

    def _due_ns(self) -> int:
        return self._epoch_ns + self._next * NS // AUDIO_RATE_HZ

    def _play_from(self, decoder: ClipSoundDecoder, loop: int) -> None:
        self._pieces = decoder.pieces(loop)
        self._piece = (0, np.zeros((0, 2), np.float32))

    def _block(self) -> NDArray[np.float32]:
        """The samples from number `_next` on, (960, 2) in [-1, 1]; silence where the clip has none."""
        out = np.zeros((BLOCK_SAMPLES, 2), np.float32)
        first, last = self._next, self._next + BLOCK_SAMPLES
        while True:
            begin, samples = self._piece
            end = begin + len(samples)
            low, high = max(begin, first), min(end, last)
            if low < high:
                out[low - first : high - first] = samples[low - begin : high - begin]
            if begin >= last or end > last:
                return out
            piece = next(self._pieces, None)
            if piece is None:  # it gave up before
                raise unplayable(self._path, "no sound in it could be decoded", is_playing=self._next > 0)
            self._piece = piece
