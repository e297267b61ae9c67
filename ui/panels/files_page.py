"""The files page: tables in, exports out, backups, and the imports that were.

It refuses to work on files of its own: every one goes through the engine's API.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import Elided, button, label, row, scrolling
from ui.figures import count
from ui.language import words
from ui.panels.copies_card import BackupCard, ExportCard
from ui.panels.import_wizard import ImportWizard
from ui.panels.page_head import PageHead
from ui.plain import plain

_SHOWN = 10


class FilesPage(QWidget):
    """In the show's place; the show goes on."""

    turned = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self._bridge = bridge
        head = PageHead("files")
        head.turned.connect(self.turned)
        head.middle.addStretch(1)
        self.wizard = ImportWizard(bridge)
        self.wizard.ended.connect(self._ask)
        self.exports, self.backups = ExportCard(bridge), BackupCard(bridge)
        self.backups.restored.connect(self._ask)
        self._history = QVBoxLayout()
        self._history.setSpacing(4)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addWidget(self.exports)
        right.addWidget(self.backups, 1)
        right.addWidget(self._history_card(), 1)
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addWidget(self.wizard, 5)
        both.addLayout(right, 3)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 12)
        outer.setSpacing(12)
        outer.addWidget(head)
        outer.addLayout(both, 1)

    def _history_card(self) -> QFrame:
        made = QFrame()
        made.setProperty("part", "card")
        inside = QVBoxLayout(made)
        inside.setContentsMargins(16, 12, 16, 14)
        inside.setSpacing(8)
        inside.addWidget(label(words("import.history"), "title"))
        listed = QWidget()
        listed.setObjectName("scrolled")
        listed.setLayout(self._history)
        self._history.setContentsMargins(0, 0, 4, 0)
        inside.addWidget(scrolling(listed), 1)
        return made

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102 - Qt's name
        super().showEvent(event)
        self._ask()

    def _ask(self) -> None:
        self._bridge.ask(lambda client: client.imports(), self._show)

    def _show(self, answer: Any) -> None:
        rows = [one for one in answer.get("rows") or () if isinstance(one, Mapping)] if isinstance(answer, Mapping) else []
        while (item := self._history.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        for job in rows[:_SHOWN]:
            self._history.addWidget(self._row(job))
        if not rows:
            self._history.addWidget(label(words("import.history_none"), "muted"))
        self._history.addStretch(1)

    def _row(self, job: Mapping[str, Any]) -> QWidget:
        made = QWidget()
        line = row(spacing=8)
        line.addWidget(Elided(plain(str(job.get("name")), 60)), 1)
        figures = words("import.short", accepted=count(int(job.get("accepted") or 0)), rejected=count(int(job.get("rejected") or 0)))
        line.addWidget(label(figures, "small"))
        line.addWidget(label(words(f"import.tag_{job.get('state')}"), "tag"))
        line.addWidget(button(words("import.look"), lambda: self.wizard.follow(job), kind="ghost", size="small"))
        made.setLayout(line)
        return made
