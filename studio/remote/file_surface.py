"""What the control API asks of the studio about files: products, uploads, imports, exports, backups. Nothing is implemented here."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

from studio.model.products import Product

Body: TypeAlias = dict[str, Any]
ImportStep: TypeAlias = Literal["stop", "resume", "forget"]


class ProductDesk(Protocol):
    """What the room sells."""

    async def listing(self, search: str, limit: int, start: int) -> Body:
        """{rows, total}: by link number, then by SKU."""
        ...

    async def put(self, products: Sequence[Product]) -> Body:
        """{created, replaced, rows}: all or none. Raises InvalidInput with `row`, TooLarge."""
        ...

    async def show(self, sku: str) -> Body:
        """Hold a product up, none with an empty SKU: as `shown`. Raises NotFound."""
        ...

    async def shown(self) -> Body:
        """{product, since}: what is held up now; null for nothing."""
        ...

    async def remove(self, sku: str) -> Body:
        """{removed}. Raises NotFound."""
        ...

    async def set_picture(self, sku: str, upload: str) -> Body:
        """The product with the uploaded picture. Raises NotFound, InvalidInput, TooLarge."""
        ...

    async def picture(self, digest: str) -> tuple[str, bytes]:
        """(media type, bytes). Raises NotFound."""
        ...


class UploadDesk(Protocol):
    """Files on their way in, piece by piece."""

    async def begin(self, name: str, size: int) -> Body:
        """{upload, received, bytes}. Raises InvalidInput, TooLarge."""
        ...

    async def append(self, upload: str, at: int, data: bytes) -> Body:
        """{upload, received, bytes}. Raises NotFound, Conflict with `received` unless `at` is where it ends."""
        ...

    async def drop(self, upload: str) -> Body:
        """{dropped}."""
        ...


class ImportDesk(Protocol):
    """Tables into the fan file."""

    async def preview(self, body: Mapping[str, Any]) -> Body:
        """{upload, kind, columns, platform, source, encoding}: what would happen. Raises NotFound, InvalidInput."""
        ...

    async def start(self, body: Mapping[str, Any], by: str) -> Body:
        """The same, begun: a row of `listing`. Raises NotFound, InvalidInput, Conflict while another one runs."""
        ...

    async def listing(self) -> Body:
        """{rows: [{id, kind, name, state, rows, accepted, duplicate, rejected, share, …}]}, newest first."""
        ...

    async def rejected(self, number: str, after: int, limit: int) -> Body:
        """{rows: [{line, code, params}], after}. Raises NotFound."""
        ...

    async def step(self, number: str, step: ImportStep) -> Body:
        """The row after it was stopped, resumed, or its file forgotten. Raises NotFound, Conflict."""
        ...


class CopyDesk(Protocol):
    """The fan file carried away, and back."""

    async def export(self, body: Mapping[str, Any]) -> tuple[int, AsyncIterator[bytes]]:
        """{format, encoding, language}: (how many fans, the file in pieces). Raises InvalidInput, StoreUnavailable."""
        ...

    async def backups(self) -> Body:
        """{running, failed, rows: [{name, bytes, made_at}]}, newest first."""
        ...

    async def back_up(self) -> Body:
        """Begin one: as `backups`. Raises Conflict while one is made, InvalidInput on PostgreSQL."""
        ...

    async def forget(self, name: str) -> Body:
        """Delete one, or stop the one that is being made ("running"): as `backups`. Raises NotFound."""
        ...

    async def plan_restore(self, name: str) -> Body:
        """What the backup holds; it takes the fan file's place when the engine starts anew. Raises NotFound, StoreUnavailable."""
        ...


class FilesSurface(Protocol):
    """Files in and out."""

    @property
    def products(self) -> ProductDesk:
        """What the room sells."""
        ...

    @property
    def uploads(self) -> UploadDesk:
        """Files on their way in."""
        ...

    @property
    def imports(self) -> ImportDesk:
        """Tables into the fan file."""
        ...

    @property
    def copies(self) -> CopyDesk:
        """Exports and backups."""
        ...

    async def restore_backup(self, name: str) -> Body:
        """As `plan_restore`; then the engine ends, and does it when it is started again. Raises Conflict on air."""
        ...
