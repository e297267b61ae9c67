"""A band across a column: what happened, what it means, and the button that helps.

It refuses to cover anything: it takes its own place in the layout.
"""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.controls.basics import Elided, repolish
from ui.shapes import State, StateShape


class Band(QFrame):
    """Shape, a title, one or two lines and up to three buttons; `set_compact` leaves the title alone on 44 pixels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("part", "band")
        self._shape = StateShape("bad", 36)
        self._title = Elided("", "title")
        self._line = Elided()
        self._small = Elided("", "small")
        self._words = QVBoxLayout()
        self._words.setSpacing(2)
        for widget in (self._title, self._line, self._small):
            self._words.addWidget(widget)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(16, 8, 16, 8)
        self._layout.setSpacing(14)
        self._layout.addWidget(self._shape)
        self._layout.addLayout(self._words, 1)
        self._is_compact = False
        self.setFixedHeight(92)

    def add_button(self, button: QWidget) -> None:
        """Put a button at the right end."""
        self._layout.addWidget(button)

    def show_words(self, state: State, title: str, line: str = "", small: str = "") -> None:
        """Say it."""
        self._shape.set_state(state)
        self._title.setText(title)
        self._line.setText(line)
        self._small.setText(small)
        repolish(self, "tone", state if state in {"good", "warn", "bad"} else "")
        self.setAccessibleName(f"{title} {line}".strip())
        self.set_compact(is_compact=self._is_compact)

    def set_compact(self, *, is_compact: bool) -> None:
        """One line of 44 pixels where height is short, otherwise as many lines as there are words."""
        self._is_compact = is_compact
        lines = 1 if is_compact else 1 + bool(self._line.text()) + bool(self._small.text())
        self._line.setVisible(lines > 1 and bool(self._line.text()))
        self._small.setVisible(lines > 1 and bool(self._small.text()))
        side = 24 if lines == 1 else 36
        self._shape.setFixedSize(side, side)
        margin = 3 if is_compact else 8
        self._layout.setContentsMargins(16, margin, 16 if not is_compact else 4, margin)
        self.setFixedHeight({1: 44 if is_compact else 60, 2: 72}.get(lines, 92))

    def title(self) -> str:
        """The first line."""
        return self._title.text()
