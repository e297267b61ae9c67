"""The assistant's window: chat, a fan's card, drops within the role, and who is here; a second client of the same engine.

It refuses to pretend: when news stops coming, what is shown turns grey and says for how long.
"""

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QGraphicsOpacityEffect, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import FocusRing, Pill, button, icon_button, label, row, rule, stack, window_body
from ui.figures import clock, count
from ui.language import words
from ui.models.condition import live_words
from ui.models.specs import Spec
from ui.panels.assistant_strip import STALE_S, AssistantStrip
from ui.panels.chat import ChatPanel
from ui.panels.drop_editor import DropEditor
from ui.panels.drops_desk import DropsDesk
from ui.panels.fan_card import FanCard
from ui.panels.handouts import HandoutsPanel
from ui.panels.people import PeoplePanel, people_icon
from ui.panels.shop_orders import ShopOrdersPanel
from ui.panels.watching import Watching
from ui.shapes import Mark, window_icon

CHAT_PX, RIGHT_PX = 444, 456
MINIMUM = (1200, 640)
_TICK_MS = 500


class AssistantWindow(Watching, QMainWindow):
    """Never ends the engine."""

    closed = Signal()
    language_asked = Signal()
    theme_asked = Signal()

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self.setWindowIcon(window_icon())
        self.setMinimumSize(*MINIMUM)
        self.resize(1440, 900)
        self.build()
        self.watch(bridge, "live", "board", with_link=True)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()

    def build(self) -> None:
        """Make all panels; again after the language or the theme changed."""
        self.setWindowTitle(words("assistant.title"))
        body = window_body()
        self.chat = ChatPanel(self._bridge)
        self.card = FanCard(self._bridge)
        self.desk = DropsDesk(self._bridge)
        self.editor = DropEditor(is_narrow=True)
        self.people = PeoplePanel(self._bridge)
        self.strip = AssistantStrip(self._bridge)
        self._columns = QWidget()
        left, right = _side("left", CHAT_PX, self.chat), _side("right", RIGHT_PX, self._right())
        stack(QHBoxLayout(self._columns), (left, 0), (self._middle(), 1), (right, 0))
        self._veil = QGraphicsOpacityEffect(self._columns)
        self._veil.setEnabled(False)
        self._columns.setGraphicsEffect(self._veil)
        stack(QVBoxLayout(body), (self._bar(), 0), (self._columns, 1), (self.strip, 0))
        self.setCentralWidget(body)
        self._ring = FocusRing(body)
        body.setFocus()
        self._connect(body)
        self.refresh()

    def _middle(self) -> QWidget:
        made = QWidget()
        made.setObjectName("canvas")
        inside = QVBoxLayout(made)
        inside.setContentsMargins(12, 12, 12, 12)
        inside.addWidget(self.card)
        return made

    def _right(self) -> QWidget:
        made = QWidget()
        inside = QVBoxLayout(made)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.desk)
        inside.addWidget(self.editor)
        inside.addWidget(rule())
        inside.addWidget(self.people, 1)
        self.orders = ShopOrdersPanel(self._bridge)
        inside.addWidget(self.orders, 1)
        self.handouts = HandoutsPanel(self._bridge)
        inside.addWidget(self.handouts, 1)
        self.editor.hide()
        return made

    def _bar(self) -> QFrame:
        made = QFrame()
        made.setObjectName("bar")
        made.setFixedHeight(52)
        self.live = Pill("idle", words("live.off"))
        self._here = label("0", "title")
        self.link = Pill("none", words("link.connecting"))
        language = button(words("language.other"), self.language_asked.emit, kind="ghost", size="small")
        theme = icon_button("theme", words("bar.theme"), self.theme_asked.emit)
        name = (Mark(), label(words("app.name"), "title"), label(words("assistant.tag"), "tag"), rule(is_vertical=True))
        figures = (self.live, people_icon(), self._here, label(words("people.here"), "muted"), self.link)
        made.setLayout(row(*name, *figures, None, language, theme, spacing=12, margins=(16, 0, 12, 0)))
        return made

    def _connect(self, body: QWidget) -> None:
        self.chat.chosen.connect(lambda line: self.card.choose(line.platform, line.fan))
        self.people.chosen.connect(lambda person: self.card.choose(person.platform, person.id))
        self.desk.edit_asked.connect(self._edit)
        self.editor.saved.connect(self._open)
        self.editor.opened.connect(self._open)
        self.editor.left.connect(self.editor.hide)
        for key, do in (("Ctrl+L", self.language_asked.emit), ("Ctrl+T", self.theme_asked.emit), ("Ctrl+Q", self.close)):
            QShortcut(QKeySequence(key), body).activated.connect(do)

    def _edit(self, spec: Spec) -> None:
        self.editor.show()
        self.editor.edit(spec, self._bridge.room, can_open=self._bridge.room.is_on_air)

    def _open(self, spec: Spec) -> None:
        self.editor.hide()
        self.desk.open(spec)

    def refresh(self) -> None:
        """Show what the room says, now."""
        room, now = self._bridge.room, time.time()
        on_air = clock(now - room.since_s, with_hours=True) if room.since_s else "00:00:00"
        lost = clock(now - room.lost_at_s, with_hours=True) if room.lost_at_s else "00:00:00"
        self.live.show_state(*live_words(room, on_air, lost))
        self._here.setText(count(room.present))
        age_s = time.monotonic() - self._bridge.heard_at_s
        is_stale = self._bridge.link == "lost" or age_s > STALE_S
        if self._bridge.link == "on" and not is_stale:
            self.link.show_state("good", words("link.on"))
        elif self._bridge.link == "connecting":
            self.link.show_state("none", words("link.connecting"))
        else:
            self.link.show_state("none", words("link.stale", seconds=count(age_s)))
        self._veil.setOpacity(0.45)
        self._veil.setEnabled(is_stale and self._bridge.link != "connecting")
        self.strip.refresh()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802, D102 - Qt's name
        event.accept()
        self.closed.emit()


def _side(name: str, width: int, inside: QWidget) -> QFrame:
    made = QFrame()
    made.setObjectName(name)
    made.setFixedWidth(width)
    layout = QVBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(inside)
    return made
