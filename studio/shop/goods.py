"""What the room sells, as the control API asks for it: products listed, written, forgotten, and shown by a picture (loop thread).

What a product may be is judged in `studio.model.products`; pictures are made anew before they are kept.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection

from studio.errors import InvalidInput, StoreUnavailable
from studio.model.picture_header import MAX_BYTES, read_header
from studio.model.products import Product
from studio.shop.showcase import Showcase
from studio.shop.showcase_file import ShowcaseFile
from studio.store import product_store
from studio.store.database import Database

Thumbnail = Callable[[bytes], bytes]


class Uploads(Protocol):
    """Where uploaded files lie."""

    def whole(self, upload: str) -> Path:
        """A file that is all there. Raises NotFound, Conflict."""
        ...

    async def drop(self, upload: str) -> dict[str, Any]:
        """Forget it."""
        ...


class Goods:
    """`thumbnail` makes a picture anew; it may take long and runs on a worker thread."""

    def __init__(
        self,
        database: Database,
        room: str,
        uploads: Uploads,
        thumbnail: Thumbnail,
        wall_ms: Callable[[], int],
        showcase: Showcase,
        kept: ShowcaseFile,
    ) -> None:
        self._showcase = showcase
        self._kept = kept
        self._keeping = asyncio.Lock()
        self._database = database
        self._room = room
        self._uploads = uploads
        self._thumbnail = thumbnail
        self._wall_ms = wall_ms

    async def listing(self, search: str, limit: int, start: int) -> dict[str, Any]:
        """{rows, total}."""

        def read(connection: Connection) -> dict[str, Any]:
            found = product_store.page(connection, self._room, search, limit, start)
            return {"rows": [one.to_json() for one in found], "total": product_store.count(connection, self._room)}

        return await self._database.read(read)

    async def put(self, products: Sequence[Product]) -> dict[str, Any]:
        """{created, replaced, rows}: all or none. Raises InvalidInput with the number of the row, TooLarge."""
        now_ms = self._wall_ms()

        def write(connection: Connection) -> dict[str, Any]:
            created = sum(self._put(connection, number, one, now_ms) for number, one in enumerate(products, 1))
            rows = [product_store.get(connection, self._room, one.sku).to_json() for one in products]
            return {"created": created, "replaced": len(products) - created, "rows": rows}

        done = await self._database.write(write, rows=len(products))
        await self._follow()
        return done

    def _put(self, connection: Connection, number: int, new: Product, now_ms: int) -> bool:
        try:
            return product_store.put(connection, self._room, new, now_ms)
        except InvalidInput as error:
            raise InvalidInput(error.code, **{"row": number, **error.params}) from error

    async def show(self, sku: str) -> dict[str, Any]:
        """Hold a product up, none with an empty SKU: as `shown`. Raises NotFound."""
        found = await self._database.read(partial(product_store.get, room=self._room, sku=sku)) if sku else None
        told = self._showcase.show(found).told()
        await self._keep()
        return told

    async def _keep(self) -> None:
        """On the disk as it is by then: of two that were shown at once the later one stays."""
        async with self._keeping:
            await asyncio.to_thread(self._kept.write, self._showcase.now)

    async def put_back(self) -> None:
        """Show what was on show when the last engine died, if it is still in the list and nothing else was held up meanwhile."""
        kept = await asyncio.to_thread(self._kept.read)
        if kept is None:
            return
        sku, since_ms = kept
        found = None
        with suppress(StoreUnavailable):
            found = await self._database.read(partial(product_store.find, room=self._room, sku=sku))
        if found is not None and not self._showcase.sku:
            self._showcase.put_back(found, since_ms)

    async def stop(self) -> None:
        """The engine ends as somebody wished: the next one shows nothing. Idempotent."""
        async with self._keeping:
            await asyncio.to_thread(self._kept.clear)

    async def shown(self) -> dict[str, Any]:
        """{product, since}: what is held up now, and since when (seconds since 1970); null for nothing."""
        await self._follow()
        return self._showcase.now.told()

    async def _follow(self) -> None:
        """What is shown may have been changed by any way: by hand, by a table, by another product that got its link number."""
        if sku := self._showcase.sku:
            self._showcase.follow(sku, await self._database.read(partial(product_store.find, room=self._room, sku=sku)))
            if not self._showcase.sku:
                await self._keep()

    async def remove(self, sku: str) -> dict[str, Any]:
        """{removed}. Raises NotFound."""
        await self._database.write(partial(product_store.remove, room=self._room, sku=sku))
        await self._follow()
        return {"removed": sku}

    async def set_picture(self, sku: str, upload: str) -> dict[str, Any]:
        """The product with an uploaded picture. Raises NotFound, Conflict, InvalidInput, TooLarge."""
        data = await asyncio.to_thread(self._shown, self._uploads.whole(upload))
        put = partial(product_store.set_picture, room=self._room, sku=sku, data=data, header=read_header(data), now_ms=self._wall_ms())
        changed = await self._database.write(put)
        await self._uploads.drop(upload)
        await self._follow()
        return changed.to_json()

    def _shown(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise InvalidInput("import.unreadable", path=path.name) from error
        read_header(data)
        return self._thumbnail(data)

    async def picture(self, digest: str) -> tuple[str, bytes]:
        """(media type, bytes). Raises NotFound."""
        return await self._database.read(partial(product_store.read_picture, digest=digest))
