"""Listens to the meters for what the host can't hear: talking while muted, or with no picture; silence, clipping, a stage that is off.

It counts readings, ten a second, and says what stands; it changes no sound.
"""

from dataclasses import dataclass
from typing import Final

from studio.app.watchers import Watchers
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
"""How long what comes in bursts must be away before it is over: speech has pauses."""
HEARD_READINGS: Final = 5
"""Silence is over with half a second of sound: a click is none."""


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
    """Stands after `needed` readings in a row, until `calm` in a row without it."""

    needed: int
    calm: int = CALM_READINGS
    held: int = 0
    free: int = 0
    stands: bool = False

    def look(self, *, holds: bool) -> bool:
        """Whether it stands after one more reading."""
        self.held = self.held + 1 if holds else 0
        self.free = 0 if holds else self.free + 1
        self.stands = self.held >= self.needed or (self.stands and self.free < self.calm)
        return self.stands


class SoundWatch:
    """Loop thread only."""

    def __init__(self, watchers: Watchers) -> None:
        self._watchers = watchers
        self._talking = _Thing(TALKING_READINGS)
        self._silent = _Thing(SILENT_READINGS, HEARD_READINGS)
        self._clipping = _Thing(CLIPPED_READINGS)
        self._hot = _Thing(TALKING_READINGS)
        self._trouble = ""

    def hear(self, level: SoundLevel, audio: AudioSettings, *, is_on_air: bool, is_away: bool = False) -> None:
        """One reading; `is_away` while a slate stands in the picture's place."""
        is_open = is_on_air and audio.source != "none"
        if not is_open:
            self._talking, self._silent = _Thing(TALKING_READINGS), _Thing(SILENT_READINGS, HEARD_READINGS)
            self._clipping, self._hot = _Thing(CLIPPED_READINGS), _Thing(TALKING_READINGS)
        is_muted = audio.muted or audio.push_to_talk
        tell, reading = self._watchers.tell, level.reading
        tell("sound.talking_muted", holds=self._talking.look(holds=is_open and reading.muted_level_db > TALKING_DB))
        is_silent = is_open and not is_muted and SILENCE_DB <= level.peak_db < SILENT_DB
        tell("sound.silent_long", holds=self._silent.look(holds=is_silent))
        is_hot = is_open and is_away and not audio.muted and level.rms_db > TALKING_DB
        tell("sound.hot_microphone", holds=self._hot.look(holds=is_hot))
        is_clipping = is_open and not audio.limiter and level.peak_db > CLIPPED_DB
        tell("sound.clipping", holds=self._clipping.look(holds=is_clipping))
        if reading.trouble != self._trouble:
            if self._trouble:
                tell(self._trouble, holds=False)
            self._trouble = reading.trouble
        if self._trouble:
            tell(self._trouble, holds=True)
