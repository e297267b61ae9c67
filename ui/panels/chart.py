"""The colour-true assistant, in the palette's place: hold up the chart, measure, see each patch before and after, keep it for the light.

It refuses to keep what was not measured. What is kept already is a second page of it.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import Elided, button, label, row
from ui.language import words
from ui.models.condition import camera_words, colour_warning
from ui.panels.chart_patches import ChartPatches
from ui.panels.colour_profiles import ColourProfiles
from ui.panels.watching import Watching
from ui.shapes import StateShape


class ChartAssistant(Watching, QFrame):
    """`left` comes when it is done or given up."""

    left = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setProperty("part", "card")
        self._result: QLabel = Elided("", "small")
        self.told = label("", "muted")
        self.told.setWordWrap(True)
        self._shape = StateShape("none", 14)
        self.state: QLabel = Elided("", "small")
        self.patches = ChartPatches()
        self.light = QLineEdit()
        self.light.setPlaceholderText(words("chart.light"))
        self.light.setMaxLength(40)
        self.measure = button(words("chart.measure"), self._measure, size="small")
        self.keep = button(words("chart.keep"), self._keep, kind="main", size="small")
        self.off = button(words("chart.off"), self._off, kind="ghost", size="small")
        self.shelf: QPushButton = button(words("chart.profiles"), size="small")
        self.shelf.setCheckable(True)
        self.shelf.toggled.connect(self._turn)
        self.profiles = ColourProfiles(bridge)
        self.profiles.used.connect(self._take)
        self.profiles.refused.connect(self._say)
        self._pages = QStackedWidget()
        self._build()
        self.watch(bridge, "settings", "health")
        self.refresh()

    def _build(self) -> None:
        reading = QWidget()
        page = QVBoxLayout(reading)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(2)
        page.addLayout(row(self._result, self.measure, self.light, self.keep))
        page.itemAt(0).layout().setStretch(0, 1)
        self._below = QStackedWidget()
        for part in (self.told, self.patches):
            self._below.addWidget(part)
        page.addWidget(self._below, 1)
        for part in (reading, self.profiles):
            self._pages.addWidget(part)
        made = QVBoxLayout(self)
        made.setContentsMargins(12, 4, 12, 6)
        made.setSpacing(2)
        leave = button(words("chart.leave"), self.left.emit, kind="ghost", size="small")
        head = row(label(words("chart.title"), "head"), self._shape, self.state, self.off, self.shelf, leave)
        head.setStretch(2, 1)
        made.addLayout(head)
        made.addWidget(self._pages, 1)

    def begin(self) -> None:
        """Afresh."""
        self._say(words("chart.hint"))
        self.keep.setEnabled(False)
        self.shelf.setChecked(False)
        self.refresh()

    def refresh(self) -> None:
        """What the profile in use asks for: a new reading, or a camera that stands still."""
        look = self._bridge.room.settings.get("look")
        is_used = isinstance(look, Mapping) and bool(look.get("colour_profile"))
        warning = colour_warning(self._bridge.room)
        state, text = ("warn", words(f"chart.{warning}")) if warning else camera_words(self._bridge.room)
        self._shape.set_state(state if is_used and text else "none")
        self._shape.setVisible(is_used and bool(text))
        self.state.setText(text if is_used else "")
        self.state.setToolTip(text if is_used else "")
        self.off.setEnabled(is_used)

    def _turn(self, shows_profiles: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._pages.setCurrentWidget(self.profiles if shows_profiles else self._pages.widget(0))
        if shows_profiles:
            self.profiles.open()

    def _say(self, text: str) -> None:
        """Whole sentences, in the place of the patches: what to do, or why nothing came of it."""
        self._result.setText("")
        self.told.setText(text)
        self._below.setCurrentWidget(self.told)

    def _measure(self) -> None:
        self._say(words("chart.looking"))
        self.keep.setEnabled(False)
        self._bridge.ask(lambda client: client.read_chart(), self._show, self._say)

    def _show(self, reading: Mapping[str, Any]) -> None:
        self.patches.show_patches(list(reading.get("patches") or ()))
        figures = {key: f"{float(reading.get(key) or 0):.1f}" for key in ("mean_before", "mean_after", "max_after")}
        self._result.setText(words("chart.result", before=figures["mean_before"], after=figures["mean_after"], worst=figures["max_after"]))
        self._below.setCurrentWidget(self.patches)
        self.keep.setEnabled(True)

    def _keep(self) -> None:
        light = self.light.text().strip() or words("chart.default_light")
        self._bridge.ask(lambda client: client.keep_colour_profile(light), self._kept, self._say)

    def _off(self) -> None:
        self._bridge.ask(lambda client: client.patch_settings({"look": {"colour_profile": ""}}), self._take, self._say)

    def _kept(self, answer: object) -> None:
        """Shown among the others: what was just kept is the newest, and in use."""
        self._take(answer)
        self.shelf.setChecked(True)

    def _take(self, answer: object) -> None:
        self._bridge.room.take("settings", answer)
        self._bridge.changed.emit("settings")
