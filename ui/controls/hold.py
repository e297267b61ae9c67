"""A button that must be held for 0.8 seconds: for what can't be taken back, as ending a show.

It refuses a click: letting go early changes nothing.
"""

from PySide6.QtCore import QElapsedTimer, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QWidget

from ui import icons, theme
from ui.language import words

HOLD_MS = 800
_STEP_MS = 16


class HoldButton(QPushButton):
    """`held` comes once, when it was held long enough by the mouse, Space or Enter."""

    held = Signal()

    def __init__(self, text: str, icon: str = "stop", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._icon = icon
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_STEP_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._step)
        self.setFixedSize(max(128, self.fontMetrics().horizontalAdvance(text) + 64), 36)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(text)
        self.setToolTip(words("hold.tip"))
        self.pressed.connect(self._begin)
        self.released.connect(self._end)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 - Qt's name
        return QSize(128, 36)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 - Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if not event.isAutoRepeat():
                self.setDown(True)
                self._begin()
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 - Qt's name
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if not event.isAutoRepeat():
                self.setDown(False)
                self._end()
            return
        super().keyReleaseEvent(event)

    def _begin(self) -> None:
        self._clock.start()
        self._timer.start()

    def _end(self) -> None:
        self._timer.stop()
        self._clock.invalidate()
        self.update()

    def _step(self) -> None:
        if self._clock.isValid() and self._clock.elapsed() >= HOLD_MS:
            self._end()
            self.setDown(False)
            self.held.emit()
        self.update()

    def part(self) -> float:
        """How much of the time has passed, 0..1."""
        return min(1.0, self._clock.elapsed() / HOLD_MS) if self._clock.isValid() else 0.0

    def _text(self) -> str:
        if not self._clock.isValid():
            return self.text()
        return words("hold.more", seconds=f"{max(0, HOLD_MS - self._clock.elapsed()) / 1000:.1f}")

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(area, 6, 6)
        hovered = self.underMouse() and self.isEnabled()
        painter.fillPath(shape, theme.colour("hover" if hovered else "raised"))
        part = self.part()
        if part:
            painter.save()
            painter.setClipPath(shape)
            painter.fillRect(QRectF(0, 0, self.width() * part, self.height()), theme.colour("live-tint"))
            painter.fillRect(QRectF(self.width() * part - 2, 0, 2, self.height()), theme.colour("live"))
            painter.restore()
        painter.setPen(QPen(theme.colour("line"), 1, Qt.PenStyle.SolidLine if self.isEnabled() else Qt.PenStyle.DashLine))
        painter.drawPath(shape)
        painter.setFont(theme.font(15, 500))
        ink = theme.colour("text" if self.isEnabled() else "muted")
        painter.setPen(ink)
        text = self._text()
        width = painter.fontMetrics().horizontalAdvance(text) + 24
        left = (self.width() - width) / 2
        painter.drawPixmap(round(left), round(self.height() / 2 - 8), icons.pixmap(self._icon, 16, ink, self.devicePixelRatioF()))
        painter.drawText(QRectF(left + 24, 0, width, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
