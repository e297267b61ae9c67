"""What an import would do, before anything is written: the file's first rows, what each column means, and what looks wrong.

It refuses to guess by itself: the engine guesses, a person changes it, and the engine is asked again.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from studio.model.import_plan import PLATFORM_NAMES
from ui.controls import Choice, Elided, button, label, row, scrolling
from ui.figures import count
from ui.language import fault_words, words
from ui.models.refusal import refusal_words
from ui.plain import plain

_SHOWN_COLUMNS = 40
_SHOWN_ROWS = 5
_COLUMN_PX = 150
_SHOWN_FAULTS = 4
_TABLE = ("name", "kind", "headers", "rows")
"""What the table shows: another file with the same head is another table."""


class ImportPreview(QWidget):
    """`changed` asks for another look at the plan, `taken` for the import, `left` for another file."""

    changed = Signal()
    taken = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seen: Mapping[str, Any] = {}
        self._boxes: dict[str, Choice] = {}
        self._title = Elided("", "head")
        self._facts = label("", "small")
        self.platform = Choice(words("import.platform"))
        self.platform.setEditable(True)
        self.platform.addItems(["", *PLATFORM_NAMES])
        self.platform.setFixedWidth(140)
        self.source = QLineEdit()
        self.source.setMaxLength(40)
        self.source.setFixedWidth(140)
        self.source.setAccessibleName(words("import.source"))
        self._plan = QWidget()
        self._plan.setLayout(
            row(label(words("import.platform"), "small"), self.platform, 12, label(words("import.source"), "small"), self.source, None)
        )
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._notes = QVBoxLayout()
        self._notes.setSpacing(4)
        self.take = button(words("import.take"), self.taken.emit, kind="main", icon="upload")
        self._build()
        self.platform.activated.connect(lambda _: self.changed.emit())
        self.platform.lineEdit().editingFinished.connect(self._platform_typed)
        self._platform_before = ""

    def _build(self) -> None:
        table = QWidget()
        table.setObjectName("scrolled")
        table.setLayout(self._grid)
        self._area: QScrollArea = scrolling(table)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        made = QVBoxLayout(self)
        made.setContentsMargins(0, 0, 0, 0)
        made.setSpacing(8)
        made.addWidget(self._title)
        made.addWidget(self._facts)
        made.addWidget(self._plan)
        made.addWidget(self._area, 1)
        made.addLayout(self._notes)
        made.addLayout(row(self.take, button(words("import.other"), self.left.emit, kind="ghost"), None))

    def show_answer(self, seen: Mapping[str, Any]) -> None:
        """`POST /v1/imports/preview`."""
        is_new = any(seen.get(part) != self._seen.get(part) for part in _TABLE)
        self._seen = seen
        self._title.setText(plain(str(seen.get("name") or ""), 80))
        kind = str(seen.get("kind"))
        facts = (words(f"import.kind_{kind}"), str(seen.get("encoding")), words("import.bytes", count=count(int(seen.get("bytes") or 0))))
        self._facts.setText(" · ".join(facts))
        self._plan.setVisible(kind == "fans")
        self._area.setVisible(kind != "events")
        if is_new:
            self.platform.setCurrentText(str(seen.get("platform") or ""))
            self.source.setText(str(seen.get("source") or ""))
            self._platform_before = self.platform.currentText()
            self._fill()
        self._show_notes()

    def plan(self) -> dict[str, Any]:
        """What stands here, as a body for the engine."""
        if self._seen.get("kind") == "events":
            return {"kind": "events", "columns": {}, "encoding": self._seen.get("encoding")}
        kept = dict(self._seen.get("columns") or {})
        for header, box in self._boxes.items():
            kept[header] = box.currentData()
        return {
            "kind": self._seen.get("kind"),
            "columns": {header: field for header, field in kept.items() if field},
            "platform": self.platform.currentText().strip(),
            "source": self.source.text().strip(),
            "encoding": self._seen.get("encoding"),
        }

    def _platform_typed(self) -> None:
        if self.platform.currentText() != self._platform_before:
            self._platform_before = self.platform.currentText()
            self.changed.emit()

    def _fill(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        self._boxes = {}
        fields = [str(name) for name in self._seen.get("fields") or ()]
        chosen = self._seen.get("columns") or {}
        for column, header in enumerate(list(self._seen.get("headers") or ())[:_SHOWN_COLUMNS]):
            self._grid.setColumnMinimumWidth(column, _COLUMN_PX)
            self._grid.addWidget(Elided(plain(str(header), 60), "strong"), 0, column)
            box = Choice(str(header))
            box.addItem(words("in.none"), "")
            for name in fields:
                box.addItem(words(f"in.{name}"), name)
            box.setCurrentIndex(max(0, box.findData(chosen.get(header, ""))))
            box.activated.connect(lambda _: self.changed.emit())
            self._boxes[str(header)] = box
            self._grid.addWidget(box, 1, column)
            for number, shown in enumerate(list(self._seen.get("rows") or ())[:_SHOWN_ROWS], 2):
                cells = shown.get("cells") or ()
                self._grid.addWidget(Elided(plain(str(cells[column]) if column < len(cells) else "", 60), "muted"), number, column)
        self._grid.setRowStretch(_SHOWN_ROWS + 2, 1)

    def _show_notes(self) -> None:
        while (item := self._notes.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        fault = self._seen.get("fault")
        if isinstance(fault, Mapping):
            self._note(refusal_words(fault), "fault")
        for code in self._seen.get("warnings") or ():
            self._note(fault_words(str(code)), "warn")
        refused = list(self._seen.get("refused") or ())
        if refused:
            of = count(int(self._seen.get("looked_at") or 0))
            self._note(words("import.would_refuse", count=count(int(self._seen.get("refused_count") or 0)), of=of), "warn")
        for one in refused[:_SHOWN_FAULTS]:
            self._note(words("import.line", line=one.get("line"), reason=plain(refusal_words(one), 120)), "small")
        self.take.setEnabled(not isinstance(fault, Mapping))

    def _note(self, text: str, role: str) -> None:
        made = label(text, role)
        made.setWordWrap(True)
        self._notes.addWidget(made)
