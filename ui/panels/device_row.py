"""A row of the left column: an icon, a name, a line below it, and a state; where something can be chosen it opens a menu.

It refuses to open a device: it asks for one.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui import icons, theme
from ui.controls import Elided, button
from ui.shapes import State, StateShape


class DeviceRow(QPushButton):
    """40 pixels high; a button only where there is a menu."""

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "row")
        self.setProperty("ring_inside", True)  # rows stand close together
        self.setFixedHeight(40)
        self._picture = QLabel()
        self._picture.setFixedSize(20, 20)
        self._name = Elided("", "strong")
        self._line = Elided("", "small")
        self._shape = StateShape("none", 16)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._name)
        words.addWidget(self._line)
        words.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self._picture)
        layout.addLayout(words, 1)
        self._layout = layout
        self._action: QPushButton | None = None
        self._do: Callable[[], None] | None = None
        layout.addWidget(self._shape)
        for child in (self._picture, self._name, self._line, self._shape):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._icon = ""
        self.set_icon(icon)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def make_choosable(self) -> None:
        """It can be reached and pressed."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_icon(self, icon: str) -> None:
        """Another picture."""
        if icon != self._icon:
            self._icon = icon
            drawn: QPixmap = icons.pixmap(icon, 20, theme.colour("text"), self.devicePixelRatioF())
            self._picture.setPixmap(drawn)

    def offer(self, text: str, do: Callable[[], None] | None) -> None:
        """A button beside the state, or none with `do` None."""
        self._do = do
        if self._action is None and do is not None:
            self._action = button("", self._press, kind="ghost", size="small")
            self._layout.insertWidget(2, self._action)
        if self._action is not None:
            self._action.setText(text)
            self._action.setVisible(do is not None)

    def _press(self) -> None:
        if self._do is not None:
            self._do()

    def action(self) -> QPushButton | None:
        """The button, when there is one to press."""
        return self._action if self._action is not None and not self._action.isHidden() else None

    def show_row(self, name: str, line: str, state: State) -> None:
        """Say what it is and how it does."""
        self._name.setText(name)
        self._line.setText(line)
        self._shape.set_state(state)
        self.setAccessibleName(f"{name} {line}")

    def state(self) -> State:
        """How it does."""
        return self._shape.state()

    def words(self) -> tuple[str, str]:
        """Name and line."""
        return self._name.text(), self._line.text()
