"""Orders of the shop that wait for their buyer: each with the one-time code that its buyer has to get, ready to be copied.

It refuses to bind an order to anybody: only its code, said in the chat, does.
"""

import time
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import Elided, button, head, icon_button, label, row, rule, scrolling
from ui.figures import ago, count, moment, money
from ui.language import words
from ui.panels.watching import Watching
from ui.plain import plain

SHOWN = 20
"""Orders in the list; the count beside the title tells of more."""
_HIGHEST_PX = 260


class ShopOrdersPanel(Watching, QWidget):
    """Not there while nothing waits."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._rows: tuple[Mapping[str, Any], ...] | None = None
        self._count = label("", "small")
        self._note = label("", "small")
        self._note.setWordWrap(True)
        self._note.hide()
        self._list = QVBoxLayout()
        self._list.setContentsMargins(12, 0, 12, 8)
        self._list.setSpacing(0)
        inside = QWidget()
        inside.setObjectName("scrolled")
        inside.setLayout(self._list)
        title = head(words("orders.title"), self._count)
        title.setContentsMargins(12, 0, 12, 0)
        hint = label(words("orders.hint"), "small")
        hint.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(rule())
        layout.addWidget(title)
        for text in (hint, self._note):
            text.setContentsMargins(12, 0, 12, 4)
            layout.addWidget(text)
        layout.addWidget(scrolling(inside), 1)
        self.setMaximumHeight(_HIGHEST_PX)
        self.watch(bridge, "shop")
        self.refresh()

    def refresh(self) -> None:
        """Show what the room says."""
        room = self._bridge.room
        self.setVisible(bool(room.orders))
        self._count.setText(words("orders.waiting", count=count(room.orders_waiting)))
        rows = room.orders[:SHOWN]
        if rows == self._rows:
            return
        self._rows = rows
        while (item := self._list.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        for number, order in enumerate(rows):
            if number:
                self._list.addWidget(rule())
            self._list.addWidget(self._order(order))
        self._list.addStretch(1)

    def _order(self, order: Mapping[str, Any]) -> QWidget:
        hook, number, code = (str(order.get(key) or "") for key in ("hook", "order", "code"))
        amount = order.get("amount_minor")
        price = money(amount if isinstance(amount, int) else 0, str(order.get("currency") or "CNY"))
        when = moment(order.get("at"))
        since = ago(time.time() - when.timestamp()) if when else ""
        unpaid = None if order.get("paid") else label(words("orders.unpaid"), "tag")
        shown = label(code)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        copy = button(words("orders.copy"), lambda: self._copy(code), size="small")
        renew = icon_button("reset", words("orders.renew"), lambda: self._step(hook, number, "code"))
        gone = icon_button("close", words("orders.dismiss"), lambda: self._step(hook, number, "dismiss"))
        made = QWidget()
        lines = QVBoxLayout(made)
        lines.setContentsMargins(0, 8, 0, 8)
        lines.setSpacing(4)
        lines.addLayout(row(label(plain(str(order.get("label") or number), 20), "head"), label(price), unpaid, None, label(since, "small")))
        if items := _items(order):
            lines.addWidget(Elided(items, "small"))
        lines.addLayout(row(shown, None, copy, renew, gone, spacing=6))
        return made

    def _copy(self, code: str) -> None:
        QGuiApplication.clipboard().setText(code)
        self._say(words("orders.copied", code=code))

    def _say(self, text: str) -> None:
        self._note.setText(text)
        self._note.show()

    def _step(self, hook: str, order: str, step: str) -> None:
        self._bridge.ask(
            lambda client: client.shop_order_step(hook, order, "code" if step == "code" else "dismiss"),
            lambda _: self._say(words(f"orders.done.{step}")),
            self._say,
        )


def _items(order: Mapping[str, Any]) -> str:
    named = (
        (plain(str(item.get("name") or item.get("sku") or ""), 40), item.get("qty"))
        for item in order.get("items") or ()
        if isinstance(item, Mapping)
    )
    return words("list.separator").join(f"{name} ×{qty}" if isinstance(qty, int) and qty > 1 else name for name, qty in named if name)
