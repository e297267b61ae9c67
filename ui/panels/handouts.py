"""What was won or had for points and has to be handed out: each thing with whose it is, ticked off when it is sent or taken off a price.

It refuses to choose anybody: a winner who steps back is followed by the reserve that was drawn.
"""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QPushButton, QVBoxLayout, QWidget

from studio.model.proof import PASSED_OVER_REASONS
from ui.controls import Elided, button, icon_button, label, row, show_menu
from ui.figures import ago, count, moment, money
from ui.language import words
from ui.models.people import name_of
from ui.panels.queue import QueuePanel
from ui.plain import plain


class HandoutsPanel(QueuePanel):
    """Prizes, hand-made coupons, samples and cash-off for points, the oldest first."""

    kind: ClassVar[str] = "handouts"
    part: ClassVar[str] = "handouts"

    def item(self, order: Mapping[str, Any]) -> QWidget:
        """Who gets what, since when, and what can be done."""
        drop, ref, what = (str(order.get(key) or "") for key in ("drop", "ref", "what"))
        name = name_of(order, 20)
        when = moment(order.get("at"))
        title = Elided(_why(order), "small")
        prize = Elided(" · ".join([plain(what, 40), *_worth(order)]))
        top, below = row(label(name, "head"), spacing=8), row(spacing=6)
        top.addWidget(prize, 1)
        top.addWidget(label(ago(time.time() - when.timestamp()) if when else "", "small"))
        below.addWidget(title, 1)
        if order.get("kind") == "coupon":
            below.addWidget(icon_button("copy", words("handouts.copy"), lambda: self._copy(what)))
        elif (entry := _entry(ref)) is not None:
            below.addWidget(self._passing_over(drop, entry, name))
        done = words("handouts.applied" if order.get("kind") == "cash_off" else "handouts.done")
        below.addWidget(button(done, lambda: self._done(drop, ref, name), size="small", icon="check"))
        made = QWidget()
        lines = QVBoxLayout(made)
        lines.setContentsMargins(0, 8, 0, 8)
        lines.setSpacing(4)
        lines.addLayout(top)
        lines.addLayout(below)
        return made

    def _passing_over(self, drop: str, entry: int, name: str) -> QPushButton:
        made = button(words("handouts.pass_over"), lambda: self._choose(made, drop, entry, name), kind="ghost", size="small")
        made.setToolTip(words("handouts.pass_over.tip"))
        return made

    def _choose(self, below: QWidget, drop: str, entry: int, name: str) -> None:
        menu = QMenu(self)
        for reason in PASSED_OVER_REASONS:
            action = menu.addAction(words(f"handouts.reason.{reason.replace(' ', '_')}"))
            action.triggered.connect(partial(self._pass_over, drop, entry, reason, name))
        show_menu(menu, below)

    def _pass_over(self, drop: str, entry: int, reason: str, name: str, _: object = None) -> None:
        self._bridge.ask(
            lambda client: client.pass_over(drop, entry, reason), lambda _: self.say(words("handouts.passed_over", name=name)), self.say
        )

    def _done(self, drop: str, ref: str, name: str) -> None:
        def take(answer: object) -> None:
            self.say(words("handouts.was_done", name=name), lambda: self._take_back(drop, ref))
            self._take(answer)

        self._bridge.ask(lambda client: client.handout_step("done", drop, ref), take, self.say)

    def _take_back(self, drop: str, ref: str) -> None:
        self.say("")
        self._bridge.ask(lambda client: client.handout_step("undo", drop, ref), self._take, self.say)

    def _take(self, answer: object) -> None:
        self._bridge.room.take(self.kind, answer)
        self._bridge.changed.emit(self.kind)

    def _copy(self, code: str) -> None:
        QGuiApplication.clipboard().setText(code)
        self.say(words("orders.copied", code=code))


def _why(order: Mapping[str, Any]) -> str:
    """The drop that gave it, or the points that were paid for it."""
    paid = order.get("points")
    return words("handouts.for_points", points=count(paid)) if isinstance(paid, int) else plain(str(order.get("title") or ""))


def _worth(order: Mapping[str, Any]) -> list[str]:
    value = order.get("value_minor")
    return [money(value, str(order.get("currency") or "CNY"))] if isinstance(value, int) and value else []


def _entry(ref: str) -> int | None:
    """A prize's reference is prize:RANK:ENTRY."""
    parts = ref.split(":")
    return int(parts[2]) if len(parts) == 3 and parts[0] == "prize" and parts[2].isdecimal() else None
