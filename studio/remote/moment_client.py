"""The calls on moments of the show, as windows and scripts make them; a part of `StudioClient`."""

from typing import Any, TypeAlias

from studio.remote.connection import Connection

Body: TypeAlias = dict[str, Any]
_CUT_TIMEOUT_S = 600.0
"""Copying an hour from a slow disk."""


class MomentClient:
    """Marked, saved, cut out."""

    _connection: Connection

    async def save_replay(self) -> Body:
        """{path, seconds}: the last stretch of the show as a file."""
        return await self._connection.call("POST", "/v1/replay")

    async def mark(self, title: str) -> Body:
        """A chapter of the recordings begins now."""
        return await self._connection.call("POST", "/v1/markers", body={"title": title})

    async def recordings(self) -> list[Body]:
        """[{path, output, is_open, is_cut}]: the files of this run of the engine, the oldest first."""
        return (await self._connection.call("GET", "/v1/recordings"))["recordings"]

    async def cut_clips(self, path: str) -> list[Body]:
        """[{path, seconds}]: a new file for each mark of a recording that is closed."""
        return (await self._connection.call("POST", "/v1/recordings/clips", body={"path": path}, timeout_s=_CUT_TIMEOUT_S))["clips"]
