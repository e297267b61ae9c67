"""A pill: a state's shape and its words in one line, as "● live 00:42:10".

It refuses to blink.
"""

from PySide6.QtWidgets import QFrame, QWidget

from ui.controls.basics import label, repolish, row
from ui.shapes import State, StateShape

_TONES: dict[State, str] = {"live": "live", "good": "good", "warn": "warn", "bad": "bad"}


class Pill(QFrame):
    """State, words, and optionally a clock that ticks beside them."""

    def __init__(self, state: State = "none", text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("part", "pill")
        self.setFixedHeight(28)
        self._shape = StateShape(state, 16)
        self._text = label(text)
        self.setLayout(row(self._shape, self._text, spacing=7, margins=(9, 0, 12, 0)))
        self.show_state(state, text)

    def show_state(self, state: State, text: str) -> None:
        """Show this state with these words."""
        self._shape.set_state(state)
        if self._text.text() != text:
            self._text.setText(text)
        self.setAccessibleName(text)
        repolish(self, "tone", _TONES.get(state, ""))

    def state(self) -> State:
        """What is shown."""
        return self._shape.state()

    def text(self) -> str:
        """The words that are shown."""
        return self._text.text()
