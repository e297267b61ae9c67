"""The fan file carried away: an export for a spreadsheet, a backup now, and the way back from a backup.

It refuses to restore by a click: what happens is said first, and the button must be held.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.bridge import Asked, Bridge
from ui.controls import Choice, Elided, HoldButton, button, choose_new_file, icon_button, label, row, rule, scrolling
from ui.figures import count, moment, size
from ui.language import fault_words, locale, words
from ui.panels.import_report import progress_bar
from ui.plain import plain

_ASK_MS = 400
_FORM_LETTERS = 18
_FORMS = {
    "excel": ({"format": "csv", "encoding": "utf-8-bom"}, "fans.csv"),
    "gbk": ({"format": "csv", "encoding": "gbk"}, "fans.csv"),
    "all": ({"format": "jsonl"}, "fans.jsonl"),
}


class ExportCard(QFrame):
    """One file for all fans."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._asked: Asked | None = None
        self.setProperty("part", "card")
        self.form = Choice(words("export.form"))
        self.form.setMinimumContentsLength(_FORM_LETTERS)
        for name in _FORMS:
            self.form.addItem(words(f"export.form_{name}"), name)
        self.go: QPushButton = button(words("export.go"), self._choose, size="small")
        self.cancel: QPushButton = button(words("import.cancel"), self._cancel, size="small")
        self._bar = progress_bar()
        self._note: QLabel = label(words("export.hint"), "small")
        self._note.setWordWrap(True)
        made = QVBoxLayout(self)
        made.setContentsMargins(16, 12, 16, 14)
        made.setSpacing(8)
        made.addWidget(label(words("export.title"), "title"))
        line = row(spacing=8)
        line.addWidget(self.form, 1)
        line.addWidget(self.go)
        line.addWidget(self.cancel)
        made.addLayout(line)
        made.addWidget(self._bar)
        made.addWidget(self._note)
        self._rest()

    def _choose(self) -> None:
        _, name = _FORMS[self.form.currentData()]
        choose_new_file(self, words("export.go"), name, "CSV, JSONL (*.csv *.jsonl)", lambda path: self.save_to(Path(path)))

    def save_to(self, path: Path) -> None:
        """Write the chosen form to a file."""
        body, _ = _FORMS[self.form.currentData()]
        wanted = {**body, "language": locale() if body["format"] == "csv" else ""}
        self.go.hide()
        self.cancel.show()
        self._bar.setValue(0)
        self._bar.show()

        def told(lines: int, fans: int) -> None:
            self._bar.setValue(min(1000, round(1000 * lines / max(1, fans))))
            self._note.setText(words("export.lines", count=count(lines)))

        def done(count_bytes: Any) -> None:
            self._rest()
            self._note.setText(words("export.done", name=plain(path.name, 60), size=size(int(count_bytes))))

        def failed(text: str) -> None:
            self._rest()
            self._note.setText(text)

        self._asked = self._bridge.ask(lambda client: client.export(path, wanted, told), done, failed)

    def _cancel(self) -> None:
        if self._asked is not None:
            self._asked.cancel()
        self._rest()
        self._note.setText(words("export.cancelled"))

    def _rest(self) -> None:
        self._asked = None
        self.go.show()
        self.cancel.hide()
        self._bar.hide()


