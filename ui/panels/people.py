"""Who is here: the board in the engine's order, regulars first.

It refuses to show anybody who is not present.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QLabel, QListView, QVBoxLayout, QWidget

from ui import badges, icons, theme
from ui.bridge import Bridge
from ui.controls import head, label, row
from ui.delegates import PersonDelegate
from ui.figures import count
from ui.language import words
from ui.models.people import PERSON_ROLE, PeopleModel
from ui.panels.watching import Watching
from ui.room import currency_of


def people_icon(size_px: int = 18) -> QLabel:
    """The picture beside a number of people."""
    made = QLabel()
    made.setPixmap(icons.pixmap("people", size_px, theme.colour("muted"), made.devicePixelRatioF()))
    made.setFixedSize(size_px, size_px)
    return made


class PeoplePanel(Watching, QWidget):
    """A list; `chosen` carries the person whose card is wanted."""

    chosen = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._model = PeopleModel()
        self._delegate = PersonDelegate()
        self._regulars = label("", "small")
        self._view = QListView()
        self._view.setModel(self._model)
        self._view.setItemDelegate(self._delegate)
        self._view.setUniformItemSizes(True)
        self._view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setMouseTracking(True)
        self._view.setProperty("ring_inside", True)
        self._view.setAccessibleName(words("people.title"))
        self._view.clicked.connect(lambda index: self.chosen.emit(index.data(PERSON_ROLE)))
        self._view.activated.connect(lambda index: self.chosen.emit(index.data(PERSON_ROLE)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        title = head(words("people.title"), self._regulars)
        title.setContentsMargins(12, 0, 12, 0)
        layout.addWidget(title)
        self._empty = self._nobody()
        layout.addWidget(self._empty)
        layout.addWidget(self._view, 1)
        layout.addStretch(0)
        self.watch(bridge, "board", "settings")
        self.refresh()

    @staticmethod
    def _nobody() -> QWidget:
        crown = QLabel()
        crown.setPixmap(badges.pixmap(4, 28, crown.devicePixelRatioF(), is_grey=True))
        text = label(words("people.empty"), "muted")
        text.setWordWrap(True)
        made = QWidget()
        line = row(crown, spacing=14, margins=(12, 4, 12, 12))
        line.addWidget(text, 1)
        made.setLayout(line)
        return made

    def refresh(self) -> None:
        """Show what the room says."""
        room = self._bridge.room
        self._delegate.currency = currency_of(room)
        rows = room.people
        self._model.show(rows)
        self._empty.setVisible(not rows)
        self._view.setVisible(bool(rows))
        self._regulars.setText(words("people.regulars", count=count(room.regulars)) if rows else "")

    def model(self) -> PeopleModel:
        """The rows that are shown."""
        return self._model
