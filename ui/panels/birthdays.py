"""Whose birthday it is today and on the days to come: a name to wish well, and the tier's gift one click away.

It refuses to give twice: one click is one gift, also where its answer was lost and it is pressed again.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui import badges
from ui.bridge import Bridge
from ui.controls import Elided, button, head, icon_button, label, row, scrolling
from ui.figures import count
from ui.language import words
from ui.models.people import name_of

_DAYS = 7
_SHOWN = 50
_MOST_PX = 220
"""Some four lines: whom to win back stays in sight below."""


class BirthdaysPanel(QFrame):
    """Takes no room while nobody has one; `chosen` carries the platform and id of the fan whose card is wanted."""

    chosen = Signal(str, str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("part", "card")
        self._bridge = bridge
        self._clicks: dict[tuple[str, str], str] = {}
        self._count = label("", "small")
        self.note = label("", "small")
        self.note.setWordWrap(True)
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._lines = QVBoxLayout(inside)
        self._lines.setContentsMargins(0, 0, 8, 0)
        self._lines.setSpacing(6)
        self._area = scrolling(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 4, 8, 12)
        outer.setSpacing(4)
        outer.addWidget(head(words("birthdays.title"), self._count))
        outer.addWidget(self.note)
        outer.addWidget(self._area)
        self.note.hide()
        self.hide()

    def ask(self) -> None:
        """Who it is."""
        self._bridge.ask(lambda client: client.birthdays(_DAYS), self._show)

    def _show(self, answer: Any) -> None:
        rows = answer.get("rows") if isinstance(answer, Mapping) else None
        if not isValid(self) or rows is None:
            return
        while (item := self._lines.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        for one in rows[:_SHOWN]:
            self._lines.addWidget(self._line(one))
        self._lines.addStretch(1)
        today = sum(1 for one in rows if one.get("in_days") == 0)
        self._count.setText(words("birthdays.today", count=count(today)) if today else "")
        self._area.setFixedHeight(min(_MOST_PX, self._lines.sizeHint().height()))
        self.setVisible(bool(rows))

    def _line(self, fan: Mapping[str, Any]) -> QWidget:
        who, name = (str(fan["platform"]), str(fan["id"])), name_of(fan, 20)
        points = int(fan.get("points") or 0)
        badge = label()
        badge.setPixmap(badges.pixmap(badges.rank_of(fan), 20, self.devicePixelRatioF()))
        top = row(badge, spacing=8)
        top.addWidget(Elided(name, "strong"), 1)
        top.addWidget(label(day_words(int(fan["in_days"]), str(fan.get("birthday") or "")), "small"))
        if fan.get("due"):
            give = button(words("birthdays.give", points=count(points)), lambda: self._give(who, name, give), size="small", icon="gift")
            give.setAccessibleName(words("birthdays.give_to", points=count(points), name=name))
            top.addWidget(give)
        elif fan.get("given"):
            top.addWidget(label(words("birthdays.given"), "small"))
        elif points:
            top.addWidget(label(words("birthdays.gift", points=count(points)), "small"))
        top.addWidget(icon_button("assistant", words("fans.open"), lambda: self.chosen.emit(*who)))
        made = QWidget()
        made.setLayout(top)
        return made

    def _give(self, who: tuple[str, str], name: str, pressed: QPushButton) -> None:
        pressed.setEnabled(False)
        click = self._clicks.setdefault(who, f"window-{uuid.uuid4()}")

        def done(answer: Any) -> None:
            self._clicks.pop(who, None)
            self._say(words("birthdays.gave", name=name, points=count(int(answer["given"]))))

        def refused(text: str) -> None:
            if isValid(pressed):
                pressed.setEnabled(True)
            self._say(text)

        self._bridge.ask(lambda client: client.give_birthday(*who, click), done, refused)

    def _say(self, text: str) -> None:
        """What became of it, and the list as it is now."""
        if isValid(self):
            self.note.setText(text)
            self.note.setVisible(bool(text))
            self.ask()


def day_words(in_days: int, birthday: str) -> str:
    """Today, tomorrow, the day before; else the day itself."""
    near = {0: "birthdays.is_today", 1: "birthdays.is_tomorrow", -1: "birthdays.was_yesterday"}.get(in_days)
    return words(near) if near else words("birthdays.on" if in_days > 0 else "birthdays.was", day=birthday)
