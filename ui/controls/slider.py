"""A slider of the look: its name, a track, a round knob and its value; from 0 to 100 or from −1.00 to +1.00 around a middle mark.

It refuses to tell programmatic changes from the engine's: only what a hand or a key does is emitted.
"""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QWidget

from ui import theme

_VALUE_WIDTH = 42
_KNOB = 8.0


class LookSlider(QAbstractSlider):
    """`edited` carries the new value (0..1 or −1..1) on each step, `finished` comes when the hand lets go or a key was pressed."""

    edited = Signal(float)
    finished = Signal()

    def __init__(self, name: str, *, is_signed: bool = False, name_width: int = 48, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._name_width = name_width
        self._is_signed = is_signed
        self._say: Callable[[float], str] | None = None
        self.rest = 0
        """Where a double click puts the knob."""
        self.setRange(-100 if is_signed else 0, 100)
        self.setSingleStep(1)
        self.setPageStep(10)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ringless", True)
        self.setAccessibleName(name)
        self.setFixedHeight(32)
        self.actionTriggered.connect(self._on_key)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 - Qt's name
        return QSize(240, 32)

    def show_value(self, value: float) -> None:
        """What the engine says; while a hand is on the knob it is left alone."""
        step = round(value * 100)
        if not self.isSliderDown() and step != self.value():
            self.setValue(step)

    def show_as(self, say: Callable[[float], str]) -> None:
        """Write the value as `say` says of 0..1 or −1..1, where it stands for something with a unit."""
        self._say = say
        self.update()

    def fraction(self) -> float:
        """The value, 0..1 or −1..1."""
        return self.value() / 100

    def _on_key(self, _action: int) -> None:
        if self.sliderPosition() == self.value():
            return
        self.setValue(self.sliderPosition())
        self.edited.emit(self.fraction())
        if not self.isSliderDown():
            self.finished.emit()

    def _track(self) -> QRectF:
        left = self._name_width + 10 + _KNOB
        return QRectF(left, self.height() / 2 - 2, self.width() - left - _VALUE_WIDTH - 8 - _KNOB, 4)

    def _move_to(self, x: float) -> None:
        track = self._track()
        part = min(1.0, max(0.0, (x - track.left()) / max(1.0, track.width())))
        step = round(self.minimum() + part * (self.maximum() - self.minimum()))
        if self._is_signed and abs(step) <= 2:
            step = 0
        if step != self.value():
            self.setValue(step)
            self.edited.emit(self.fraction())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton and event.position().x() > self._name_width:
            self.setSliderDown(True)
            self._move_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 - Qt's name
        if self.isSliderDown():
            self._move_to(event.position().x())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802, D102 - Qt's name
        if self.isSliderDown():
            self.setSliderDown(False)
            self.finished.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """The column's: a slider that passes under the mouse while the column is turned stays as it is."""
        event.ignore()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:  # noqa: N802, D102 - Qt's name
        self.setSliderDown(False)
        if self.value() != self.rest:
            self.setValue(self.rest)
            self.edited.emit(self.fraction())
            self.finished.emit()

    def _value_text(self) -> str:
        if self._say is not None:
            return self._say(self.fraction())
        if not self._is_signed:
            return str(self.value())
        sign = "+" if self.value() > 0 else "−" if self.value() < 0 else ""
        return f"{sign}{abs(self.value()) / 100:.2f}"

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.45)
        painter.setPen(theme.colour("text"))
        painter.drawText(QRectF(0, 0, self._name_width, self.height()), Qt.AlignmentFlag.AlignVCenter, self._name)
        painter.setPen(theme.colour("muted"))
        place = QRectF(self.width() - _VALUE_WIDTH, 0, _VALUE_WIDTH, self.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._value_text())
        self._paint_track(painter, self._track())

    def _paint_track(self, painter: QPainter, track: QRectF) -> None:
        part = (self.value() - self.minimum()) / (self.maximum() - self.minimum())
        knob = QPointF(track.left() + part * track.width(), track.center().y())
        start = track.center().x() if self._is_signed else track.left()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("track"))
        painter.drawRoundedRect(track, 2, 2)
        painter.setBrush(theme.colour("fill"))
        painter.drawRoundedRect(QRectF(min(start, knob.x()), track.top(), abs(knob.x() - start), 4), 2, 2)
        if self._is_signed:
            painter.drawRect(QRectF(start - 1, track.top() - 3, 2, 10))
        painter.setBrush(theme.colour("knob"))
        painter.setPen(QPen(theme.colour("fill"), 2))
        painter.drawEllipse(knob, _KNOB - 1, _KNOB - 1)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 2))
            painter.drawEllipse(knob, _KNOB + 3, _KNOB + 3)
