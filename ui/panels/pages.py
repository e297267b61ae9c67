"""The pages that stand in the show's place: fans, rules, products, files, shop, privacy; and the show itself.

It refuses to hide the bar and the strip, which are the window's: the show can be ended from every page.
"""

from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.bridge import Bridge
from ui.models.people import Person
from ui.panels.fans_page import FansPage
from ui.panels.files_page import FilesPage
from ui.panels.page_head import SHOW
from ui.panels.privacy_page import PrivacyPage
from ui.panels.products_page import ProductsPage
from ui.panels.rules_page import RulesPage
from ui.panels.shop_page import ShopPage


class Pages(QStackedWidget):
    """The show first."""

    def __init__(self, bridge: Bridge, show: QWidget) -> None:
        super().__init__()
        self.fans, self.products = FansPage(bridge), ProductsPage(bridge)
        self.files, self.privacy = FilesPage(bridge), PrivacyPage(bridge)
        self.rules, self.shop = RulesPage(bridge), ShopPage(bridge)
        self._by_name: dict[str, QWidget] = {
            SHOW: show,
            "fans": self.fans,
            "rules": self.rules,
            "products": self.products,
            "files": self.files,
            "shop": self.shop,
            "privacy": self.privacy,
        }
        for page in self._by_name.values():
            self.addWidget(page)
        for ground in (self, *self._by_name.values()):
            ground.setProperty("ringless", True)
        for page in (self.fans, self.rules, self.products, self.files, self.shop, self.privacy):
            page.turned.connect(self.turn)

    def turn(self, name: str = "") -> None:
        """To a page; without a name from the show to the fans, and from any page back."""
        is_show = self.currentWidget() is self._by_name[SHOW]
        self.setCurrentWidget(self._by_name[name or ("fans" if is_show else SHOW)])
        self.window().centralWidget().setFocus()  # type: ignore[attr-defined] - it stands in a main window

    def open_card(self, person: Person) -> None:
        """The card of somebody who was chosen in the show."""
        self.turn("fans")
        self.fans.open_card(person.platform, person.id)
