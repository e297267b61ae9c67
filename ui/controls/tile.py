"""A tile of the drops palette: big, with its hot key, what it will give, and what it is doing.

It refuses to ask before it acts: for three seconds after a click it offers to take the drop back, in place.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui import icons, theme
from ui.shapes import State, paint_state

Doing: TypeAlias = Literal["ready", "undo", "running", "waiting", "unavailable"]


@dataclass(frozen=True, slots=True)
class TileView:
    """What a tile shows: the second line, the part of time that is left (bar along the lower edge), a state before the line."""

    doing: Doing = "ready"
    line: str = ""
    part: float = 0.0
    state: State | None = None


class DropTile(QAbstractButton):
    """A click does what `view.doing` says: open, take back, or show. Unavailable, it still holds its pencil and can be reached."""

    def __init__(self, name: str, icon: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._key = key
        self._view = TileView()
        self._is_compact = False
        self.setText(name)
        self.setProperty("radius", 12)
        self.setFixedHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(f"{name} {key}")

    def sizeHint(self) -> QSize:  # noqa: N802, D102 - Qt's name
        return QSize(193, self.height())

    def view(self) -> TileView:
        """What is shown."""
        return self._view

    def show_view(self, view: TileView) -> None:
        """Show this."""
        if view == self._view:
            return
        self._view = view
        self.setCursor(Qt.CursorShape.ArrowCursor if view.doing == "unavailable" else Qt.CursorShape.PointingHandCursor)
        self.setAccessibleDescription(view.line)
        self.update()

    def set_height(self, height_px: int) -> None:
        """96 with a second line, 92 without, 44 with the name beside the icon."""
        self._is_compact = height_px < 96
        self.setFixedHeight(height_px)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        self._paint_ground(painter, shape)
        ink = theme.colour("muted" if self._view.doing == "unavailable" else "text")
        pad = 12 if not self._is_compact else 10
        ratio = self.devicePixelRatioF()
        if self.height() < 60:
            painter.drawPixmap(QPointF(pad, self.height() / 2 - 11), icons.pixmap(self._icon, 22, ink, ratio))
            self._paint_name(painter, QRectF(pad + 32, 0, self.width() - 90, self.height()))
            self._paint_key(painter, self.height() / 2 - 10)
            return
        painter.drawPixmap(QPointF(pad, pad), icons.pixmap(self._icon, 26, ink, ratio))
        self._paint_key(painter, pad)
        bottom = self.height() - pad
        if not self._is_compact:
            self._paint_line(painter, QRectF(pad, bottom - 18, self.width() - 2 * pad - 32, 18))
            bottom -= 18
        self._paint_name(painter, QRectF(pad, bottom - 20, self.width() - 2 * pad - 32, 20))

    def _paint_ground(self, painter: QPainter, shape: QPainterPath) -> None:
        doing = self._view.doing
        if doing == "unavailable":
            pen = QPen(theme.colour("edge"), 1)
            pen.setDashPattern([4, 3])
        else:
            is_on = doing in {"running", "undo"}
            ground = "select" if is_on else "line" if self.isDown() else "hover" if self.underMouse() else "raised"
            painter.fillPath(shape, theme.colour(ground))
            pen = QPen(theme.colour("select-line" if is_on else "line"), 1)
        if doing in {"running", "undo"} and self._view.part > 0:
            painter.save()
            painter.setClipPath(shape)
            token = "warn" if doing == "undo" else "text"
            painter.fillRect(QRectF(0, self.height() - 4, self.width() * self._view.part, 4), theme.colour(token))
            painter.restore()
        painter.setPen(pen)
        painter.drawPath(shape)

    def _paint_name(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(theme.font(15, 700))
        painter.setPen(theme.colour("muted" if self._view.doing == "unavailable" else "text"))
        text = self._view.line if self._view.doing == "undo" and self._is_compact else self.text()
        cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, cut)

    def _paint_line(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(theme.font(12))
        token = "warn" if self._view.state == "warn" else "text" if self._view.doing == "undo" else "muted"
        painter.setPen(theme.colour(token))
        if self._view.state is not None:
            paint_state(painter, QRectF(area.left(), area.top() + 2, 14, 14), self._view.state)
            area = area.adjusted(19, 0, 0, 0)
        cut = painter.fontMetrics().elidedText(self._view.line, Qt.TextElideMode.ElideRight, int(area.width()))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, cut)

    def _paint_key(self, painter: QPainter, top: float) -> None:
        cap = QRectF(self.width() - 12 - 28, top, 28, 20)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("edge"), 1))
        painter.drawRoundedRect(cap.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setFont(theme.font(12))
        painter.setPen(theme.colour("muted"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key)
