"""The products page: what the room sells, by link number, with picture, price, lowest price and stock; edited beside the list.

It refuses to hold the list: the engine has it, and this shows a page of it.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import Elided, button, icon_button, label, row, scrolling
from ui.figures import count, money
from ui.language import words
from ui.panels.import_wizard import ImportWizard
from ui.panels.page_head import PageHead
from ui.panels.product_editor import ProductEditor
from ui.panels.product_pictures import ProductPictures
from ui.panels.shown_product import ShowButton
from ui.plain import plain
from ui.room import currency_of

_PAGE = 50
_COLUMNS = ("picture", "link_no", "name", "price", "floor", "stock")


class ProductsPage(QWidget):
    """In the show's place; asks when it is opened."""

    turned = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self._bridge = bridge
        self._rows = 0
        self.pictures = ProductPictures(bridge)
        self.search = QLineEdit()
        self.search.setPlaceholderText(words("product.search"))
        self.search.setAccessibleName(words("product.search"))
        self.search.setFixedWidth(240)
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _: self.begin())
        self.editor, self.wizard = ProductEditor(bridge), ImportWizard(bridge, "products")
        self.add: QPushButton = button(words("product.new"), lambda: self._edit({}), kind="main", size="small")
        self.bring: QPushButton = button(words("product.import"), self._bring, size="small", icon="upload")
        self.more: QPushButton = button(words("fans.more"), self._next, size="small")
        self.note: QLabel = label("", "muted")
        self.note.setWordWrap(True)
        self._grid = QGridLayout()
        self._build()
        self.editor.saved.connect(self._saved)
        self.editor.removed.connect(lambda _: self._done())
        self.editor.left.connect(self._done)
        self.wizard.ended.connect(self.begin)
        self.wizard.left.connect(self._done)

    def _build(self) -> None:
        head = PageHead("products")
        head.turned.connect(self.turned)
        head.middle.addStretch(1)
        for part in (self.search, self.bring, self.add):
            head.middle.addWidget(part)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        for column, share in enumerate((0, 0, 6, 2, 2, 2, 0, 0)):
            self._grid.setColumnStretch(column, share)
        inside = QWidget()
        inside.setObjectName("scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 12, 12, 12)
        column.addLayout(self._grid)
        column.addWidget(self.note)
        column.addLayout(row(self.more, None))
        column.addStretch(1)
        listed = QFrame()
        listed.setProperty("part", "card")
        framed = QVBoxLayout(listed)
        framed.setContentsMargins(0, 0, 0, 0)
        framed.addWidget(scrolling(inside))
        self.side = QStackedWidget()
        self.side.addWidget(self.editor)
        self.side.addWidget(self.wizard)
        self.side.hide()
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addWidget(listed, 5)
        both.addWidget(self.side, 4)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 12)
        outer.setSpacing(12)
        outer.addWidget(head)
        outer.addLayout(both, 1)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102 - Qt's name
        super().showEvent(event)
        self.begin()

    def begin(self) -> None:
        """The first page."""
        self._ask(0)

    def _next(self) -> None:
        self._ask(self._rows)

    def _ask(self, start: int) -> None:
        search = self.search.text().strip()
        self.more.setEnabled(False)
        self._bridge.ask(
            lambda client: client.products(search, _PAGE, start), lambda answer: self._show(search, start, answer), self._refuse
        )

    def _refuse(self, text: str) -> None:
        self.more.setEnabled(True)
        self.note.setText(text)
        self.note.show()

    def _show(self, search: str, start: int, answer: Any) -> None:
        if not isinstance(answer, Mapping) or search != self.search.text().strip():
            return
        if not start:
            self._clear()
        rows = list(answer.get("rows") or ())
        for product in rows:
            self._add_row(product)
        self.more.setEnabled(True)
        self.more.setVisible(len(rows) == _PAGE)
        self.note.setText(words("product.not_found" if search else "product.none"))
        self.note.setVisible(not self._rows)

    def _clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        self._rows = 0

    def _add_row(self, product: Mapping[str, Any]) -> None:
        if not self._rows:
            for column, name in enumerate(_COLUMNS[1:], 1):
                self._grid.addWidget(label(words(f"in.{name}"), "small"), 0, column)
        self._rows += 1
        floor, stock, link = product.get("floor_minor"), product.get("stock"), product.get("link_no")
        currency = currency_of(self._bridge.room)
        name = QWidget()
        both = QVBoxLayout(name)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(0)
        both.addWidget(Elided(plain(str(product.get("name")), 80), "strong"))
        both.addWidget(Elided(plain(f"{product.get('sku')} {product.get('seller') or ''}", 80), "small"))
        sold_out = label(words("product.sold_out"), "warn") if stock == 0 else label("—" if stock is None else count(stock))
        parts = (
            self.pictures.label(str(product.get("picture") or ""), self.devicePixelRatioF()),
            label("—" if link is None else str(link), "strong"),
            name,
            label(money(int(product.get("price_minor") or 0), currency)),
            label("—" if floor is None else money(floor, currency)),
            sold_out,
            ShowButton(self._bridge, str(product.get("sku")), self._refuse),
            icon_button("edit", words("product.edit"), lambda: self._edit(product)),
        )
        for column, part in enumerate(parts):
            self._grid.addWidget(part, self._rows, column)

    def _edit(self, product: Mapping[str, Any]) -> None:
        self.side.setCurrentWidget(self.editor)
        self.side.show()
        self.editor.edit(product)

    def _bring(self) -> None:
        self.side.setCurrentWidget(self.wizard)
        self.side.show()

    def _saved(self, product: Any) -> None:
        self.begin()
        self.editor.edit(product)

    def _done(self) -> None:
        self.side.hide()
        self.begin()

    def count(self) -> int:
        """Rows that are shown."""
        return self._rows
