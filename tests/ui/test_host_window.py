"""The host's window on a staged studio: what it shows, what it asks, and what it doesn't."""

from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QColorDialog, QMenu

from tests.ui.window_stage import Stage, until
from ui import language, theme
from ui.panels.look_groups import GROUPS
from ui.preview import Preview
from ui.studio_window import StudioWindow


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
