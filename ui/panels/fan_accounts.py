"""Whose accounts these are: the accounts of a person, who they might be besides and why, and the way back from the last step.

It merges nothing by itself: every step is a button that somebody presses.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.remote.client import StudioClient
from ui.bridge import Bridge
from ui.controls import Elided, button, label, row
from ui.figures import moment
from ui.language import words
from ui.panels.alike import reason_words
from ui.panels.fan_merge import FanMerge
from ui.plain import plain

_SHOWN = 4
_KINDS = {"merge", "split", "undo", "apart"}
_STEPS = 5
"""The newest of them; every step stays in the fan file."""


class FanAccounts(QWidget):
    """A part of the fan's card; `changed` is called after a step, `say` with the words for what went wrong."""

    def __init__(self, bridge: Bridge, fan: Mapping[str, Any], who: tuple[str, str], changed: Callable[[], None]) -> None:
        super().__init__()
        self._bridge = bridge
        self._who = who
        self._changed = changed
        self._inside = QVBoxLayout(self)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(6)
        self._note = label("", "small")
        self._note.setWordWrap(True)
        self._note.hide()
        accounts = [one for one in fan.get("identities") or () if isinstance(one, Mapping)]
        self._inside.addWidget(label(words("fan.accounts"), "head"))
        for account in accounts[:_SHOWN]:
            self._add_account(account, can_leave=len(accounts) > 1)
        self._inside.addWidget(FanMerge(bridge, who, changed))
        self._inside.addWidget(self._note)
        bridge.ask(lambda client: client.fan_links(*who), self._show_links, self._say)

    def _add_account(self, account: Mapping[str, Any], *, can_leave: bool) -> None:
        platform, fan_id = str(account.get("platform")), str(account.get("id"))
        line = row(label(plain(platform, 20), "tag"), spacing=8)
        line.addWidget(Elided(plain(str(account.get("name") or fan_id))), 1)
        if can_leave:
            split = button(
                words("fan.split"),
                lambda: self._ask(lambda client: client.fan_step(platform, fan_id, "split", {})),
                kind="ghost",
                size="small",
            )
            line.addWidget(split)
        self._inside.addLayout(line)

    def _show_links(self, answer: Any) -> None:
        if not isinstance(answer, Mapping):
            return
        for suggestion in list(answer.get("suggestions") or ())[:_SHOWN]:
            self._add_suggestion(suggestion)
        for step in list(answer.get("history") or ())[:_STEPS]:
            self._add_step(step)

    def _add_suggestion(self, suggestion: Mapping[str, Any]) -> None:
        others = [one for one in suggestion.get("accounts") or () if (one.get("platform"), one.get("id")) != self._who]
        reasons = reason_words(suggestion)
        if not others or not reasons:
            return
        other = others[-1]
        body = {"platform": other.get("platform"), "id": other.get("id"), "reason": reasons}
        text = label(words("fan.maybe", name=plain(str(other.get("name") or other.get("id"))), reasons=reasons))
        text.setWordWrap(True)
        line = row(label(plain(str(other.get("platform")), 20), "tag"), spacing=8)
        line.addWidget(text, 1)
        self._inside.addLayout(line)
        merge = button(words("fan.merge"), lambda: self._ask(lambda client: client.fan_step(*self._who, "merge", body)), size="small")
        apart = button(
            words("fan.apart"), lambda: self._ask(lambda client: client.fan_step(*self._who, "apart", body)), kind="ghost", size="small"
        )
        self._inside.addLayout(row(merge, apart, None))

    def _add_step(self, step: Mapping[str, Any]) -> None:
        kind, number = step.get("kind"), step.get("seq")
        if kind not in _KINDS or not isinstance(number, int):
            return
        line = row(spacing=8)
        line.addWidget(Elided(_step_words(step), "small"), 1)
        if step.get("can_undo"):
            line.addWidget(
                button(words("fan.undo"), lambda: self._ask(lambda client: client.undo_link(number)), kind="ghost", size="small")
            )
        self._inside.addLayout(line)

    def _say(self, text: str) -> None:
        self._note.setText(text)
        self._note.setVisible(bool(text))

    def _ask(self, question: Callable[[StudioClient], Coroutine[Any, Any, Any]]) -> None:
        self._bridge.ask(question, lambda _: self._changed(), self._say)


def _step_words(step: Mapping[str, Any]) -> str:
    """Who did it, when, with which accounts, and why."""
    at = moment(step.get("at"))
    names = [plain(str(one.get("name") or one.get("id")), 20) for one in step.get("accounts") or () if isinstance(one, Mapping)]
    told = (
        words(f"fan.step.{step['kind']}", by=plain(str(step.get("by")), 20)),
        at.astimezone().strftime("%Y-%m-%d") if at else "",
        words("list.separator").join(names),
        plain(str(step.get("reason") or ""), 40),
    )
    return " · ".join(part for part in told if part)
