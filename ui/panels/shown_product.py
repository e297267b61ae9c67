"""The product that is on show now, in the line above the preview, with the button that puts it away.

It refuses to choose one: that is the products page's.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from ui import icons, theme
from ui.bridge import Bridge
from ui.controls import Elided, icon_button, row
from ui.figures import money
from ui.language import words
from ui.panels.watching import Watching
from ui.plain import plain


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
        product = self._bridge.room.on_show
        if product:
            number, price = product.get("link_no"), product.get("price_minor")
            parts = ["" if number is None else str(number), str(product.get("name") or ""), money(price) if isinstance(price, int) else ""]
            told = plain(" ".join(part for part in parts if part), 120)
            self.name.setText(told)
            self.name.setAlignment(Qt.AlignmentFlag.AlignLeft)
            self.setToolTip(words("product.on_show", name=told))
            self.setAccessibleName(self.toolTip())
        self.setVisible(bool(product))

    def _put_away(self) -> None:
        self._bridge.ask(lambda client: client.show_product(""), None, self.refused.emit)
