"""One voice from the microphone to the mix: gain, rumble filter and dynamics, noise suppression, rider, mute, limiter, meter.

Whatever is on, it is late by the same `DELAY`: a switch never moves the sound against the picture. All off changes no bit.
"""

from typing import TypeVar

import numpy as np

from capture.sound import denoise, limiter
from capture.sound.delay import Delay, Samples
from capture.sound.denoise import Denoise, DenoiseUnavailable
from capture.sound.limiter import Limiter
from capture.sound.loudness import LoudnessMeter
from capture.sound.tone import Tone
from studio.model.frames import AUDIO_RATE_HZ
from studio.model.settings import AudioSettings
from studio.model.sound import SILENT_LUFS, SoundReading, ridden_db

DELAY = denoise.DELAY + limiter.DELAY
"""Samples, 21.7 ms."""


class VoiceChain:
    """Fulfils `SoundChain`. `configure` belongs to any one thread, off the mixer's: it loads libraries; `process` to the mixer's."""

    def __init__(self) -> None:
        self._settings = AudioSettings()
        self._tone = self._next_tone = Tone(self._settings)
        self._quiet: Delay | Denoise = Delay(denoise.DELAY)
        self._loud: Delay | Limiter = Delay(limiter.DELAY)
        self._next_quiet, self._next_loud = self._quiet, self._loud
        self._meter = LoudnessMeter()
        self._factor = 1.0
        self._ridden_db = 0.0
        self._muted_db = SILENT_LUFS
        self._trouble = ""

    @property
    def delay_ns(self) -> int:
        """By how much everything is later."""
        return DELAY * 1_000_000_000 // AUDIO_RATE_HZ

    def configure(self, settings: AudioSettings) -> None:
        """Prepare what is new and swap it in with the next chunk; a stage that can't be had is left out, and `reading` says so."""
        old, self._trouble = self._settings, ""
        if _colour(old) != _colour(settings):
            self._next_tone = _warmed(Tone(settings))
        if isinstance(self._next_quiet, Denoise) != settings.denoise:
            try:
                self._next_quiet = _warmed(Denoise()) if settings.denoise else Delay(denoise.DELAY)
            except DenoiseUnavailable as error:
                self._trouble = error.code
        if isinstance(self._next_loud, Limiter) != settings.limiter:
            self._next_loud = _warmed(Limiter()) if settings.limiter else Delay(limiter.DELAY)
        self._settings = settings

    def process(self, samples: Samples) -> Samples:
        """(N, 2) in, as many out, DELAY samples later. Switches fade over one chunk."""
        settings = self._settings
        gained = samples if not settings.gain_db else samples * np.float32(10 ** (settings.gain_db / 20))
        self._muted_db = _level_db(gained) if settings.muted else SILENT_LUFS
        toned = self._faded(self._tone, self._next_tone, gained)
        self._tone = self._next_tone
        clean = self._faded(self._quiet, self._next_quiet, toned)
        if self._quiet is not self._next_quiet and isinstance(self._quiet, Denoise):
            self._quiet.close()
        self._quiet = self._next_quiet
        told = self._meter.now
        self._ridden_db = ridden_db(self._ridden_db, told, settings.target_lufs, len(samples) / AUDIO_RATE_HZ)
        ridden = self._ridden_db if settings.target_lufs else 0.0
        faded = self._scaled(clean, 0.0 if settings.muted else 10 ** (ridden / 20))
        out = self._faded(self._loud, self._next_loud, faded)
        self._loud = self._next_loud
        self._meter.add(out)
        return out

    def reading(self) -> SoundReading:
        """What it does now, from any thread."""
        limited = self._loud.reduction_db if isinstance(self._loud, Limiter) else 0.0
        ridden = self._ridden_db if self._settings.target_lufs else 0.0
        return SoundReading(self._meter.now, limited, round(ridden, 1), self._muted_db, self._trouble)

    @staticmethod
    def _faded(old: "Tone | Delay | Denoise | Limiter", new: "Tone | Delay | Denoise | Limiter", samples: Samples) -> Samples:
        if old is new:
            return new.process(samples)
        rise = np.linspace(0, 1, len(samples), dtype=np.float32)[:, None]
        return old.process(samples) * (1 - rise) + new.process(samples) * rise

    def _scaled(self, samples: Samples, factor: float) -> Samples:
        """By a factor that is reached within the chunk, so that neither mute nor rider clicks."""
        before, self._factor = self._factor, factor
        if before == factor:
            return samples if factor == 1 else samples * np.float32(factor)
        return samples * np.linspace(before, factor, len(samples), dtype=np.float32)[:, None]


_Stage = TypeVar("_Stage", Tone, Denoise, Limiter)


def _warmed(stage: _Stage) -> _Stage:
    """The stage after some silence: compiling and loading happen here, not between two chunks."""
    stage.process(np.zeros((2 * denoise.FRAME, 2), np.float32))
    return stage


def _colour(settings: AudioSettings) -> tuple[object, ...]:
    return settings.highpass, settings.gate, settings.compressor, settings.eq, settings.deess


def _level_db(samples: Samples) -> float:
    power = float(np.mean(samples * samples))
    return round(10 * float(np.log10(power)), 1) if power > 1e-7 else SILENT_LUFS
