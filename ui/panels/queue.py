"""A list that somebody works off: how many wait, the first of them with their buttons, and what was just done.

It refuses to be there while nothing waits, and to build its rows anew when nothing changed.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import button, head, label, row, rule, scrolling
from ui.figures import count
from ui.language import words
from ui.models.queue import Queue
from ui.panels.watching import Watching

SHOWN = 20
"""Rows in the list; the count beside the title tells of more."""
_HIGHEST_PX = 260


class QueuePanel(Watching, QWidget):
    """`kind` is the stream's message and the room's attribute, `part` the first part of its words."""

    kind: ClassVar[str]
    part: ClassVar[str]

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._rows: tuple[Mapping[str, Any], ...] | None = None
        self._count = label("", "small")
        self._note = label("", "small")
        self._note.setWordWrap(True)
        self._way_back: Callable[[], None] = lambda: None
        self.undo = button(words("fan.undo"), self._go_back, size="small", icon="undo")
        self._list = QVBoxLayout()
        self._list.setContentsMargins(12, 0, 12, 8)
        self._list.setSpacing(0)
        inside = QWidget()
        inside.setObjectName("scrolled")
        inside.setLayout(self._list)
        title = head(words(f"{self.part}.title"), self._count)
        title.setContentsMargins(12, 0, 12, 0)
        hint = label(words(f"{self.part}.hint"), "small")
        hint.setWordWrap(True)
        hint.setContentsMargins(12, 0, 12, 4)
        note = row(spacing=8, margins=(12, 0, 12, 4))
        note.addWidget(self._note, 1)
        note.addWidget(self.undo)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(rule())
        layout.addWidget(title)
        layout.addWidget(hint)
        layout.addLayout(note)
        layout.addWidget(scrolling(inside), 1)
        self.setMaximumHeight(_HIGHEST_PX)
        self.say("")
        self.watch(bridge, self.kind)
        self.refresh()

    def queue(self) -> Queue:
        """What the room says of it."""
        return getattr(self._bridge.room, self.kind)

    def refresh(self) -> None:
        """Show what the room says."""
        queue = self.queue()
        self.setVisible(bool(queue.rows) or not self.undo.isHidden())
        self._count.setText(words(f"{self.part}.waiting", count=count(queue.waiting)))
        rows = queue.rows[:SHOWN]
        if rows == self._rows:
            return
        self._rows = rows
        while (item := self._list.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        for number, order in enumerate(rows):
            if number:
                self._list.addWidget(rule())
            self._list.addWidget(self.item(order))
        self._list.addStretch(1)

    def item(self, order: Mapping[str, Any]) -> QWidget:
        """One row with its buttons."""
        raise NotImplementedError

    def say(self, text: str, undo: Callable[[], None] | None = None) -> None:
        """What was done, or refused; with a way back where there is one."""
        self._note.setText(text)
        self._note.setVisible(bool(text))
        self.undo.setVisible(undo is not None)
        if undo is not None:
            self._way_back = undo

    def _go_back(self) -> None:
        self._way_back()
