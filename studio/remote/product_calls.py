"""Calls on products and uploads: from HTTP to `FilesSurface`, and back; a wrong product is named by its row and its field.

It keeps nothing and decides nothing about files.
"""

from typing import Any

from aiohttp import hdrs, web

from studio.errors import InvalidInput
from studio.model.products import Product, read_product
from studio.remote.gate import Handler, note_detail
from studio.remote.problems import locale_of
from studio.remote.request import path_text, private, query_text, query_whole, read_body, read_plain_json, reply, text, whole
from studio.remote.roles import Principal
from studio.remote.surface import StudioSurface
from studio.words import say_error

_MAX_ROWS = 500
_MAX_PUT = 1_000
"""Products in one call: within the 1 MiB of a body, and a transaction of some 50 ms."""
_MAX_UPLOAD = 2**42


class ProductCalls:
    """The handlers."""

    def __init__(self, surface: StudioSurface) -> None:
        self._surface = surface

    def handlers(self) -> dict[str, Handler]:
        """By the call's name in the table of roles."""
        return {
            "GET /v1/products": self.listing,
            "PUT /v1/products": self.put,
            "GET /v1/products/shown": self.shown,
            "PUT /v1/products/shown": self.show,
            "DELETE /v1/products/{sku}": self.remove,
            "POST /v1/products/{sku}/picture": self.set_picture,
            "GET /v1/pictures/{hash}": self.picture,
            "POST /v1/uploads": self.begin,
            "PUT /v1/uploads/{upload}": self.append,
            "DELETE /v1/uploads/{upload}": self.drop,
        }

    async def listing(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """A page of products."""
        limit, start = query_whole(request, "limit", 100, 1, _MAX_ROWS), query_whole(request, "start", 0, 0, 10**9)
        return reply(await self._surface.products.listing(query_text(request, "search"), limit, start))

    async def put(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """One product, answered as it stands now; or `{products: […]}`, all or none."""
        body = await read_plain_json(request)
        is_list = "products" in body
        rows = _rows(body) if is_list else [body]
        locale = locale_of(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
        wanted = [_product(row, number if is_list else 0, locale) for number, row in enumerate(rows, 1)]
        note_detail(request, wanted[0].sku if len(wanted) == 1 else f"{len(wanted)} products")
        done = await self._surface.products.put(wanted)
        return reply(done if is_list else done["rows"][0])

    async def shown(self, _: web.Request, __: Principal) -> web.StreamResponse:
        """The product that is held up now."""
        return reply(await self._surface.products.shown())

    async def show(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Another one, or none with null."""
        body = await read_plain_json(request)
        sku = "" if body.get("sku", "") is None else text(body, "sku", max_length=100)
        note_detail(request, sku)
        return reply(await self._surface.products.show(sku))

    async def remove(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Forget a product."""
        return reply(await self._surface.products.remove(path_text(request, "sku")))

    async def set_picture(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """An uploaded picture becomes the product's."""
        upload = text(await read_plain_json(request), "upload", max_length=40)
        return reply(await self._surface.products.set_picture(path_text(request, "sku"), upload))

    async def picture(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """A picture by its hash."""
        kind, data = await self._surface.products.picture(path_text(request, "hash"))
        return web.Response(body=data, content_type=kind, headers=private())

    async def begin(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """A file is to come."""
        body = await read_plain_json(request)
        size = whole(body, "bytes", 1, _MAX_UPLOAD)
        return reply(await self._surface.uploads.begin(text(body, "name"), size), 201)

    async def append(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """Its next piece."""
        at = query_whole(request, "at", 0, 0, 10**12 - 1)
        return reply(await self._surface.uploads.append(path_text(request, "upload"), at, await read_body(request)))

    async def drop(self, request: web.Request, _: Principal) -> web.StreamResponse:
        """It isn't wanted any more."""
        return reply(await self._surface.uploads.drop(path_text(request, "upload")))


def _rows(body: dict[str, Any]) -> list[Any]:
    rows = body["products"]
    if not isinstance(rows, list) or not 0 < len(rows) <= _MAX_PUT or len(body) > 1:
        raise InvalidInput("products.list", limit=_MAX_PUT)
    return rows


def _object(row: Any) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise InvalidInput("products.object")
    return row


def _product(row: Any, number: int, locale: str) -> Product:
    """One row; `number` 0 for the only one."""
    try:
        return read_product(_object(row))
    except InvalidInput as error:
        if not number:
            raise
        told = {"row": number, "field": str(error.params.get("field") or ""), "reason": say_error(error, locale), "why": error.code}
        raise InvalidInput("products.row", **told) from error
