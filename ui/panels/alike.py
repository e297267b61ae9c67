"""Who might be one person: pairs of accounts with the reasons, to be merged or kept apart, and the way back from the last merge.

It refuses to merge by itself, and to be there while nobody is suggested.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget
from shiboken6 import isValid

from studio.remote.person_client import FanStep
from ui.bridge import Bridge
from ui.controls import Elided, button, head, icon_button, label, row, scrolling
from ui.figures import count
from ui.language import words
from ui.models.people import name_of
from ui.plain import plain

REASONS = ("same_phone", "same_order_name")
_ASKED = 50
_MOST_PX = 210
"""Two pairs and a half: that there are more is seen, and whom to win back stays in sight below."""


def reason_words(suggestion: Mapping[str, Any]) -> str:
    """Why two accounts might be one person's; empty for reasons that this window doesn't know."""
    codes = [one.get("code") for one in suggestion.get("reasons") or () if one.get("code") in REASONS]
    return words("list.separator").join(words(f"fan.{code}") for code in codes)


class AlikePanel(QFrame):
    """`chosen` carries the platform and id of the fan whose card is wanted."""

    chosen = Signal(str, str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("part", "card")
        self._bridge = bridge
        self._number = 0
        self._count = label("", "small")
        self.note = label("", "small")
        self.note.setWordWrap(True)
        self.undo = button(words("fan.undo"), self._go_back, size="small", icon="undo")
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._lines = QVBoxLayout(inside)
        self._lines.setContentsMargins(0, 0, 8, 0)
        self._lines.setSpacing(10)
        self._area = scrolling(inside)
        said = row(spacing=8, margins=(0, 0, 8, 0))
        said.addWidget(self.note, 1)
        said.addWidget(self.undo)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 4, 8, 12)
        outer.setSpacing(4)
        outer.addWidget(head(words("alike.title"), self._count))
        outer.addLayout(said)
        outer.addWidget(self._area)
        self._say("")
        self.hide()

    def ask(self) -> None:
        """Who it is now."""
        self._bridge.ask(lambda client: client.suggestions(_ASKED), self._show)

    def _show(self, answer: Any) -> None:
        if not isValid(self) or not isinstance(answer, Mapping):
            return
        while (item := self._lines.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.hide()
                gone.deleteLater()
        pairs = [one for one in answer.get("rows") or () if reason_words(one) and len(one.get("accounts") or ()) == 2]
        for pair in pairs:
            self._lines.addWidget(self._pair(pair))
        self._lines.addStretch(1)
        self._count.setText(words("alike.count", count=count(len(pairs))) if pairs else "")
        self._area.setVisible(bool(pairs))
        self._area.setFixedHeight(min(_MOST_PX, self._lines.sizeHint().height()))
        self.setVisible(bool(pairs) or not self.note.isHidden())

    def _pair(self, pair: Mapping[str, Any]) -> QWidget:
        one, other = pair["accounts"]
        why = reason_words(pair)
        made = QWidget()
        lines = QVBoxLayout(made)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        for account in (one, other):
            who = (str(account["platform"]), str(account["id"]))
            line = row(label(plain(who[0], 20), "tag"), spacing=8)
            line.addWidget(Elided(name_of(account, 20), "strong"), 1)
            line.addWidget(icon_button("assistant", words("fans.open"), lambda who=who: self.chosen.emit(*who)))
            lines.addLayout(line)
        merge = button(words("fan.merge"), lambda: self._step("merge", one, other, why), size="small")
        apart = button(words("fan.apart"), lambda: self._step("apart", one, other, why), kind="ghost", size="small")
        names = words("list.separator").join(name_of(account, 20) for account in (one, other))
        for step, text in ((merge, "fan.merge"), (apart, "fan.apart")):
            step.setAccessibleName(f"{words(text)}: {names}")
        reason = row(spacing=6)
        reason.addWidget(Elided(why, "small"), 1)
        for step in (apart, merge):
            reason.addWidget(step)
        lines.addLayout(reason)
        return made

    def _step(self, step: FanStep, one: Mapping[str, Any], other: Mapping[str, Any], why: str) -> None:
        body = {"platform": other["platform"], "id": other["id"], "reason": why}
        names = {"one": name_of(one, 20), "other": name_of(other, 20)}

        def done(answer: Any) -> None:
            self._say(words(f"alike.done.{step}", **names), int(answer["number"]) if step == "merge" else 0)
            self.ask()

        self._bridge.ask(lambda client: client.fan_step(str(one["platform"]), str(one["id"]), step, body), done, self._say)

    def _go_back(self) -> None:
        number = self._number

        def done(_: Any) -> None:
            self._say(words("alike.undone"))
            self.ask()

        self._bridge.ask(lambda client: client.undo_link(number), done, self._say)

    def _say(self, text: str, number: int = 0) -> None:
        """What was done or refused; a merge's number offers the way back."""
        if not isValid(self):
            return
        self._number = number
        self.note.setText(text)
        self.note.setVisible(bool(text))
        self.undo.setVisible(bool(number))
