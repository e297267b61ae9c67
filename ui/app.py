"""Starts the windows: one Qt application whose loop is asyncio's too, and a window on an engine.

It refuses to start an engine by itself: it is told where one is, and asks for that again when it is lost.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import qasync
from PySide6.QtWidgets import QApplication, QWidget

from ui import language, preferences, qt_words, theme
from ui.assistant_window import AssistantWindow
from ui.bridge import Bridge, EngineAddress
from ui.pairing_window import PairingWindow
from ui.studio_window import StudioWindow

log = logging.getLogger(__name__)

OK = 0


class Address(Protocol):
    """Where an engine is, as `engine.json` says."""

    @property
    def url(self) -> str:
        """Of the control API."""
        ...

    @property
    def token(self) -> str:
        """The host's."""
        ...

    @property
    def preview(self) -> str:
        """The path of the preview's file."""
        ...


FindEngine = Callable[[], Address | None]


def run_host(address: Address, find_engine: FindEngine | None = None, keep_spare: Callable[[], None] | None = None) -> int:
    """The host's window on an engine; returns when it was closed.

    `find_engine` may block and may start one; `keep_spare` sees to one that waits, once a show is on air: both run on a thread.
    """
    app = application()
    return _run(app, lambda: Host(app, _address(address), _finder(find_engine), keep_spare))


def run_assistant(url: str, token: str) -> int:
    """The assistant's window; without a token it first asks for a pairing code."""
    app = application()
    return _run(app, lambda: Assistant(app, url, token))


def application() -> QApplication:
    """The one application, with our fonts, theme and language."""
    known = QApplication.instance()
    app = known if isinstance(known, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("Encore Studio")
    app.setQuitOnLastWindowClosed(False)
    language.use(preferences.text("language", "zh_CN"))
    qt_words.speak(app, language.locale())
    theme.apply(app, preferences.text("theme", "dark"))
    return app


def _address(address: Address) -> EngineAddress:
    return EngineAddress(address.url, address.token, Path(address.preview) if address.preview else None)


def _finder(find_engine: FindEngine | None) -> Callable[[], EngineAddress | None] | None:
    if find_engine is None:
        return None

    def find() -> EngineAddress | None:
        found = find_engine()
        return None if found is None else _address(found)

    return find


def _run(app: QApplication, begin: "Callable[[], Host | Assistant]") -> int:
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        return loop.run_until_complete(_serve(loop, begin))


async def _serve(loop: asyncio.AbstractEventLoop, begin: "Callable[[], Host | Assistant]") -> int:
    session = begin()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(session.ended.set))
    await session.ended.wait()
    await session.stop()
    return OK


def show_fitting(window: QWidget) -> None:
    """At the size it was designed for, or over all of a screen that has no room for that."""
    room = window.screen().availableGeometry().size()
    if window.size().boundedTo(room) == window.size():
        window.show()
        return
    window.resize(window.size().boundedTo(room))
    window.showMaximized()


class _Session:
    """What the windows of one process share: language and theme, changed in any of them for all."""

    def __init__(self, app: QApplication) -> None:
        self.app = app
        self.ended = asyncio.Event()
        self.windows: list[StudioWindow | AssistantWindow] = []

    def next_language(self) -> None:
        """The other language, now and next time."""
        language.use(language.other_locale())
        qt_words.speak(self.app, language.locale())
        preferences.remember("language", language.locale())
        self._rebuild()

    def next_theme(self) -> None:
        """The other theme, now and next time."""
        name = "light" if theme.current().is_dark else "dark"
        theme.apply(self.app, name)
        preferences.remember("theme", name)
        self._rebuild()

    def _rebuild(self) -> None:
        for window in self.windows:
            window.build()


class Host(_Session):
    """The host's window, and the assistant's beside it when asked for: a second client of the same engine."""

    def __init__(
        self,
        app: QApplication,
        address: EngineAddress,
        find: Callable[[], EngineAddress | None] | None,
        keep_spare: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(app)
        self._find = find
        self._keep_spare = keep_spare
        self._spared = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._bridges = [Bridge(address, find)]
        self.window = StudioWindow(self._bridges[0])
        self.windows.append(self.window)
        self._asks_engine_to_end = False
        self.window.language_asked.connect(self.next_language)
        self.window.theme_asked.connect(self.next_theme)
        self.window.assistant_asked.connect(self.open_assistant)
        self.window.closed.connect(self._on_closed)
        self._bridges[0].changed.connect(self._look_for_spare)
        self._bridges[0].start()
        show_fitting(self.window)

    def _look_for_spare(self, kind: str) -> None:
        """Once for each engine that is on air: should it die, the spare takes its place."""
        bridge = self._bridges[0]
        if self._keep_spare is None or kind != "live" or not bridge.room.is_on_air or self._spared == bridge.address.token:
            return
        self._spared = bridge.address.token
        task = asyncio.get_event_loop().create_task(asyncio.to_thread(self._keep_spare), name="spare")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def open_assistant(self) -> None:
        """A second window; once."""
        known = next((window for window in self.windows if isinstance(window, AssistantWindow)), None)
        if known is None:
            bridge = Bridge(self._bridges[0].address, self._find, with_chat=True)
            known = AssistantWindow(bridge)
            known.language_asked.connect(self.next_language)
            known.theme_asked.connect(self.next_theme)
            self._bridges.append(bridge)
            self.windows.append(known)
            bridge.start()
            show_fitting(known)
        known.show()
        known.raise_()
        known.activateWindow()

    def _on_closed(self, ends_engine: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._asks_engine_to_end = ends_engine
        self.ended.set()

    async def stop(self) -> None:
        """End the engine where that was asked for, then the bridges."""
        for bridge in self._bridges[1:]:
            await bridge.stop()
        if self._asks_engine_to_end:
            await self._bridges[0].end_engine()
        await self._bridges[0].stop()
        for window in self.windows:
            window.hide()


class Assistant(_Session):
    """The assistant's window, here or on another PC."""

    def __init__(self, app: QApplication, url: str, token: str) -> None:
        super().__init__(app)
        self._url = url
        self._bridge: Bridge | None = None
        self._pairing: PairingWindow | None = None
        known = token
        if known:
            self._open(known)
        else:
            self._pairing = PairingWindow(url)
            self._pairing.paired.connect(self._on_paired)
            self._pairing.closed.connect(self.ended.set)
            self._pairing.show()

    def _on_paired(self, token: str) -> None:
        if self._pairing is not None:
            self._pairing.hide()
        self._open(token)

    def _open(self, token: str) -> None:
        self._bridge = Bridge(EngineAddress(self._url, token), with_chat=True)
        window = AssistantWindow(self._bridge)
        window.language_asked.connect(self.next_language)
        window.theme_asked.connect(self.next_theme)
        window.closed.connect(self.ended.set)
        self.windows.append(window)
        self._bridge.start()
        show_fitting(window)

    async def stop(self) -> None:
        """End the bridge."""
        if self._bridge is not None:
            await self._bridge.stop()
