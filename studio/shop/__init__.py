"""Orders from shops: webhooks in, a queue of orders without a buyer, and the codes by which a viewer shows that one is theirs."""

from studio.shop.goods import Goods
from studio.shop.hook_book import HookKeys
from studio.shop.service import HookRefused, Shop, ShopChanged
from studio.shop.showcase import ProductShown, Showcase
from studio.shop.showcase_file import ShowcaseFile

__all__ = ["Goods", "HookKeys", "HookRefused", "ProductShown", "Shop", "ShopChanged", "Showcase", "ShowcaseFile"]
