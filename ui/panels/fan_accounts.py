"""Whose accounts these are: the accounts of a person, who they might be besides and why, and the way back from the last step.

It merges nothing by itself: every step is a button that somebody presses.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.remote.client import StudioClient
from ui.bridge import Bridge
from ui.controls import Elided, button, label, row
from ui.language import words
from ui.panels.fan_merge import FanMerge
from ui.plain import plain

_SHOWN = 4
_REASONS = {"same_phone", "same_order_name"}
_KINDS = {"merge", "split", "undo", "apart"}


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
        accounts = [one for one in fan.get("identities") or () if isinstance(one, Mapping)]
        self._inside.addWidget(label(words("fan.accounts"), "head"))
        for account in accounts[:_SHOWN]:
            self._add_account(account, can_leave=len(accounts) > 1)
        self._inside.addWidget(FanMerge(bridge, who, changed))
        self._inside.addWidget(self._note)
        bridge.ask(lambda client: client.fan_links(*who), self._show_links, self._note.setText)

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
        if isinstance(answer.get("hold"), Mapping):
            self._inside.addWidget(label(words("fan.held", reason=plain(str(answer["hold"].get("reason")), 80)), "small"))
        for suggestion in list(answer.get("suggestions") or ())[:_SHOWN]:
            self._add_suggestion(suggestion)
        for step in list(answer.get("history") or ())[:1]:
            self._add_step(step)

    def _add_suggestion(self, suggestion: Mapping[str, Any]) -> None:
        others = [one for one in suggestion.get("accounts") or () if (one.get("platform"), one.get("id")) != self._who]
        codes = [one.get("code") for one in suggestion.get("reasons") or () if one.get("code") in _REASONS]
        if not others or not codes:
            return
        other = others[-1]
        reasons = words("list.separator").join(words(f"fan.{code}") for code in codes)
        body = {"platform": other.get("platform"), "id": other.get("id"), "reason": reasons}
        text = label(words("fan.maybe", name=plain(str(other.get("name") or other.get("id"))), reasons=reasons))
        text.setWordWrap(True)
        self._inside.addWidget(text)
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
        line.addWidget(Elided(words(f"fan.step.{kind}", by=plain(str(step.get("by")), 20)), "small"), 1)
        if step.get("can_undo"):
            line.addWidget(
                button(words("fan.undo"), lambda: self._ask(lambda client: client.undo_link(number)), kind="ghost", size="small")
            )
        self._inside.addLayout(line)

    def _ask(self, question: Callable[[StudioClient], Coroutine[Any, Any, Any]]) -> None:
        self._bridge.ask(question, lambda _: self._changed(), self._note.setText)
