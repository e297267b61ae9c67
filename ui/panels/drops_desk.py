"""The assistant's drops: what waits for approval, what runs, what is over, and a new one.

It refuses to know the limits of a role: what isn't allowed is answered by the engine, in words, in place.
"""

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui import preferences
from ui.bridge import Bridge
from ui.controls import Elided, Ring, button, head, label, row
from ui.figures import clock, count
from ui.language import words
from ui.models import specs
from ui.models.drops import Drop
from ui.models.specs import Kind
from ui.panels.drop_row import result_words, short_hash
from ui.panels.watching import Watching
from ui.room import currency_of
from ui.shapes import StateShape

_TICK_MS = 250
_PAST = 3


class DropsDesk(Watching, QWidget):
    """Cards are made anew only when a drop changes; between, only the clocks tick."""

    edit_asked = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._fault: QLabel = label("", "fault")
        self._fault.setWordWrap(True)
        self._fault.hide()
        self._shown: tuple[Drop, ...] = ()
        self._clocks: list[tuple[Drop, Ring, QLabel]] = []
        self.new_buttons = {
            kind: button(words("desk.new", kind=words(f"kind.{kind}")), lambda chosen=kind: self._ask_edit(chosen), size="small", icon=icon)
            for kind, icon in (("lottery", "gift"), ("coupon", "coupon"))
        }
        self._cards = QVBoxLayout()
        self._cards.setSpacing(8)
        made = QVBoxLayout(self)
        made.setContentsMargins(12, 0, 12, 12)
        made.setSpacing(0)
        made.addWidget(head(words("desk.title"), *self.new_buttons.values()))
        made.addWidget(self._fault)
        made.addLayout(self._cards)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self.watch(bridge, "drop", "live")
        self.refresh(is_forced=True)

    def _ask_edit(self, kind: Kind) -> None:
        self.edit_asked.emit(specs.restore(kind, preferences.table(f"drop/{kind}")))

    def refresh(self, *, is_forced: bool = False) -> None:
        """Show what the room says."""
        room = self._bridge.room
        shown = (*room.waiting_drops(), *room.running_drops(), *room.settled_drops()[:_PAST])
        if shown == self._shown and not is_forced:
            return
        self._shown = shown
        while (item := self._cards.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        self._clocks = []
        for drop in shown:
            self._cards.addWidget(self._waiting(drop) if drop.is_waiting else self._running(drop) if drop.is_running else self._over(drop))
        if not shown:
            self._cards.addWidget(label(words("desk.empty"), "muted"))
        self._tick()

    def _card(self, tone: str = "") -> tuple[QFrame, QVBoxLayout]:
        made = QFrame()
        made.setProperty("part", "band")
        made.setProperty("tone", tone)
        inside = QVBoxLayout(made)
        inside.setContentsMargins(14, 10, 14, 10)
        inside.setSpacing(8)
        return made, inside

    def _waiting(self, drop: Drop) -> QWidget:
        made, inside = self._card("warn")
        title = Elided(words("desk.waiting", kind=words(f"kind.{drop.kind}"), title=drop.title), "title")
        top = row(StateShape("warn", 18), spacing=10)
        top.addWidget(title, 1)
        if drop.creator:
            top.addWidget(label(words("desk.by", name=drop.creator), "small"))
        inside.addLayout(top)
        approve = button(words("desk.approve"), lambda: self._step(drop.id, "approve"), kind="air")
        back = button(words("desk.turn_down"), lambda: self._step(drop.id, "cancel"))
        inside.addLayout(row(approve, back, None))
        return made

    def _running(self, drop: Drop) -> QWidget:
        made, inside = self._card()
        ring, left = Ring(), label("", "large")
        title, line = Elided(f"{words(f'kind.{drop.kind}')} · {drop.title}", "head"), Elided("", "small")
        taken = words("desk.left", count=count(drop.left)) if drop.kind == "coupon" else words("desk.entries", count=count(drop.entries))
        line.setText(
            " · ".join(part for part in (taken, words("desk.code", hash=short_hash(drop.opening)) if drop.opening else "") if part)
        )
        both = QVBoxLayout()
        both.setSpacing(0)
        both.addWidget(title)
        both.addWidget(line)
        across = QHBoxLayout()
        across.setSpacing(12)
        across.addWidget(ring)
        across.addLayout(both, 1)
        across.addWidget(left)
        inside.addLayout(across)
        if drop.state == "open":
            steps = row(spacing=8)
            if drop.is_early_close:
                steps.addWidget(button(words("drop.close_now"), lambda: self._step(drop.id, "close"), size="small"))
            steps.addWidget(button(words("drop.cancel"), lambda: self._step(drop.id, "cancel"), size="small"))
            steps.addStretch(1)
            inside.addLayout(steps)
        self._clocks.append((drop, ring, left))
        return made

    def _over(self, drop: Drop) -> QWidget:
        made, inside = self._card("empty")
        text = Elided(f"{drop.title} · {result_words(drop)}")
        line = row(StateShape("good" if drop.state in {"drawn", "closed"} else "none", 18), spacing=12)
        line.addWidget(text, 1)
        line.addWidget(label(time.strftime("%H:%M", time.localtime(drop.closes_at_s)), "small"))
        inside.addLayout(line)
        return made

    def _tick(self) -> None:
        now = time.time()
        for drop, ring, left in self._clocks:
            ring.set_part(drop.part_left(now))
            seconds = drop.seconds_left(now)
            left.setText(clock(seconds + 0.999 if seconds else 0))

    def open(self, spec: specs.Spec) -> None:
        """Open a drop now, or hand it in for approval: the engine decides which."""
        preferences.remember_table(f"drop/{spec.kind}", specs.table(spec))
        body = specs.body(spec, currency_of(self._bridge.room))
        self.say("")
        self._bridge.ask(lambda client: client.open_drop(body), self._take, self.say)

    def _step(self, drop_id: str, step: str) -> None:
        self.say("")
        self._bridge.ask(lambda client: client.drop_step(drop_id, step), self._take, self.say)

    def _take(self, answer: object) -> None:
        self._bridge.room.take("drop", answer)
        self._bridge.changed.emit("drop")

    def say(self, text: str) -> None:
        """What the engine refuses, in words."""
        self._fault.setText(text)
        self._fault.setVisible(bool(text))
