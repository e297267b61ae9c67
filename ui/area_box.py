"""A rectangle over the preview that a hand draws: handles, a nudge by keys, back to where it began, done.

It refuses to know what the rectangle is for: it says where it was left.
"""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.model.shot import Area, area_text, parse_area
from ui import theme
from ui.controls import button, label, row
from ui.language import words
from ui.models.areas import GRIPS, INSIDE, drawn, grip_at, grips, grown, settled
from ui.preview import Preview

_REACH_PX = 14.0
_HANDLE_PX = 10.0
_NUDGE, _STRIDE = 0.005, 0.05
_CURSORS = {
    "": Qt.CursorShape.ArrowCursor,
    INSIDE: Qt.CursorShape.SizeAllCursor,
    "n": Qt.CursorShape.SizeVerCursor,
    "s": Qt.CursorShape.SizeVerCursor,
    "w": Qt.CursorShape.SizeHorCursor,
    "e": Qt.CursorShape.SizeHorCursor,
    "nw": Qt.CursorShape.SizeFDiagCursor,
    "se": Qt.CursorShape.SizeFDiagCursor,
    "ne": Qt.CursorShape.SizeBDiagCursor,
    "sw": Qt.CursorShape.SizeBDiagCursor,
}
_MIRRORED = {"nw": "ne", "ne": "nw", "sw": "se", "se": "sw", "w": "e", "e": "w"}


