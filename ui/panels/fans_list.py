"""All fans in order, a page at a time, straight from `GET /v1/fans`.

It refuses to load what nobody asked for: the next page comes with its button.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.remote.surface import FanSort
from ui import badges
from ui.bridge import Bridge
from ui.controls import Elided, button, icon_button, label, row
from ui.figures import count, moment, money
from ui.language import words
from ui.models.people import layer_words, segment_words
from ui.plain import plain

_PAGE = 25
_WAIT_MS = 250
"""After the last letter: a name typed in one go is asked for once."""
_SORTS: tuple[FanSort, ...] = ("spent_minor", "points", "last_order_at")
_COLUMNS = ("name", "segment", "layer", "spent", "points", "last_order")


class FansList(QWidget):
    """A table; sorting or searching begins it anew. `chosen` carries the platform and id of the fan whose card is wanted."""

    chosen = Signal(str, str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._sort: FanSort = "spent_minor"
        self._after = ""
        self._rows = 0
        self._sorts = QButtonGroup(self)
        sorts = row(spacing=4)
        for sort in _SORTS:
            made = button(words(f"fans.sort_{sort}"), lambda chosen=sort: self._choose(chosen), kind="tab")
            made.setCheckable(True)
            made.setChecked(sort == self._sort)
            self._sorts.addButton(made)
            sorts.addWidget(made)
        sorts.addStretch(1)
        self.search = QLineEdit()
        self.search.setPlaceholderText(words("fans.search"))
        self.search.setAccessibleName(words("fans.search"))
        self.search.setFixedWidth(240)
        self.search.setClearButtonEnabled(True)
        sorts.addWidget(self.search)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self.begin)
        self.search.textChanged.connect(lambda _: self._timer.start())
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        for column, share in enumerate((0, 4, 3, 2, 2, 2, 2)):
            self._grid.setColumnStretch(column, share)
        self.more = button(words("fans.more"), self._next, size="small")
        self.note: QLabel = label("", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(sorts)
        layout.addLayout(self._grid)
        layout.addWidget(self.note)
        layout.addLayout(row(self.more, None))

    def begin(self) -> None:
        """The first page."""
        self._after = ""
        self._next()

    def _choose(self, sort: FanSort) -> None:
        self._sort = sort
        self.begin()

    def _next(self) -> None:
        sort, after, text = self._sort, self._after, self.search.text().strip()
        self.more.setEnabled(False)
        if text:
            self._bridge.ask(lambda client: client.find_fans(text, _PAGE), lambda answer: self._show_found(text, answer), self._refuse)
            return
        self._bridge.ask(lambda client: client.fans(sort, _PAGE, after), lambda answer: self._show(sort, after, answer), self._refuse)

    def _refuse(self, text: str) -> None:
        self.more.setEnabled(True)
        self.note.setText(text)
        self.note.show()

    def _show(self, sort: FanSort, after: str, answer: Any) -> None:
        if not isinstance(answer, Mapping) or (sort, after) != (self._sort, self._after) or self.search.text().strip():
            return
        if not after:
            self._clear()
        for fan in answer["rows"]:
            self._add(fan)
        self._after = str(answer.get("after") or "")
        self.more.setVisible(bool(self._after))
        self.more.setEnabled(True)
        self.note.setText(words("fans.none"))
        self.note.setVisible(not self._rows)

    def _show_found(self, text: str, answer: Any) -> None:
        if not isinstance(answer, Mapping) or text != self.search.text().strip():
            return
        self._clear()
        for fan in answer["rows"]:
            self._add(fan)
        self.more.hide()
        self.note.setText(words("fans.more_found" if self._rows else "fans.not_found"))
        self.note.setVisible(not self._rows or bool(answer.get("more")))

    def _clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        self._rows = 0

    def _add(self, fan: Mapping[str, Any]) -> None:
        if not self._rows:
            for column, name in enumerate(_COLUMNS, 1):
                self._grid.addWidget(label(words(f"fans.column_{name}"), "small"), 0, column)
        self._rows += 1
        badge = label()
        badge.setPixmap(badges.pixmap(badges.rank_of(fan), 20, self.devicePixelRatioF()))
        self._grid.addWidget(badge, self._rows, 0)
        found = moment(fan.get("last_order_at"))
        shown = (
            plain(str(fan.get("name") or fan.get("id") or "")),
            segment_words(fan.get("segment")),
            layer_words(fan.get("layer")),
            money(int(fan.get("spent_minor") or 0), str(fan.get("currency") or "CNY")),
            count(int(fan.get("points") or 0)),
            found.astimezone().strftime("%Y-%m-%d") if found else "—",
        )
        who = (str(fan.get("platform")), str(fan.get("id")))
        self._grid.addWidget(icon_button("assistant", words("fans.open"), lambda: self.chosen.emit(*who)), self._rows, len(shown) + 1)
        for column, text in enumerate(shown, 1):
            self._grid.addWidget(Elided(text, "strong" if column == 1 else ""), self._rows, column)

    def count(self) -> int:
        """Rows that are shown."""
        return self._rows
