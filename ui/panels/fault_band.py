"""The band above the preview: the stream is lost, the engine is gone, or it is back; with the button that helps.

It refuses to stand there longer than the trouble: four seconds of good news, then it goes.
"""

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import Band, button
from ui.figures import count
from ui.language import fault_words, words
from ui.models.condition import recordings, streams
from ui.panels.watching import Watching

_GOOD_S = 4.0
_TICK_MS = 500


class FaultBand(Watching, QWidget):
    """Hidden when all is well; `toggled` tells when it comes and goes, `refused` what the engine says to a retry."""

    toggled = Signal(bool)
    refused = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._good_until_s = 0.0
        self._good_words = ""
        self._was_lost = False
        self._said: tuple[str, str] = ("", "")
        self.band = Band()
        self.retry = button(words("fault.retry_now"), self._retry)
        self.band.add_button(self.retry)
        made = QVBoxLayout(self)
        made.setContentsMargins(0, 0, 0, 8)
        made.addWidget(self.band)
        self.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.watch(bridge, "live", "health", with_link=True)
        bridge.returned.connect(self._on_returned)

    def say(self, text: str) -> None:
        """Something that was asked for was refused: say why, for a while."""
        self._said = (text, "")
        self._said_until_s = time.monotonic() + 2 * _GOOD_S
        self.refresh()

    _said_until_s = 0.0

    def _on_returned(self, is_another: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._good(words("fault.engine_restarted") if is_another else words("fault.engine_back"))

    def _good(self, text: str) -> None:
        self._good_words = text
        self._good_until_s = time.monotonic() + _GOOD_S
        self.refresh()

    def _retry(self) -> None:
        for row in streams(self._bridge.room):
            if row.get("state") in {"reconnecting", "refused", "failed"}:
                name = str(row.get("name"))
                self._bridge.ask(lambda client, asked=name: client.retry_output(asked), None, self.say)

    def refresh(self) -> None:
        """Show what the room says, now."""
        room = self._bridge.room
        is_lost = room.state == "reconnecting" and self._bridge.link == "on"
        if self._was_lost and room.state == "live":
            self._was_lost = False
            self._good(words("fault.stream_back"))
            return
        self._was_lost = is_lost or (self._was_lost and room.is_on_air)
        self.retry.setVisible(is_lost)
        if self._bridge.link == "lost":
            self._show_engine_gone()
        elif is_lost:
            self._show_stream_lost()
        elif time.monotonic() < self._said_until_s:
            self.band.show_words("bad", self._said[0])
            self._appear(is_shown=True)
        elif time.monotonic() < self._good_until_s:
            self.band.show_words("good", self._good_words)
            self._appear(is_shown=True)
        else:
            self._appear(is_shown=False)

    def _show_engine_gone(self) -> None:
        gone_s = max(0, time.time() - self._bridge.lost_at_s)
        on_air = words("fault.engine_gone_live") if self._bridge.room.is_on_air else words("fault.engine_gone_idle")
        self.band.show_words("bad", words("fault.engine_gone", seconds=count(gone_s)), on_air)
        self._appear(is_shown=True)

    def _show_stream_lost(self) -> None:
        room = self._bridge.room
        lost_s = max(0, time.time() - room.lost_at_s) if room.lost_at_s else 0
        is_recording = any(row.get("state") == "live" for row in recordings(room))
        title = words("fault.stream_lost_recording" if is_recording else "fault.stream_lost", seconds=count(lost_s))
        row = next((row for row in streams(room) if row.get("state") in {"reconnecting", "refused", "failed"}), {})
        detail, params = str(row.get("detail") or ""), row.get("detail_params")
        small = words("fault.tries", count=count(float(row.get("connects") or 0)))
        if detail:
            small = fault_words(detail, **(params if isinstance(params, dict) else {}))
        self.band.show_words("bad", title, words("fault.stream_lost_meaning"), small)
        self._appear(is_shown=True)

    def _appear(self, *, is_shown: bool) -> None:
        if self.isHidden() == is_shown:
            self.setVisible(is_shown)
            self.toggled.emit(is_shown)
