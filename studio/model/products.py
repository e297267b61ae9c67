"""A product as the host shows it: its link number, price, lowest price, stock and the facts to say about it.

It judges values and nothing else: a wrong one is refused by its name, and nothing is repaired in silence.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from studio.errors import InvalidInput
from studio.model.event_fields import MAX_COUNT, MAX_MONEY_MINOR

MAX_LINK_NO: Final = 9_999
MAX_FACTS: Final = 12
"""What fits on a prompter page; a host reads no more out."""
_TEXTS: Final[Mapping[str, int]] = {"sku": 100, "name": 200, "seller": 200}
_FACT_SIGNS: Final = 200
_FIELDS: Final = frozenset({"sku", "link_no", "name", "seller", "picture", "price_minor", "floor_minor", "stock", "facts"})
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_PICTURE = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Product:
    """`link_no` is its number in the room's shop window, None off it; `stock` None when nobody counts; `picture` a SHA-256 or empty."""

    sku: str
    name: str
    link_no: int | None = None
    seller: str = ""
    picture: str = ""
    price_minor: int = 0
    floor_minor: int | None = None
    stock: int | None = None
    facts: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the API tells it."""
        return {**asdict(self), "facts": list(self.facts)}


def read_product(body: Mapping[str, Any]) -> Product:
    """A product from a JSON object; what isn't named is empty. Raises InvalidInput with the field's name."""
    unknown = sorted(str(key) for key in body.keys() - _FIELDS)
    if unknown:
        raise InvalidInput("field.unknown", field=unknown[0][:100], allowed=", ".join(sorted(_FIELDS)))
    texts = {name: _text(body, name, limit) for name, limit in _TEXTS.items()}
    for name in ("sku", "name"):
        if not texts[name]:
            raise InvalidInput("field.text", field=name)
    price_minor = _number(body, "price_minor", 0, MAX_MONEY_MINOR)
    if price_minor is None:
        raise InvalidInput("field.money", field="price_minor")
    floor_minor = _number(body, "floor_minor", 0, MAX_MONEY_MINOR)
    if floor_minor is not None and floor_minor > price_minor:
        raise InvalidInput("products.floor_over_price", field="floor_minor")
    return Product(
        **texts,
        link_no=_number(body, "link_no", 1, MAX_LINK_NO),
        picture=_picture(body),
        price_minor=price_minor,
        floor_minor=floor_minor,
        stock=_number(body, "stock", 0, MAX_COUNT),
        facts=_facts(body),
    )


def _text(body: Mapping[str, Any], name: str, limit: int) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if type(value) is not str or _CONTROL.search(value):
        raise InvalidInput("field.text", field=name)
    if len(value) > limit:
        raise InvalidInput("field.too_long", field=name, max_length=limit)
    return value.strip()


def _number(body: Mapping[str, Any], name: str, low: int, high: int) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if type(value) is not int or not low <= value <= high:
        raise InvalidInput("field.whole", field=name, low=low, high=high)
    return value


def _picture(body: Mapping[str, Any]) -> str:
    value = _text(body, "picture", 64)
    if value and not _PICTURE.fullmatch(value):
        raise InvalidInput("products.picture", field="picture")
    return value


def _facts(body: Mapping[str, Any]) -> tuple[str, ...]:
    value = body.get("facts")
    if value is None:
        return ()
    if type(value) is not list or len(value) > MAX_FACTS:
        raise InvalidInput("products.facts", field="facts", limit=MAX_FACTS)
    return tuple(fact for item in value if (fact := _text({"facts": item}, "facts", _FACT_SIGNS)))
