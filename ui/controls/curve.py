"""A tone curve that is drawn by hand: points are dragged, added by a click on the line, and thrown out of the square.

It refuses a curve that the profile would: ends stay at the sides, points keep their order.
"""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from studio.model.curve import MOST_POINTS, STRAIGHT, Points, curve_text, evaluate, parse_curve
from ui import theme

_REACH = 14.0
_APART = 0.02
_MARGIN = 10.0


class CurveEditor(QWidget):
    """`edited` carries the curve's text on each step, `finished` comes when the hand lets go."""

    edited = Signal(str)
    finished = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: Points = STRAIGHT
        self._held: int | None = None
        self._chosen = 0
        self.setAccessibleName(name)
        self.setFixedHeight(180)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 - Qt's name
        return QSize(240, 180)

    def points(self) -> Points:
        """As they stand."""
        return self._points

    def show_curve(self, text: str) -> None:
        """What the engine says; while a hand is on a point it is left alone."""
        if self._held is None:
            try:
                self._points = parse_curve(text)
            except ValueError:
                return
            self._chosen = min(self._chosen, len(self._points) - 1)
            self.update()

    def _square(self) -> QRectF:
        return QRectF(_MARGIN, _MARGIN, self.width() - 2 * _MARGIN, self.height() - 2 * _MARGIN)

    def place_of(self, point: tuple[float, float]) -> QPointF:
        """Where a point of the curve stands in the widget."""
        square = self._square()
        return QPointF(square.left() + point[0] * square.width(), square.bottom() - point[1] * square.height())

    def _at(self, place: QPointF) -> tuple[float, float]:
        square = self._square()
        return (place.x() - square.left()) / square.width(), (square.bottom() - place.y()) / square.height()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 - Qt's name
        if event.button() != Qt.MouseButton.LeftButton or not self.isEnabled():
            return
        places = [(self.place_of(point) - event.position()).manhattanLength() for point in self._points]
        nearest = min(range(len(places)), key=places.__getitem__)
        if places[nearest] > 2 * _REACH and len(self._points) < MOST_POINTS:
            x, y = self._at(event.position())
            index = sum(point[0] < x for point in self._points)
            if 0 < index < len(self._points):
                self._points = (*self._points[:index], (x, y), *self._points[index:])
                nearest = index
        self._held = self._chosen = nearest
        self._drag(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 - Qt's name
        if self._held is not None:
            self._drag(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 - Qt's name
        if self._held is None:
            return
        index, self._held = self._held, None
        is_outside = not self.rect().adjusted(-20, -20, 20, 20).contains(event.position().toPoint())
        if is_outside and 0 < index < len(self._points) - 1:
            self._points = (*self._points[:index], *self._points[index + 1 :])
            self._chosen = 0
            self.edited.emit(curve_text(self._points))
        self.update()
        self.finished.emit()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Straight again."""
        self._held, self._points = None, STRAIGHT
        self.edited.emit("")
        self.finished.emit()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 - Qt's name
        steps = {Qt.Key.Key_Up: (0, 0.01), Qt.Key.Key_Down: (0, -0.01), Qt.Key.Key_Left: (-0.01, 0), Qt.Key.Key_Right: (0.01, 0)}
        if event.key() in {Qt.Key.Key_PageUp, Qt.Key.Key_PageDown}:
            self._chosen = (self._chosen + (1 if event.key() == Qt.Key.Key_PageUp else -1)) % len(self._points)
            self.update()
        elif event.key() in steps:
            x, y = self._points[self._chosen]
            across, up = steps[Qt.Key(event.key())]
            self._move(self._chosen, x + across, y + up)
            self.finished.emit()
        elif event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self._throw_out(self._chosen)
        elif event.key() in {Qt.Key.Key_Insert, Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self._put_between()
        else:
            super().keyPressEvent(event)

    def _throw_out(self, index: int) -> None:
        """An inner point; the ends stay."""
        if 0 < index < len(self._points) - 1:
            self._chosen = index - 1
            self._have((*self._points[:index], *self._points[index + 1 :]))

    def _put_between(self) -> None:
        """A new point on the curve, half-way to the next one."""
        import numpy as np

        index = min(self._chosen, len(self._points) - 2)
        x = (self._points[index][0] + self._points[index + 1][0]) / 2
        if len(self._points) < MOST_POINTS and x - self._points[index][0] >= _APART:
            y = float(evaluate(self._points, np.array([x])).clip(0, 1)[0])
            self._chosen = index + 1
            self._have((*self._points[: index + 1], (x, y), *self._points[index + 1 :]))

    def _have(self, points: Points) -> None:
        """One whole step by a key."""
        self._points = points
        self.edited.emit(curve_text(points))
        self.finished.emit()
        self.update()

    def _drag(self, place: QPointF) -> None:
        if self._held is not None:
            self._move(self._held, *self._at(place))

    def _move(self, index: int, x: float, y: float) -> None:
        before = self._points[index - 1][0] + _APART if index else 0.0
        after = self._points[index + 1][0] - _APART if index < len(self._points) - 1 else 1.0
        moved = (min(max(x, before), after), min(max(y, 0.0), 1.0))
        self._points = (*self._points[:index], moved, *self._points[index + 1 :])
        self.edited.emit(curve_text(self._points))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 - Qt's name
        import numpy as np

        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.45)
        square = self._square()
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(theme.colour("canvas"))
        painter.drawRoundedRect(square, 4, 4)
        for part in (0.25, 0.5, 0.75):
            painter.drawLine(self.place_of((part, 0)), self.place_of((part, 1)))
            painter.drawLine(self.place_of((0, part)), self.place_of((1, part)))
        inputs = np.linspace(0, 1, 96)
        course = evaluate(self._points, inputs).clip(0, 1)
        painter.setPen(QPen(theme.colour("fill"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([self.place_of((float(x), float(y))) for x, y in zip(inputs, course, strict=True)]))
        painter.setBrush(theme.colour("knob"))
        for index, point in enumerate(self._points):
            is_chosen = self.hasFocus() and index == self._chosen
            painter.setPen(QPen(theme.colour("focus" if is_chosen else "fill"), 2))
            painter.drawEllipse(self.place_of(point), 5, 5)