class AreaBox(QWidget):
    """`changed` carries the area's text when a hand lets go or a key was pressed; `left` comes when it is done.

    Escape lets go of a handle without moving it, or gives the drawing up: the area is as it was at the beginning.
    """

    changed = Signal(str)
    left = Signal()

    def __init__(self, preview: Preview) -> None:
        super().__init__(preview)
        self._preview = preview
        self._area = self._reset = self._first = Area(0.25, 0.25, 0.5, 0.5)
        self._ratio: float | None = None
        self._shape: float | None = None
        self._grip = ""
        self._from = QPointF()
        self._before = self._area
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("ringless", True)
        self.again = button(words("area.reset"), self.reset, size="small", icon="reset")
        self.done = button(words("area.done"), self.left.emit, kind="main", size="small")
        self._hint = label("", "over")
        self._made = row(self._hint, None, self.again, self.done)
        self._made.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setLayout(self._made)
        preview.installEventFilter(self)
        self.hide()

    def begin(self, name: str, area: str, reset: str, *, ratio: float | None = None, shape: float | None = None) -> None:
        """Over the preview: `ratio` keeps width : height (shares); `shape` is the width : height of what the preview shows letterboxed."""
        self._ratio, self._shape = ratio, shape
        self._reset = parse_area(reset)
        self._grip = ""
        self.setAccessibleName(name)
        self._hint.setText(name)
        self.show_area(area)
        self._first = self._area
        self._cover()
        self.show()
        self.raise_()
        self.setFocus()

    def show_area(self, area: str) -> None:
        """What the engine says; while a hand is on it it is left alone."""
        if not self._grip:
            self._area = parse_area(area)
            self.update()

    def area(self) -> Area:
        """As it stands."""
        return self._area

    def reset(self) -> None:
        """Back to where it began."""
        self._put(self._reset)

    def give_up(self) -> None:
        """A drag under way is dropped; without one the area is what it was at the beginning, and that ends it."""
        if self._grip:
            self._grip, self._area = "", self._before
            self.update()
            return
        if self._area != self._first:
            self._put(self._first)
        self.left.emit()

    def picture_rect(self) -> QRectF:
        """Where the picture lies whose shares the area counts."""
        whole = self._preview.picture_rect()
        if self._shape is None or not whole.height():
            return whole
        width = min(whole.width(), whole.height() * self._shape)
        height = width / self._shape
        return QRectF(whole.center().x() - width / 2, whole.center().y() - height / 2, width, height)

    def box_rect(self) -> QRectF:
        """Where the area lies in this widget."""
        picture, area = self.picture_rect(), self._area
        x = 1 - area.x - area.width if self._preview.is_mirrored() else area.x
        return QRectF(
            picture.left() + x * picture.width(),
            picture.top() + area.y * picture.height(),
            area.width * picture.width(),
            area.height * picture.height(),
        )

    def _cover(self) -> None:
        """Over the whole preview, words and buttons on the picture."""
        self.setGeometry(self._preview.rect())
        top, side = round(self._preview.picture_rect().top()) + 8, round(self._preview.picture_rect().left()) + 8
        self._made.setContentsMargins(side, top, side, 8)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802, D102 - Qt's name
        if event.type() == QEvent.Type.Resize and watched is self._preview:
            self._cover()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 - Qt's name
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = self._grip_at(event.position())
            self._from, self._before = event.position(), self._area

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 - Qt's name
        if self._grip and event.buttons() & Qt.MouseButton.LeftButton:
            picture, way = self.picture_rect(), event.position() - self._from
            across = way.x() / max(picture.width(), 1) * (-1 if self._preview.is_mirrored() else 1)
            self._area = drawn(self._before, self._grip, (across, way.y() / max(picture.height(), 1)), self._ratio)
            self.update()
        else:
            grip = self._grip_at(event.position())
            self.setCursor(_CURSORS[_MIRRORED.get(grip, grip) if self._preview.is_mirrored() else grip])

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802, D102 - Qt's name
        was_held, self._grip = self._grip, ""
        if was_held and self._area != self._before:
            self._put(self._area)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 - Qt's name
        far = _STRIDE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _NUDGE
        side = -far if self._preview.is_mirrored() else far
        ways = {Qt.Key.Key_Left: (-side, 0.0), Qt.Key.Key_Right: (side, 0.0), Qt.Key.Key_Up: (0.0, -far), Qt.Key.Key_Down: (0.0, far)}
        sizes = {Qt.Key.Key_Plus: far, Qt.Key.Key_Equal: far, Qt.Key.Key_Minus: -far, Qt.Key.Key_Underscore: -far}
        key = event.key()
        if key in ways:
            self._put(drawn(self._area, INSIDE, ways[Qt.Key(key)]))
        elif key in sizes:
            self._put(grown(self._area, sizes[Qt.Key(key)], self._ratio))
        elif key in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.reset()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.left.emit()
        elif key == Qt.Key.Key_Escape:
            self.give_up()
        else:
            super().keyPressEvent(event)

    def _grip_at(self, place: QPointF) -> str:
        picture = self.picture_rect()
        x = (place.x() - picture.left()) / max(picture.width(), 1)
        share = (1 - x if self._preview.is_mirrored() else x, (place.y() - picture.top()) / max(picture.height(), 1))
        reach = (_REACH_PX / max(picture.width(), 1), _REACH_PX / max(picture.height(), 1))
        return grip_at(self._area, share, reach, keeps_shape=self._ratio is not None)

    def _put(self, area: Area) -> None:
        self._area = settled(area)
        self.update()
        self.changed.emit(area_text(self._area))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box, around = self.box_rect(), QPainterPath()
        around.setFillRule(Qt.FillRule.OddEvenFill)
        around.addRect(self.picture_rect())
        around.addRect(box)
        painter.fillPath(around, theme.colour("over-shade"))
        # A light line inside a dark one is seen on any picture.
        for token, width in (("over-edge", 4.0), ("over-line", 2.0)):
            painter.setPen(QPen(theme.colour(token), width))
            painter.drawRect(box)
        painter.setPen(QPen(theme.colour("over-edge"), 1))
        painter.setBrush(theme.colour("focus" if self.hasFocus() else "over-line"))
        for name in grips(keeps_shape=self._ratio is not None):
            across, down = GRIPS[name]
            at = QPointF(box.left() + across * box.width(), box.top() + down * box.height())
            painter.drawRoundedRect(QRectF(at.x() - _HANDLE_PX / 2, at.y() - _HANDLE_PX / 2, _HANDLE_PX, _HANDLE_PX), 2, 2)
