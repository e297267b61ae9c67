"""The host's window: puts the panels together, and turns keys into what they do.

It refuses to own anything: closed or killed, the show goes on.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLineEdit, QMainWindow, QPushButton, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import FocusRing, rule, scrolling, stack, window_body
from ui.edits import Edits
from ui.language import words
from ui.panels.centre import Centre
from ui.panels.effects_row import KEYS
from ui.panels.handouts import HandoutsPanel
from ui.panels.host_bar import HostBar
from ui.panels.leave import LeaveQuestion
from ui.panels.look import LookPanel
from ui.panels.notices import NoticesPanel
from ui.panels.outputs import OutputsPanel
from ui.panels.pages import Pages
from ui.panels.people import PeoplePanel
from ui.panels.shop_orders import ShopOrdersPanel
from ui.panels.sound import SoundPanel
from ui.panels.sources import SourcesPanel
from ui.panels.strip import Strip
from ui.preview_hand import PreviewHand
from ui.shapes import window_icon

LEFT_PX, RIGHT_PX = 280, 340
MINIMUM = (1200, 680)


class StudioWindow(QMainWindow):
    """`closed` carries whether the engine should end too."""

    closed = Signal(bool)
    language_asked = Signal()
    theme_asked = Signal()
    assistant_asked = Signal()

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._may_close = False
        self.setWindowTitle(words("app.title"))
        self.setWindowIcon(window_icon())
        self.setMinimumSize(*MINIMUM)
        self.resize(1440, 900)
        self.edits = Edits(bridge, self)
        self.build()
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def build(self) -> None:
        """Make all panels; again after the language or the theme changed."""
        self.setWindowTitle(words("app.title"))
        is_split = False
        if self.centralWidget() is not None:
            self.centre.preview.close_file()
            is_split = self.centre.split.isChecked()
        body = window_body()
        self.bar = HostBar(self._bridge, self.edits)
        self.centre = Centre(self._bridge, self.edits)
        self.look = LookPanel(self._bridge, self.edits)
        self.strip = Strip(self._bridge)
        self.leave = LeaveQuestion()
        self._show_room = QWidget()
        stack(QHBoxLayout(self._show_room), (self._left(), 0), (self.centre, 1), (self._right(), 0))
        self._pages = Pages(self._bridge, self._show_room)
        self.fans, self.products, self.files = self._pages.fans, self._pages.products, self._pages.files
        stack(QVBoxLayout(body), (self.bar, 0), (self.leave, 0), (self._pages, 1), (self.strip, 0))
        self.setCentralWidget(body)
        self._ring = FocusRing(body)
        body.setFocus()
        self.centre.split.setChecked(is_split)
        self._connect()
        self._add_keys(body)

    def _left(self) -> QWidget:
        made = QFrame()
        made.setObjectName("left")
        made.setFixedWidth(LEFT_PX)
        inside = QWidget()
        inside.setObjectName("scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.sources = SourcesPanel(self._bridge)
        self.outputs = OutputsPanel(self._bridge)
        self.sound = SoundPanel(self._bridge, self.edits, self.centre.open_mixer)
        for panel in (self.sources, self.look, self.sound, self.outputs):
            column.addWidget(panel)
        column.addStretch(1)
        outer = QVBoxLayout(made)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(inside))
        return made

    def _right(self) -> QWidget:
        made = QFrame()
        made.setObjectName("right")
        made.setFixedWidth(RIGHT_PX)
        self.people = PeoplePanel(self._bridge)
        self.notices = NoticesPanel(self._bridge)
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.orders = ShopOrdersPanel(self._bridge)
        column.addWidget(self.people, 3)
        column.addWidget(self.orders, 2)
        self.handouts = HandoutsPanel(self._bridge)
        column.addWidget(self.handouts, 2)
        column.addWidget(rule())
        column.addWidget(self.notices, 2)
        return made

    def _connect(self) -> None:
        self.bar.language_asked.connect(self.language_asked)
        self.bar.theme_asked.connect(self.theme_asked)
        self.bar.assistant_asked.connect(self.assistant_asked)
        self.bar.fans_asked.connect(self._pages.turn)
        self.bar.refused.connect(self.centre.band.say)
        self.centre.preview.staleness_changed.connect(self.bar.note_stillness)
        self.hand = PreviewHand(self._bridge, self.edits, self.centre, self.look)
        self.outputs.edit_asked.connect(self.centre.edit_output)
        self.outputs.add_asked.connect(self.centre.add_output)
        self.outputs.measure_asked.connect(self.centre.open_measure)
        self.people.chosen.connect(self._pages.open_card)
        self.leave.decided.connect(self._leave)

    def _add_keys(self, body: QWidget) -> None:
        keys: tuple[tuple[str, Callable[[], object]], ...] = (
            ("F1", lambda: self.centre.palette_panel.press("lottery")),
            ("F2", lambda: self.centre.palette_panel.press("coupon")),
            ("Shift+F1", lambda: self.centre.palette_panel.edit_asked.emit(self.centre.palette_panel.specs["lottery"])),
            ("Shift+F2", lambda: self.centre.palette_panel.edit_asked.emit(self.centre.palette_panel.specs["coupon"])),
            ("F7", self.outputs.set_mark),
            ("F8", self.outputs.save_replay),
            ("F9", lambda: self.centre.toggle_shot("close_up")),
            ("F10", lambda: self.centre.toggle_shot("true_skin")),
            ("M", self.sound.toggle_mute),
            *((key, partial(self.centre.mixer.effects.press, key)) for key in KEYS),
            ("Ctrl+Z", self.edits.undo),
            ("Ctrl+Shift+Z", self.edits.redo),
            ("Ctrl+Y", self.edits.redo),
            ("Ctrl+L", self.language_asked.emit),
            ("Ctrl+T", self.theme_asked.emit),
            ("Ctrl+F", self._pages.turn),
            ("Ctrl+Q", self.close),
        )
        for key, do in keys:
            shortcut = QShortcut(QKeySequence(key), body)
            shortcut.activated.connect(do)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Hold B for the original picture, V to talk, wherever the focus is, but for fields where one types."""
        if watched is self and event.type() == QEvent.Type.WindowDeactivate:  # the release of a key will go to another window
            for held in (self.look.original, self.sound.talk):
                _hold(held, is_held=False)
        if event.type() in {QEvent.Type.KeyPress, QEvent.Type.KeyRelease} and isinstance(event, QKeyEvent):
            held = {Qt.Key.Key_B: self.look.original, Qt.Key.Key_V: self.sound.talk}.get(Qt.Key(event.key()))
            if held is not None and self._hold_by_key(held, watched, event):
                return True
        return super().eventFilter(watched, event)

    def _hold_by_key(self, held: QPushButton, watched: QObject, event: QKeyEvent) -> bool:
        """Whether the key was meant for the button. Its release counts wherever the focus went, and with whatever else is pressed."""
        if event.type() == QEvent.Type.KeyRelease:
            if held.isDown() and not event.isAutoRepeat():
                _hold(held, is_held=False)
            return held.isDown()
        is_ours = isinstance(watched, QWidget) and watched.window() is self and not isinstance(watched, QLineEdit)
        if not is_ours or event.modifiers() != Qt.KeyboardModifier.NoModifier or not held.isEnabled() or held.isHidden():
            return False
        if not event.isAutoRepeat():
            _hold(held, is_held=True)
        return True

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802, D102 - Qt's name
        if self._may_close or not self._bridge.room.is_on_air or self._bridge.link != "on":
            app = QApplication.instance()
            if app is not None:
                app.removeEventFilter(self)
            self.centre.preview.close_file()
            event.accept()
            if not self._may_close:
                self.closed.emit(not self._bridge.room.is_on_air)
            return
        event.ignore()
        self.leave.ask()

    def _leave(self, ends_show: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._may_close = True
        self.close()
        self.closed.emit(ends_show)


def _hold(held: QPushButton, *, is_held: bool) -> None:
    """A key in a button's place."""
    if is_held != held.isDown():
        held.setDown(is_held)
        (held.pressed if is_held else held.released).emit()
