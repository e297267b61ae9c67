"""The sound: how loud it is now, in words and as a meter.

It refuses to judge from one moment: too quiet and too loud are said of the last second's peak.
"""

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import Elided, Meter, head, label, row, section
from ui.controls.meter import SILENCE_DB
from ui.figures import decibels
from ui.language import words
from ui.panels.watching import Watching
from ui.shapes import State, StateShape

_FALL_DB_A_STEP = 1.2
"""The peak mark falls 12 dB a second at 10 meters a second: slow enough to be read."""


def levels(meters: Mapping[str, object]) -> tuple[float, float]:
    """(level, peak) in dB from a `meters` message."""
    found = [meters.get(name) for name in ("level_db", "rms_db", "peak_db")]
    level = next((float(value) for value in found if isinstance(value, int | float)), SILENCE_DB)
    peak = meters.get("peak_db")
    return level, float(peak) if isinstance(peak, int | float) else level


def loudness(peak_db: float, *, is_off: bool) -> tuple[State, str]:
    """What to say of a peak."""
    if is_off:
        return "none", words("sound.off")
    if peak_db <= -60:
        return "warn", words("sound.silent")
    if peak_db < -30:
        return "warn", words("sound.quiet")
    if peak_db > -1:
        return "bad", words("sound.loud")
    return "good", words("sound.good")


class SoundPanel(Watching, QWidget):
    """One meter, its figure, and a word."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._peak_db = SILENCE_DB
        self._figure = label("—", "strong")
        self._meter = Meter()
        self._shape = StateShape("none", 14)
        self._words = Elided("", "small")
        frame, layout = section()
        layout.addWidget(head(words("sound.title"), self._figure, height=36))
        layout.addWidget(self._meter)
        layout.addSpacing(6)
        line = row(self._shape, spacing=6)
        line.addWidget(self._words, 1)
        layout.addLayout(line)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        self.watch(bridge, "meters", "settings")
        self.refresh()

    def refresh(self) -> None:
        """Show the newest level."""
        room = self._bridge.room
        audio = room.settings.get("audio")
        is_off = isinstance(audio, Mapping) and audio.get("source") == "none"
        level, peak = (SILENCE_DB, SILENCE_DB) if is_off else levels(room.meters)
        self._peak_db = max(peak, self._peak_db - _FALL_DB_A_STEP)
        self._meter.show_level(level, self._peak_db)
        self._figure.setText(decibels(self._peak_db) if not is_off else "—")
        state, text = loudness(self._peak_db, is_off=is_off)
        self._shape.set_state(state)
        self._words.setText(text)
