"""The drop that is running, on one line: what it is, how long still, how many take part, and what can be done with it.

It refuses to end anything by its own clock: the engine closes, this only counts.
"""

import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui import icons, theme
from ui.bridge import Bridge
from ui.controls import Elided, Ring, button, label, repolish, row
from ui.figures import clock, count
from ui.language import words
from ui.models.drops import Drop
from ui.panels.watching import Watching

_TICK_MS = 200
RESULT_S = 30.0
"""How long a result stands here after its drop: the picture shows it for 12 s, the host may talk about it a little longer."""


def short_hash(value: str) -> str:
    """The first eight signs in two groups, for the eye."""
    return f"{value[:4]} {value[4:8]}" if len(value) >= 8 else value


class DropRow(Watching, QFrame):
    """60 pixels, in every state."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._wanted = ""
        self._shown: Drop | None = None
        self.setProperty("part", "band")
        self.setFixedHeight(60)
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.watch(bridge, "drop", "live")
        self.refresh()

    def _build(self) -> None:
        self._ring = Ring()
        self._gift = QLabel()
        self._gift.setPixmap(icons.pixmap("gift", 22, theme.colour("muted"), self.devicePixelRatioF()))
        self._title, self._line = Elided("", "title"), Elided("", "small")
        self._time = label("", "huge")
        self._number, self._unit = label("", "title"), label("", "muted")
        self._fault = label("", "fault")
        self.close_now = button(words("drop.close_now"), lambda: self._step("close"))
        self.cancel = button(words("drop.cancel"), lambda: self._step("cancel"), kind="ghost")
        both = QVBoxLayout()
        both.setSpacing(0)
        both.addStretch(1)
        both.addWidget(self._title)
        both.addWidget(self._line)
        both.addStretch(1)
        made = QHBoxLayout(self)
        made.setContentsMargins(16, 0, 12, 0)
        made.setSpacing(14)
        made.addWidget(self._ring)
        made.addWidget(self._gift)
        made.addLayout(both, 1)
        made.addWidget(self._time)
        made.addLayout(row(self._number, self._unit, spacing=4))
        for part in (self._fault, self.close_now, self.cancel):
            made.addWidget(part)

    def show_drop(self, drop_id: str) -> None:
        """Show this one of several."""
        self._wanted = drop_id
        self.refresh()

    def drop(self) -> Drop | None:
        """The one that is shown."""
        return self._shown

    def refresh(self) -> None:
        """Show what the room says, now."""
        room, now = self._bridge.room, time.time()
        running = room.running_drops()
        wanted = room.drops.get(self._wanted)
        found = wanted if wanted is not None and (wanted.is_running or now - wanted.closes_at_s < RESULT_S) else None
        recent = next((item for item in room.settled_drops() if now - item.closes_at_s < RESULT_S and item.state != "cancelled"), None)
        shown = found or (running[0] if running else recent)
        if self._shown is not None and (shown is None or shown.id != self._shown.id):
            self._fault.setText("")
        self._shown = shown
        self._show_parts(shown is not None and shown.is_running)
        if shown is None:
            self._show_nothing()
        elif shown.is_running:
            self._show_running(shown, now)
        else:
            self._show_result(shown)

    def _show_parts(self, is_running: bool) -> None:  # noqa: FBT001 - a plain fact
        for part in (self._ring, self._time, self._number, self._unit):
            part.setVisible(is_running)
        self._gift.setVisible(not is_running)
        shown = self._shown
        self.close_now.setVisible(is_running and shown is not None and shown.state == "open" and shown.is_early_close)
        self.cancel.setVisible(is_running and shown is not None and shown.state == "open")
        self._line.setVisible(shown is not None)
        self._fault.setVisible(bool(self._fault.text()))

    def _show_nothing(self) -> None:
        repolish(self, "tone", "empty")
        repolish(self._title, "role", "muted")
        self._title.setText(words("drop.none"))

    def _show_running(self, drop: Drop, now: float) -> None:
        is_unseen = self._bridge.room.state == "reconnecting"
        repolish(self, "tone", "warn" if is_unseen else "")
        repolish(self._title, "role", "title")
        self._title.setText(drop.title)
        join = words("drop.join", kind=words(f"kind.{drop.kind}"), keyword=drop.keyword) if drop.keyword else words(f"kind.{drop.kind}")
        self._line.setText(words("drop.unseen") if is_unseen else words("drop.closing") if drop.state == "closing" else join)
        self._ring.set_part(drop.part_left(now))
        left = drop.seconds_left(now)
        self._time.setText(clock(left + 0.999 if left else 0))
        is_coupon = drop.kind == "coupon"
        self._number.setText(count(drop.left if is_coupon else drop.entries))
        self._unit.setText(words("drop.left") if is_coupon else words("drop.entries"))

    def _show_result(self, drop: Drop) -> None:
        repolish(self, "tone", "good" if drop.state in {"drawn", "closed"} else "")
        repolish(self._title, "role", "title")
        self._title.setText(result_words(drop))
        proof = words("drop.closing_hash", hash=short_hash(drop.closing)) if drop.closing else ""
        self._line.setText(" · ".join(part for part in (drop.title, proof) if part))

    def _step(self, step: str) -> None:
        if self._shown is None:
            return
        drop_id = self._shown.id
        self._fault.setText("")
        self._bridge.ask(lambda client: client.drop_step(drop_id, step), self._answered, self._refused)

    def _answered(self, answer: object) -> None:
        self._bridge.room.take("drop", answer)
        self._bridge.changed.emit("drop")

    def _refused(self, text: str) -> None:
        self._fault.setText(text)
        self.refresh()


def result_words(drop: Drop) -> str:
    """How a drop ended, on one line."""
    if drop.state == "drawn":
        names = words("list.separator").join(winner.name for winner in drop.winners[:3])
        more = words("drop.and_more", count=len(drop.winners) - 3) if len(drop.winners) > 3 else ""
        return words("drop.drawn", names=names + more) if names else words("drop.drawn_nobody")
    if drop.kind == "coupon" and drop.state in {"closed", "expired"}:
        return words("drop.coupon_over", issued=count(drop.issued), left=count(drop.left))
    return words(f"drop.state.{drop.state}")
