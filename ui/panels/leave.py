"""The question when the window is closed on air: go on without it, end the show, or stay.

It refuses to be a dialog: it opens in place below the bar and covers nothing.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.controls import Band, HoldButton, button
from ui.language import words


class LeaveQuestion(QWidget):
    """`decided` carries whether the show ends too."""

    decided = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        band = Band()
        band.show_words("warn", words("leave.title"), words("leave.line"))
        self.go_on = button(words("leave.go_on"), lambda: self.decided.emit(False), kind="main")
        self.end = HoldButton(words("leave.end"))
        self.end.held.connect(lambda: self.decided.emit(True))
        for part in (self.go_on, self.end, button(words("leave.stay"), self.hide)):
            band.add_button(part)
        made = QVBoxLayout(self)
        made.setContentsMargins(12, 8, 12, 8)
        made.addWidget(band)
        self.hide()

    def ask(self) -> None:
        """Show it, ready for Enter: the safe answer has the focus."""
        self.show()
        self.go_on.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 - Qt's name
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.go_on.hasFocus():
            self.decided.emit(False)
        else:
            super().keyPressEvent(event)
