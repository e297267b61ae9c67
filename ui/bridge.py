"""The one way from a window to its engine: a client of the control API, its stream of news, and finding the engine again.

It refuses to keep anything but snapshots, and to let a question that fails do more than say so in words.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from PySide6.QtCore import QObject, Signal

from studio.errors import KnownError
from studio.remote.client import StreamMessage, StudioClient
from ui.language import error_words, locale, words
from ui.models.chat import ChatModel
from ui.room import Room

log = logging.getLogger(__name__)

Link: TypeAlias = Literal["connecting", "on", "lost"]
Asked: TypeAlias = "asyncio.Task[None]"
_STOP_S = 1.0
_REFUSED_WAIT_S = 1.0
"""After a token that the engine doesn't know any more: until a new address is found, asking faster would only be refused faster."""


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """Where an engine is: as in its `engine.json`, or as given for another PC (no preview file there)."""

    url: str
    token: str
    preview: Path | None = None

    def __repr__(self) -> str:
        return f"EngineAddress(url={self.url!r})"


FindEngine: TypeAlias = Callable[[], EngineAddress | None]
"""Blocks, runs on a worker thread: the engine to use now, started again if need be; None while there is none."""


class Bridge(QObject):
    """`changed` names what the room has new; `link_changed` tells how the engine is reached; `returned` comes after a loss."""

    changed = Signal(str)
    link_changed = Signal(str)
    returned = Signal(bool)
    """True when it is another engine than before."""

    def __init__(self, address: EngineAddress, find_engine: FindEngine | None = None, *, with_chat: bool = False) -> None:
        super().__init__()
        self.address = address
        self.room = Room()
        self.chat = ChatModel()
        self.link: Link = "connecting"
        self.lost_at_s = 0.0
        self.heard_at_s = time.monotonic()
        self._find_engine = find_engine
        self._with_chat = with_chat
        self._client: StudioClient | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._run: asyncio.Task[None] | None = None
        self._was_on = False
        self._known_token = ""

    def start(self) -> None:
        """Begin to listen; the loop must be running or about to."""
        if self._run is None:
            self._run = asyncio.get_event_loop().create_task(self._listen_for_ever(), name="bridge")

    async def stop(self) -> None:
        """Let what was asked be answered within a second, then end everything; idempotent."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_STOP_S)
        tasks = [task for task in (self._run, *self._tasks) if task is not None]
        self._run = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def end_engine(self) -> None:
        """Ask the engine to end, and look for none from now on; one that is gone already is left alone."""
        self._find_engine = None
        if self._client is not None:
            with contextlib.suppress(KnownError):
                await self._client.shutdown()

    def ask(
        self,
        question: Callable[[StudioClient], Coroutine[Any, Any, Any]],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[str], None] | None = None,
    ) -> Asked:
        """Ask the engine in the background: `done` gets the answer, `failed` the words for what went wrong; may be cancelled."""
        task = asyncio.get_event_loop().create_task(self._ask(question, done, failed))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _ask(
        self,
        question: Callable[[StudioClient], Coroutine[Any, Any, Any]],
        done: Callable[[Any], None] | None,
        failed: Callable[[str], None] | None,
    ) -> None:
        if self._client is None:
            self._say(failed, words("link.not_now"))
            return
        try:
            answer = await question(self._client)
        except KnownError as error:
            self._say(failed, error_words(error))
        else:
            if done is not None:
                done(answer)

    @staticmethod
    def _say(failed: Callable[[str], None] | None, text: str) -> None:
        if failed is not None:
            failed(text)

    async def _listen_for_ever(self) -> None:
        while True:
            async with StudioClient(self.address.url, self.address.token, locale=locale()) as client:
                self._client = client
                try:
                    await self._listen(client)
                except KnownError as error:
                    log.info("The engine refuses this window: %s", error.code)
                    self._lose()
                    if not await self._find():
                        await asyncio.sleep(_REFUSED_WAIT_S)
                finally:
                    self._client = None

    async def _listen(self, client: StudioClient) -> None:
        """Until the engine turns out to be another one."""
        async with contextlib.aclosing(client.stream()) as messages:
            async for message in messages:
                if message.type == "connected":
                    self._connect()
                elif message.type != "lost":
                    self._hear(message)
                else:
                    self._lose()
                    if await self._find():
                        return

    async def _find(self) -> bool:
        """Whether there is an engine at another address now."""
        if self._find_engine is None:
            return False
        found = await asyncio.to_thread(self._find_engine)
        if found is None or found == self.address:
            return False
        self.address = found
        return True

    def _lose(self) -> None:
        if self.link != "lost":
            self.link = "lost"
            self.lost_at_s = time.time()
            self.link_changed.emit(self.link)

    def _hear(self, message: StreamMessage) -> None:
        self.heard_at_s = time.monotonic()
        if message.type == "chat":
            self._hear_chat(message.data)
        elif message.type == "skipped":
            self.changed.emit("skipped")
        elif self.room.take(message.type, message.data):
            self.changed.emit(message.type)

    def _hear_chat(self, data: Any) -> None:
        if not self._with_chat:
            return
        items = data.get("items") if isinstance(data, dict) else None
        for item in items if isinstance(items, list) else ():
            if isinstance(item, dict):
                self.chat.take(item)

    def _connect(self) -> None:
        was_lost = self.link == "lost" and self._was_on
        is_another = self._was_on and self._known_token != self.address.token
        self.room.drops.clear()
        self.chat.clear()
        self._known_token = self.address.token
        self._was_on = True
        self.link = "on"
        self.link_changed.emit(self.link)
        if was_lost:
            self.returned.emit(is_another)
