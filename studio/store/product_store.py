"""A room's products in the store: written whole, listed by link number; pictures beside them by their bytes.

Functions on an open connection; what a product may be is judged in `studio.model.products`.
"""

import hashlib
import json
from typing import Any, Final

from sqlalchemy import Connection, delete, func, or_, select, update

from studio.errors import InvalidInput, NotFound, TooLarge
from studio.model.picture_header import MEDIA_TYPES, PictureHeader
from studio.model.products import Product
from studio.store import bulk
from studio.store.product_tables import picture, product

MAX_PRODUCTS: Final = 20_000
"""Of a room: a shop window has a few hundred; beyond this a file was meant for another program."""
_NO_LINK: Final = 1 << 30


def put(connection: Connection, room: str, new: Product, now_ms: int) -> bool:
    """Write a product; whether it is new. A link number goes over to whoever got it last. Raises InvalidInput, TooLarge."""
    if new.picture and not connection.execute(select(picture.c.hash).where(picture.c.hash == new.picture)).first():
        raise InvalidInput("products.picture", field="picture")
    known = connection.execute(select(product.c.sku).where(product.c.room == room, product.c.sku == new.sku)).first()
    if known is None and count(connection, room) >= MAX_PRODUCTS:
        raise TooLarge("products.too_many", limit=MAX_PRODUCTS)
    if new.link_no is not None:
        connection.execute(
            update(product)
            .where(product.c.room == room, product.c.link_no == new.link_no, product.c.sku != new.sku)
            .values(link_no=None, updated_at=now_ms)
        )
    facts = json.dumps(new.facts, ensure_ascii=False, separators=(",", ":"))
    money = (new.price_minor, new.floor_minor, new.stock)
    bulk.upsert(connection, product, [(room, new.sku, new.link_no, new.name, new.seller, new.picture, *money, facts, now_ms)])
    return known is None


def find(connection: Connection, room: str, sku: str) -> Product | None:
    """One product, if there is one."""
    row = connection.execute(select(product).where(product.c.room == room, product.c.sku == sku)).first()
    return None if row is None else _product(row)


def get(connection: Connection, room: str, sku: str) -> Product:
    """One product. Raises NotFound."""
    found = find(connection, room, sku)
    if found is None:
        raise NotFound("products.unknown", sku=sku[:100])
    return found


def by_link(connection: Connection, room: str, link_no: int) -> Product | None:
    """The product at a number of the shop window."""
    row = connection.execute(select(product).where(product.c.room == room, product.c.link_no == link_no)).first()
    return None if row is None else _product(row)


def page(connection: Connection, room: str, search: str = "", limit: int = 500, start: int = 0) -> list[Product]:
    """Products by link number, then by SKU, those whose SKU, name or seller holds `search`."""
    wanted = select(product).where(product.c.room == room)
    if search:
        like = f"%{search.casefold().translate(_ESCAPES)}%"
        wanted = wanted.where(or_(*(func.lower(product.c[name]).like(like, escape="\\") for name in ("sku", "name", "seller"))))
    order = (func.coalesce(product.c.link_no, _NO_LINK), product.c.sku)
    return [_product(row) for row in connection.execute(wanted.order_by(*order).limit(limit).offset(start))]


def remove(connection: Connection, room: str, sku: str) -> None:
    """Forget a product, and its picture when nothing else shows it. Raises NotFound."""
    old = get(connection, room, sku)
    connection.execute(delete(product).where(product.c.room == room, product.c.sku == sku))
    _drop_unused(connection, old.picture)


def count(connection: Connection, room: str) -> int:
    """How many products the room has."""
    return connection.execute(select(func.count()).select_from(product).where(product.c.room == room)).scalar_one()


def set_picture(connection: Connection, room: str, sku: str, data: bytes, header: PictureHeader, now_ms: int) -> Product:
    """Keep a picture and show it with the product. Raises NotFound."""
    old = get(connection, room, sku)
    digest = hashlib.sha256(data).hexdigest()
    bulk.upsert(connection, picture, [(digest, MEDIA_TYPES[header.kind], header.width, header.height, data, now_ms)])
    same = (product.c.room == room, product.c.sku == sku)
    connection.execute(update(product).where(*same).values(picture=digest, updated_at=now_ms))
    if old.picture != digest:
        _drop_unused(connection, old.picture)
    return get(connection, room, sku)


def read_picture(connection: Connection, digest: str) -> tuple[str, bytes]:
    """(media type, bytes). Raises NotFound."""
    row = connection.execute(select(picture.c.media_type, picture.c.data).where(picture.c.hash == digest)).first()
    if row is None:
        raise NotFound("picture.unknown", id=digest[:64])
    return row[0], bytes(row[1])


def _drop_unused(connection: Connection, digest: str) -> None:
    if digest and connection.execute(select(product.c.sku).where(product.c.picture == digest).limit(1)).first() is None:
        connection.execute(delete(picture).where(picture.c.hash == digest))


def _product(row: Any) -> Product:
    return Product(
        sku=row.sku,
        name=row.name,
        link_no=row.link_no,
        seller=row.seller,
        picture=row.picture,
        price_minor=row.price_minor,
        floor_minor=row.floor_minor,
        stock=row.stock,
        facts=tuple(json.loads(row.facts)),
    )


_ESCAPES: Final = str.maketrans({"%": "\\%", "_": "\\_", "\\": "\\\\"})
