"""The strip of the assistant's window: how old the news is, how much chat comes, what is sent.

It refuses to look alive when it isn't: after three seconds without news the first item counts up.
"""

import time
from collections import deque

from PySide6.QtWidgets import QFrame, QWidget

from ui.bridge import Bridge
from ui.controls import label, row
from ui.figures import count
from ui.language import words
from ui.models.condition import streams
from ui.panels.strip import Figure

STALE_S = 3.0
_RATE_S = 30.0


class AssistantStrip(QFrame):
    """32 pixels."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setFixedHeight(32)
        self._bridge = bridge
        self._totals: deque[tuple[float, int]] = deque()
        self.news = Figure(words("strip.news"), is_first=True, has_shape=True)
        self.chat = Figure(words("strip.chat"))
        self.sent = Figure(words("strip.sent"))
        note = label(words("strip.audit"))
        self.setLayout(row(self.news, self.chat, self.sent, None, note, spacing=8, margins=(16, 0, 16, 0)))
        self.refresh()

    def refresh(self) -> None:
        """Show how things are, now."""
        room, now = self._bridge.room, time.monotonic()
        age_s = now - self._bridge.heard_at_s
        is_fresh = age_s <= STALE_S and self._bridge.link == "on"
        self.news.show_figure(words("strip.age", seconds=f"{age_s:.1f}" if age_s < 10 else count(age_s)), "good" if is_fresh else "none")
        self._totals.append((now, self._bridge.chat.total))
        while len(self._totals) > 2 and now - self._totals[0][0] > _RATE_S:
            self._totals.popleft()
        (first_s, first), (last_s, last) = self._totals[0], self._totals[-1]
        rate = (last - first) * 60 / (last_s - first_s) if last_s - first_s > 1 else None
        self.chat.show_figure(words("strip.chat_rate", count=count(rate)) if rate is not None else "—")
        kbps = sum(room.output_kbps(str(output.get("name"))) or 0.0 for output in streams(room))
        self.sent.show_figure(words("output.sending_short", kbps=count(kbps)) if room.is_on_air and kbps else "—")
