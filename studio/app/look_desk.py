"""The look as the control API sees it: put on by name, or set by what was measured.

Each change is one of the profile, so it is saved, told and undone like any other.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from studio.app.colour_bench import ColourBench
from studio.app.look_shelf import LookShelf
from studio.model.presets import patch_for, preset_of
from studio.model.settings import Settings
from studio.remote.roles import Principal

Body = dict[str, Any]
Patch = Callable[[Body, Principal], Awaitable[Body]]


class LookDesk:
    """Presets and presenters. Loop thread; the shelf's file is written on worker threads."""

    def __init__(self, shelf: LookShelf, settings: Callable[[], Settings], patch: Patch) -> None:
        self._shelf = shelf
        self._settings = settings
        self._patch = patch

    def listing(self) -> Body:
        """{shipped, looks:[{name, presenter, look}], presenters, current}."""
        return self._shelf.listing()

    async def keep(self, name: str) -> Body:
        """Keep the look of now under a name: `listing()`. Raises InvalidInput, Conflict."""
        await asyncio.to_thread(self._shelf.keep, name, preset_of(self._settings().look))
        return self.listing()

    async def forget(self, name: str) -> Body:
        """Take one off the shelf: `listing()`. Raises NotFound."""
        await asyncio.to_thread(self._shelf.forget, name)
        return self.listing()

    async def use(self, name: str, principal: Principal) -> Body:
        """Put a preset on. Raises NotFound."""
        return await self._patch({"look": patch_for(self._shelf.look(name))}, principal)

    async def hand_over(self, name: str, principal: Principal) -> Body:
        """Another presenter, with the look they had last. Raises InvalidInput, Conflict."""
        own = await asyncio.to_thread(self._shelf.hand_over, name, preset_of(self._settings().look))
        answer = await self._patch({"look": patch_for(own)} if own is not None else {}, principal)
        return {**answer, "looks": self.listing()}


class ColourDesk:
    """Colour by measurement; `camera` names the one that is open. Loop thread."""

    def __init__(self, bench: ColourBench, settings: Callable[[], Settings], patch: Patch, camera: Callable[[], str]) -> None:
        self._bench = bench
        self._settings = settings
        self._patch = patch
        self._camera = camera

    async def balance_white(self, x: float, y: float, principal: Principal) -> Body:
        """White balance by what stands at a place (shares of the published picture). Raises InvalidInput."""
        return await self._patch({"look": {"white_balance": await self._bench.white((x, y))}}, principal)

    async def read_chart(self) -> Body:
        """Find and read the colour chart. Raises InvalidInput."""
        return await self._bench.chart()

    async def profiles(self) -> list[Body]:
        """The stored ones."""
        return await self._bench.profiles()

    async def keep(self, light: str, principal: Principal) -> Body:
        """Store the last reading for this camera and light, and use it; the balance is in it. Raises Conflict, InvalidInput."""
        path = await self._bench.keep(light, self._camera())
        return await self._patch({"look": {"colour_profile": path, "white_balance": ""}}, principal)

    async def forget(self, name: str, principal: Principal) -> Body:
        """Delete one; what is in use goes off first: {profiles}. Raises NotFound."""
        if Path(self._settings().look.colour_profile).name == name:
            await self._patch({"look": {"colour_profile": ""}}, principal)
        await self._bench.forget(name)
        return {"profiles": await self.profiles()}
