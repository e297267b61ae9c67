"""The grip of the line between before and after, and their names, drawn over the preview.

It refuses to draw the line itself: the engine draws it into the preview, where the two pictures meet.
"""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from ui import theme
from ui.language import words

_GRIP_PX = 13.0
_ARROW_PX = 4.0
REACH_PX = 18.0
"""How near to the line the mouse shows that it can be drawn."""


def paint_split(painter: QPainter, picture: QRectF, x: float, *, is_mirrored: bool) -> None:
    """A round grip on the line at `x`, and on either side what is shown there."""
    before, after = words("preview.before"), words("preview.after")
    left, right = (after, before) if is_mirrored else (before, after)
    painter.setFont(theme.font(12, 500))
    _name(painter, QRectF(picture.left() + 8, picture.bottom() - 34, x - picture.left() - 24, 26), left, is_left=True)
    _name(painter, QRectF(x + 16, picture.bottom() - 34, picture.right() - x - 24, 26), right, is_left=False)
    middle = QPointF(x, picture.center().y())
    painter.setPen(QPen(theme.colour("over-edge"), 1))
    painter.setBrush(theme.colour("over-line"))
    painter.drawEllipse(middle, _GRIP_PX, _GRIP_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("over-edge"))
    for side in (-1, 1):
        tip = QPointF(middle.x() + side * (_ARROW_PX + 4), middle.y())
        back = middle.x() + side * 3
        painter.drawPolygon(QPolygonF([tip, QPointF(back, middle.y() - _ARROW_PX), QPointF(back, middle.y() + _ARROW_PX)]))


def _name(painter: QPainter, room: QRectF, text: str, *, is_left: bool) -> None:
    """In its corner; left out where the line has left no room for it."""
    width = painter.fontMetrics().horizontalAdvance(text) + 16
    if width > room.width():
        return
    place = QRectF(room.left() if is_left else room.right() - width, room.top(), width, room.height())
    ground = theme.colour("canvas")
    ground.setAlphaF(0.88)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(place, 6, 6)
    painter.setPen(theme.colour("text"))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
