"""Keeps the true peak below a ceiling: what lies between the samples counts, as a phone's converter will draw it.

The peak is looked for at four times the rate (ITU-R BS.1770-4, annex 2); the gain is known before the peak comes, so nothing is cut off.
"""

import numpy as np
from numba import njit

from capture.sound.delay import Samples

CEILING_DB = -1.0
"""True peak; EBU R 128 allows -1 dBTP."""
_MARGIN_DB = 0.3
"""What a finder with 4 × 24 taps may read too low near the top of the band."""
_TAPS = 24
LOOKAHEAD = 68
"""Samples, 1.4 ms: shorter bends the wave audibly, longer needs more delay for nothing."""
DELAY = LOOKAHEAD + _TAPS // 2
RELEASE_S = 0.12
"""Shorter pumps on speech, longer leaves the word after a laugh too quiet."""


def _phases() -> np.ndarray:
    """(4, taps): a windowed sinc that draws the wave at 0, 1/4, 1/2 and 3/4 of the way to the next sample."""
    places = np.arange(_TAPS) - _TAPS // 2 + 1
    window = np.kaiser(4 * _TAPS + 1, 7.0)
    phases = []
    for part in range(4):
        shift = places - part / 4
        around = np.interp(shift, np.linspace(-_TAPS / 2, _TAPS / 2, len(window)), window)
        taps = np.sinc(shift) * around
        phases.append(taps / taps.sum())
    return np.array(phases, np.float32)


@njit(nogil=True, cache=True, fastmath=True)
def _find_peaks(line, phases, peaks):  # noqa: ANN001, ANN202 - numba infers the types
    """The true peak around each of `peaks` (N,), the louder side's; `line` (taps + lookahead + N, 2) ends with what comes after the last.

    Tap by tap over all samples, so that the machine works on many samples at once.
    """
    taps, count = phases.shape[1], peaks.shape[0]
    first = line.shape[0] - taps - count
    side, wave = np.empty(line.shape[0], np.float32), np.empty(count, np.float32)
    peaks[:] = 0
    for channel in range(2):
        for place in range(line.shape[0]):
            side[place] = line[place, channel]
        for part in range(phases.shape[0]):
            wave[:] = 0
            for tap in range(taps):
                weight, heard = phases[part, tap], side[first + tap : first + tap + count]
                for number in range(count):
                    wave[number] += heard[number] * weight
            for number in range(count):
                peaks[number] = max(peaks[number], abs(wave[number]))


@njit(nogil=True, cache=True, fastmath=True)
def _limit(line, phases, limit, release, held, gain, out):  # noqa: ANN001, ANN202 - numba infers the types
    """`line` (taps + lookahead + N, 2), oldest first, to `out` (N, 2).

    `held` (lookahead,) are the wanted gains of the samples before, `gain` (lookahead,) the released ones, newest last: both go on.
    """
    taps, ahead, count = phases.shape[1], held.shape[0], out.shape[0]
    peaks = np.empty(count, np.float32)
    _find_peaks(line, phases, peaks)
    wanted, reached = np.empty(ahead + count, np.float32), np.empty(ahead + count, np.float32)
    wanted[:ahead], reached[:ahead] = held, gain
    for number in range(count):
        newest = ahead + number
        wanted[newest] = limit / peaks[number] if peaks[number] > limit else np.float32(1)
        least = np.float32(1)
        for value in wanted[number + 1 : newest + 1]:
            least = min(least, value)
        before = reached[newest - 1]
        reached[newest] = min(least, before + (np.float32(1) - before) * release)
        taken = np.float32(0)
        for value in reached[number + 1 : newest + 1]:
            taken += np.float32(1) - value
        factor = np.float32(1) - taken / np.float32(ahead)  # exactly 1 at rest
        for channel in range(2):
            out[number, channel] = line[number + taps // 2, channel] * factor
    held[:], gain[:] = wanted[count:], reached[count:]


class Limiter:
    """One bus's limiter; one thread."""

    def __init__(self, ceiling_db: float = CEILING_DB) -> None:
        self._limit = np.float32(10 ** ((ceiling_db - _MARGIN_DB) / 20))
        self._phases = _phases()
        self._line = np.zeros((LOOKAHEAD + _TAPS, 2), np.float32)
        self._held = np.ones(LOOKAHEAD, np.float32)
        self._gain = np.ones(LOOKAHEAD, np.float32)
        self._release = np.float32(1 - np.exp(-1 / (RELEASE_S * 48_000)))

    @property
    def reduction_db(self) -> float:
        """How much it takes off now, 0 when it rests."""
        return round(-20 * float(np.log10(max(float(self._gain.mean()), 1e-6))), 1)

    def process(self, samples: Samples) -> Samples:
        """(N, 2) in, as many out, DELAY samples later."""
        line = np.concatenate([self._line, samples])
        self._line = line[len(samples) :]
        out = np.empty_like(samples)
        _limit(line, self._phases, self._limit, self._release, self._held, self._gain, out)
        return out
