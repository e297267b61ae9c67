"""A switch: off is an empty outline, on is filled, so that its state is a shape.

It refuses to move by itself: it shows what it is set to.
"""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui import theme


class Switch(QAbstractButton):
    """34 by 20 pixels."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setProperty("radius", 13)
        self.setFixedSize(34, 20)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 - Qt's name
        return QSize(34, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.45)
        outline = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("fill"))
            painter.drawRoundedRect(QRectF(self.rect()), 10, 10)
            painter.setBrush(theme.colour("surface"))
            painter.drawEllipse(QPointF(24, 10), 5, 5)
            return
        painter.setPen(QPen(theme.colour("edge"), 2))
        painter.drawRoundedRect(outline, 9, 9)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("edge"))
        painter.drawEllipse(QPointF(10, 10), 5, 5)
