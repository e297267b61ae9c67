"""A group in a column that opens and closes by a click on its head.

It refuses to be closed by anything but a hand.
"""

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui import icons, theme
from ui.controls.basics import button


class Fold(QWidget):
    """`body` takes what belongs to the group; closed at first."""

    def __init__(self, title: str, parent: QWidget | None = None, *, is_open: bool = False) -> None:
        super().__init__(parent)
        self.head: QPushButton = button(title, kind="ghost", size="small", icon="up" if is_open else "down")
        self.head.setCheckable(True)
        self.head.setChecked(is_open)
        self.head.setAccessibleName(title)
        self.head.setStyleSheet("text-align: left;")
        self._inside = QWidget()
        self._inside.setVisible(is_open)
        self.body = QVBoxLayout(self._inside)
        self.body.setContentsMargins(0, 6, 0, 10)
        self.body.setSpacing(0)
        made = QVBoxLayout(self)
        made.setContentsMargins(0, 0, 0, 0)
        made.setSpacing(0)
        made.addWidget(self.head)
        made.addWidget(self._inside)
        self.head.toggled.connect(self._turn)

    def _turn(self, is_open: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._inside.setVisible(is_open)
        self.head.setIcon(icons.icon("up" if is_open else "down", theme.colour("text")))
