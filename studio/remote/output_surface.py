"""What the control API asks of the studio about its outputs: where the show goes. Nothing is implemented here."""

from typing import Any, Literal, Protocol, TypeAlias

from studio.remote.roles import Principal

Body: TypeAlias = dict[str, Any]
OutputStep: TypeAlias = Literal["start", "stop"]


class OutputDesk(Protocol):
    """The profile's outputs, each by its name."""

    async def listing(self) -> Body:
        """{outputs: [{name, kind, server, path, split_minutes, split_mb, enabled, key_in, platform, state, is_running}], keys}."""
        ...

    async def put(self, name: str, fields: Body, principal: Principal) -> tuple[Body, bool]:
        """(row, whether it is new): add or change one; `key` goes to the keyring. Raises InvalidSettings, Conflict while it runs."""
        ...

    async def remove(self, name: str, principal: Principal) -> Body:
        """As `listing`, without it and its key. Raises NotFound, Conflict while it runs."""
        ...

    async def start(self, name: str) -> None:
        """In the middle of the show. Raises NotFound, Conflict off air."""
        ...

    async def stop(self, name: str) -> None:
        """It ends, the show goes on. Raises NotFound, Conflict off air and for the last one."""
        ...


class OutputSurface(Protocol):
    """Outputs, and the way to their servers."""

    @property
    def outputs(self) -> OutputDesk:
        """The desk."""
        ...

    async def check_output(self, name: str, seconds: float) -> Body:
        """Publish to a server before the show: {name, verdict, code, params, live_after_s, seconds, kbps, dropped, …, advice}.

        Raises NotFound, InvalidInput for a recording, Conflict on air.
        """
        ...

    def platforms(self) -> list[Body]:
        """What platforms ask of a stream; null where it isn't published."""
        ...

    def retry_output(self, name: str) -> Body:
        """Cut short an output's wait before reconnecting: `live()`. Raises NotFound, Conflict."""
        ...
