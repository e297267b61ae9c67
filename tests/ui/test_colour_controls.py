"""Colour in the host's window: curve, table, white, the colour-true assistant and its stored profiles."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from studio.errors import InvalidInput
from tests.ui.hands import press
from tests.ui.window_stage import Stage, until
from ui.panels.table_choice import FOLDER, SHIPPED
from ui.studio_window import StudioWindow


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
    await stage.quiet()


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
    await stage.quiet()


async def test_a_colour_table_that_is_none_is_refused_where_the_host_looks_with_its_line(stage: Stage):
    broken = InvalidInput("look.cube_broken", path="warm.cube", line=3, reason_code="look.cube.numbers")
    window = await stage.window(StudioWindow)
    stage.studio.failing["patch_settings"] = broken
    window.look.table.use("/looks/warm.cube")
    await until(window.centre.band.isVisible, "the words")
    await until(lambda: not window.edits.is_busy, "the look as it was")
    assert window.centre.band.isVisible(), "still there"
    assert window.centre.band.band.title() == "调色表 warm.cube 无法使用。第 3 行：需要三个有限的数值。"
    await stage.quiet()


async def test_the_assistant_measures_shows_each_patch_and_keeps_the_profile(stage: Stage):
    window = await stage.window(StudioWindow)
    press(window.look.chart)
    chart = window.centre.chart
    await until(chart.isVisible, "the assistant")
    assert not chart.keep.isEnabled(), "nothing measured yet"
    stage.studio.failing["read_chart"] = InvalidInput("look.chart_missing")
    press(chart.measure)
    await until(lambda: "没找到色卡" in chart.told.text(), "why there is no reading")
    need = chart.told.fontMetrics().boundingRect(chart.told.rect(), Qt.TextFlag.TextWordWrap, chart.told.text())
    assert chart.told.isVisible()
    assert need.height() <= chart.told.height(), "all of the sentence"
    assert not chart.keep.isEnabled()
    del stage.studio.failing["read_chart"]
    press(chart.measure)
    await until(chart.keep.isEnabled, "the reading")
    assert "dark_skin 9.0 → 1.2" in chart.patches.accessibleName()
    chart.light.setText("晚上")
    press(chart.keep)
    await until(lambda: stage.studio.profile.look.colour_profile.endswith("晚上.json"), "the profile")
    await until(lambda: chart.profiles.list.count() == 1, "it among the others")
    assert "dark_skin 9.0 → 1.2" in chart.profiles.patches.accessibleName()
    assert not chart.profiles.use.isEnabled(), "in use already"
    await stage.quiet()


async def test_a_stored_profile_is_used_and_deleted_by_two_clicks(stage: Stage):
    for light in ("白天", "晚上"):
        await stage.studio.colour.keep(light, None)
    window = await stage.window(StudioWindow)
    press(window.look.chart)
    chart = window.centre.chart
    press(chart.shelf)
    profiles = chart.profiles
    await until(lambda: profiles.list.count() == 2, "the list")
    assert "晚上" in profiles.list.item(0).text(), "the newest first"
    assert profiles.list.item(0).text().startswith("●"), "the one in use"
    profiles.list.setCurrentRow(1)
    press(profiles.use)
    await until(lambda: stage.studio.profile.look.colour_profile == "/kept/白天.json", "the other profile")
    await until(lambda: profiles.list.item(1).text().startswith("●"), "its mark")
    press(profiles.delete)
    assert profiles.list.count() == 2, "one click deletes nothing"
    press(profiles.delete)
    await until(lambda: profiles.list.count() == 1, "the other one gone")
    assert ("forget_colour_profile", "白天.json") in stage.studio.asked
    await stage.quiet()


@pytest.mark.parametrize(
    ("health", "pill", "panel"),
    [
        ({"camera": {"lock": "held", "held": ["exposure", "white_balance", "focus"], "refused": []}}, "一切正常", "曝光、白平衡、对焦"),
        ({"camera": {"lock": "refused", "held": [], "refused": ["exposure", "white_balance", "focus"]}}, "摄像头没锁住", "锁不住"),
        ({"camera": {"lock": "partly", "held": ["exposure", "white_balance"], "refused": ["focus"]}}, "一切正常", "锁不住：对焦"),
        ({"colour": {"warning": "colour.light_drifted"}}, "灯光变了", "灯光变了"),
        ({"colour": {"warning": "colour.camera_moved"}}, "机位变了", "机位变了"),
    ],
)
async def test_what_the_profile_in_use_asks_for_is_said_in_the_pill_and_in_the_panel(stage: Stage, health, pill, panel):
    stage.studio.preview.paint(40, 80, 120)
    await stage.studio.colour.keep("晚上", None)
    stage.studio.more_health = health
    window = await stage.window(StudioWindow)
    window.bar.note_stillness(False)
    assert pill in window.bar.health.accessibleName()
    assert panel in window.centre.chart.state.text()
    await stage.quiet()


async def test_a_tables_strength_is_a_slider_while_there_is_a_table(stage: Stage):
    window = await stage.window(StudioWindow)
    table = window.look.table
    assert not table.strength.isVisible()
    table.use("/looks/my & warm.cube")
    await until(table.strength.isVisible, "the slider")
    assert table.button.text() == "my && warm"
    table.strength.setFocus()
    QTest.keyClick(table.strength, Qt.Key.Key_Left)
    await until(lambda: stage.studio.profile.look.lut_strength == 0.99, "its value")
    for name in SHIPPED:
        assert (FOLDER / f"{name}.cube").is_file()
    table.use(str(FOLDER / "soft-warm.cube"))
    await until(lambda: table.button.text() == "柔暖", "the name of a shipped one")
    await stage.quiet()


async def test_the_curve_is_drawn_by_keys_alone(stage: Stage):
    window = await stage.window(StudioWindow)
    window.look.curves.head.setChecked(True)
    editor = window.look.curves.editor
    await until(editor.isVisible, "the curve")
    editor.setFocus()
    QTest.keyClick(editor, Qt.Key.Key_Plus)
    assert [round(x, 2) for x, _ in editor.points()] == [0, 0.5, 1]
    for _ in range(3):
        QTest.keyClick(editor, Qt.Key.Key_Up)
    await until(lambda: stage.studio.profile.look.curve == "0,0 0.5,0.53 1,1", "the point where the keys put it")
    await until(lambda: not window.edits.is_busy, "the answer")
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    await until(lambda: not stage.studio.profile.look.curve or "0.53" not in stage.studio.profile.look.curve, "the point gone")
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    assert [x for x, _ in editor.points()] == [0, 1], "the ends stay"
    await until(lambda: not window.edits.is_busy, "the answer")
    window.edits.undo()
    await until(lambda: stage.studio.profile.look.curve == "0,0 0.5,0.53 1,1", "the point back")
    await stage.quiet()
