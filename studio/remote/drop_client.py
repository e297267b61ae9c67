"""The calls on drops, as windows and scripts make them; a part of `StudioClient`.

It holds no state of its own.
"""

from studio.remote.connection import Connection, part
from studio.remote.drop_surface import Body, DropStep, HandoutState, HandoutStep


class DropClient:
    """Drops run, entered, and what came of them."""

    _connection: Connection

    async def open_drop(self, body: Body) -> Body:
        """{click_id, kind, title, …}: the drop, the same one for the same click."""
        return await self._connection.call("POST", "/v1/drops", body=body)

    async def drop_step(self, drop_id: str, step: DropStep) -> Body:
        """Close, cancel or approve."""
        return await self._connection.call("POST", f"/v1/drops/{part(drop_id)}/{step}")

    async def claim(self, drop_id: str, body: Body) -> Body:
        """{platform, id, claim_id}: {code}; Conflict with the param `reason`."""
        return await self._connection.call("POST", f"/v1/drops/{part(drop_id)}/claim", body=body)

    async def enter(self, drop_id: str, body: Body) -> Body:
        """{platform, id, reason}: an entry by hand."""
        return await self._connection.call("POST", f"/v1/drops/{part(drop_id)}/entries", body=body)

    async def drops(self) -> list[Body]:
        """All drops."""
        return await self._connection.call("GET", "/v1/drops")

    async def drop(self, drop_id: str) -> Body:
        """One drop."""
        return await self._connection.call("GET", f"/v1/drops/{part(drop_id)}")

    async def proof(self, drop_id: str) -> Body:
        """The proof of a draw."""
        return await self._connection.call("GET", f"/v1/drops/{part(drop_id)}/proof")

    async def edit_drop(self, drop_id: str, body: Body) -> Body:
        """A draft with other fields."""
        return await self._connection.call("PUT", f"/v1/drops/{part(drop_id)}", body=body)

    async def handouts(self, state: HandoutState = "todo", limit: int = 50) -> list[Body]:
        """What is to be handed out, or was."""
        return (await self._connection.call("GET", "/v1/handouts", query={"state": state, "limit": str(limit)}))["rows"]

    async def handout_step(self, step: HandoutStep, drop_id: str, ref: str) -> Body:
        """{waiting, rows}: handed out, or not after all."""
        return await self._connection.call("POST", f"/v1/handouts/{step}", body={"drop": drop_id, "ref": ref})

    async def pass_over(self, drop_id: str, entry: int, reason: str) -> Body:
        """The drop, with the next reserve in the place of the winner whose `n` is `entry`."""
        return await self._connection.call("POST", f"/v1/drops/{part(drop_id)}/pass-over", body={"n": entry, "reason": reason})

    async def own_entry(self, drop_id: str, platform: str, fan_id: str) -> Body:
        """{n, r}: an entrant's own line of the list."""
        return await self._connection.call("GET", f"/v1/drops/{part(drop_id)}/entries/{part(platform)}/{part(fan_id)}")
