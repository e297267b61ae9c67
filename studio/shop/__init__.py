"""Orders from shops: webhooks in, a queue of orders without a buyer, and the codes by which a viewer shows that one is theirs."""

from studio.shop.goods import Goods
from studio.shop.service import Shop, ShopChanged
from studio.shop.showcase import ProductShown, Showcase
from studio.shop.showcase_file import ShowcaseFile

__all__ = ["Goods", "ProductShown", "Shop", "ShopChanged", "Showcase", "ShowcaseFile"]
