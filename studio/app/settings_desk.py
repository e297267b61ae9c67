"""The profile while the engine runs: changed all or nothing, in force at once, on the disk a second later.

It refuses what a running show can't take, and never writes a profile that wasn't checked.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from studio.app import profile
from studio.app.media import Media
from studio.broadcast import Broadcast
from studio.bus import Bus
from studio.model.profile_tables import merge_patch, refuse_while_live, to_json, touched
from studio.model.settings import Settings
from studio.remote.roles import Principal
from studio.remote.surface import Body

log = logging.getLogger(__name__)

SAVE_AFTER_S = 1.0
"""A drag of a slider is written once."""


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """The profile that is in force now, and what was before it."""

    old: Settings
    new: Settings


@dataclass(frozen=True, slots=True)
class SaveFailed:
    """The profile could not be written; what was set is in force, but will be forgotten."""

    reason: str


class SettingsDesk:
    """Loop thread only. `apply` brings the studio's parts in line with a change, `path` is the file it is written to (None: nowhere)."""

    def __init__(
        self,
        now: Settings,
        path: Path | None,
        media: Media,
        broadcast: Broadcast,
        bus: Bus,
        apply: Callable[[SettingsChanged], Awaitable[None]],
    ) -> None:
        self.now = now
        """The profile in force."""
        self._path = path
        self._media = media
        self._broadcast = broadcast
        self._bus = bus
        self._apply = apply
        self._timer: asyncio.TimerHandle | None = None
        self._saving: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    def to_json(self) -> Body:
        """As the control API tells it; a key reads `***`."""
        return to_json(self.now)

    async def patch(self, patch: Body, principal: Principal | None = None) -> Body:
        """Change some keys. Raises InvalidSettings, Conflict for what a show can't change while it is on air."""
        new = merge_patch(self.now, patch)
        if self._broadcast.is_on_air:
            refuse_while_live(self.now, new)
        return await self.keep(new, principal)

    async def keep(self, new: Settings, principal: Principal | None) -> Body:
        """Put a whole profile in force: {settings, touched}. Raises InvalidInput before anything changed."""
        changed = SettingsChanged(self.now, new)
        parts = touched(changed.old, new)
        if changed.old.look != new.look:
            await asyncio.to_thread(self._media.configure_look, new.look)
        self.now = new
        log.info("Settings changed by %s: %s", principal.name if principal else "the command line", ", ".join(sorted(parts)))
        await self._apply(changed)
        self._save_soon()
        return {"settings": self.to_json(), "touched": {name: name in parts for name in ("hot", "capture", "encoder", "output")}}

    async def stop(self) -> None:
        """Write what isn't written yet."""
        if self._timer is not None:
            self._timer.cancel()
            await self._save()
        if self._saving is not None:
            await self._saving

    def _save_soon(self) -> None:
        if self._path is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(SAVE_AFTER_S, self._begin_saving)

    def _begin_saving(self) -> None:
        self._saving = asyncio.create_task(self._save(), name="save")

    async def _save(self) -> None:
        self._timer = None
        async with self._turn:  # two writings at once would share the file beside it
            await asyncio.to_thread(self._write, self.now)

    def _write(self, settings: Settings) -> None:
        if self._path is not None:
            try:
                profile.write(self._path, settings)
            except OSError as error:
                self._bus.post(SaveFailed(str(error)))
