"""The product that the host holds up: the button that does it, and the line above the preview that tells it and puts it away.

They refuse to change before the engine says so.
"""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QWidget

from ui import icons, theme
from ui.bridge import Bridge
from ui.controls import Elided, button, icon_button, row
from ui.figures import money
from ui.language import words
from ui.panels.watching import Watching
from ui.plain import plain
from ui.room import currency_of


def on_show(bridge: Bridge) -> Mapping[str, Any]:
    """The product that is held up now, empty for none."""
    product = bridge.room.shown.get("product")
    return product if isinstance(product, Mapping) else {}


class ShowButton(Watching, QWidget):
    """Held up with a click, put away with the next one; `refuse` gets the engine's words."""

    def __init__(self, bridge: Bridge, sku: str, refuse: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._sku = sku
        self._refuse = refuse
        self.button: QPushButton = button(words("product.show"), self._turn, size="small", icon="show")
        self.button.setCheckable(True)
        self.setLayout(row(self.button))
        self.watch(bridge, "shown")
        self.refresh()

    @property
    def _is_shown(self) -> bool:
        return on_show(self._bridge).get("sku") == self._sku

    def refresh(self) -> None:
        """Show what the room says."""
        self.button.setChecked(self._is_shown)
        self.button.setText(words("product.shown" if self._is_shown else "product.show"))

    def _turn(self) -> None:
        wanted = "" if self._is_shown else self._sku
        self._bridge.ask(lambda client: client.show_product(wanted), None, self._refuse)
        self.refresh()


class ShownProduct(Watching, QFrame):
    """Nothing is on show: it is hidden. `refused` carries the engine's words."""

    refused = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setProperty("part", "tag")
        icon = QLabel()
        icon.setPixmap(icons.pixmap("show", 16, theme.colour("muted"), self.devicePixelRatioF()))
        self.name = Elided("", "strong")
        self.away = icon_button("close", words("product.put_away"), self._put_away)
        line = row(icon, margins=(8, 0, 0, 0), spacing=6)
        line.addWidget(self.name, 1)
        line.addWidget(self.away)
        self.setLayout(line)
        self.setFixedHeight(28)
        self.setMaximumWidth(320)
        self.watch(bridge, "shown")
        self.refresh()

    def refresh(self) -> None:
        """Show what the room says."""
        product = on_show(self._bridge)
        if product:
            number, price = product.get("link_no"), product.get("price_minor")
            parts = [
                "" if number is None else str(number),
                str(product.get("name") or ""),
                money(price, currency_of(self._bridge.room)) if isinstance(price, int) else "",
            ]
            told = plain(" ".join(part for part in parts if part), 120)
            self.name.setText(told)
            self.name.setAlignment(Qt.AlignmentFlag.AlignLeft)
            self.setToolTip(words("product.on_show", name=told))
            self.setAccessibleName(self.toolTip())
        self.setVisible(bool(product))

    def _put_away(self) -> None:
        self._bridge.ask(lambda client: client.show_product(""), None, self.refused.emit)
