"""The look: beauty in four groups, five sliders of colour, before and after, and a step back to none.

It refuses to change the picture itself: each step is a change of the profile, which the engine answers.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import Fold, LookSlider, Switch, button, expanding, head, row, section
from ui.edits import Edits
from ui.language import locale, words
from ui.models.condition import lost_source
from ui.panels.look_groups import LookGroups
from ui.panels.look_presets import PresetButton
from ui.panels.picture_groups import COLOUR_MORE, BackgroundGroup, CurveGroup, ShotGroup
from ui.panels.table_choice import TableChoice

_COLOUR = ("exposure", "contrast", "saturation", "temperature", "tint")


class LookPanel(QWidget):
    """Sliders follow the engine unless a hand is on them; what is `…_asked` is answered on the preview or below it."""

    white_asked = Signal()
    chart_asked = Signal()
    area_asked = Signal(str)
    refused = Signal(str)
    """Why something that was asked for here was not done: the look stays as it was."""

    def __init__(self, bridge: Bridge, edits: Edits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._edits = edits
        self.sliders: dict[str, LookSlider] = {}
        self._folded: dict[str, LookSlider] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._beauty())
        outer.addWidget(self._colour())
        edits.settled.connect(self.show_look)
        edits.refused.connect(self._edit_refused)
        bridge.changed.connect(self._on_changed)
        self._on_changed("settings")
        self._on_changed("live")
        self._on_changed("health")

    def _beauty(self) -> QWidget:
        self._switch = Switch(words("look.enabled"))
        self._switch.clicked.connect(self._toggle)
        frame, layout = section()
        self.presets = PresetButton(self._bridge, self, self._taken, self.refused.emit)
        layout.addWidget(head(words("look.beauty"), self.presets.button, self._switch))
        self.groups = LookGroups()
        self.groups.edited.connect(self._edits.edit)
        self.groups.finished.connect(self._edits.finish)
        self.sliders.update(self.groups.sliders)
        layout.addWidget(self.groups)
        self.original: QPushButton = button(words("look.hold_original"), size="small", icon="compare")
        self.original.setToolTip(words("look.hold_original_tip"))
        self._reset: QPushButton = button(words("look.reset"), self._reset_all, size="small", icon="reset")
        layout.addSpacing(8)
        layout.addLayout(row(expanding(self.original), expanding(self._reset)))
        return frame

    def _colour(self) -> QWidget:
        self.table = TableChoice(self, self._folded_slider("lut_strength"), self._edits.edit, self._edits.finish)
        frame, layout = section()
        layout.addWidget(head(words("look.colour"), self.table.button))
        layout.addWidget(self.table.strength)
        self._add_sliders(layout, _COLOUR)
        self.white: QPushButton = button(words("look.white"), self.white_asked.emit, size="small")
        self.white.setToolTip(words("look.white_tip"))
        self.chart: QPushButton = button(words("chart.title"), self.chart_asked.emit, size="small")
        layout.addLayout(row(expanding(self.white), expanding(self.chart), margins=(0, 8, 0, 8)))
        self.tone = Fold(words("look.tone"))
        for name in COLOUR_MORE:
            self.tone.body.addWidget(self._folded_slider(name, is_signed=True))
        self.curves = CurveGroup(self._edits.edit, self._edits.finish)
        self.background = BackgroundGroup(self._edits.edit, self._edits.finish, self._folded_slider)
        self.shot = ShotGroup(self._change)
        for group in (self.background, self.shot):
            group.area_asked.connect(self.area_asked)
        for group in (self.tone, self.curves, self.background, self.shot):
            layout.addWidget(group)
        return frame

    def _folded_slider(self, name: str, *, is_signed: bool = False) -> LookSlider:
        """One inside a group that may be closed."""
        self._folded[name] = made = self._slider(name, is_signed=is_signed)
        return made

    def _slider(self, name: str, *, is_signed: bool) -> LookSlider:
        made = LookSlider(words(f"look.{name}"), is_signed=is_signed, name_width=52 if locale() == "zh_CN" else 76)
        made.edited.connect(lambda value, key=name: self._edits.edit(key, value))
        made.finished.connect(self._edits.finish)
        return made

    def _add_sliders(self, layout: QVBoxLayout, names: tuple[str, ...]) -> None:
        for name in names:
            self.sliders[name] = self._slider(name, is_signed=True)
            layout.addWidget(self.sliders[name])

    def _change(self, table: str, values: dict[str, Any]) -> None:
        for key, value in values.items():
            self._edits.edit(key, value, table)
        self._edits.finish()

    def _taken(self, answer: object) -> None:
        self._bridge.room.take("settings", answer)
        self._bridge.changed.emit("settings")

    def _on_changed(self, kind: str) -> None:
        look = self._bridge.room.settings.get("look")
        if kind == "health":
            told = self._bridge.room.health
            camera, state = (told.get(name) if isinstance(told.get(name), Mapping) else {} for name in ("camera", "look"))
            self.shot.show_camera(camera or {})
            self.groups.show_state(state or {})
            self.background.show_state(state or {})
        if kind == "live":
            self.set_enabled(is_enabled=lost_source(self._bridge.room) != "video")
        if kind == "settings" and isinstance(look, Mapping) and not self._edits.is_busy:
            self.show_look(dict(look))

    def show_look(self, look: dict[str, Any]) -> None:
        """Put the sliders where the engine says."""
        for name, slider in {**self.sliders, **self._folded}.items():
            value = look.get(name)
            if isinstance(value, int | float):
                slider.show_value(float(value))
        for key in self.groups.shades:
            self.groups.show_shade(key, str(look.get(key) or ""))
        self.curves.show_look(look)
        self.background.show_look(look)
        shot, video = self._bridge.room.settings.get("shot"), self._bridge.room.settings.get("video")
        self.shot.show_shot(shot if isinstance(shot, Mapping) else {}, video if isinstance(video, Mapping) else {})
        self._switch.setChecked(bool(look.get("enabled", True)))
        self.table.show_table(str(look.get("lut") or ""))

    def _edit_refused(self, text: str, table: str) -> None:
        if table in {"look", "shot"}:
            self.refused.emit(text)

    def _toggle(self) -> None:
        self._edits.edit("enabled", self._switch.isChecked())
        self._edits.finish()

    def _reset_all(self) -> None:
        kept = {"background_blur", "key_reach", "key_edge", "key_despill", "lut_strength"}
        for name, slider in {**self.sliders, **self._folded}.items():
            if slider.value() and name not in kept:
                slider.show_value(0.0)
                self._edits.edit(name, 0.0)
        for name in ("curve", "curve_red", "curve_green", "curve_blue", "white_balance"):
            if self._known(name):
                self._edits.edit(name, "")
        self._edits.finish()

    def _known(self, name: str) -> Any:
        look = self._bridge.room.settings.get("look")
        return look.get(name) if isinstance(look, Mapping) else None

    def balance_white(self, x: float, y: float) -> None:
        """By what stands at a place of the picture."""
        self._bridge.ask(lambda client: client.balance_white(x, y), self._taken, self.refused.emit)

    def set_enabled(self, *, is_enabled: bool) -> None:
        """Without a picture there is nothing to change."""
        for slider in (*self.sliders.values(), *self._folded.values(), *self.shot.parts(), self.curves.editor):
            slider.setEnabled(is_enabled)
        self.groups.set_enabled(is_enabled=is_enabled)
        for part in (self.original, self._reset, self._switch, self.table.button, self.white, self.chart, self.presets.button):
            part.setEnabled(is_enabled)
