"""Who is due today: whom to speak to, why, and with which words.

It refuses to write to anybody: it copies the words, and the host says them.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from ui import badges
from ui.controls import Elided, button, head, icon_button, label, row, scrolling
from ui.figures import count
from ui.language import words
from ui.plain import plain

_SHOWN = 50


class DuePanel(QFrame):
    """A column of cards, those who spent most first; `chosen` carries the platform and id of the fan whose card is wanted."""

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("part", "card")
        self._count = label("", "small")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 4, 8, 12)
        outer.setSpacing(4)
        outer.addWidget(head(words("fans.due"), self._count))
        self._empty = label(words("fans.due_counting"), "muted")
        self._empty.setWordWrap(True)
        outer.addWidget(self._empty)
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._cards = QVBoxLayout(inside)
        self._cards.setContentsMargins(0, 0, 8, 0)
        self._cards.setSpacing(8)
        self._area = scrolling(inside)
        outer.addWidget(self._area, 1)
        outer.addStretch(0)
        self._area.hide()

    def show_answer(self, answer: Any) -> None:
        """`GET /v1/repurchase`."""
        if not isinstance(answer, Mapping):
            return
        if "rows" not in answer:
            self._empty.setText(str(answer.get("error") or words("fans.due_counting")))
            return
        while (item := self._cards.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        for one in answer["rows"][:_SHOWN]:
            self._cards.addWidget(self._card(one))
        self._cards.addStretch(1)
        self._count.setText(words("fans.due_count", count=count(answer["count"])) if answer["count"] else "")
        self._empty.setText(words("fans.due_empty"))
        self._empty.setVisible(not answer["rows"])
        self._area.setVisible(bool(answer["rows"]))

    def _card(self, fan: Mapping[str, Any]) -> QFrame:
        made = QFrame()
        made.setProperty("part", "band")
        inside = QVBoxLayout(made)
        inside.setContentsMargins(12, 8, 12, 8)
        inside.setSpacing(4)
        badge = label()
        badge.setPixmap(badges.pixmap(badges.rank_of(fan), 20, self.devicePixelRatioF()))
        top = row(badge)
        top.addWidget(Elided(plain(str(fan.get("name") or fan.get("id") or "")), "head"), 1)
        category = plain(str(fan.get("category") or ""), 20)
        if category:
            top.addWidget(label(category, "tag"))
        inside.addLayout(top)
        why = label(plain(str(fan.get("why") or ""), 160), "small")
        why.setWordWrap(True)
        said = plain(str(fan.get("say") or ""), 200)
        line = label(said)
        line.setWordWrap(True)
        inside.addWidget(why)
        inside.addWidget(line)
        copy = button(words("fans.copy"), size="small")
        copy.clicked.connect(lambda: (QApplication.clipboard().setText(said), copy.setText(words("fans.copied"))))
        who = (str(fan.get("platform") or ""), str(fan.get("id") or ""))
        inside.addLayout(row(copy, None, icon_button("assistant", words("fans.open"), lambda: self.chosen.emit(*who))))
        return made
