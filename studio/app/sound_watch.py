"""Listens to the meters for what the host can't hear: talking while muted, or with no picture; silence, clipping, a stage that is off.

It counts readings, ten a second, and tells each thing once until it was over; it changes no sound.
"""

from dataclasses import dataclass
from typing import Final

from studio.engine.meters import SILENCE_DB, SoundLevel
from studio.model.settings import AudioSettings

TALKING_DB: Final = -38.0
"""A voice at the microphone; a room with a fan stays 10 dB below."""
TALKING_READINGS: Final = 10
SILENT_DB: Final = -60.0
SILENT_READINGS: Final = 150
"""A host breathes, shows, looks for something: 15 s without any sound are none of that."""
CLIPPED_DB: Final = -0.1
CLIPPED_READINGS: Final = 3
CALM_READINGS: Final = 100
"""How long a thing must be over before it is told again."""


def sound_body(level: SoundLevel) -> dict[str, object]:
    """The meters as a client gets them: dBFS, LUFS, dBTP, and the dB that limiter and rider take or give."""
    reading = level.reading
    return {
        "rms_db": level.rms_db,
        "peak_db": level.peak_db,
        "lufs_momentary": round(reading.loudness.momentary, 1),
        "lufs_short": round(reading.loudness.short, 1),
        "lufs_integrated": round(reading.loudness.integrated, 1),
        "true_peak_db": reading.loudness.true_peak_db,
        "limited_db": reading.limited_db,
        "ridden_db": reading.ridden_db,
        "muted_level_db": reading.muted_level_db,
        "inputs": dict(level.inputs),
        "ducked_db": level.ducked_db,
    }


@dataclass(slots=True)
class _Thing:
    needed: int
    held: int = 0
    calm: int = CALM_READINGS
    is_told: bool = False

    def look(self, *, holds: bool) -> bool:
        """Whether to tell it now."""
        self.held = self.held + 1 if holds else 0
        self.calm = 0 if holds else self.calm + 1
        if self.calm >= CALM_READINGS:
            self.is_told = False
        if self.held < self.needed or self.is_told:
            return False
        self.is_told = True
        return True


class SoundWatch:
    """Loop thread only."""

    def __init__(self) -> None:
        self._talking = _Thing(TALKING_READINGS)
        self._silent = _Thing(SILENT_READINGS)
        self._clipping = _Thing(CLIPPED_READINGS)
        self._hot = _Thing(TALKING_READINGS)
        self._trouble = ""

    def hear(self, level: SoundLevel, audio: AudioSettings, *, is_on_air: bool, is_away: bool = False) -> list[str]:
        """The codes of what is to be told after this reading; `is_away` while a slate stands in the picture's place."""
        is_open = is_on_air and audio.source != "none"
        told = []
        if self._talking.look(holds=is_open and level.reading.muted_level_db > TALKING_DB):
            told.append("sound.talking_muted")
        if self._silent.look(holds=is_open and not (audio.muted or audio.push_to_talk) and SILENCE_DB <= level.peak_db < SILENT_DB):
            told.append("sound.silent_long")
        if self._hot.look(holds=is_open and is_away and not audio.muted and level.rms_db > TALKING_DB):
            told.append("sound.hot_microphone")
        if self._clipping.look(holds=is_open and not audio.limiter and level.peak_db > CLIPPED_DB):
            told.append("sound.clipping")
        if level.reading.trouble != self._trouble:
            self._trouble = level.reading.trouble
            told += [self._trouble] if self._trouble else []
        return told
