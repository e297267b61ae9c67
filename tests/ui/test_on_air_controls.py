"""Going on air in the host's window, staying there while something is lost, and leaving: asked once, held, or asked back."""

import time

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.errors import Conflict
from tests.ui.window_stage import Stage, until
from ui.controls.hold import HOLD_MS
from ui.language import words
from ui.models.condition import condition
from ui.studio_window import StudioWindow


async def test_go_live_asks_once_and_the_bar_tells(stage: Stage):
    window = await stage.window(StudioWindow)
    assert window.bar.live.text() == "未开播"
    QTest.mouseClick(window.bar.go, Qt.MouseButton.LeftButton)
    QTest.mouseClick(window.bar.go, Qt.MouseButton.LeftButton)
    await until(lambda: window.bar.live.state() == "live", "the pill")
    assert stage.studio.names().count("start_live") == 1
    assert window.bar.live.text().startswith("直播中 00:00:")


async def test_a_refused_start_is_said_in_words_in_the_window(stage: Stage):
    stage.studio.failing["start_live"] = Conflict("live.already")
    window = await stage.window(StudioWindow)
    QTest.mouseClick(window.bar.go, Qt.MouseButton.LeftButton)
    await until(window.centre.band.band.title, "the words")
    assert "live.already" not in window.centre.band.band.title()
    assert window.bar.go.isEnabled()


async def test_the_stop_must_be_held_and_letting_go_early_changes_nothing(stage: Stage, monkeypatch):
    monkeypatch.setattr("ui.controls.hold.HOLD_MS", 60_000)
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    await until(window.bar.stop.isVisible, "the button")
    QTest.mousePress(window.bar.stop, Qt.MouseButton.LeftButton)
    await until(lambda: window.bar.stop.part() > 0, "a part of the time")
    QTest.mouseRelease(window.bar.stop, Qt.MouseButton.LeftButton)
    assert window.bar.stop.part() == 0
    assert "stop_live" not in stage.studio.names()
    monkeypatch.setattr("ui.controls.hold.HOLD_MS", HOLD_MS)
    started = time.monotonic()
    QTest.mousePress(window.bar.stop, Qt.MouseButton.LeftButton)
    await until(lambda: "stop_live" in stage.studio.names(), "the stop")
    assert time.monotonic() - started >= HOLD_MS / 1000 * 0.95
    QTest.mouseRelease(window.bar.stop, Qt.MouseButton.LeftButton)
    await until(window.bar.go.isVisible, "the other button")


async def test_a_held_space_ends_the_show_too(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    window.bar.stop.setFocus()
    QTest.keyPress(window.bar.stop, Qt.Key.Key_Space)
    await until(lambda: "stop_live" in stage.studio.names(), "the stop")


async def test_a_lost_stream_opens_the_band_and_retry_asks_only_for_that_output(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    preview_height = window.centre.preview.height()
    stage.studio.go("reconnecting")
    await until(window.centre.band.isVisible, "the band")
    assert "推流断开" in window.centre.band.band.title()
    assert "录制不受影响" in window.centre.band.band.title()
    assert abs(window.centre.preview.height() - preview_height) <= 16, "the preview keeps its size"
    QTest.mouseClick(window.centre.band.retry, Qt.MouseButton.LeftButton)
    await until(lambda: ("retry_output", "抖音直播间") in stage.studio.asked, "the retry")
    stage.studio.go("live")
    await until(lambda: "恢复" in window.centre.band.band.title(), "the good news")


async def test_a_source_that_is_gone_offers_what_to_do(stage: Stage):
    stage.studio.source_code = "source.camera_missing"
    window = await stage.window(StudioWindow)
    await until(window.centre._no_picture.isVisible, "the empty state")
    assert not window.look.sliders["smooth"].isEnabled()
    window.centre._no_picture._screen.click()
    await until(lambda: ("patch_settings", {"video": {"source": "screen:0"}}) in stage.studio.asked, "the source")
    assert condition(window._bridge.room, "on", is_still=False)[0] == "warn"


async def test_closing_on_air_asks_and_the_safe_answer_leaves_the_show_running(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    answers: list[bool] = []
    window.closed.connect(answers.append)
    window.close()
    assert window.isVisible()
    assert window.leave.isVisible()
    QTest.mouseClick(window.leave.go_on, Qt.MouseButton.LeftButton)
    assert answers == [False]
    assert not window.isVisible()


async def test_closing_off_air_closes_at_once(stage: Stage):
    window = await stage.window(StudioWindow)
    answers: list[bool] = []
    window.closed.connect(answers.append)
    window.close()
    assert answers == [True]


async def test_a_picture_that_is_gone_on_air_is_told_and_after_a_while_asked_about(stage: Stage):
    stage.studio.go("live")
    stage.studio.source_code = "camera.lost"
    stage.studio.slate = {"on": True, "reason": "frozen", "since": time.time() - 5, "asks": False}
    window = await stage.window(StudioWindow)
    band = window.centre.slate_band
    await until(band.isVisible, "the band")
    assert window.centre._picture.currentWidget() is window.centre.preview, "the host sees the slate that the audience sees"
    assert any(str(seconds) in band.band.title() for seconds in range(5, 60))
    assert (band.wait.isHidden(), band.switch.isHidden(), band.stop.isHidden()) == (True, False, True)
    stage.studio.slate["asks"] = True
    stage.studio.go("live")
    await until(lambda: not band.wait.isHidden(), "the question")
    assert not band.stop.isHidden()
    band.wait.click()
    await until(lambda: ("answer_slate", "wait") in stage.studio.asked, "the answer")
    await until(band.wait.isHidden, "the question to go")
    menu = band.choices()
    next(action for action in menu.actions() if action.text() == words("source.testcard")).trigger()
    await until(lambda: ("patch_settings", {"video": {"source": "testcard"}}) in stage.studio.asked, "the other source")
    stage.studio.slate["on"] = False
    stage.studio.go("live")
    await until(band.isHidden, "the band to go")
