"""The calls on outputs, as windows and scripts make them; a part of `StudioClient`."""

from studio.remote.connection import Connection, part
from studio.remote.output_surface import Body, OutputStep


class OutputClient:
    """Where the show goes."""

    _connection: Connection

    async def list_outputs(self) -> Body:
        """{outputs, keys}: each as it is set, and how it stands."""
        return await self._connection.call("GET", "/v1/outputs")

    async def put_output(self, name: str, fields: Body) -> Body:
        """Add or change one: its row. Raises InvalidSettings with every fault."""
        return await self._connection.call("PUT", f"/v1/outputs/{part(name)}", body=fields)

    async def remove_output(self, name: str) -> Body:
        """Take one out: {outputs, keys}."""
        return await self._connection.call("DELETE", f"/v1/outputs/{part(name)}")

    async def output_step(self, name: str, step: OutputStep) -> Body:
        """Start or stop one in the middle of the show: as `live`."""
        return await self._connection.call("POST", f"/v1/outputs/{part(name)}/{step}")

    async def check_output(self, name: str, seconds: int = 10) -> Body:
        """Publish to a server before the show, and hear what came of it some ten seconds later."""
        return await self._connection.call("POST", f"/v1/outputs/{part(name)}/test", body={"seconds": seconds}, timeout_s=seconds + 20.0)

    async def platforms(self) -> list[Body]:
        """What platforms publish of their limits."""
        return (await self._connection.call("GET", "/v1/platforms"))["platforms"]

    async def retry_output(self, name: str) -> Body:
        """Try an output again now."""
        return await self._connection.call("POST", f"/v1/outputs/{part(name)}/retry")
