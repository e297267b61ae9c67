"""The product that the host shows now: told when another one is held up, and kept as it stands in the room's list.

It forgets with the engine; `showcase_file` remembers for one that takes a show up after a crash.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from studio.model.products import Product


@dataclass(frozen=True, slots=True)
class ProductShown:
    """What is on show changed: another product since `since_ms` (wall clock), none, or (`is_new` false) what is known of the same one."""

    product: Product | None
    since_ms: int | None
    is_new: bool

    def told(self) -> dict[str, Any]:
        """{product, since}, null for none; seconds since 1970."""
        since = None if self.since_ms is None else self.since_ms / 1000
        return {"product": self.product and self.product.to_json(), "since": since}


_NOTHING = ProductShown(None, None, is_new=True)


class Showcase:
    """Loop thread only; `publish` delivers at once."""

    def __init__(self, publish: Callable[[ProductShown], None], wall_ms: Callable[[], int]) -> None:
        self._publish = publish
        self._wall_ms = wall_ms
        self.now = _NOTHING

    def show(self, product: Product | None) -> ProductShown:
        """Hold it up, or put what is there away; the one that is there already changes nothing, so that a double click is one chapter."""
        if self.sku != (product.sku if product else ""):
            self._turn(_NOTHING if product is None else ProductShown(product, self._wall_ms(), is_new=True))
        return self.now

    def put_back(self, product: Product, since_ms: int) -> None:
        """As it was before the engine died: in the new file of a recording it is a chapter again."""
        self._turn(ProductShown(product, since_ms, is_new=True))

    def follow(self, sku: str, product: Product | None) -> None:
        """How the product of this SKU stands in the list now, None when it is gone from there."""
        if sku != self.sku or product == self.now.product:
            return
        self._turn(_NOTHING if product is None else ProductShown(product, self.now.since_ms, is_new=False))

    @property
    def sku(self) -> str:
        """Of what is shown, empty for nothing."""
        return self.now.product.sku if self.now.product else ""

    def _turn(self, shown: ProductShown) -> None:
        self.now = shown
        self._publish(shown)
