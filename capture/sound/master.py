"""The sum of all inputs on its way out: rider, limiter, meter.

On or off, it is late by the same `DELAY`; all off changes no bit.
"""

from capture.sound import limiter
from capture.sound.delay import Delay, Samples
from capture.sound.limiter import Limiter
from capture.sound.loudness import LoudnessMeter
from capture.sound.stages import Slide, faded, warmed
from studio.model.frames import AUDIO_RATE_HZ
from studio.model.settings import AudioSettings
from studio.model.sound import MasterReading, ridden_db

DELAY = limiter.DELAY
"""Samples, 1.7 ms."""


class Master:
    """Fulfils `MasterChain`, with the threads of a `VoiceChain`."""

    def __init__(self) -> None:
        self._settings = AudioSettings()
        self._loud: Delay | Limiter = Delay(limiter.DELAY)
        self._next_loud = self._loud
        self._meter = LoudnessMeter()
        self._ride = Slide()
        self._ridden_db = 0.0

    @property
    def delay_ns(self) -> int:
        """By how much everything is later."""
        return DELAY * 1_000_000_000 // AUDIO_RATE_HZ

    def configure(self, settings: AudioSettings) -> None:
        """Prepare what is new and swap it in with the next chunk."""
        if isinstance(self._next_loud, Limiter) != settings.limiter:
            self._next_loud = warmed(Limiter()) if settings.limiter else Delay(limiter.DELAY)
        self._settings = settings

    def process(self, samples: Samples) -> Samples:
        """(N, 2) in, as many out, DELAY samples later. Switches fade over one chunk."""
        target_lufs = self._settings.target_lufs
        self._ridden_db = ridden_db(self._ridden_db, self._meter.now, target_lufs, len(samples) / AUDIO_RATE_HZ)
        ridden = self._ride.scaled(samples, 10 ** (self._ridden_db / 20) if target_lufs else 1.0)
        out = faded(self._loud, self._next_loud, ridden)
        self._loud = self._next_loud
        return out

    def measure(self, samples: Samples) -> None:
        """What went out, for the meter and the rider; the `meters` thread's."""
        self._meter.add(samples)

    def reading(self) -> MasterReading:
        """What it does now, from any thread."""
        limited = self._loud.reduction_db if isinstance(self._loud, Limiter) else 0.0
        return MasterReading(self._meter.now, limited, round(self._ridden_db, 1) if self._settings.target_lufs else 0.0)
