"""Windows in this process: a Qt loop that is asyncio's too, our own settings, and a stage."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import qasync
from PySide6.QtCore import QEvent, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from tests.ui.staged_studio import StagedStudio
from tests.ui.window_stage import Stage, serve
from ui import language, theme


@pytest.fixture(scope="session", autouse=True)
def _signals_reach_python(qapp):
    """A loop that waits in Qt hears no signal: once in a while Python gets its turn, so that a timeout is one."""
    timer = QTimer()
    timer.timeout.connect(lambda: None)
    timer.start(500)
    yield
    timer.stop()


def _qt_loop() -> asyncio.AbstractEventLoop:
    return qasync.QEventLoop(QApplication.instance() or QApplication([]))


def pytest_asyncio_loop_factories(config, item):
    """Windows live on a Qt loop."""
    return {"qt": _qt_loop}


@pytest.fixture(autouse=True)
def _dark_and_chinese(qapp, tmp_path):
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    language.use("zh_CN")
    theme.apply(qapp, "dark")
    return qapp


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    studio = StagedStudio(tmp_path / "preview.bin")
    made = Stage(studio, tmp_path, await serve(studio, tmp_path))
    yield made
    for window in made.windows:
        window.hide()
        window.deleteLater()
    for bridge in made.bridges:
        await bridge.stop()
    await made.server.stop()
    if studio.preview is not None:
        studio.preview.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # and no turn of the loop: this fixture runs in one
    for bridge in made.bridges:
        await bridge.stop()  # what a widget asked at its end: a question that no loop takes up any more fails some later test
