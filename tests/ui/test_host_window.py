"""The host's window on a staged studio: what it shows, what it asks, and what it doesn't."""

import time
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QColorDialog, QMenu

from studio.errors import Conflict
from tests.rehearsed_drops import at
from tests.ui.window_stage import Stage, until
from ui import language, theme
from ui.controls.hold import HOLD_MS
from ui.language import words
from ui.models.condition import condition
from ui.panels.look_groups import GROUPS
from ui.preview import Preview
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


async def test_one_click_opens_a_lottery_and_it_can_be_taken_back_in_place(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    tile = window.centre.palette_panel.tiles["lottery"]
    await until(lambda: tile.view().doing == "ready", "the tile")
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    await until(stage.studio.drops.drops, "the drop")
    assert tile.view().doing == "undo"
    assert "撤回" in tile.view().line
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    await until(lambda: stage.studio.drops.drop("d1")["state"] == "cancelled", "the cancelled drop")
    assert stage.studio.names().count("open_drop") == 1


async def test_taking_back_before_the_answer_came_still_cancels(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    palette = window.centre.palette_panel
    await until(lambda: palette.tiles["coupon"].view().doing == "ready", "the tile")
    palette.press("coupon")
    palette.press("coupon")
    await until(lambda: stage.studio.drops.drops() and stage.studio.drops.drop("d1")["state"] == "cancelled", "the cancelled drop")


async def test_the_keys_f1_and_f2_open_what_was_used_last(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    await until(lambda: window.centre.palette_panel.tiles["coupon"].view().doing == "ready", "the tile")
    window.centre._edit_drop(window.centre.palette_panel.specs["coupon"])
    fields = window.centre.drop_editor._inputs
    fields["value"].setText("30.50")
    fields["stock"].setText("7")
    QTest.keyClick(fields["stock"], Qt.Key.Key_Return)
    window.activateWindow()
    await until(window.isActiveWindow, "the window to be active")
    QTest.keyClick(window, Qt.Key.Key_F2)
    await until(lambda: "open_drop" in stage.studio.names(), "the drop")
    body = next(details[0] for name, *details in stage.studio.asked if name == "open_drop")
    assert (body["kind"], body["value_minor"], body["min_spend_minor"], body["stock"]) == ("coupon", 3050, 9900, 7)


async def test_what_cannot_be_opened_is_said_at_its_field_and_not_kept(stage: Stage):
    window = await stage.window(StudioWindow)
    window.centre._edit_drop(window.centre.palette_panel.specs["coupon"])
    editor = window.centre.drop_editor
    editor._inputs["value"].setText("-30")
    QTest.keyClick(editor._inputs["value"], Qt.Key.Key_Return)
    assert editor._inputs["value"].property("fault") == "true"
    assert editor._fault.text() == "金额要大于 ¥0.00"
    assert window.centre.palette_panel.specs["coupon"].value == "20"


async def test_off_air_and_while_the_stream_is_lost_nothing_can_be_opened(stage: Stage):
    window = await stage.window(StudioWindow)
    tile = window.centre.palette_panel.tiles["lottery"]
    assert tile.view().doing == "unavailable"
    stage.studio.go("live")
    await until(lambda: tile.view().doing == "ready", "the tile")
    stage.studio.go("reconnecting")
    await until(lambda: tile.view().doing == "unavailable", "the tile to go")
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)
    QTest.keyClick(tile, Qt.Key.Key_Space)
    window.centre.palette_panel._edits[0].click()
    assert window.centre.drop_editor.isVisible(), "what a click will open can be edited off air"
    assert "open_drop" not in stage.studio.names()


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


async def test_the_running_drop_counts_down_and_closes_by_its_button(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    now = time.time()
    stage.studio.drops.put("d7", title="口红", keyword="想要", opened_at=at(now), closes_at=at(now + 60), entries=1286, early_close=True)
    row = window.centre.drop_row
    await until(lambda: row.drop() is not None, "the row")
    assert row._number.text() == "1,286"
    assert "00:30" < row._time.text() <= "01:00"
    QTest.mouseClick(row.close_now, Qt.MouseButton.LeftButton)
    await until(lambda: row.drop() is not None and row.drop().state == "drawn", "the draw")
    assert row._title.text() == "中奖：阿泽"
    assert "626c 96a5" in row._line.text()


async def test_without_early_close_there_is_no_button_for_it(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    now = time.time()
    stage.studio.drops.put("d7", opened_at=at(now), closes_at=at(now + 60), early_close=False)
    await until(lambda: window.centre.drop_row.drop() is not None, "the row")
    assert window.centre.drop_row.close_now.isHidden()


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


async def test_hold_b_shows_the_original_and_letting_go_the_look(stage: Stage):
    window = await stage.window(StudioWindow)
    QTest.keyPress(window.bar, Qt.Key.Key_B)
    await until(lambda: ("compare", "original") in stage.studio.asked, "the original")
    QTest.keyRelease(window.bar, Qt.Key.Key_B)
    await until(lambda: stage.studio.asked[-1] == ("compare", "off"), "the look")


async def test_a_new_window_begins_with_the_whole_picture_and_a_rebuilt_one_goes_on_comparing(stage: Stage):
    window = await stage.window(StudioWindow)
    await until(lambda: ("compare", "off") in stage.studio.asked, "the whole picture")
    QTest.mouseClick(window.centre.split, Qt.MouseButton.LeftButton)
    await until(lambda: ("compare", "split") in stage.studio.asked, "both halves")
    await until(lambda: not window._bridge._tasks, "the answer")
    window.build()
    assert window.centre.split.isChecked()


async def test_an_answer_that_comes_after_the_language_was_changed_finds_nobody_and_hurts_nobody(stage: Stage):
    window = await stage.window(StudioWindow)
    await until(lambda: ("compare", "off") in stage.studio.asked, "the whole picture")
    await until(lambda: not window._bridge._tasks, "the answer")
    QTest.mouseClick(window.centre.split, Qt.MouseButton.LeftButton)
    under_way = list(window._bridge._tasks)
    window.build()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    await until(lambda: all(task.done() for task in under_way), "the answer")
    assert under_way
    assert [task.exception() for task in under_way] == [None] * len(under_way)


async def test_a_b_in_a_field_is_a_letter(stage: Stage):
    window = await stage.window(StudioWindow)
    window.centre._edit_drop(window.centre.palette_panel.specs["lottery"])
    field = window.centre.drop_editor._inputs["title"]
    field.clear()
    QTest.keyClicks(field, "b")
    assert field.text() == "b"
    assert ("compare", "original") not in stage.studio.asked


async def test_everything_can_be_reached_by_the_tab_key(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    await until(window.centre.palette_panel.tiles["lottery"].isEnabled, "the tiles")
    reached, widget = set(), window.bar.go
    for group in GROUPS:
        window.look.groups.open(group)
        for _ in range(2_000):
            widget = widget.nextInFocusChain()
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
                reached.add(widget)
    wanted = [
        *window.look.sliders.values(),
        *window.centre.palette_panel.tiles.values(),
        window.bar.stop,
        window.sources._video,
        window.look.original,
    ]
    assert all(widget in reached for widget in wanted)


async def test_each_tab_of_beauty_shows_its_sliders_and_a_shade_goes_to_the_engine(stage: Stage):
    window = await stage.window(StudioWindow)
    groups = window.look.groups
    for name, keys in GROUPS.items():
        QTest.mouseClick(groups.tabs.buttons()[list(GROUPS).index(name)], Qt.MouseButton.LeftButton)
        assert {key for key, slider in groups.sliders.items() if slider.isVisible()} == set(keys)
    groups.show_shade("lip_colour", "#123456")
    assert groups.shades["lip_colour"].text() == "#123456"
    groups.show_shade("lip_colour", "no colour")
    assert groups.shades["lip_colour"].text() == "#123456"
    edited = []
    groups.edited.connect(lambda key, value: edited.append((key, value)))
    QTest.mouseClick(groups.tabs.buttons()[list(GROUPS).index("make_up")], Qt.MouseButton.LeftButton)
    for end, left in (("accept", "#aa2244"), ("reject", "#aa2244")):
        QTest.mouseClick(groups.shades["lip_colour"], Qt.MouseButton.LeftButton)
        dialog = groups.findChild(QColorDialog)
        dialog.setCurrentColor(QColor("#aa2244" if end == "accept" else "#22aa44"))
        getattr(dialog, end)()
        assert edited[-1] == ("lip_colour", left), "given up it is as before"
        await until(lambda: groups.findChild(QColorDialog) is None, "the dialog to be gone")
    await until(lambda: not window.edits.is_busy, "the answer")
    await stage.quiet()


async def test_what_has_the_keyboard_has_a_ring_around_it(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    tile = window.centre.palette_panel.tiles["coupon"]
    await until(tile.isEnabled, "the tile")
    window.activateWindow()
    await until(window.isActiveWindow, "the window to be active")
    tile.setFocus()
    await until(window._ring.isVisible, "the ring")
    place = QRect(tile.mapTo(window.centralWidget(), QPoint(0, 0)), tile.size())
    assert window._ring.geometry() == place.adjusted(-4, -4, 4, 4)
    edge = window.grab().toImage().pixelColor(place.left() - 3, place.center().y())
    assert edge.name() == theme.colour("focus").name()


async def test_language_and_theme_change_in_place(stage: Stage, qapp):
    window = await stage.window(StudioWindow)
    language.use("en")
    theme.apply(qapp, "light")
    window.build()
    assert window.bar.go.text() == "Go live"
    assert window.centre.palette_panel.tiles["lottery"].text() == "Lottery"
    ground = window.grab().toImage().pixelColor(QPoint(window.width() // 2, 20))
    assert ground.lightness() > 240


def _darkest(button) -> int:
    """Lightness of the darkest that its icon has, drawn as on the screen."""
    picture = button.icon().pixmap(32, 32).toImage()
    seen = [picture.pixelColor(x, y) for x in range(picture.width()) for y in range(picture.height())]
    return min(colour.lightness() for colour in seen if colour.alpha() > 200)


async def test_the_microphone_on_the_mute_button_is_seen_whether_it_is_muted_or_not(stage: Stage):
    window = await stage.window(StudioWindow)
    mute = window.sound.mute
    await stage.studio.patch_settings({"audio": {"source": "tone"}}, None)
    await until(mute.isEnabled, "a microphone")
    assert _darkest(mute) > 200, "light on the dark button"
    mute.click()
    await until(lambda: _darkest(mute) < 60, "dark on the light one")
    mute.click()
    await until(lambda: _darkest(mute) > 200, "the microphone again")
    await stage.quiet()


async def test_a_window_that_was_rebuilt_leaves_nothing_that_listens(stage: Stage, qapp):
    window = await stage.window(StudioWindow)
    window.build()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for number in range(5):
        stage.studio.go("live" if number % 2 else "reconnecting")
        stage.studio.drops.put("d1", entries=number)
        stage.studio.pass_a_second()
        stage.studio.notice(number, "info", "通知", "Notice")
    await stage.server.stop()
    await until(lambda: window._bridge.link == "lost", "the loss")
    assert len(window.findChildren(Preview)) == 1
    assert qapp is not None


async def test_a_source_is_chosen_from_a_menu_that_does_not_stop_the_loop(stage: Stage):
    window = await stage.window(StudioWindow)
    QTest.mouseClick(window.sources._video, Qt.MouseButton.LeftButton)
    menus = window.sources.findChildren(QMenu)
    await until(lambda: any(menu.isVisible() for menu in menus), "the menu")
    stage.studio.go("live")
    await until(lambda: window._bridge.room.state == "live", "news while the menu is open")
    action = next(action for action in menus[0].actions() if action.text() == "测试图")
    action.trigger()
    menus[0].close()
    await until(lambda: stage.studio.profile.video.source == "testcard", "the source")


async def test_a_hostile_file_name_is_shown_as_it_is(stage: Stage):
    stage.studio.profile = replace(stage.studio.profile, video=replace(stage.studio.profile.video, source="file:/tmp/<b>&x\u202e.mp4"))
    window = await stage.window(StudioWindow)
    assert window.sources._video.words()[0] == "<b>&x.mp4"


async def test_the_strip_tells_rates_losses_and_costs(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    stage.studio.figures["skipped"] = 3
    stage.studio.figures["dropped"] = 87
    for _ in range(3):
        stage.studio.pass_a_second()
        await until(lambda: window._bridge.room.health["video"]["encoded"] == stage.studio.figures["encoded"], "the report")
    assert window.strip.lost.value() == "0 / 3 / 87"
    assert window.strip.memory.value() == "412 MB"
    assert window.strip.fps.value() != "—"


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


async def test_measuring_the_computer_shows_its_progress_and_takes_what_fits(stage: Stage):
    window = await stage.window(StudioWindow)
    window.outputs.measure.click()
    panel = window.centre.measure
    await until(panel.isVisible, "the panel")
    panel.start.click()
    await until(lambda: "measure" in stage.studio.names(), "the measuring")
    rows = [{"codec": "libx264", "preset": "veryfast", "fps": 71.2, "fits": True}]
    told = {"state": "running", "done": 1, "of": 6, "rows": rows, "picked": None, "has_room": False}
    stage.studio.tell("measure", told)
    await until(lambda: panel.lines() == ["x264 veryfast 71 fps"], "the first row")
    assert not panel.use.isEnabled()
    beside = [{"codec": "hevc", "preset": "", "fps": 38.0, "fits": False}]
    stage.studio.tell("measure", {**told, "recording": beside})
    await until(lambda: panel.lines()[1:] == ["HEVC 录像同时进行 38 fps"], "the recording's row")
    stage.studio.tell("measure", {**told, "state": "done", "picked": {"codec": "libx264", "preset": "veryfast"}, "has_room": True})
    await until(panel.use.isEnabled, "what fits")
    panel.use.click()
    patch = {"encoder": {"codec": "libx264", "preset": "veryfast"}}
    await until(lambda: ("patch_settings", patch) in stage.studio.asked, "the preset")
    await stage.quiet()
