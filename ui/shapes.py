"""States as shapes: a tick in a disc, a triangle, an octagon, a rounded square, a dashed ring; and the product's mark.

It refuses to tell states apart by colour alone.
"""

from functools import cache
from typing import Literal, TypeAlias

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from ui import theme

State: TypeAlias = Literal["good", "warn", "bad", "info", "none", "live", "idle", "record"]

_TRIANGLE = QPolygonF([QPointF(8, 1.5), QPointF(15.2, 14), QPointF(0.8, 14)])
_OCTAGON = QPolygonF([QPointF(x, y) for x, y in ((5, 0.5), (11, 0.5), (15.5, 5), (15.5, 11), (11, 15.5), (5, 15.5), (0.5, 11), (0.5, 5))])


def paint_state(painter: QPainter, rect: QRectF, state: State) -> None:
    """Draw a state's shape into a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 16, rect.height() / 16)
    {"good": _good, "warn": _warn, "bad": _bad, "info": _info, "none": _none, "live": _live, "idle": _idle, "record": _record}[state](
        painter
    )
    painter.restore()


def _fill(painter: QPainter, token: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(token))


def _ink(painter: QPainter, width: float, paint_name: str = "surface") -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour(paint_name), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))


def _good(painter: QPainter) -> None:
    _fill(painter, "good")
    painter.drawEllipse(QPointF(8, 8), 7.5, 7.5)
    _ink(painter, 2)
    painter.drawPolyline(QPolygonF([QPointF(4.5, 8.3), QPointF(6.9, 10.7), QPointF(11.5, 5.7)]))


def _warn(painter: QPainter) -> None:
    painter.setBrush(theme.colour("warn"))
    painter.setPen(QPen(theme.colour("warn"), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPolygon(_TRIANGLE)
    _exclaim(painter, 6, 9.8, 12.1, 2)


def _bad(painter: QPainter) -> None:
    _fill(painter, "bad")
    painter.drawPolygon(_OCTAGON)
    _exclaim(painter, 4, 8.6, 11.7, 2.2)


def _exclaim(painter: QPainter, top: float, bottom: float, dot: float, width: float) -> None:
    _ink(painter, width)
    painter.drawLine(QPointF(8, top), QPointF(8, bottom))
    painter.drawPoint(QPointF(8, dot))


def _info(painter: QPainter) -> None:
    _fill(painter, "muted")
    painter.drawRoundedRect(QRectF(0.8, 0.8, 14.4, 14.4), 4, 4)
    _ink(painter, 2)
    painter.drawLine(QPointF(8, 7.6), QPointF(8, 11.6))
    painter.drawPoint(QPointF(8, 4.5))


def _none(painter: QPainter) -> None:
    pen = QPen(theme.colour("muted"), 2)
    pen.setDashPattern([1.5, 1.25])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(8, 8), 6.5, 6.5)


def _live(painter: QPainter) -> None:
    _fill(painter, "live")
    painter.drawEllipse(QPointF(8, 8), 5, 5)


def _idle(painter: QPainter) -> None:
    _ink(painter, 2, "muted")
    painter.drawEllipse(QPointF(8, 8), 4, 4)


def _record(painter: QPainter) -> None:
    _fill(painter, "good")
    painter.drawRoundedRect(QRectF(3, 3, 10, 10), 2, 2)


def paint_mark(painter: QPainter, rect: QRectF, colour: QColor) -> None:
    """The mark: the repeat sign of written music, "once more"."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 24, rect.height() / 24)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(5, 8.5), 2.4, 2.4)
    painter.drawEllipse(QPointF(5, 15.5), 2.4, 2.4)
    painter.drawRoundedRect(QRectF(10.5, 3, 2.4, 18), 0.6, 0.6)
    painter.drawRoundedRect(QRectF(16, 3, 5.5, 18), 1, 1)
    painter.restore()


@cache
def window_icon() -> QIcon:
    """The mark on a dark tile, for the desktop's list of windows."""
    made = QIcon()
    dark = theme.load("dark")
    for side in (16, 32, 48, 64, 128, 256):
        drawn = QPixmap(side, side)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(dark.colour("canvas"))
        painter.drawRoundedRect(QRectF(0, 0, side, side), side * 0.2, side * 0.2)
        paint_mark(painter, QRectF(side * 0.17, side * 0.17, side * 0.66, side * 0.66), dark.colour("brand"))
        painter.end()
        made.addPixmap(drawn)
    return made


class StateShape(QWidget):
    """A small widget that shows one state."""

    def __init__(self, state: State = "none", size_px: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: State = state
        self.setFixedSize(QSize(size_px, size_px))

    def state(self) -> State:
        """What is shown."""
        return self._state

    def set_state(self, state: State) -> None:
        """Show another state."""
        if state != self._state:
            self._state = state
            self.update()

    def paintEvent(self, _event: object) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        paint_state(painter, QRectF(self.rect()), self._state)


class Mark(QWidget):
    """The mark in the bar."""

    def __init__(self, size_px: int = 24, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(QSize(size_px, size_px))

    def paintEvent(self, _event: object) -> None:  # noqa: N802, D102 - Qt's name
        paint_mark(QPainter(self), QRectF(self.rect()), theme.colour("brand"))
