"""The bar of the host's window: what is on air, for how long, who is here, how it does; go live, and hold to stop.

It refuses to start or stop twice: while the engine answers, the button waits.
"""

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QStackedWidget, QWidget

from ui.bridge import Bridge
from ui.controls import Elided, HoldButton, Pill, button, icon_button, label, row, rule
from ui.edits import Edits
from ui.figures import clock, count
from ui.language import words
from ui.models.condition import condition, live_words, recordings
from ui.panels.people import people_icon
from ui.panels.watching import Watching
from ui.plain import plain
from ui.shapes import Mark

_TICK_MS = 500


class HostBar(Watching, QFrame):
    """52 pixels."""

    language_asked = Signal()
    theme_asked = Signal()
    assistant_asked = Signal()
    fans_asked = Signal()
    refused = Signal(str)

    def __init__(self, bridge: Bridge, edits: Edits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self.setFixedHeight(52)
        self._bridge = bridge
        self._edits = edits
        self._is_still = False
        self._room_name = Elided("", "strong")
        self._room_name.setMaximumWidth(220)
        self.live = Pill("idle", words("live.off"))
        self._recording = Pill("record", "")
        self._here = label("0", "title")
        self.health = Pill("none", words("link.connecting"))
        self.setLayout(self._parts())
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.watch(bridge, "live", "board", "health", "settings", with_link=True)
        edits.stepped.connect(self._show_steps)
        self.refresh()
        self._show_steps()

    def _parts(self):  # noqa: ANN202 - a layout
        self._undo = icon_button("undo", words("bar.undo"), self._edits.undo)
        self._redo = icon_button("redo", words("bar.redo"), self._edits.redo)
        language = button(words("language.other"), self.language_asked.emit, kind="ghost", size="small")
        theme = icon_button("theme", words("bar.theme"), self.theme_asked.emit)
        fans = icon_button("people", words("bar.fans"), self.fans_asked.emit)
        assistant = icon_button("assistant", words("bar.assistant"), self.assistant_asked.emit)
        self.go: QPushButton = button(words("live.go"), self._go_live, kind="air", icon="play")
        self.go.setMinimumWidth(128)
        self.stop = HoldButton(words("live.hold_to_stop"))
        self.stop.held.connect(self._stop_live)
        self._buttons = QStackedWidget()
        self._buttons.addWidget(self.go)
        self._buttons.addWidget(self.stop)
        self._buttons.setFixedHeight(36)
        self._buttons.setFixedWidth(max(self.go.sizeHint().width(), self.stop.width()))
        made = row(Mark(), label(words("app.name"), "title"), rule(is_vertical=True), spacing=12, margins=(16, 0, 12, 0))
        made.addWidget(self._room_name, 1)
        for part in (self.live, self._recording, people_icon(), self._here, label(words("people.here"), "muted"), self.health):
            made.addWidget(part)
        made.addStretch(3)
        for part in (self._undo, self._redo, fans, language, theme, assistant, self._buttons):
            made.addWidget(part)
        return made

    def note_stillness(self, is_still: bool) -> None:  # noqa: FBT001 - a signal's argument
        """The preview stands still, or moves again."""
        self._is_still = is_still
        self.refresh()

    def refresh(self) -> None:
        """Show what the room says, now."""
        room, now = self._bridge.room, time.time()
        on_air = clock(now - room.since_s, with_hours=True) if room.since_s else "00:00:00"
        lost = clock(now - room.lost_at_s, with_hours=True) if room.lost_at_s else "00:00:00"
        self.live.show_state(*live_words(room, on_air, lost))
        is_recording = any(output.get("state") == "live" for output in recordings(room))
        self._recording.setVisible(room.state == "reconnecting" and is_recording)
        self._recording.show_state("record", words("live.recording", time=on_air))
        self._here.setText(count(room.present))
        self.health.show_state(*condition(room, self._bridge.link, is_still=self._is_still))
        self.health.setVisible(room.state != "reconnecting" or self._bridge.link != "on")
        audience = room.settings.get("audience")
        name = audience.get("room") if isinstance(audience, dict) else ""
        self._room_name.setText(words("bar.room", room=plain(str(name or ""))) if name else "")
        self._buttons.setCurrentWidget(self.stop if room.is_on_air else self.go)
        self.go.setEnabled(self._bridge.link == "on" and not self._is_waiting)
        self.stop.setEnabled(self._bridge.link == "on" and not self._is_waiting)

    _is_waiting = False

    def _go_live(self) -> None:
        self._wait(words("live.starting"))
        self._bridge.ask(lambda client: client.start_live(), self._answered, self._refused)

    def _stop_live(self) -> None:
        self._wait(words("live.stopping"))
        self._bridge.ask(lambda client: client.stop_live(), self._answered, self._refused)

    def _wait(self, text: str) -> None:
        self._is_waiting = True
        self.go.setText(text)
        self.refresh()

    def _answered(self, answer: object) -> None:
        self._bridge.room.take("live", answer)
        self._rest()

    def _refused(self, text: str) -> None:
        self._rest()
        self.refused.emit(text)

    def _rest(self) -> None:
        self._is_waiting = False
        self.go.setText(words("live.go"))
        self._bridge.changed.emit("live")

    def _show_steps(self) -> None:
        self._undo.setEnabled(self._edits.can_undo)
        self._redo.setEnabled(self._edits.can_redo)
