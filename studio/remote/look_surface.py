"""What the control API asks of the studio about the look: by name, and by measurement. Nothing is implemented here."""

from typing import Any, Protocol, TypeAlias

from studio.remote.roles import Principal

Body: TypeAlias = dict[str, Any]


class LookDesk(Protocol):
    """Presets and presenters."""

    def listing(self) -> Body:
        """{shipped, looks:[{name, presenter, look}], presenters, current}."""
        ...

    async def keep(self, name: str) -> Body:
        """Keep the look of now under a name: `listing()`. Raises InvalidInput, Conflict."""
        ...

    async def forget(self, name: str) -> Body:
        """`listing()` without it. Raises NotFound."""
        ...

    async def use(self, name: str, principal: Principal) -> Body:
        """Put a preset on: as `patch_settings`. Raises NotFound."""
        ...

    async def hand_over(self, name: str, principal: Principal) -> Body:
        """Another presenter with their last look: {settings, touched, looks}. Raises InvalidInput, Conflict."""
        ...


class ColourDesk(Protocol):
    """Colour by measurement."""

    async def balance_white(self, x: float, y: float, principal: Principal) -> Body:
        """White balance by what stands at a place (shares of the published picture): as `patch_settings`. Raises InvalidInput."""
        ...

    async def read_chart(self) -> Body:
        """{corners, patches:[{name, before, after, seen, corrected, wanted}], matrix, mean_before, mean_after, max_after}.

        Raises InvalidInput.
        """
        ...

    async def profiles(self) -> list[Body]:
        """[{name, path, camera, light, made_at, mean_before, mean_after, max_after, patches}]."""
        ...

    async def keep(self, light: str, principal: Principal) -> Body:
        """Store the last reading and use it: as `patch_settings`. Raises Conflict, InvalidInput."""
        ...

    async def forget(self, name: str, principal: Principal) -> Body:
        """Delete it, and use none if it was in use: {profiles}. Raises NotFound."""
        ...


class LookSurface(Protocol):
    """The look."""

    @property
    def looks(self) -> LookDesk:
        """By name."""
        ...

    @property
    def colour(self) -> ColourDesk:
        """By measurement."""
        ...
