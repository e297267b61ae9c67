"""Orders of the shop that wait for their buyer: each with the one-time code that its buyer has to get, ready to be copied.

It refuses to bind an order to anybody: only its code, said in the chat, does.
"""

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.controls import Elided, button, icon_button, label, row
from ui.figures import ago, moment, money
from ui.language import words
from ui.panels.queue import QueuePanel
from ui.plain import plain


class ShopOrdersPanel(QueuePanel):
    """Not there while nothing waits."""

    kind: ClassVar[str] = "shop"
    part: ClassVar[str] = "orders"

    def item(self, order: Mapping[str, Any]) -> QWidget:
        """An order with its code."""
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
        self.say(words("orders.copied", code=code))

    def _step(self, hook: str, order: str, step: str) -> None:
        self._bridge.ask(
            lambda client: client.shop_order_step(hook, order, "code" if step == "code" else "dismiss"),
            lambda _: self.say(words(f"orders.done.{step}")),
            self.say,
        )


def _items(order: Mapping[str, Any]) -> str:
    named = (
        (plain(str(item.get("name") or item.get("sku") or ""), 40), item.get("qty"))
        for item in order.get("items") or ()
        if isinstance(item, Mapping)
    )
    return words("list.separator").join(f"{name} ×{qty}" if isinstance(qty, int) and qty > 1 else name for name, qty in named if name)
