"""An import under way and what became of it: how far it is, what was taken, and each refused row with its reason.

It refuses to keep a row back: the list goes on as long as there are refused rows, and can be saved as a table.
"""

import asyncio
import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from studio.errors import InvalidInput, os_code
from studio.model.cells import neutralised
from studio.remote.client import StudioClient
from ui.bridge import Bridge
from ui.controls import Elided, button, choose_new_file, label, row, scrolling
from ui.figures import count
from ui.language import fault_words, words
from ui.models.refusal import refusal_words
from ui.plain import plain

_ASK_MS = 400
_PAGE = 100


def progress_bar() -> QProgressBar:
    """A thin bar from 0 to 1000."""
    made = QProgressBar()
    made.setRange(0, 1000)
    made.setTextVisible(False)
    made.setFixedHeight(8)
    return made


class ImportReport(QWidget):
    """`left` comes when another file is wanted, `ended` when an import has come to its end, was stopped or goes on."""

    left = Signal()
    ended = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._job: Mapping[str, Any] = {}
        self._after: int | None = 0
        self._title = Elided("", "head")
        self.bar = progress_bar()
        self._figures: QLabel = label("")
        self._note: QLabel = label("", "fault")
        self._note.setWordWrap(True)
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 8, 0)
        self._list.setSpacing(4)
        self._list.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.stop: QPushButton = button(words("import.stop"), lambda: self._step("stop"), size="small", icon="stop")
        self.resume: QPushButton = button(words("import.resume"), lambda: self._step("resume"), kind="main", size="small", icon="play")
        self.more: QPushButton = button(words("fans.more"), self._ask_rejected, size="small")
        self.save: QPushButton = button(words("import.save_rejected"), self._choose, size="small")
        self.again: QPushButton = button(words("import.another"), self.left.emit, kind="ghost", size="small")
        made = QVBoxLayout(self)
        made.setContentsMargins(0, 0, 0, 0)
        made.setSpacing(8)
        made.addWidget(self._title)
        made.addWidget(self.bar)
        made.addWidget(self._figures)
        made.addWidget(self._note)
        made.addWidget(scrolling(inside), 1)
        made.addLayout(row(self.stop, self.resume, self.more, self.save, self.again, None))
        self._timer = QTimer(self)
        self._timer.setInterval(_ASK_MS)
        self._timer.timeout.connect(self._ask)

    def follow(self, job: Mapping[str, Any]) -> None:
        """Begin with an import that was started, or is looked at again."""
        self._clear()
        self._job, self._after = job, 0
        self._show(job)
        if job.get("state") == "running":
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102 - Qt's name
        super().showEvent(event)
        if self._job.get("state") == "running":
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802, D102 - Qt's name
        self._timer.stop()
        super().hideEvent(event)

    def _ask(self) -> None:
        self._bridge.ask(lambda client: client.imports(), self._found, self._note.setText)

    def _found(self, answer: Any) -> None:
        rows = answer.get("rows") if isinstance(answer, Mapping) else None
        mine = next((one for one in rows or () if one.get("id") == self._job.get("id")), None)
        if mine is not None and self._timer.isActive():
            self._show(mine)

    def _show(self, job: Mapping[str, Any]) -> None:
        self._job = job
        state = str(job.get("state"))
        self._title.setText(words(f"import.state_{state}", name=plain(str(job.get("name")), 60)))
        share = float(job.get("share") or 0)
        self.bar.setValue(round(1000 * share))
        self.bar.setVisible(
            state == "running" or share > 0
        )  # an engine that was started anew knows the rows of a stopped one, not its share
        figures = {name: count(int(job.get(name) or 0)) for name in ("rows", "accepted", "duplicate", "rejected")}
        self._figures.setText(words("import.figures", **figures))
        self._note.setText(fault_words(str(job["failed"]), **dict(job.get("failed_params") or {})) if job.get("failed") else "")
        self._note.setVisible(bool(job.get("failed")))
        is_running = state == "running"
        self.stop.setVisible(is_running)
        self.resume.setVisible(bool(job.get("can_resume")))
        self.again.setVisible(not is_running)
        self.more.hide()
        self.save.setVisible(not is_running and bool(job.get("rejected")))
        if not is_running:
            was_running = self._timer.isActive()
            self._timer.stop()
            if job.get("rejected") and self._after == 0:
                self._ask_rejected()
            if was_running:
                self.ended.emit()

    def _step(self, step: str) -> None:
        number = str(self._job.get("id"))

        def done(job: Any) -> None:
            self._timer.stop()
            self.follow(job)
            self.ended.emit()

        self._bridge.ask(lambda client: client.import_step(number, "stop" if step == "stop" else "resume"), done, self._say)

    def _say(self, text: str) -> None:
        self._note.setText(text)
        self._note.show()

    def _ask_rejected(self) -> None:
        number, after = str(self._job.get("id")), self._after or 0
        self._after = None
        self._bridge.ask(lambda client: client.rejected_rows(number, after, _PAGE), self._add_rejected, self._say)

    def _add_rejected(self, answer: Any) -> None:
        for one in answer.get("rows") or () if isinstance(answer, Mapping) else ():
            text = words("import.line", line=one.get("line"), reason=plain(refusal_words(one), 160))
            line = label(text, "small")
            line.setWordWrap(True)
            self._list.addWidget(line)
        self._after = answer.get("after")
        self.more.setVisible(self._after is not None)

    def _clear(self) -> None:
        while (item := self._list.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()

    def _choose(self) -> None:
        choose_new_file(self, words("import.save_rejected"), "rejected.csv", "CSV (*.csv)", lambda path: self.save_to(Path(path)))

    def save_to(self, path: Path) -> None:
        """Write every refused row to a table."""
        number = str(self._job.get("id"))

        def said(rows: int) -> None:
            self._figures.setText(words("import.saved", count=count(rows), name=plain(path.name, 60)))

        self._bridge.ask(lambda client: _save(client, number, path), said, self._say)


async def _save(client: StudioClient, number: str, path: Path) -> int:
    rows, after = [], 0
    while True:
        answer = await client.rejected_rows(number, after, 500)
        rows += answer["rows"]
        after = answer["after"]
        if after is None:
            break
    try:
        await asyncio.to_thread(_write, path, [(row["line"], neutralised(refusal_words(row))) for row in rows])
    except OSError as error:
        raise InvalidInput("fans.export_failed", path=str(path), reason=error.strerror or str(error), reason_code=os_code(error)) from error
    return len(rows)


def _write(path: Path, rows: list[tuple[int, str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((words("import.head_line"), words("import.head_reason")))
        writer.writerows(rows)
