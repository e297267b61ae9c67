"""What a click will open, edited in place below the preview: title, prize, keyword, seconds; or value, minimum, stock.

It refuses to keep what can't be opened, and says what is wrong at the field.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.controls import Choice, button, label, repolish, row
from ui.language import words
from ui.models import specs
from ui.models.specs import Spec
from ui.room import Room, currency_of

_FIELDS = {
    "lottery": ("title", "prize", "winners", "keyword", "seconds"),
    "coupon": ("title", "value", "min_spend", "stock", "keyword", "seconds"),
}
_NUMBERS = {"winners", "seconds", "stock"}
_MAX_LENGTH = 40
_NARROW_COLUMNS = 3
EDITOR_PX = 124
"""What the palette has left where the window is shortest."""


class DropEditor(QFrame):
    """`saved` carries a sound spec, `opened` one that should go out at once, `left` comes when nothing was changed.

    `is_narrow` is for a column at the side.
    """

    saved = Signal(object)
    opened = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None, *, is_narrow: bool = False) -> None:
        super().__init__(parent)
        self.setProperty("part", "card")
        self._columns = _NARROW_COLUMNS if is_narrow else max(map(len, _FIELDS.values()))
        if not is_narrow:
            self.setMaximumHeight(EDITOR_PX)
        self._spec, self._currency = Spec("lottery"), "CNY"
        self._inputs: dict[str, QLineEdit] = {}
        self.who = Choice(words("spec.who"))
        self.who.setMinimumContentsLength(11 if is_narrow else 9)
        self.who.activated.connect(lambda _: self._choose_who())
        self._early: QPushButton = button(words("spec.early_close"))
        self._early.setCheckable(True)
        self._title: QLabel = label("", "head")
        self._fault: QLabel = label("", "fault")
        self._open: QPushButton = button(words("spec.open"), lambda: self._end(self.opened.emit), kind="air", icon="play")
        save = button(words("spec.save"), lambda: self._end(self.saved.emit), kind="main")
        cancel = button(words("spec.leave"), self.left.emit, kind="ghost")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        made = QVBoxLayout(self)
        made.setContentsMargins(12, 6, 12, 8)
        made.setSpacing(6)
        ends = (cancel, save, self._open)
        made.addLayout(row(self._title, self._fault, None, self._early, self.who, *(() if is_narrow else ends)))
        made.addLayout(self._grid)
        if is_narrow:
            made.addLayout(row(None, *ends))
        made.addStretch(1)

    def edit(self, spec: Spec, room: Room, *, can_open: bool) -> None:
        """Begin with this one, tiers and amounts as the room calls them; `can_open` offers to send it out from here."""
        self._spec, self._currency = spec, currency_of(room)
        self._title.setText(words(f"kind.{spec.kind}"))
        self._fault.setText("")
        self._open.setEnabled(can_open)
        self._early.setChecked(spec.is_early_close)
        self._show_who(room.tiers)
        while (item := self._grid.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        self._inputs = {}
        for column, name in enumerate(_FIELDS[spec.kind]):
            self._add(column, name, str(getattr(spec, name)))
        self._inputs["title"].setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(self, column: int, name: str, value: str) -> None:
        made = QLineEdit(value)
        made.setMaxLength(_MAX_LENGTH if name not in _NUMBERS else 7)
        made.setAccessibleName(words(f"spec.{name}"))
        made.textEdited.connect(lambda: repolish(made, "fault", "false"))
        self._inputs[name] = made
        line, column = divmod(column, self._columns)
        self._grid.addWidget(label(words(f"spec.{name}"), "small"), 2 * line, column)
        self._grid.addWidget(made, 2 * line + 1, column)
        is_short = name in _NUMBERS or name in {"value", "min_spend"}
        self._grid.setColumnStretch(column, 1 if is_short or self._columns == _NARROW_COLUMNS else 2)

    def _choose_who(self) -> None:
        self._spec = replace(self._spec, who=str(self.who.currentData()))

    def _show_who(self, tiers: Sequence[str]) -> None:
        self.who.clear()
        known = specs.audiences(tiers)
        for who, text in (known | {self._spec.who: specs.who_words(self._spec.who, tiers)}).items():
            self.who.addItem(text, who)
        self.who.setCurrentIndex(self.who.findData(self._spec.who))

    def spec(self) -> Spec:
        """What stands in the fields; a number that isn't one reads as 0."""
        typed: dict[str, object] = {}
        for name, made in self._inputs.items():
            text = made.text().strip()
            typed[name] = (int(text) if text.isascii() and text.isdecimal() else 0) if name in _NUMBERS else text
        return replace(self._spec, is_early_close=self._early.isChecked(), **typed)  # type: ignore[arg-type]

    def _end(self, emit: Callable[[Spec], object]) -> None:
        spec = self.spec()
        wrong = specs.faults(spec, self._currency)
        for name, made in self._inputs.items():
            repolish(made, "fault", "true" if name in wrong else "false")
        if wrong:
            first = next(name for name in self._inputs if name in wrong)
            self._fault.setText(wrong[first])
            self._inputs[first].setFocus(Qt.FocusReason.OtherFocusReason)
            return
        emit(spec)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 - Qt's name
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._end(self.saved.emit)
        else:
            super().keyPressEvent(event)
