"""One input of the mixer: its state, its level, its fader; mute and solo; and, unfolded, what belongs to its kind.

It refuses to ask the engine: it says what a hand did, and shows what it is told.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.controls import Elided, LookSlider, Meter, button, icon_button, row, show_menu
from ui.controls.basics import repolish
from ui.controls.meter import SILENCE_DB
from ui.language import locale, words
from ui.panels.sound import MOST_GAIN_DB, gain_words
from ui.panels.voice_menu import voice_menu
from ui.plain import plain
from ui.shapes import State, StateShape

_NAME_PX = 104
_METER_PX = 84


def pan_words(part: float) -> str:
    """Where a pan stands: left, right, or the middle."""
    share = round(abs(part) * 100)
    return words("mixer.middle") if not share else words("mixer.left" if part < 0 else "mixer.right", share=share)


class MixerRow(QWidget):
    """`changed` carries keys of the input, `edited` too, as parts of a step that `finished` ends; `played` next, pause or play."""

    changed = Signal(dict)
    edited = Signal(dict)
    finished = Signal()
    played = Signal(str)
    source_asked = Signal()
    sync_asked = Signal()
    removed = Signal()

    def __init__(self, name: str, kind: str, *, is_microphone: bool = False) -> None:
        super().__init__()
        self.name, self.kind = name, kind
        self._table: Mapping[str, Any] = {}
        self._is_paused = False
        self._shape = StateShape("none", 14)
        self._title = Elided(plain(name), "strong")
        self._line = Elided("", "small")
        self._meter = Meter(6)
        self._meter.setFixedWidth(_METER_PX)
        self.gain = LookSlider("", is_signed=True, name_width=0)
        self.gain.setAccessibleName(f"{plain(name)} {words('sound.gain')}")
        self.gain.setToolTip(words("sound.gain"))
        self.gain.show_as(gain_words)
        self.gain.edited.connect(lambda part: self.edited.emit({"gain_db": float(round(part * MOST_GAIN_DB))}))
        self.pan = LookSlider(words("mixer.pan"), is_signed=True, name_width=32 if locale() == "zh_CN" else 36)
        self.pan.show_as(pan_words)
        self.pan.edited.connect(lambda part: self.edited.emit({"pan": round(part, 2)}))
        for slider in (self.gain, self.pan):
            slider.finished.connect(self.finished)
        self.mute = self._letter("mixer.mute", "mixer.mute_tip", "muted")
        self.solo = self._letter("mixer.solo", "mixer.solo_tip", "solo")
        self.pause = icon_button("pause", words("mixer.pause"), self._pause)
        self.skip = icon_button("next", words("mixer.next"), lambda: self.played.emit("next"))
        self.more = icon_button("more", words("mixer.more"), self._unfold)
        self.more.setCheckable(True)
        self.source: QPushButton = button(words("mixer.source"), self.source_asked.emit, size="small")
        self.treat: QPushButton = button(words("mixer.treatment"), self._show_treatment, size="small", icon="tone")
        self.shuffle: QPushButton = button(words("mixer.shuffle"), lambda: self._flip("shuffle"), size="small")
        self.shuffle.setCheckable(True)
        self.sync: QPushButton = button(words("mixer.sync"), self.sync_asked.emit, size="small")
        self.sync.setToolTip(words("mixer.sync_tip"))
        self.sync.setVisible(is_microphone)
        self.remove: QPushButton = button(words("mixer.remove"), self.removed.emit, kind="ghost", size="small")
        self.remove.setVisible(not is_microphone)
        self._build()

    def _letter(self, msgid: str, tip: str, key: str) -> QPushButton:
        made = button(words(msgid), lambda: self._flip(key), size="small")
        made.setCheckable(True)
        made.setFixedWidth(40)
        made.setToolTip(words(tip))
        made.setAccessibleName(f"{plain(self.name)} {words(tip)}")
        return made

    def _build(self) -> None:
        texts = QWidget()
        texts.setFixedWidth(_NAME_PX)
        column = QVBoxLayout(texts)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self._line)
        line = row(self._shape, texts, self._meter, self.gain, self.pause, self.skip, self.mute, self.solo, self.more, spacing=6)
        line.setStretch(3, 1)
        self._fold = QWidget()
        self._fold.setLayout(row(20, self.source, self.pan, self.treat, self.shuffle, self.sync, self.remove, spacing=6))
        self._fold.hide()
        self.treat.setVisible(self.kind == "voice")
        for made in (self.pause, self.skip, self.shuffle):
            made.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 2, 0, 2)
        outer.setSpacing(2)
        outer.addLayout(line)
        outer.addWidget(self._fold)

    def show_input(self, table: Mapping[str, Any], state: State, line: str) -> None:
        """What the profile and the engine say of it."""
        self._table = table
        self._shape.set_state(state)
        self._line.setText(line)
        for key, made in (("muted", self.mute), ("solo", self.solo), ("shuffle", self.shuffle)):
            made.setChecked(bool(table.get(key)))
            repolish(made, "kind", "main" if table.get(key) else "")
        is_music = str(table.get("source") or "").startswith("music:")
        for made in (self.pause, self.skip, self.shuffle):
            made.setVisible(is_music)

    def show_faders(self, table: Mapping[str, Any]) -> None:
        """Gain and pan, as the profile says."""
        self.gain.show_value(_number(table.get("gain_db")) / MOST_GAIN_DB)
        self.pan.show_value(_number(table.get("pan")))

    def show_level(self, peak_db: float) -> None:
        """Its level before the fader."""
        self._meter.show_level(peak_db if peak_db > -96 else SILENCE_DB, peak_db)

    def show_paused(self, *, is_paused: bool) -> None:
        """Whether its music stands still."""
        self._is_paused = is_paused
        tip = words("mixer.play" if is_paused else "mixer.pause")
        self.pause.setToolTip(tip)
        self.pause.setAccessibleName(tip)
        self.pause.setCheckable(True)
        self.pause.setChecked(is_paused)

    def texts(self) -> tuple[str, str]:
        """Name and line."""
        return self._title.text(), self._line.text()

    def _pause(self) -> None:
        self.played.emit("play" if self._is_paused else "pause")

    def _flip(self, key: str) -> None:
        self.changed.emit({key: not self._table.get(key)})

    def _unfold(self) -> None:
        self._fold.setVisible(self.more.isChecked())

    def _show_treatment(self) -> None:
        show_menu(voice_menu(self, self._table, self._treat), self.treat)

    def _treat(self, values: dict[str, Any]) -> None:
        self.edited.emit(values)
        self.finished.emit()


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
