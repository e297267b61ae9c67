"""What happened: the newest notices with how long ago they came.

It refuses to interrupt, and to show a code where the catalogue has words.
"""

import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui import icons, theme
from ui.bridge import Bridge
from ui.controls import label, row, rule, scrolling
from ui.figures import ago
from ui.language import locale, words
from ui.panels.watching import Watching
from ui.plain import plain
from ui.room import Notice
from ui.shapes import State, StateShape

SHOWN = 12
_LEVELS: dict[str, State] = {"good": "good", "info": "info", "warn": "warn", "warning": "warn", "bad": "bad", "error": "bad"}


def _head() -> QWidget:
    bell = QLabel()
    bell.setPixmap(icons.pixmap("bell", 18, theme.colour("text"), bell.devicePixelRatioF()))
    made = QWidget()
    made.setFixedHeight(40)
    made.setLayout(row(bell, label(words("notices.title"), "head"), None, margins=(12, 0, 12, 0)))
    return made


def notice_words(notice: Notice) -> str:
    """A notice in the window's language; what strangers wrote in it is cleaned."""
    said = notice.texts.get(locale()) or notice.texts.get("en") or words("error.unknown", code=notice.code)
    return f"{plain(said, 200)} ×{notice.count}" if notice.count > 1 else plain(said, 200)


class NoticesPanel(Watching, QWidget):
    """The newest above."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._times: list[tuple[QLabel, Notice]] = []
        self._list = QVBoxLayout()
        self._list.setContentsMargins(12, 0, 12, 8)
        self._list.setSpacing(0)
        inside = QWidget()
        inside.setObjectName("scrolled")
        inside.setLayout(self._list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(_head())
        layout.addWidget(scrolling(inside), 1)
        self._timer = QTimer(self)
        self._timer.setInterval(5000)
        self._timer.timeout.connect(self._show_times)
        self._timer.start()
        self.watch(bridge, "notice")
        self.refresh()

    def refresh(self) -> None:
        """Show what the room says."""
        while (item := self._list.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        self._times = []
        notices = list(self._bridge.room.notices)[:SHOWN]
        for number, notice in enumerate(notices):
            if number:
                self._list.addWidget(rule())
            self._list.addWidget(self._line(notice))
        if not notices:
            self._list.addWidget(label(words("notices.empty"), "muted"))
        self._list.addStretch(1)
        self._show_times()

    def _line(self, notice: Notice) -> QWidget:
        made = QWidget()
        line = QHBoxLayout(made)
        line.setContentsMargins(0, 8, 0, 8)
        line.setSpacing(10)
        text = label(notice_words(notice), "muted" if notice.is_over else "")
        text.setWordWrap(True)
        when = label("", "small")
        line.addWidget(StateShape("good" if notice.is_over else _LEVELS.get(notice.level, "info"), 16), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(text, 1)
        line.addWidget(when, 0, Qt.AlignmentFlag.AlignTop)
        self._times.append((when, notice))
        return made

    def _show_times(self) -> None:
        now = time.time()
        for when, notice in self._times:
            when.setText(ago(now - notice.at_s))
