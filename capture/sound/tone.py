"""Colour and dynamics of a voice by pedalboard's plug-ins: rumble out, pauses quiet, loud and soft nearer, no hissing s.

It holds one set of plug-ins for one set of switches; another set is another object.
"""

from typing import TYPE_CHECKING

import numpy as np

from capture.sound.delay import Samples
from studio.model.frames import AUDIO_RATE_HZ
from studio.model.settings import AudioSettings

if TYPE_CHECKING:
    from pedalboard import Plugin

RUMBLE_HZ = 80.0
"""Below a man's lowest tone; air conditioning, steps and the desk are under it."""
GATE_DB, GATE_RATIO = -42.0, 4.0
"""Peaks: opens for a whisper at arm's length; a ratio of 4 lowers pauses instead of cutting them off."""
COMPRESS_DB, COMPRESS_RATIO, MAKE_UP_DB = -24.0, 3.0, 4.0
HISS_HZ, HISS_DB, HISS_RATIO = 5500.0, -34.0, 4.0
"""An s lies above 5.5 kHz; it is held down there alone, and only while it is loud."""
EQUALISERS: dict[str, tuple[tuple[str, float, float], ...]] = {
    "flat": (),
    "voice": (("low", 160.0, -2.0), ("peak", 300.0, -1.5), ("peak", 3200.0, 2.5), ("high", 9000.0, 1.0)),
    "warm": (("low", 180.0, 2.0), ("peak", 3000.0, 1.0), ("high", 8000.0, -1.5)),
    "bright": (("low", 160.0, -2.0), ("peak", 4000.0, 2.0), ("high", 9000.0, 2.5)),
}
"""(kind, Hz, dB): a headset's boom taken off and consonants raised; a thin microphone made fuller; a dull one clearer."""


class Tone:
    """The plug-ins for these switches; one thread. Off is the input, bit for bit."""

    def __init__(self, settings: AudioSettings) -> None:
        self._board = _board(settings)
        self._hiss = _hiss() if settings.deess else None

    def process(self, samples: Samples) -> Samples:
        """(N, 2) in, as many out, without delay."""
        if self._board is None and self._hiss is None:
            return samples
        sides = np.ascontiguousarray(samples.T)
        if self._board is not None:
            sides = _run(self._board, sides)
        if self._hiss is not None:
            high, held = self._hiss
            above = _run(high, sides)
            sides = sides - above + _run(held, above)
        return np.ascontiguousarray(sides.T, np.float32)


def _run(board, sides: Samples) -> Samples:  # noqa: ANN001 - pedalboard is loaded late
    """(2, N) in and out, pedalboard's order."""
    return board.process(sides, AUDIO_RATE_HZ, buffer_size=sides.shape[1], reset=False)


def _board(settings: AudioSettings):  # noqa: ANN202 - likewise
    plugins = _plugins(settings)
    if not plugins:
        return None
    from pedalboard import Pedalboard

    return Pedalboard(plugins)


def _plugins(settings: AudioSettings) -> "list[Plugin]":
    if not (settings.highpass or settings.gate or settings.compressor or EQUALISERS[settings.eq]):
        return []
    from pedalboard import Compressor, Gain, HighpassFilter, HighShelfFilter, LowShelfFilter, NoiseGate, PeakFilter

    plugins: list[Plugin] = []
    if settings.highpass:
        plugins += [HighpassFilter(RUMBLE_HZ), HighpassFilter(RUMBLE_HZ)]
    if settings.gate:
        plugins.append(NoiseGate(GATE_DB, GATE_RATIO, attack_ms=2, release_ms=180))
    if settings.compressor:
        plugins += [Compressor(COMPRESS_DB, COMPRESS_RATIO, attack_ms=5, release_ms=90), Gain(MAKE_UP_DB)]
    shapes = {"low": LowShelfFilter, "peak": PeakFilter, "high": HighShelfFilter}
    return [*plugins, *(shapes[kind](hz, db, 0.7) for kind, hz, db in EQUALISERS[settings.eq])]


def _hiss():  # noqa: ANN202 - likewise
    from pedalboard import Compressor, HighpassFilter, Pedalboard

    return Pedalboard([HighpassFilter(HISS_HZ)]), Pedalboard([Compressor(HISS_DB, HISS_RATIO, attack_ms=1, release_ms=40)])
