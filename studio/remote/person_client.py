"""The calls on persons, as windows and scripts make them; a part of `StudioClient`.

It holds no state of its own.
"""

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
