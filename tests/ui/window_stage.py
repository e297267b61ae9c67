"""A stage: a staged studio behind a real control API, and the bridges and windows that look at it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from studio.remote.audit import AuditFile
from studio.remote.server import ControlServer
from studio.remote.tokens import TokenBook, TokenEntry, hash_token
from tests.ui.staged_studio import StagedStudio
from ui.bridge import Bridge, EngineAddress

WAIT_S = 30.0


async def until(is_so: Callable[[], Any], what: str = "") -> None:
    """Let the loop run until it is so, with a deadline."""
    deadline = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < deadline, f"waited {WAIT_S} s in vain: {what}"
        await asyncio.sleep(0.01)


@dataclass
class Stage:
    """A staged studio, its server, and what looks at it."""

    studio: StagedStudio
    folder: Path
    server: ControlServer
    bridges: list[Bridge] = field(default_factory=list)
    windows: list[QWidget] = field(default_factory=list)

    def address(self, token: str = "") -> EngineAddress:
        return EngineAddress(self.server.url, token or self.server.host_token, self.folder / "preview.bin")

    async def bridge(self, **more: Any) -> Bridge:
        bridge = Bridge(more.pop("address", None) or self.address(), more.pop("find_engine", None), **more)
        self.bridges.append(bridge)
        bridge.start()
        await until(lambda: bridge.link == "on" and bridge.room.live, "the bridge to connect")
        return bridge

    async def window(self, kind: Callable[[Bridge], Any], **more: Any) -> Any:
        bridge = await self.bridge(**more)
        made = kind(bridge)
        self.windows.append(made)
        made.show()
        await until(lambda: not bridge._tasks, "what it asks first to be answered")
        return made

    def patches(self) -> list[dict[str, Any]]:
        """The changes of the profile that were asked for, the oldest first."""
        return [asked[1] for asked in self.studio.asked if asked[0] == "patch_settings"]

    async def quiet(self) -> None:
        """Until every question is answered. A test that ends on a question ends with this: pytest-qt turns Qt's loop once more after
        the test, where asyncio's isn't running, and what is under way then breaks."""
        await until(lambda: not any(bridge._tasks for bridge in self.bridges), "the last answers")
        await asyncio.sleep(0.05)

    async def restart_server(self) -> None:
        """As an engine that died and was started anew: another port, another token."""
        await self.server.stop()
        self.server = await serve(self.studio, self.folder)


async def serve(studio: StagedStudio, folder: Path) -> ControlServer:
    entry = TokenEntry(hash_token("token-of-an-assistant"), "assistant", "阿May")
    book = TokenBook([entry], now_ms=lambda: int(time.time() * 1000), path=folder / "paired.json")
    server = ControlServer(studio, book, AuditFile(folder / "audit.jsonl"))
    await server.start()
    return server
