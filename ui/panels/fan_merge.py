"""Another account of the same person that nobody suggested: found by its name or id, and merged by hand.

It refuses to merge without a look: each account that was found has a button of its own, and the step can be undone.
"""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import Elided, button, label, row
from ui.language import words
from ui.plain import plain

_SHOWN = 5
_WAIT_MS = 250


class FanMerge(QWidget):
    """A part of the fan's card; `changed` is called after the merge."""

    def __init__(self, bridge: Bridge, who: tuple[str, str], changed: Callable[[], None]) -> None:
        super().__init__()
        self._bridge = bridge
        self._who = who
        self._changed = changed
        self.begin: QPushButton = button(words("fan.merge_other"), self._open, kind="ghost", size="small")
        self.search = QLineEdit()
        self.search.setPlaceholderText(words("fans.search"))
        self.search.setAccessibleName(words("fans.search"))
        self.search.setClearButtonEnabled(True)
        self.search.hide()
        self._found = QVBoxLayout()
        self._found.setSpacing(4)
        self._note = label("", "small")
        self._note.setWordWrap(True)
        self._note.hide()
        made = QVBoxLayout(self)
        made.setContentsMargins(0, 0, 0, 0)
        made.setSpacing(6)
        made.addLayout(row(self.begin, None))
        made.addWidget(self.search)
        made.addLayout(self._found)
        made.addWidget(self._note)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._ask)
        self.search.textEdited.connect(lambda _: self._timer.start())

    def _open(self) -> None:
        self.begin.hide()
        self.search.show()
        self.search.setFocus()

    def _ask(self) -> None:
        text = self.search.text().strip()
        if text:
            self._bridge.ask(lambda client: client.find_fans(text, _SHOWN + 1), lambda answer: self._show(text, answer), self._say)

    def _show(self, text: str, answer: Any) -> None:
        if text != self.search.text().strip() or not isinstance(answer, Mapping):
            return
        while (item := self._found.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        others = [one for one in answer.get("rows") or () if self._who not in _accounts(one)][:_SHOWN]
        for fan in others:
            self._found.addWidget(self._row(fan))
        self._say("" if others else words("fans.not_found"))

    def _row(self, fan: Mapping[str, Any]) -> QWidget:
        made = QWidget()
        line = row(label(plain(str(fan.get("platform")), 20), "tag"), spacing=8)
        line.addWidget(Elided(plain(str(fan.get("name") or fan.get("id")))), 1)
        body = {"platform": str(fan.get("platform")), "id": str(fan.get("id")), "reason": words("fan.merge_by_hand")}
        merge = button(
            words("fan.merge"),
            lambda: self._bridge.ask(lambda client: client.fan_step(*self._who, "merge", body), lambda _: self._changed(), self._say),
            size="small",
        )
        line.addWidget(merge)
        made.setLayout(line)
        return made

    def _say(self, text: str) -> None:
        self._note.setText(text)
        self._note.setVisible(bool(text))


def _accounts(fan: Mapping[str, Any]) -> set[tuple[str, str]]:
    named = [one for one in fan.get("identities") or () if isinstance(one, Mapping)]
    return {(str(one.get("platform")), str(one.get("id"))) for one in [fan, *named]}
