"""A ring that empties: how much of a drop's time is left.

It refuses to know the time; it is told a part of one.
"""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ui import theme


class Ring(QWidget):
    """A part of a circle, clockwise from the top."""

    def __init__(self, size_px: int = 36, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(size_px, size_px)
        self._part = 0.0

    def set_part(self, part: float) -> None:
        """0 is empty, 1 is full."""
        kept = min(1.0, max(0.0, part))
        if abs(kept - self._part) > 0.002 or kept in {0.0, 1.0}:
            self._part = kept
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        pen = QPen(theme.colour("line"), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawEllipse(area)
        if self._part > 0:
            pen.setColor(theme.colour("text"))
            painter.setPen(pen)
            painter.drawArc(area, 90 * 16, -round(self._part * 360 * 16))
