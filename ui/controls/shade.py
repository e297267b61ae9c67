"""A button that shows a colour and its hex figure, and opens a dialog to choose another.

It refuses a text that is no colour.
"""

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QPushButton, QWidget

from ui.language import words


class ShadeButton(QPushButton):
    """`edited` carries "#rrggbb" on each step in the dialog, `finished` comes when it closes, chosen or given up."""

    edited = Signal(str)
    finished = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("scale", "small")
        self.setAutoDefault(False)
        self.setAccessibleName(name)
        self.setToolTip(words("look.choose_shade"))
        self.clicked.connect(lambda: self.choose())  # noqa: PLW0108 - drops the signal's argument

    def show_shade(self, shade: str) -> None:
        """What the engine says."""
        if QColor(shade).isValid():
            self.setText(shade)
            self.setStyleSheet(f"QPushButton {{ border-left: 14px solid {QColor(shade).name()}; }}")

    def choose(self) -> None:
        """A dialog beside the running show; its every step is shown, given up it is as before, and its end is a step to be taken back."""
        before = QColor(self.text())
        dialog = QColorDialog(before, self)
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.setWindowTitle(self.accessibleName())
        dialog.currentColorChanged.connect(self._take)
        dialog.rejected.connect(lambda: self._take(before))
        dialog.finished.connect(lambda _result: self.finished.emit())
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take(self, colour: QColor) -> None:
        if colour.isValid() and colour.name() != self.text():
            self.show_shade(colour.name())
            self.edited.emit(colour.name())
