"""How music makes room for voices, and how loud the host hears the mix: sliders over the profile's `[mix]`, folded in the mixer.

It refuses to know of inputs; each move is an edit that can be taken back.
"""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from ui.bridge import Bridge
from ui.controls import StepSlider, button
from ui.edits import Edits
from ui.language import locale, words
from ui.panels.watching import Watching

_ATTACK_MS = (10, 15, 20, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 300, 400, 500, 700, 1000, 1300, 1600, 2000)
_HOLD_MS = (0, 50, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1200, 1400, 1600, 1800, 2000, 2250, 2500, 2750, 3000)
_RELEASE_MS = (50, 80, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1200, 1500, 1800, 2000, 2500, 3000, 3500, 4000, 5000)
_MONITOR_DB = (-60, -48, -40, -36, -30, -27, -24, -21, -18, -15, -12, -10, -8, -6, -4, -2, 0, 3, 6, 9, 12)
_DEPTH_DB = tuple(range(0, 42, 2))


def time_words(ms: float) -> str:
    """Below a second in ms."""
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.2g} s"


def depth_words(db: float) -> str:
    """By how much music goes down."""
    return f"−{db:g} dB" if db else words("mixer.duck_none")


def level_words(db: float) -> str:
    """Louder or softer, in dB."""
    return f"{db:+g} dB".replace("-", "−") if db else "0 dB"


class MixFold(Watching, QWidget):
    """`button` unfolds it."""

    def __init__(self, bridge: Bridge, edits: Edits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._edits = edits
        self.button: QPushButton = button(words("mixer.duck"), self._unfold, size="small", icon="tone")
        self.button.setCheckable(True)
        self.button.setToolTip(words("mixer.duck_tip"))
        self.sliders: dict[str, StepSlider] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(20, 0, 0, 4)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(0)
        self._add("duck_db", _DEPTH_DB, depth_words, 12)
        self._add("duck_attack_ms", _ATTACK_MS, time_words, 80)
        self._add("duck_hold_ms", _HOLD_MS, time_words, 400)
        self._add("duck_release_ms", _RELEASE_MS, time_words, 800)
        self._add("monitor_gain_db", _MONITOR_DB, level_words, 0)
        self.hide()
        edits.settled.connect(self._on_settled)
        self.watch(bridge, "settings")
        self.refresh()

    def refresh(self) -> None:
        """Show what the profile says, unless a newer word is on its way to it."""
        mix = self._bridge.room.settings.get("mix")
        if not isinstance(mix, Mapping) or self._edits.is_busy:
            return
        for key, slider in self.sliders.items():
            value = mix.get(key)
            if isinstance(value, int | float):
                slider.show_told(-value if key == "duck_db" else value)
        self.sliders["monitor_gain_db"].setEnabled(bool(mix.get("monitor")))

    def _add(self, key: str, values: tuple[int, ...], say: Callable[[float], str], rest: int) -> None:
        name = words(f"mixer.{key}")
        made = StepSlider(name, values, say, rest=rest, name_width=60 if locale() == "zh_CN" else 84)
        made.setToolTip(words(f"mixer.{key}_tip"))
        made.edited.connect(lambda _: self._edits.edit(key, _as_told(key, made.chosen()), "mix"))
        made.finished.connect(self._edits.finish)
        place = len(self.sliders)
        self._grid.addWidget(made, place // 2, place % 2)
        self.sliders[key] = made

    def _unfold(self) -> None:
        self.setVisible(self.button.isChecked())

    def _on_settled(self, _look: Mapping[str, Any]) -> None:
        self.refresh()


def _as_told(key: str, value: float) -> float | int:
    """As the profile has it: a depth is below 0, times are whole."""
    if key.endswith("_ms"):
        return int(value)
    return -float(value) if key == "duck_db" else float(value)
