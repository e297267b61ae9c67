"""The editor of the loyalty rules: tiers, points, what they buy; each explained while it is typed, who would move before it is applied.

It refuses to apply what has a fault.
"""

import contextlib
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.model.loyalty import Rules
from studio.model.rules_file import InvalidRules, parse_rules
from ui.bridge import Bridge
from ui.controls import Body, Elided, button, label, row, rule, scrolling
from ui.language import words
from ui.panels.page_head import PageHead
from ui.panels.rules_editor import RulesEditor
from ui.panels.rules_told import card, faults_of, history_of, lines_of, matrix_of, moves_of, summary_of, warnings_of

_ASK_MS = 350
"""After the last key: who would move is counted once for a number, not for each digit."""


class RulesPage(QWidget):
    """Asks when it is opened; what was typed and not applied is kept until then."""

    turned = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self._bridge = bridge
        self._tables: dict[str, Any] = {}
        self._held = Rules()
        self._number, self._currency = 0, "CNY"
        self._rules: Rules | None = None
        self._note = Elided("", "small")
        self.editor = RulesEditor()
        self.editor.typed.connect(self._on_typed)
        self.lines, self.matrix, self.moves, self.history = Body(), Body(), Body(), Body()
        self.summary = label("", "strong")
        self.summary.setWordWrap(True)
        self.apply = button(words("rules.apply"), self._apply, kind="main", icon="check")
        self.undo = button(words("rules.undo"), self._undo, icon="undo")
        self._timer = QTimer(self)
        self._timer.setInterval(_ASK_MS)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._preview)
        self._build()
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self.apply.click)

    def _build(self) -> None:
        top = PageHead("rules")
        top.turned.connect(self.turned)
        top.middle.addWidget(self._note, 1)
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addWidget(scrolling(self.editor), 8)
        both.addWidget(self._told(), 5)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 12)
        outer.setSpacing(12)
        outer.addWidget(top)
        outer.addLayout(both, 1)

    def _told(self) -> QWidget:
        made, outer = card(words("rules.at_a_glance"))
        inside = QWidget()
        inside.setObjectName("scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        parts = (("", self.lines), ("rules.matrix", self.matrix), ("rules.who_moves", self.moves), ("rules.history", self.history))
        for title, body in parts:
            if title:
                column.addWidget(label(words(title), "head"))
            column.addWidget(body)
        column.addStretch(1)
        outer.addWidget(scrolling(inside), 1)
        outer.addWidget(rule())
        outer.addWidget(self.summary)
        outer.addLayout(row(self.undo, None, self.apply))
        return made

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102 - Qt's name
        super().showEvent(event)
        self.ask()

    def ask(self) -> None:
        """The rules that hold, in place of what was typed."""
        self._bridge.ask(lambda client: client.rules(), self._show, self._note.setText)

    def _show(self, answer: Any) -> None:
        if not isinstance(answer, Mapping) or "rules" not in answer:
            return
        self._number, self._currency = int(answer["number"]), str(answer["currency"])
        self._tables = dict(answer["rules"])
        self._held = parse_rules(self._tables)
        history = list(answer.get("history") or ())
        last = next(iter(history), None)
        self.history.fill(*history_of(history))
        self._note.setText(words("rules.changed_by", number=self._number, by=last["by"]) if last else words("rules.never_changed"))
        self.undo.setEnabled(bool(answer.get("can_undo")))
        self.editor.put(self._tables, self._currency)
        self._on_typed()

    def _on_typed(self) -> None:
        """Judge what stands there now, at once; who would move is asked a moment later."""
        wrong: set[str] = set()
        self._rules = None
        try:
            self._rules = parse_rules(self.editor.tables())
        except InvalidRules as error:
            wrong = {fault.key for fault in error.faults}
        names = self.editor.mark(wrong)
        self.apply.setEnabled(self._rules is not None and self._rules != self._held)
        if self._rules is None:
            texts = dict.fromkeys(words(_fault(key), name=names.get(key, key)) for key in sorted(wrong))
            self.lines.fill(*faults_of(list(texts)))
            self.summary.setText(words("rules.first_right"))
            self.moves.fill()
            self._timer.stop()
            return
        self.lines.fill(*warnings_of(self._rules, self._currency), *lines_of(self._rules, self._currency))
        self.matrix.fill(matrix_of(self._rules))
        self._timer.start()

    def _preview(self) -> None:
        tables, rules = self.editor.tables(), self._rules

        def show(answer: Any) -> None:
            with contextlib.suppress(RuntimeError):  # the window was made anew in another language meanwhile
                if rules == self._rules and isinstance(answer, Mapping):
                    self.summary.setText(summary_of(answer))
                    self.moves.fill(*moves_of(answer))

        self._bridge.ask(lambda client: client.preview_rules(tables), show, self._note.setText)

    def _apply(self) -> None:
        tables, seen = self.editor.tables(), self._number
        self.apply.setEnabled(False)
        self._bridge.ask(lambda client: client.apply_rules(tables, seen), self._done, self._refuse)

    def _undo(self) -> None:
        seen = self._number
        self.undo.setEnabled(False)
        self._bridge.ask(lambda client: client.undo_rules(seen), self._done, self._refuse)

    def _done(self, answer: Any) -> None:
        self._show(answer)
        self._note.setText(words("rules.applied_now", up=answer.get("up"), down=answer.get("down")))

    def _refuse(self, text: str) -> None:
        self._note.setText(text)
        self.apply.setEnabled(self._rules is not None and self._rules != self._held)
        self.undo.setEnabled(self._number > 0)


def _fault(key: str) -> str:
    kinds = {
        "name": "rules.fault_name",
        "from_minor": "rules.fault_bound",
        "rights": "rules.fault_rights",
        "percent": "rules.fault_percent",
    }
    if key.startswith("staff"):
        return "rules.fault_staff"
    return kinds.get(key.rpartition(".")[2], "rules.fault_number")
