"""A level meter of 30 cells from −60 to 0 dB with a peak mark and the target at −16.

The last cells are taller, so that "too loud" is a shape as well as a colour; it refuses to animate what it wasn't told.
"""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme

_CELLS = 30
_GAP = 2.0
_TARGET_DB = -16.0
SILENCE_DB = -99.0


class Meter(QWidget):
    """Level and peak in dB of full scale; −99 is silence."""

    def __init__(self, height_px: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar_height = height_px
        self._level_db = SILENCE_DB
        self._peak_db = SILENCE_DB
        self.setFixedHeight(height_px + 5)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 - Qt's name
        return QSize(120, self._bar_height + 5)

    def show_level(self, level_db: float, peak_db: float) -> None:
        """Show it; nothing is drawn anew when no cell changes."""
        before = (round(self._level_db / 2), round(self._peak_db))
        self._level_db, self._peak_db = max(SILENCE_DB, level_db), max(SILENCE_DB, peak_db)
        if before != (round(self._level_db / 2), round(self._peak_db)):
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        width = (self.width() - _GAP * (_CELLS - 1)) / _CELLS
        for cell in range(_CELLS):
            top_db = -60 + (cell + 1) * 2
            paint_name = "line"
            if top_db <= self._level_db:
                paint_name = "bad" if top_db > -6 else "warn" if top_db > -12 else "good"
            inset = 0.0 if top_db > -6 else 1.5
            painter.setBrush(theme.colour(paint_name))
            painter.drawRoundedRect(QRectF(cell * (width + _GAP), inset, width, self._bar_height - 2 * inset), 1, 1)
        self._paint_marks(painter)

    def _paint_marks(self, painter: QPainter) -> None:
        if self._peak_db > -60:
            painter.setBrush(theme.colour("text"))
            at = min(1.0, (self._peak_db + 60) / 60) * self.width()
            painter.drawRect(QRectF(at - 2, 0, 2, self._bar_height))
        target = (_TARGET_DB + 60) / 60 * self.width()
        below = float(self._bar_height)
        painter.setBrush(theme.colour("muted"))
        painter.drawPolygon(QPolygonF([QPointF(target, below), QPointF(target + 3, below + 5), QPointF(target - 3, below + 5)]))
