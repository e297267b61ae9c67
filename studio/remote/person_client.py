"""The calls on persons, as windows and scripts make them; a part of `StudioClient`.

It holds no state of its own.
"""

import asyncio
import json
import os
from pathlib import Path

from studio.errors import InvalidInput, os_code
from studio.remote.connection import Connection, part
from studio.remote.person_surface import Body, FanStep


class PersonClient:
    """Who is who, and what is kept of them."""

    _connection: Connection

    async def find_fans(self, text: str, limit: int = 25) -> Body:
        """{rows, after, more}: fans by a part of a name that they bear or bore."""
        return await self._connection.call("GET", "/v1/fans", query={"search": text, "limit": str(limit)})

    async def fan_links(self, platform: str, fan_id: str) -> Body:
        """{history, suggestions, contacts, hold}: who else this person is or may be."""
        return await self._connection.call("GET", f"/v1/fans/{part(platform)}/{part(fan_id)}/links")

    async def fan_step(self, platform: str, fan_id: str, step: FanStep, body: Body) -> Body:
        """Merge or apart {platform, id, reason}, split {accounts, reason}, hold {reason}."""
        return await self._connection.call("POST", f"/v1/fans/{part(platform)}/{part(fan_id)}/{step}", body=body)

    async def erase_person(self, platform: str, fan_id: str) -> Body:
        """Delete a person; the books keep the sums. {accounts, events, entries}."""
        return await self._connection.call("POST", f"/v1/fans/{part(platform)}/{part(fan_id)}/erase", body={})

    async def release_fan(self, platform: str, fan_id: str) -> Body:
        """End a hold."""
        return await self._connection.call("DELETE", f"/v1/fans/{part(platform)}/{part(fan_id)}/hold")

    async def holds(self) -> Body:
        """{rows}: of whom nothing may be deleted, and why."""
        return await self._connection.call("GET", "/v1/holds")

    async def save_person_document(self, platform: str, fan_id: str, path: Path) -> None:
        """Everything that is kept of a person as a file that only this user reads. Raises InvalidInput where it can't be written."""
        document = await self.person_document(platform, fan_id)
        data = json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace")
        try:
            await asyncio.to_thread(_write_private, path, data)
        except OSError as error:
            raise InvalidInput(
                "fans.export_failed", path=str(path), reason=error.strerror or str(error), reason_code=os_code(error)
            ) from error

    async def undo_link(self, number: int) -> Body:
        """Take back a merge or split."""
        return await self._connection.call("POST", f"/v1/links/{number}/undo")

    async def suggestions(self, limit: int = 20) -> Body:
        """{rows}: who might be one person, and why."""
        return await self._connection.call("GET", "/v1/suggestions", query={"limit": str(limit)})

    async def person_document(self, platform: str, fan_id: str) -> Body:
        """Everything that is kept of a person."""
        return await self._connection.call("GET", f"/v1/fans/{part(platform)}/{part(fan_id)}/export")

    async def contacts(self, platform: str, fan_id: str) -> Body:
        """{rows} with their values."""
        return await self._connection.call("GET", f"/v1/fans/{part(platform)}/{part(fan_id)}/contacts")

    async def keep_contact(self, platform: str, fan_id: str, body: Body) -> Body:
        """{kind, value}: keep a contact."""
        return await self._connection.call("PUT", f"/v1/fans/{part(platform)}/{part(fan_id)}/contacts", body=body)


def _write_private(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
