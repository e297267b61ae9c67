"""The look's further controls in the host's window: what a hand does there is what the engine is asked."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.ui.window_stage import Stage, until
from ui.studio_window import StudioWindow


def press(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def patches(stage):
    return [asked[1] for asked in stage.studio.asked if asked[0] == "patch_settings"]


async def test_one_key_each_for_close_up_and_true_skin_and_again_back(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(StudioWindow)
    await until(window.centre.true_skin.isEnabled, "the picture")
    press(window.centre.true_skin)
    await until(lambda: stage.studio.profile.shot.true_skin, "true skin")
    await until(window.centre.true_skin.isChecked, "the button")
    window.centre.toggle_shot("close_up")
    await until(lambda: stage.studio.profile.shot.close_up, "the close-up")
    press(window.centre.true_skin)
    await until(lambda: not stage.studio.profile.shot.true_skin, "beauty again")


async def test_a_preset_is_put_on_and_a_presenter_handed_over_to(stage: Stage):
    window = await stage.window(StudioWindow)
    presets = window.look.presets
    presets._use("studio")
    await until(lambda: stage.studio.profile.look.smooth == 0.55, "the preset")
    await until(lambda: window.look.sliders["smooth"].value() == 55, "the slider")
    presets._keep("我的")
    await until(lambda: ("keep_look", "我的") in stage.studio.asked, "the user's own")
    presets._hand_over("阿May")
    await until(lambda: ("hand_over", "阿May") in stage.studio.asked, "the presenter")
    press(presets.button)
    await until(lambda: window.look.findChildren(type(window.look.presets.button)) and not presets._bridge._tasks, "the menu")


async def test_a_point_of_the_curve_is_drawn_and_undone(stage: Stage):
    window = await stage.window(StudioWindow)
    window.look.curves.head.setChecked(True)
    editor = window.look.curves.editor
    await until(editor.isVisible, "the curve")
    start = editor.place_of((0.5, 0.5)).toPoint() + QPoint(0, -40)
    QTest.mousePress(editor, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseRelease(editor, Qt.MouseButton.LeftButton, pos=start)
    await until(lambda: stage.studio.profile.look.curve, "the curve in the profile")
    x, y = stage.studio.profile.look.curve.split()[1].split(",")
    assert abs(float(x) - 0.5) < 0.02
    assert float(y) > 0.6
    await until(lambda: not window.edits.is_busy, "the answer")
    window.edits.undo()
    await until(lambda: stage.studio.profile.look.curve == "", "the straight line")


async def test_white_is_picked_by_a_click_and_the_split_line_goes_where_it_is_drawn(stage: Stage):
    stage.studio.preview.paint(40, 80, 120)
    window = await stage.window(StudioWindow)
    preview = window.centre.preview
    await until(preview.has_picture, "the picture")
    place = preview.picture_rect()
    quarter = QPoint(round(place.left() + place.width() / 4), round(place.center().y()))
    press(window.look.white)
    QTest.mouseClick(preview, Qt.MouseButton.LeftButton, pos=quarter)
    await until(lambda: any(asked[0] == "balance_white" for asked in stage.studio.asked), "white")
    [asked] = [asked for asked in stage.studio.asked if asked[0] == "balance_white"]
    assert abs(asked[1] - 0.25) < 0.01
    window.centre.mirror.setChecked(True)
    press(window.centre.split)
    QTest.mouseClick(preview, Qt.MouseButton.LeftButton, pos=quarter)
    await until(lambda: any(asked[0] == "compare" and len(asked) == 3 for asked in stage.studio.asked), "the line")
    line = next(asked[2] for asked in stage.studio.asked if asked[0] == "compare" and len(asked) == 3)
    assert abs(line - 0.75) < 0.01, "where it was drawn, on the mirrored picture too"
    window.centre.mirror.setChecked(False)


async def test_background_and_framing_are_chosen_in_the_window(stage: Stage):
    window = await stage.window(StudioWindow)
    for group in (window.look.background, window.look.shot):
        group.head.setChecked(True)
    press(window.look.background.kinds["blur"])
    await until(lambda: stage.studio.profile.look.background == "blur", "blur")
    await until(window.look.background.keep.isVisible, "the product box")
    press(window.look.background.keep)
    await until(lambda: stage.studio.profile.look.keep_area, "the product box")
    press(window.look.background.kinds["key"])
    await until(lambda: stage.studio.profile.look.background.startswith("key:"), "the key")
    press(window.look.shot.flags["follow"])
    await until(lambda: stage.studio.profile.shot.follow, "following")


async def test_the_assistant_measures_shows_each_patch_and_keeps_the_profile(stage: Stage):
    window = await stage.window(StudioWindow)
    press(window.look.chart)
    chart = window.centre.chart
    await until(chart.isVisible, "the assistant")
    assert not chart.keep.isEnabled(), "nothing measured yet"
    press(chart.measure)
    await until(chart.keep.isEnabled, "the reading")
    assert "dark_skin 9.0 → 1.2" in chart.patches.accessibleName()
    chart.light.setText("晚上")
    press(chart.keep)
    await until(lambda: stage.studio.profile.look.colour_profile.endswith("晚上.json"), "the profile")
    await until(lambda: not chart.isVisible(), "the palette again")
