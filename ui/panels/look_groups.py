"""The sliders of beauty in four groups, of which one is shown: skin, features, shape, make-up with its shades.

It refuses to know the engine: it says which key was moved where, and shows what it is told.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLabel, QVBoxLayout, QWidget

from ui.controls import LookSlider, ShadeButton, button, expanding, label, row
from ui.language import fault_words, locale, words

GROUPS = {
    "skin": ("smooth", "whiten", "rosy", "even_tone", "sharpen"),
    "features": ("eye_bags", "smile_lines", "teeth", "eye_light"),
    "shape": ("slim", "narrow", "chin", "forehead", "eyes", "nose", "mouth"),
    "make_up": ("lips", "blush", "brows"),
}
SHADES = {"lips": "lip_colour", "blush": "blush_colour"}


class LookGroups(QWidget):
    """`edited` carries a key and its new value on each step, `finished` comes when the hand lets go."""

    edited = Signal(str, object)
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sliders: dict[str, LookSlider] = {}
        self.shades: dict[str, ShadeButton] = {}
        self._pages: dict[str, QWidget] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.tabs = QButtonGroup(self)
        tabs = []
        for name in GROUPS:
            tab = button(words(f"look.{name}"), lambda key=name: self.open(key), kind="tab", size="small")
            tab.setCheckable(True)
            self.tabs.addButton(tab)
            tabs.append(expanding(tab))
            self._pages[name] = self._page(name)
        outer.addLayout(row(*tabs, spacing=4))
        outer.addSpacing(4)
        for page in self._pages.values():
            outer.addWidget(page)
        self.fault: QLabel = label("", "warn")
        self.fault.setWordWrap(True)
        self.fault.hide()
        outer.addWidget(self.fault)
        tabs[0].setChecked(True)
        self.open("skin")

    def open(self, name: str) -> None:
        """Show one group."""
        for key, page in self._pages.items():
            page.setVisible(key == name)

    def show_state(self, state: Mapping[str, Any]) -> None:
        """What the engine says of the look: why faces are off, where they are."""
        code = str(state.get("faces_code") or "")
        self.fault.setText(fault_words(code, file=state.get("file") or "") if code else "")
        self.fault.setVisible(bool(code))

    def show_shade(self, key: str, shade: str) -> None:
        """What the engine says of a colour key."""
        self.shades[key].show_shade(shade)

    def _page(self, name: str) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for key in GROUPS[name]:
            slider = LookSlider(words(f"look.{key}"), name_width=40 if locale() == "zh_CN" else 76)
            slider.edited.connect(lambda value, moved=key: self.edited.emit(moved, value))
            slider.finished.connect(self.finished)
            self.sliders[key] = slider
            layout.addWidget(slider)
            if key in SHADES:
                layout.addLayout(row(None, self._shade(SHADES[key]), margins=(0, 0, 0, 4)))
        return page

    def _shade(self, key: str) -> ShadeButton:
        made = ShadeButton(words(f"look.{key}"))
        made.edited.connect(lambda shade: self.edited.emit(key, shade))
        made.finished.connect(self.finished)
        self.shades[key] = made
        return made

    def set_enabled(self, *, is_enabled: bool) -> None:
        """Without a picture there is nothing to change."""
        parts: tuple[Any, ...] = (*self.sliders.values(), *self.shades.values())
        for part in parts:
            part.setEnabled(is_enabled)
