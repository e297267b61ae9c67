"""The engine's side of the machine: kept awake while live, and what endangers the show told while it lasts.

It looks every ten seconds, on a worker thread; it changes nothing of the machine but to keep it awake.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.app.notices import Notices
from studio.app.watchers import Watchers
from studio.engine import machine
from studio.engine.feed import SourceState
from studio.engine.keep_awake import KeepAwake

LOOK_EVERY_S = 10.0
_HOT_LOOKS = 3
"""A throttling event counts as heat for half a minute: they come in bursts."""


class MachineWatch:
    """Loop thread only."""

    def __init__(self, notices: Notices, watchers: Watchers, look: Callable[[], machine.Machine] = machine.look) -> None:
        self._notices = notices
        self._watchers = watchers
        self._look = look
        self._awake = KeepAwake()
        self._throttled: int | None = None
        self._hot = 0
        self._held_by: dict[str, str] = {}
        """By the kind of the source, so that another source in a camera's place ends what was told of it."""

    async def begin(self) -> None:
        """The show begins: hold off sleep and the screen's lock, and say so where that can't be."""
        # Windows binds what is held to the thread that asked, so there it is the loop's, at the cost of a system call.
        held = self._awake.hold() if sys.platform == "win32" else await asyncio.to_thread(self._awake.hold)
        if not held and has_desktop():
            self._notices.add("info", "machine.may_sleep")

    async def end(self) -> None:
        """The show is over: the machine may sleep again."""
        if sys.platform == "win32":
            self._awake.release()
        else:
            await asyncio.to_thread(self._awake.release)

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            self.judge(await asyncio.to_thread(self._look))
            await asyncio.sleep(LOOK_EVERY_S)

    def judge(self, seen: machine.Machine) -> None:
        """Tell what one look found."""
        if self._throttled is not None and seen.throttled > self._throttled:
            self._hot = _HOT_LOOKS
        else:
            self._hot = max(0, self._hot - 1)
        self._throttled = seen.throttled
        percent = seen.battery_percent
        self._watchers.tell("machine.battery", holds=percent is not None, percent=percent)
        self._watchers.tell("machine.hot", holds=self._hot > 0)
        self._watchers.tell("machine.restart", holds=seen.restart_waits)

    async def name_holder(self, state: SourceState) -> None:
        """A camera that can't be opened: tell which program has it, where the system lets us see, until it or another source is there."""
        scheme, _, number = state.spec.partition(":")
        held_by = ""
        if scheme == "camera" and number.isdecimal() and state.error is not None:
            held_by = await asyncio.to_thread(_holder, number)
        if held_by == self._held_by.get(state.kind, ""):
            return
        self._held_by[state.kind] = held_by
        self._watchers.tell("camera.held", holds=False)
        if held_by:
            self._watchers.tell("camera.held", holds=True, number=number, program=held_by)

    def report(self) -> dict[str, Any]:
        """{held_off}: what of sleep and screen is held off now."""
        return {"held_off": list(self._awake.held)}


def _holder(number: str) -> str:
    return machine.camera_user() if sys.platform == "win32" else machine.holder_of(Path(f"/dev/video{number}"))


def has_desktop() -> bool:
    """Whether there is a session that could lock its screen; a server has none, and nothing to tell."""
    return sys.platform != "linux" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
