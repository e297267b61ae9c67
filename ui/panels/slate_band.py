"""The band while the picture is gone on air: what the audience sees instead, and after 20 seconds what the host wants to do.

It refuses to decide for the host, and to stand there once the picture is back.
"""

import time
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import Band, HoldButton, button, show_menu
from ui.figures import count
from ui.language import words
from ui.panels.sources import source_words
from ui.panels.watching import Watching

_TICK_MS = 500
_CHOICES = ("camera:0", "camera:1", "screen:0", "testcard")


def slate(bridge: Bridge) -> Mapping[str, Any]:
    """What the engine says of the slate, empty while none is on or there is no engine."""
    told = bridge.room.live.get("slate")
    is_on = isinstance(told, Mapping) and told.get("on") and bridge.room.is_on_air and bridge.link == "on"
    return told if is_on and isinstance(told, Mapping) else {}


class SlateBand(Watching, QWidget):
    """Hidden when there is a picture; `toggled` tells when it comes and goes, `refused` what the engine says to an answer."""

    toggled = Signal(bool)
    refused = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.band = Band()
        self.wait = button(words("slate.wait"), self._wait)
        self.switch = button(words("slate.switch"), self._show_choices)
        self.stop = HoldButton(words("slate.stop"))
        self.stop.held.connect(self._stop)
        for made in (self.wait, self.switch, self.stop):
            self.band.add_button(made)
        made = QVBoxLayout(self)
        made.setContentsMargins(0, 0, 0, 8)
        made.addWidget(self.band)
        self.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.watch(bridge, "live", with_link=True)

    def refresh(self) -> None:
        """Show what the room says, now."""
        told = slate(self._bridge)
        if told:
            gone_s = count(max(0.0, time.time() - float(told.get("since") or time.time())))
            asks, reason = bool(told.get("asks")), str(told.get("reason") or "lost")
            title = words("slate.asks" if asks else f"slate.{reason}", seconds=gone_s)
            self.band.show_words("bad" if asks else "warn", title, words("slate.meaning"), words("slate.ask_hint") if asks else "")
            self.wait.setVisible(asks)
            self.stop.setVisible(asks)
        if self.isHidden() == bool(told):
            self.setVisible(bool(told))
            self.toggled.emit(bool(told))

    def _wait(self) -> None:
        self._bridge.ask(lambda client: client.answer_slate("wait"), self._take_live, self.refused.emit)

    def _stop(self) -> None:
        self._bridge.ask(lambda client: client.stop_live(), self._take_live, self.refused.emit)

    def _take_live(self, answer: object) -> None:
        self._bridge.room.take("live", answer)
        self._bridge.changed.emit("live")

    def _show_choices(self) -> None:
        menu = self.choices()
        show_menu(menu, self.switch)

    def choices(self) -> QMenu:
        """The other sources, to show at once."""
        menu = QMenu(self)
        current = str((self._bridge.room.settings.get("video") or {}).get("source") or "")
        for source in _CHOICES:
            if source != current:
                menu.addAction(source_words(source), lambda chosen=source: self._use(chosen))
        return menu

    def _use(self, source: str) -> None:
        patch = {"video": {"source": source}}
        self._bridge.ask(lambda client: client.patch_settings(patch), self._take_settings, self.refused.emit)

    def _take_settings(self, answer: object) -> None:
        self._bridge.room.take("settings", answer)
        self._bridge.changed.emit("settings")