class BackupCard(QFrame):
    """Copies of the fan file on the engine's computer; `restored` comes when the engine is back with one of them."""

    restored = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setProperty("part", "card")
        self.go: QPushButton = button(words("backup.go"), self._go, size="small", icon="disk")
        self.stop: QPushButton = button(words("import.stop"), lambda: self._forget("running"), size="small")
        self._bar = progress_bar()
        self._note: QLabel = label("", "small")
        self._note.setWordWrap(True)
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 4, 0)
        self._list.setSpacing(0)
        made = QVBoxLayout(self)
        made.setContentsMargins(16, 12, 16, 14)
        made.setSpacing(8)
        made.addLayout(row(label(words("backup.title"), "title"), None, self.go, self.stop))
        made.addWidget(self._bar)
        made.addWidget(self._note)
        made.addWidget(scrolling(inside), 1)
        self._timer = QTimer(self)
        self._timer.setInterval(_ASK_MS)
        self._timer.timeout.connect(self._ask)
        self._is_restoring = False
        bridge.returned.connect(self._on_returned)
        self._bar.hide()
        self.stop.hide()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102 - Qt's name
        super().showEvent(event)
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802, D102 - Qt's name
        self._timer.stop()
        super().hideEvent(event)

    def _ask(self) -> None:
        self._bridge.ask(lambda client: client.backups(), self._show, self._note.setText)

    def _go(self) -> None:
        self._note.setText("")
        self._bridge.ask(lambda client: client.back_up(), self._show, self._note.setText)

    def _forget(self, name: str) -> None:
        self._bridge.ask(lambda client: client.forget_backup(name), self._show, self._note.setText)

    def _show(self, answer: Any) -> None:
        if not isinstance(answer, Mapping):
            return
        running, failed = answer.get("running"), answer.get("failed")
        is_running = isinstance(running, Mapping)
        if is_running:
            self._timer.start()
            self._bar.setValue(round(1000 * float(running.get("share") or 0)))
        else:
            self._timer.stop()
        self._bar.setVisible(is_running)
        self.stop.setVisible(is_running)
        self.go.setVisible(not is_running)
        rows = list(answer.get("rows") or ())
        if isinstance(failed, Mapping):
            self._note.setText(fault_words(str(failed.get("code")), **dict(failed.get("params") or {})))
        elif not rows and not is_running:
            self._note.setText(words("backup.none"))
        self._note.setVisible(bool(self._note.text()))
        while (item := self._list.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        for one in rows:
            self._list.addWidget(_BackupRow(one, self._restore, self._forget))
        self._list.addStretch(1)

    def _restore(self, name: str) -> None:
        def done(_: Any) -> None:
            self._is_restoring = True
            self._say(words("backup.restarting"))

        self._bridge.ask(lambda client: client.restore_backup(name), done, self._say)

    def _on_returned(self) -> None:
        if self._is_restoring:
            self._is_restoring = False
            self._say(words("backup.restored"))
            self._ask()
            self.restored.emit()

    def _say(self, text: str) -> None:
        self._note.setText(text)
        self._note.show()


class _BackupRow(QWidget):
    """A backup; its question opens below it."""

    def __init__(self, one: Mapping[str, Any], restore: Callable[[str], None], forget: Callable[[str], None]) -> None:
        super().__init__()
        name = str(one.get("name"))
        made_at = moment(one.get("made_at"))
        when = made_at.astimezone().strftime("%Y-%m-%d %H:%M") if made_at else ""
        self._question = QWidget()
        self._words = label("", "small")
        self._words.setWordWrap(True)
        self._hold = HoldButton(words("backup.hold"), icon="reset")
        self._wanted: Callable[[], object] | None = None
        self._hold.held.connect(self._confirmed)
        asked = QVBoxLayout(self._question)
        asked.setContentsMargins(0, 0, 0, 8)
        asked.addWidget(self._words)
        asked.addLayout(row(self._hold, button(words("import.cancel"), self._question.hide, kind="ghost", size="small"), None))
        self._question.hide()
        line = row(spacing=6)
        line.addWidget(Elided(when or plain(name, 60), "strong"), 1)
        line.addWidget(label(size(int(one.get("bytes") or 0)), "small"))
        line.addWidget(
            icon_button("reset", words("backup.restore"), lambda: self._ask(words("backup.restore_line"), lambda: restore(name)))
        )
        line.addWidget(icon_button("close", words("backup.forget"), lambda: self._ask(words("backup.forget_line"), lambda: forget(name))))
        made = QVBoxLayout(self)
        made.setContentsMargins(0, 4, 0, 4)
        made.setSpacing(4)
        made.addLayout(line)
        made.addWidget(self._question)
        made.addWidget(rule())

    def _ask(self, text: str, wanted: Callable[[], object]) -> None:
        self._words.setText(text)
        self._wanted = wanted
        self._question.show()

    def _confirmed(self) -> None:
        self._question.hide()
        if self._wanted is not None:
            self._wanted()
