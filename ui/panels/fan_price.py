"""What one fan pays for the product that is on show: chosen from the list of products, kept from one fan's card to the next.

It refuses to work out a price: the engine does, by the rules and by what the fan's orders have come to for good.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui import preferences
from ui.bridge import Bridge
from ui.controls import Choice, label, row
from ui.figures import money
from ui.language import words
from ui.plain import plain

_REMEMBERED = "product/on_show"
_MANY = 200


class FanPrice(QWidget):
    """Takes no room in a shop without products."""

    def __init__(self, bridge: Bridge, currency: str, who: tuple[str, str]) -> None:
        super().__init__()
        self._bridge, self._currency, self._who = bridge, currency, who
        self._floors: dict[str, int] = {}
        self.product = Choice(words("loyalty.product"))
        self.price: QLabel = label("", "title")
        self._how = label("", "small")
        self._how.setWordWrap(True)
        made = QVBoxLayout(self)
        made.setContentsMargins(0, 0, 0, 0)
        made.setSpacing(4)
        top = row(label(words("loyalty.price"), "head"), spacing=12)
        top.addWidget(self.product, 1)
        made.addLayout(top)
        made.addWidget(self.price)
        made.addWidget(self._how)
        self.hide()
        self.product.activated.connect(lambda _: self._choose())
        bridge.ask(lambda client: client.products(limit=_MANY), self._show_products)

    def _show_products(self, answer: Any) -> None:
        rows = answer.get("rows") if isinstance(answer, Mapping) else None
        if not isValid(self) or not rows:
            return
        for one in rows:
            number = one.get("link_no")
            name = plain(str(one.get("name") or one.get("sku")), 30)
            self.product.addItem(words("loyalty.link", number=number, name=name) if number is not None else name, str(one["sku"]))
            self._floors[str(one["sku"])] = int(one.get("floor_minor") or 0)
        self.product.setCurrentIndex(max(0, self.product.findData(preferences.text(_REMEMBERED))))
        self.show()
        self._ask()

    def _choose(self) -> None:
        preferences.remember(_REMEMBERED, str(self.product.currentData()))
        self._ask()

    def _ask(self) -> None:
        sku = str(self.product.currentData())

        def show(answer: Any) -> None:
            if isValid(self) and sku == self.product.currentData() and isinstance(answer, Mapping):
                self._show_price(answer.get("price"), self._floors.get(sku, 0))

        self._bridge.ask(lambda client: client.fan_loyalty(*self._who, sku=sku), show, self._say)

    def _show_price(self, told: Any, floor_minor: int) -> None:
        if not isinstance(told, Mapping):
            return
        full, own, percent = int(told["price_minor"]), int(told["tier_price_minor"]), int(told["percent"])
        if percent == 100:
            self.price.setText(money(full, self._currency))
            self._how.setText(words("loyalty.pays_full"))
            return
        self.price.setText(words("loyalty.pays", full=money(full, self._currency), own=money(own, self._currency)))
        paid = words("rules.price", percent=percent, tenths=f"{percent / 10:g}")
        how = words("loyalty.rounded", paid=paid, unit=money(1, self._currency))
        self._how.setText(
            f"{how} · ⚠ {words('loyalty.below_floor', floor=money(floor_minor, self._currency))}" if own < floor_minor else how
        )

    def _say(self, text: str) -> None:
        if isValid(self):
            self.price.setText("")
            self._how.setText(text)
