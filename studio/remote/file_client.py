"""The calls on products, imports, exports and backups, as windows and scripts make them; a part of `StudioClient`.

It holds no state of its own; files are read and written on worker threads.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from studio.errors import Conflict, InvalidInput, os_code
from studio.remote.connection import Connection, part
from studio.remote.file_surface import Body, ImportStep

_PIECE = 2**20 - 2**10
"""Under the 1 MiB that a body may have."""
Told = Callable[[float], None]


class FileClient:
    """Files in and out."""

    _connection: Connection

    async def products(self, search: str = "", limit: int = 100, start: int = 0) -> Body:
        """{rows, total}."""
        query = {"limit": str(limit), "start": str(start)} | ({"search": search} if search else {})
        return await self._connection.call("GET", "/v1/products", query=query)

    async def put_product(self, product: Body) -> Body:
        """Write one: as it stands now. Raises InvalidInput with the field."""
        return await self._connection.call("PUT", "/v1/products", body=product)

    async def put_products(self, products: Sequence[Body]) -> Body:
        """Write many, all or none: {created, replaced, rows}. Raises InvalidInput with row and field."""
        return await self._connection.call("PUT", "/v1/products", body={"products": list(products)})

    async def shown_product(self) -> Body:
        """{product, since}: what the host holds up now; null for nothing."""
        return await self._connection.call("GET", "/v1/products/shown")

    async def show_product(self, sku: str) -> Body:
        """Hold one up, none with an empty SKU: as `shown_product`. Raises NotFound."""
        return await self._connection.call("PUT", "/v1/products/shown", body={"sku": sku or None})

    async def remove_product(self, sku: str) -> Body:
        """{removed}."""
        return await self._connection.call("DELETE", f"/v1/products/{part(sku)}")

    async def set_product_picture(self, sku: str, upload: str) -> Body:
        """The product with an uploaded picture."""
        return await self._connection.call("POST", f"/v1/products/{part(sku)}/picture", body={"upload": upload})

    async def picture(self, digest: str) -> bytes:
        """A picture by its hash."""
        return await self._connection.call("GET", f"/v1/pictures/{part(digest)}")

    async def upload(self, path: Path, told: Told | None = None) -> str:
        """Bring a file to the engine piece by piece, `told` its share: the upload's number. Raises InvalidInput."""
        size = await asyncio.to_thread(_size, path)
        number = (await self._connection.call("POST", "/v1/uploads", body={"name": path.name, "bytes": size}))["upload"]
        at = 0
        while at < size:
            piece = await asyncio.to_thread(_piece, path, at)
            try:
                call = self._connection.call("PUT", f"/v1/uploads/{part(number)}", data=piece, query={"at": str(at)})
                at = (await call)["received"]
            except Conflict as error:
                # A piece whose answer was lost is there already: go on behind it.
                received = error.params.get("received")
                if not isinstance(received, int) or received <= at:
                    raise
                at = received
            if told is not None:
                told(at / size)
        return number

    async def drop_upload(self, upload: str) -> Body:
        """Forget an uploaded file."""
        return await self._connection.call("DELETE", f"/v1/uploads/{part(upload)}")

    async def preview_import(self, body: Body) -> Body:
        """{upload, kind, columns, platform, source, encoding}: what an import would do."""
        return await self._connection.call("POST", "/v1/imports/preview", body=body)

    async def start_import(self, body: Body) -> Body:
        """The same, begun."""
        return await self._connection.call("POST", "/v1/imports", body=body)

    async def imports(self) -> Body:
        """{rows}: the newest imports, and how far they are."""
        return await self._connection.call("GET", "/v1/imports")

    async def import_step(self, number: str, step: ImportStep) -> Body:
        """Stop, resume or forget one."""
        return await self._connection.call("POST", f"/v1/imports/{part(number)}/{step}")

    async def rejected_rows(self, number: str, after: int = 0, limit: int = 100) -> Body:
        """{rows: [{line, code, params, reason}], after}."""
        query = {"after": str(after), "limit": str(limit)}
        return await self._connection.call("GET", f"/v1/imports/{part(number)}/rejected", query=query)

    async def export(self, path: Path, body: Body, told: Callable[[int, int], None] | None = None) -> int:
        """{format, encoding, language}: the fan file written to `path`, whole or not at all; its bytes.

        `told(lines, fans)` hears how far it is. Raises InvalidInput where the file can't be written.
        """
        partial = path.with_name(path.name + ".part")
        lines = 0

        def take(piece: bytes, fans: int) -> None:
            nonlocal lines
            file.write(piece)
            lines += piece.count(b"\n")
            if told is not None:
                told(lines, fans)

        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                await self._connection.download("/v1/export", body, take)
                size = file.tell()
            await asyncio.to_thread(partial.replace, path)
        except OSError as error:
            raise InvalidInput(
                "fans.export_failed", path=str(path), reason=error.strerror or str(error), reason_code=os_code(error)
            ) from error
        finally:
            partial.unlink(missing_ok=True)
        return size

    async def backups(self) -> Body:
        """{running, failed, rows}."""
        return await self._connection.call("GET", "/v1/backups")

    async def back_up(self) -> Body:
        """Begin one."""
        return await self._connection.call("POST", "/v1/backups")

    async def forget_backup(self, name: str) -> Body:
        """Delete one, or stop the one that is being made ("running")."""
        return await self._connection.call("DELETE", f"/v1/backups/{part(name)}")

    async def restore_backup(self, name: str) -> Body:
        """{restores}: the engine ends, and does it when it is started again."""
        return await self._connection.call("POST", f"/v1/backups/{part(name)}/restore")


def _size(path: Path) -> int:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InvalidInput("import.unreadable", path=path.name) from error
    if not size:
        raise InvalidInput("import.empty", path=path.name)
    return size


def _piece(path: Path, at: int) -> Any:
    try:
        with path.open("rb") as file:
            file.seek(at)
            return file.read(_PIECE)
    except OSError as error:
        raise InvalidInput("import.unreadable", path=path.name) from error
