"""The focus ring: 2 pixels wide, 2 pixels outside of whatever has the keyboard, always drawn.

It refuses the mouse, and covers no more than the control that it surrounds.
"""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from ui import theme

_OUTSIDE = 4
_MOVES = {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide}


class FocusRing(QWidget):
    """One for a window's body; follows the focus and the moves of what has it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)
        self.hide()

    def _follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        if not isValid(self):
            return
        for widget in self._watched:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._watched = []
        window = self.parentWidget()
        is_ours = new is not None and window is not None and window.isAncestorOf(new) and not new.property("ringless")
        self._target = new if is_ours else None
        part = self._target
        while part is not None and part is not window:
            part.installEventFilter(self)
            self._watched.append(part)
            part = part.parentWidget()
        self._place()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802, D102 - Qt's name
        if event.type() in _MOVES:
            self._place()
        return False

    def _place(self) -> None:
        target, window = self._target, self.parentWidget()
        if target is None or window is None or not isValid(target) or not target.isVisible():
            self.hide()
            return
        corner = target.mapTo(window, QPoint(0, 0))
        outside = 0 if target.property("ring_inside") else _OUTSIDE
        around = QRect(corner, target.size()).adjusted(-outside, -outside, outside, outside)
        self.setGeometry(around)
        inner = self.rect().adjusted(_OUTSIDE, _OUTSIDE, -_OUTSIDE, -_OUTSIDE)
        self.setMask(QRegion(self.rect()).subtracted(QRegion(inner.adjusted(4, 4, -4, -4))))
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("focus"), 2))
        target = self._target
        radius = float(target.property("radius") or 8) if target is not None and isValid(target) else 8.0
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)
