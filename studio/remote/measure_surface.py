"""What the control API asks of the studio about this machine: what it can encode with the look on. Nothing is implemented here."""

from typing import Any, Protocol, TypeAlias

from studio.remote.roles import Principal

Body: TypeAlias = dict[str, Any]


class MeasureSurface(Protocol):
    """How fast this machine is."""

    def measure(self, principal: Principal) -> Body:
        """Measure this machine, off air: as `measured`. Raises Conflict."""
        ...

    def measured(self) -> Body:
        """{state: idle|running|done|failed, done, of, rows: [{codec, preset, fps, fits}], picked: {codec, preset}, has_room}."""
        ...
