"""The head of a page that stands in the show's place: which page it is, the way to the others, and back to the show.

It refuses to turn the page itself; it says which one is wanted.
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from ui.controls import button
from ui.language import words

PAGES = ("fans", "rules", "products", "files", "shop", "privacy")
SHOW = "show"


class PageHead(QWidget):
    """`turned` carries the page that is wanted, "show" for the way back; `middle` takes what belongs to the page."""

    turned = Signal(str)

    def __init__(self, current: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(12)
        group = QButtonGroup(self)
        for name in PAGES:
            tab: QPushButton = button(words(f"page.{name}"), lambda chosen=name: self._turn(chosen), kind="tab")
            tab.setCheckable(True)
            tab.setChecked(name == current)
            tab.setEnabled(name != current)
            group.addButton(tab)
            across.addWidget(tab)
            if name == current:
                self._own = tab
        self.middle = QHBoxLayout()
        self.middle.setSpacing(12)
        across.addLayout(self.middle, 1)
        across.addWidget(button(words("fans.back"), lambda: self.turned.emit(SHOW), size="small"))

    def _turn(self, name: str) -> None:
        # Every page has a head of its own: this one goes on marking the page that it stands on.
        self._own.setChecked(True)
        self.turned.emit(name)
