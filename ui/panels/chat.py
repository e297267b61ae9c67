"""The chat with badges: everything, or regulars only; it follows the newest line unless someone scrolled up.

It refuses to be flooded: what came is shown as one change, twenty times a second, or five when it is more than anybody reads.
"""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractItemView, QButtonGroup, QFrame, QListView, QPushButton, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import button, label, row
from ui.delegates import ChatDelegate
from ui.language import words
from ui.models.chat import LINE_ROLE, ChatLine, ChatModel

FLUSH_MS = 50
FLOOD_MS = 200
"""Between changes while more lines come than anybody reads: each change draws a whole page of lines that weren't drawn before."""
FLOOD_LINES = 10
_TABS = ("all", "regulars")


class _Filter(QSortFilterProxyModel):
    """Shows the lines of one tab."""

    def __init__(self, model: ChatModel) -> None:
        super().__init__()
        self._tab = "all"
        self.setSourceModel(model)

    def show_tab(self, tab: str) -> None:
        """Another tab."""
        self._tab = tab
        self.invalidateFilter()

    def filterAcceptsRow(self, row_number: int, _parent: QModelIndex | QPersistentModelIndex) -> bool:  # noqa: N802 - Qt's name
        if self._tab == "all":
            return True
        source = self.sourceModel()
        line = source.index(row_number, 0).data(LINE_ROLE) if source is not None else None
        return isinstance(line, ChatLine) and line.is_regular


def _list_of(model: QSortFilterProxyModel) -> QListView:
    made = QListView()
    made.setModel(model)
    made.setItemDelegate(ChatDelegate(made))
    made.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    made.setMouseTracking(True)
    made.setProperty("ring_inside", True)
    made.setAccessibleName(words("chat.title"))
    return made


class ChatPanel(QWidget):
    """`chosen` carries the line whose fan is wanted."""

    chosen = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._filter = _Filter(bridge.chat)
        self.view = _list_of(self._filter)
        self.view.clicked.connect(lambda index: self.chosen.emit(index.data(LINE_ROLE)))
        self.view.activated.connect(lambda index: self.chosen.emit(index.data(LINE_ROLE)))
        self._empty = label(words("chat.empty"), "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._newest = button(words("chat.to_newest"), self._follow_again, size="small", icon="down")
        self._newest.hide()
        self._is_following = True
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._tabs())
        layout.addWidget(self._empty, 1)
        layout.addWidget(self.view, 1)
        layout.addLayout(row(None, self._newest, None, margins=(0, 4, 0, 4)))
        self.view.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self._timer = QTimer(self)
        self._timer.setInterval(FLUSH_MS)
        self._timer.timeout.connect(self.flush)
        self._timer.start()
        self._show_empty()

    def _tabs(self) -> QWidget:
        made = QFrame()
        made.setProperty("part", "section")
        made.setFixedHeight(41)
        line = row(margins=(16, 0, 16, 0))
        group = QButtonGroup(made)
        for tab in _TABS:
            choose: QPushButton = button(words(f"chat.tab.{tab}"), lambda chosen=tab: self._filter.show_tab(chosen), kind="tab")
            choose.setCheckable(True)
            choose.setChecked(tab == "all")
            group.addButton(choose)
            line.addWidget(choose)
        line.addStretch(1)
        made.setLayout(line)
        return made

    def flush(self) -> None:
        """Show what came since the last time."""
        was_following = self._is_following
        fresh = self._bridge.chat.flush()
        if fresh and was_following:
            self.view.scrollToBottom()
        self._timer.setInterval(FLOOD_MS if fresh > FLOOD_LINES else FLUSH_MS)
        self._show_empty()

    def _show_empty(self) -> None:
        is_empty = self._bridge.chat.rowCount() == 0
        if self._empty.isVisible() != is_empty or self.view.isVisible() == is_empty:
            self._empty.setVisible(is_empty)
            self.view.setVisible(not is_empty)

    def _on_scrolled(self, value: int) -> None:
        bar = self.view.verticalScrollBar()
        self._is_following = value >= bar.maximum() - 8
        self._newest.setVisible(not self._is_following)

    def _follow_again(self) -> None:
        self.view.scrollToBottom()
        self._is_following = True
        self._newest.hide()
