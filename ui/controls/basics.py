"""Labels, buttons, rows and sections with the design's measures.

They refuse rich text: whatever a fan is called, it is shown as typed.
"""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui import icons, theme
from ui.language import words


def label(text: str = "", role: str = "", parent: QWidget | None = None) -> QLabel:
    """A label of plain text in one of the stylesheet's roles."""
    made = QLabel(parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    if role:
        made.setProperty("role", role)
    return made


class Elided(QLabel):
    """A label of one line that is cut with an ellipsis where it doesn't fit."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102 - Qt's name
        return QSize(16, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        area = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(self.alignment() | Qt.AlignmentFlag.AlignVCenter) | Qt.TextFlag.TextSingleLine, text)


def button(text: str, on_click: Callable[[], object] | None = None, *, kind: str = "", size: str = "", icon: str = "") -> QPushButton:
    """A button; `kind` is "air" (goes out to the audience), "main", "ghost", "tab", "row" or the plain one."""
    made = QPushButton(text)
    made.setProperty("kind", kind)
    made.setProperty("scale", size)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setAutoDefault(False)
    if icon:
        token = {"air": "on-brand", "main": "canvas"}.get(kind)  # on a ground that goes while it can't be pressed
        made.setIcon(icons.icon(icon, theme.colour(token), theme.colour("muted")) if token else icons.icon(icon, theme.colour("text")))
        made.setIconSize(QSize(18, 18) if size != "small" else QSize(16, 16))
    if on_click is not None:
        made.clicked.connect(lambda: on_click())  # noqa: PLW0108 - drops the signal's argument
    return made


def icon_button(icon: str, name: str, on_click: Callable[[], object] | None = None) -> QPushButton:
    """A ghost button that is only an icon; `name` is its name for screen readers and its tip."""
    made = button("", on_click, kind="ghost", size="small", icon=icon)
    made.setIconSize(QSize(18, 18))
    made.setFixedWidth(36)
    made.setAccessibleName(name)
    made.setToolTip(name)
    return made


def choose_file(parent: QWidget, title: str, kinds: str, on_chosen: Callable[[str], None]) -> None:
    """Ask for a file that exists, without an event loop of its own: the show's news keep coming."""
    dialog = _file_dialog(parent, title, "", kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(on_chosen)
    dialog.open()


def choose_new_file(parent: QWidget, title: str, name: str, kinds: str, on_chosen: Callable[[str], None]) -> None:
    """Ask for a place to write to, likewise; `name` is what it is called at first."""
    dialog = _file_dialog(parent, title, name, kinds)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.fileSelected.connect(on_chosen)
    dialog.open()


def _file_dialog(parent: QWidget, title: str, name: str, kinds: str) -> QFileDialog:
    dialog = QFileDialog(parent, title, name, kinds)
    # Qt 6.11's own Chinese leaves these two out.
    dialog.setLabelText(QFileDialog.DialogLabel.LookIn, words("file.look_in"))
    dialog.setLabelText(QFileDialog.DialogLabel.FileType, words("file.type"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog


def show_menu(menu: QMenu, below: QWidget) -> None:
    """Open a menu below a button; it is forgotten once it closes."""
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(below.mapToGlobal(below.rect().bottomLeft()))


def rule(*, is_vertical: bool = False, length: int = 0) -> QFrame:
    """A thin line between things."""
    made = QFrame()
    made.setProperty("part", "rule")
    if is_vertical:
        made.setFixedWidth(1)
        made.setFixedHeight(length or 20)
    else:
        made.setFixedHeight(1)
    return made


def row(*items: "QWidget | int | None", spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    """A line of widgets; a number is that much space, None takes what is left."""
    made = QHBoxLayout()
    made.setSpacing(spacing)
    made.setContentsMargins(*margins)
    _fill(made, items)
    return made


def _fill(layout: QBoxLayout, items: "tuple[QWidget | int | None, ...]") -> None:
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        else:
            layout.addWidget(item)


def expanding(widget: QWidget) -> QWidget:
    """Let a widget take the width that is left."""
    widget.setSizePolicy(QSizePolicy.Policy.Expanding, widget.sizePolicy().verticalPolicy())
    return widget


def place_of(area: QWidget | None) -> int:
    """How far a scrolled area is scrolled down."""
    return area.verticalScrollBar().value() if isinstance(area, QScrollArea) else 0


def go_to_place(area: QWidget | None, place: int) -> None:
    """Scroll an area that was made anew to where the one before it stood, as soon as what is asked for has made it so long."""
    if not place or not isinstance(area, QScrollArea):
        return
    bar = area.verticalScrollBar()

    def follow(_low: int, high: int) -> None:
        bar.setValue(min(place, high))
        if high >= place:
            bar.rangeChanged.disconnect(follow)

    bar.rangeChanged.connect(follow)


def head(text: str, *after: "QWidget | None", height: int = 40) -> QWidget:
    """A section's head: its name on the left, what belongs to it on the right."""
    made = QWidget()
    made.setFixedHeight(height)
    made.setLayout(row(label(text, "head"), None, *after))
    return made


def window_body() -> QWidget:
    """A window's ground. A click on it takes the keyboard away from whatever had it, and at first nothing has it."""
    made = QWidget()
    made.setObjectName("canvas")
    made.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    return made


def stack(layout: QBoxLayout, *parts: "tuple[QWidget | QLayout, int]") -> QBoxLayout:
    """Put parts into a layout without any space between or around them, each with its share of what is left."""
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for part, share in parts:
        if isinstance(part, QLayout):
            layout.addLayout(part, share)
        else:
            layout.addWidget(part, share)
    return layout


def scrolling(inside: QWidget) -> QScrollArea:
    """A column that scrolls up and down where it doesn't fit."""
    made = QScrollArea()
    made.setWidgetResizable(True)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.setWidget(inside)
    return made


def section(*, is_last: bool = False, bottom: int = 12) -> tuple[QFrame, QVBoxLayout]:
    """A part of a side column, with a line below unless it is the last."""
    made = QFrame()
    made.setProperty("part", "section")
    made.setProperty("last", "true" if is_last else "false")
    layout = QVBoxLayout(made)
    layout.setContentsMargins(12, 0, 12, bottom)
    layout.setSpacing(0)
    return made, layout


def repolish(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the stylesheet looks at, and draw anew only when it changed."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    for child in widget.findChildren(QWidget):
        widget.style().unpolish(child)
        widget.style().polish(child)
