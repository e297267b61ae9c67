"""One voice from the microphone to the mix: gain, rumble filter and dynamics, noise suppression, mute.

Whatever is on, it is late by the same `DELAY`: a switch never moves the sound against the picture. All off changes no bit.
"""

import numpy as np

from capture.sound import denoise
from capture.sound.delay import Delay, Samples
from capture.sound.denoise import Denoise, DenoiseUnavailable
from capture.sound.stages import Slide, faded, warmed
from capture.sound.tone import Tone
from studio.model.frames import AUDIO_RATE_HZ
from studio.model.settings import AudioSettings
from studio.model.sound import SILENT_LUFS, VoiceReading

DELAY = denoise.DELAY
"""Samples, 20 ms."""


class VoiceChain:
    """Fulfils `SoundChain`. `configure` belongs to any one thread, off the mixer's: it loads libraries; `process` to the mixer's."""

    def __init__(self) -> None:
        self._settings = AudioSettings()
        self._tone = self._next_tone = Tone(self._settings)
        self._quiet: Delay | Denoise = Delay(denoise.DELAY)
        self._next_quiet = self._quiet
        self._mute = Slide()
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
            self._next_tone = warmed(Tone(settings))
        if isinstance(self._next_quiet, Denoise) != settings.denoise:
            try:
                self._next_quiet = warmed(Denoise()) if settings.denoise else Delay(denoise.DELAY)
            except DenoiseUnavailable as error:
                self._trouble = error.code
        self._settings = settings

    def process(self, samples: Samples) -> Samples:
        """(N, 2) in, as many out, DELAY samples later. Switches fade over one chunk."""
        settings = self._settings
        gained = samples if not settings.gain_db else samples * np.float32(10 ** (settings.gain_db / 20))
        self._muted_db = _level_db(gained) if settings.muted else SILENT_LUFS
        toned = faded(self._tone, self._next_tone, gained)
        self._tone = self._next_tone
        clean = faded(self._quiet, self._next_quiet, toned)
        if self._quiet is not self._next_quiet and isinstance(self._quiet, Denoise):
            self._quiet.close()
        self._quiet = self._next_quiet
        return self._mute.scaled(clean, 0.0 if settings.muted else 1.0)

    def reading(self) -> VoiceReading:
        """What it does now, from any thread."""
        return VoiceReading(self._muted_db, self._trouble)


def _colour(settings: AudioSettings) -> tuple[object, ...]:
    return settings.highpass, settings.gate, settings.compressor, settings.eq, settings.deess


def _level_db(samples: Samples) -> float:
    power = float(np.mean(samples * samples))
    return round(10 * float(np.log10(power)), 1) if power > 1e-7 else SILENT_LUFS
