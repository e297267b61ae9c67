"""A table brought in, step by step in one place: a file, what it says, how far it is, what was refused.

It refuses to write anything before its preview was seen and its button pressed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ui import icons, theme
from ui.bridge import Asked, Bridge
from ui.controls import button, choose_file, icon_button, label, row
from ui.language import words
from ui.panels.import_preview import ImportPreview
from ui.panels.import_report import ImportReport, progress_bar

_KINDS = "CSV, JSONL (*.csv *.tsv *.txt *.jsonl *.ndjson)"


class ImportWizard(QFrame):
    """`kind` is "products", or empty for whatever the file is; `ended` comes when an import has come to its end,
    `left` when one of products is put away.
    """

    ended = Signal()
    left = Signal()

    def __init__(self, bridge: Bridge, kind: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._kind = kind
        self._upload = ""
        self._asked: Asked | None = None
        self.setProperty("part", "card")
        self.setAcceptDrops(True)
        self._fault: QLabel = label("", "fault")
        self._fault.setWordWrap(True)
        self._fault.hide()
        self.preview, self.report = ImportPreview(), ImportReport(bridge)
        self._pages = QStackedWidget()
        self._first, self._busy = self._pick(), self._wait()
        for page in (self._first, self._busy, self.preview, self.report):
            self._pages.addWidget(page)
        made = QVBoxLayout(self)
        made.setContentsMargins(16, 12, 16, 14)
        made.setSpacing(8)
        title = label(words(f"import.title_{kind or 'all'}"), "title")
        made.addLayout(row(title, None, *([icon_button("close", words("spec.leave"), self.left.emit)] if kind else [])))
        made.addWidget(self._fault)
        made.addWidget(self._pages, 1)
        self.preview.changed.connect(self._look_again)
        self.preview.taken.connect(self._take)
        self.preview.left.connect(self.begin)
        self.report.left.connect(self.begin)
        self.report.ended.connect(self.ended)

    def _pick(self) -> QWidget:
        made = QWidget()
        picture = QLabel()
        picture.setPixmap(icons.pixmap("upload", 40, theme.colour("muted"), self.devicePixelRatioF()))
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint = label(words(f"import.hint_{self._kind or 'all'}"), "muted")
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint.setWordWrap(True)
        self.choose: QPushButton = button(words("import.choose"), self._choose, kind="main")
        inside = QVBoxLayout(made)
        inside.addStretch(1)
        inside.addWidget(picture)
        inside.addWidget(hint)
        inside.addLayout(row(None, self.choose, None))
        inside.addStretch(1)
        return made

    def _wait(self) -> QWidget:
        made = QWidget()
        self._bar = progress_bar()
        inside = QVBoxLayout(made)
        inside.addStretch(1)
        inside.addWidget(label(words("import.uploading")))
        inside.addWidget(self._bar)
        inside.addLayout(row(button(words("import.cancel"), self.begin, size="small"), None))
        inside.addStretch(1)
        return made

    def begin(self) -> None:
        """Back to the choice of a file; what was brought for nothing is forgotten."""
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None
        upload, self._upload = self._upload, ""
        if upload:
            self._bridge.ask(lambda client: client.drop_upload(upload))
        self._say("")
        self._pages.setCurrentWidget(self._first)

    def _choose(self) -> None:
        choose_file(self, words("import.choose"), _KINDS, lambda path: self.open(Path(path)))

    def open(self, path: Path) -> None:
        """Bring a file and look at it."""
        self._say("")
        self._bar.setValue(0)
        self._pages.setCurrentWidget(self._busy)
        told = lambda share: self._bar.setValue(round(1000 * share))  # noqa: E731 - a progress bar
        self._asked = self._bridge.ask(lambda client: client.upload(path, told), self._uploaded, self._refuse)

    def follow(self, job: Mapping[str, Any]) -> None:
        """Look at an import that was begun before."""
        self._pages.setCurrentWidget(self.report)
        self.report.follow(job)

    def _uploaded(self, upload: Any) -> None:
        self._upload = str(upload)
        body = {"upload": self._upload, **({"kind": self._kind} if self._kind else {})}
        self._asked = self._bridge.ask(lambda client: client.preview_import(body), self._show, self._refuse)

    def _look_again(self) -> None:
        body = {"upload": self._upload, **self.preview.plan()}
        self._asked = self._bridge.ask(lambda client: client.preview_import(body), self._show, self._say)

    def _show(self, seen: Any) -> None:
        if isinstance(seen, Mapping):
            self._say("")
            self.preview.show_answer(seen)
            self._pages.setCurrentWidget(self.preview)

    def _take(self) -> None:
        body = {"upload": self._upload, **self.preview.plan()}

        def begun(job: Any) -> None:
            self._upload = ""
            self.follow(job)

        self._bridge.ask(lambda client: client.start_import(body), begun, self._say)

    def _refuse(self, text: str) -> None:
        self.begin()
        self._say(text)

    def _say(self, text: str) -> None:
        self._fault.setText(text)
        self._fault.setVisible(bool(text))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802, D102 - Qt's name
        if self._pages.currentWidget() is self._first and event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802, D102 - Qt's name
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            self.open(Path(paths[0]))
