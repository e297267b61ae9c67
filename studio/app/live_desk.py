"""Begins and ends the show: the broadcast, its report, whoever watches over it, the room, and what an engine that takes over must know."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from studio.app.home import Home
from studio.app.lookout import Lookout
from studio.app.media import Media
from studio.app.report import Report
from studio.app.room import Room
from studio.broadcast import Broadcast
from studio.errors import Conflict
from studio.line_test import LineTest
from studio.model.settings import Settings
from studio.remote.roles import Principal

log = logging.getLogger(__name__)


class LiveDesk:
    """Loop thread only."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        media: Media,
        broadcast: Broadcast,
        lookout: Lookout,
        room: Room,
        report: Report,
        line_test: LineTest,
        home: Home,
    ) -> None:
        self._settings = settings
        self._media = media
        self._broadcast = broadcast
        self._lookout = lookout
        self._room = room
        self._report = report
        self._line_test = line_test
        self._home = home

    async def start(self, principal: Principal | None, only: Sequence[str]) -> None:
        """Go live; `only` at these outputs, when a show is taken up again. Raises Conflict, InvalidInput, EncoderUnavailable."""
        log.info("Going live, asked by %s", principal.name if principal else "the command line")
        await self._line_test.cancel()
        await self._broadcast.start(self._settings(), self._media.program, self._media.mixer, only)
        self._report.begin()
        await self._lookout.begin()
        self.note_running()
        await self._room.set_live(is_live=True)

    async def stop(self, principal: Principal | None) -> None:
        """End the show."""
        log.info("Going off air, asked by %s", principal.name if principal else "the command line")
        if self._broadcast.is_on_air:
            self._report.end()
            await self._lookout.end()
            await self._broadcast.stop(self._media.program, self._media.mixer)
            self._home.runtime.clear_on_air()
            await self._room.set_live(is_live=False)

    def note_running(self) -> None:
        """For the engine that takes this show up if this one dies: what was stopped by hand stays so."""
        if self._home.profile is not None and self._broadcast.is_on_air:
            self._home.runtime.mark_on_air(self._home.profile, self._broadcast.running)

    async def check_output(self, name: str, seconds: float) -> dict[str, Any]:
        """The connection test (`LineTest.run`). Raises Conflict on air."""
        if self._broadcast.is_on_air:
            raise Conflict("live.already")
        return await self._line_test.run(self._settings(), name, seconds, self._media.program, self._media.mixer)
