"""The look's further controls in the host's window: what a hand does there is what the engine is asked."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QColorDialog, QWidget

from studio.errors import InvalidInput
from studio.model.shot import parse_area
from tests.ui.window_stage import Stage, until
from ui.app import show_fitting
from ui.panels.table_choice import FOLDER, SHIPPED
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
    await stage.quiet()


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
    await stage.quiet()


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
    await stage.quiet()


async def test_the_screens_colour_is_chosen_and_told(stage: Stage):
    window = await stage.window(StudioWindow)
    group = window.look.background
    group.head.setChecked(True)
    press(group.kinds["key"])
    await until(group.screen.isVisible, "the screen's colour")
    assert stage.studio.profile.look.background == "key:#00b140" == f"key:{group.screen.text()}"
    press(group.screen)
    dialog = group.findChild(QColorDialog)
    dialog.setCurrentColor(QColor("#0047bb"))
    dialog.accept()
    await until(lambda: stage.studio.profile.look.background == "key:#0047bb", "a blue screen")
    await until(lambda: not window.edits.is_busy, "the answer")
    press(group.kinds["none"])
    await until(lambda: stage.studio.profile.look.background == "none", "none")
    await until(lambda: not group.screen.isVisible(), "its colour out of the way")
    press(group.kinds["key"])
    await until(lambda: stage.studio.profile.look.background == "key:#0047bb", "the same screen again")
    await stage.quiet()


async def test_what_does_nothing_now_is_not_shown(stage: Stage):
    window = await stage.window(StudioWindow)
    shot = window.look.shot
    shot.head.setChecked(True)
    await until(shot.flags["follow"].isVisible, "the group")
    assert not shot.zoom.isVisible(), "nobody is followed"
    assert not shot.flags["wide"].isVisible(), "the canvas is a lying one"
    press(shot.flags["follow"])
    await until(shot.zoom.isVisible, "how near")
    await stage.studio.patch_settings({"video": {"width": 720, "height": 1280}}, None)
    await until(shot.flags["wide"].isVisible, "an upright canvas")
    await stage.quiet()


def turn_wheel(widget):
    place = QPointF(widget.rect().center())
    event = QWheelEvent(
        place,
        QPointF(widget.mapToGlobal(place)),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


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


async def test_the_wheel_is_the_columns_and_changes_nothing_that_passes_under_the_mouse(stage: Stage):
    window = await stage.window(StudioWindow)
    slider, box = window.look.sliders["contrast"], window.look.shot.boxes["rotate"]
    for widget in (slider, box):
        widget.setFocus()
        turn_wheel(widget)
    assert (slider.value(), box.currentIndex()) == (0, 0)
    assert not window.edits.can_undo
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


@pytest.mark.parametrize(
    ("look", "state", "words"),
    [
        ({"smooth": 0.4}, {"faces_code": "look.no_runtime"}, "人脸美颜用不了"),
        ({"smooth": 0.0, "whiten": 0.0, "rosy": 0.0}, {"faces_code": "look.no_runtime"}, "一切正常"),
        ({"background": "blur"}, {"person_code": "look.person_off"}, "背景虚化用不了"),
        ({"background": "key:#00b140"}, {"person_code": "look.person_off"}, "一切正常"),
        ({"enabled": False, "background": "blur"}, {"person_code": "look.person_off", "faces_code": "x"}, "一切正常"),
    ],
)
async def test_a_part_of_the_look_that_cannot_run_is_said_where_it_is_asked_for(stage: Stage, look, state, words):
    await stage.studio.patch_settings({"look": look}, None)
    stage.studio.more_health = {"look": state}
    window = await stage.window(StudioWindow)
    window.bar.note_stillness(False)
    assert words in window.bar.health.accessibleName()
    faces, person = window.look.groups.fault, window.look.background.fault
    assert ("ai-edge-litert" in faces.text()) == (state.get("faces_code") == "look.no_runtime")
    assert faces.isVisible() == bool(state.get("faces_code"))
    assert ("人像抠图" in person.text()) == bool(state.get("person_code"))
    await stage.quiet()


def drag(widget, start, way):
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    for part in (0.5, 1.0):
        QTest.mouseMove(widget, start + QPoint(round(way.x() * part), round(way.y() * part)))
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=start + way)


async def test_the_product_box_is_drawn_on_the_preview_nudged_and_put_back(stage: Stage):
    stage.studio.preview.paint(40, 80, 120)
    window = await stage.window(StudioWindow)
    await until(window.centre.preview.has_picture, "the picture")
    window.look.background.head.setChecked(True)
    press(window.look.background.kinds["blur"])
    await until(window.look.background.keep.isVisible, "the switch of the box")
    press(window.look.background.keep)
    box = window.hand.box
    await until(box.isVisible, "the box on the preview")
    await until(lambda: not window.edits.is_busy, "its first place")
    place, before = box.box_rect(), parse_area(stage.studio.profile.look.keep_area)
    width, height = box.picture_rect().width(), box.picture_rect().height()
    drag(box, place.center().toPoint(), QPoint(round(-0.2 * width), round(-0.1 * height)))
    await until(lambda: parse_area(stage.studio.profile.look.keep_area).x < before.x, "the box moved")
    moved = parse_area(stage.studio.profile.look.keep_area)
    assert moved.x == pytest.approx(before.x - 0.2, abs=0.01)
    assert moved.y == pytest.approx(before.y - 0.1, abs=0.01)
    await until(lambda: not window.edits.is_busy, "the answer")
    drag(box, box.box_rect().bottomRight().toPoint(), QPoint(round(0.1 * width), round(0.1 * height)))
    await until(lambda: parse_area(stage.studio.profile.look.keep_area).width > moved.width + 0.05, "the box larger")
    await until(lambda: not window.edits.is_busy, "the answer")
    larger = parse_area(stage.studio.profile.look.keep_area)
    QTest.keyClick(box, Qt.Key.Key_Right)
    QTest.keyClick(box, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    await until(lambda: parse_area(stage.studio.profile.look.keep_area).y > larger.y, "the nudge")
    assert parse_area(stage.studio.profile.look.keep_area).x == pytest.approx(larger.x + 0.005, abs=1e-3)
    await until(lambda: not window.edits.is_busy, "the answer")
    press(box.again)
    await until(lambda: parse_area(stage.studio.profile.look.keep_area) == before, "where it began")
    window.edits.undo()
    await until(lambda: parse_area(stage.studio.profile.look.keep_area) != before, "a step back")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert not box.isVisible()
    assert stage.studio.profile.look.keep_area, "the box stays"
    await stage.quiet()


async def test_the_crop_is_drawn_on_the_whole_picture_which_the_host_alone_sees(stage: Stage):
    stage.studio.preview.paint(40, 80, 120)
    window = await stage.window(StudioWindow)
    await until(window.centre.preview.has_picture, "the picture")
    window.look.shot.head.setChecked(True)
    press(window.look.shot.draws["crop"])
    await until(lambda: ("compare", "source") in stage.studio.asked, "the whole picture")
    box = window.hand.box
    width = box.picture_rect().width()
    drag(box, box.box_rect().topLeft().toPoint() + QPoint(2, 2), QPoint(round(0.3 * width), 0))
    await until(lambda: stage.studio.profile.shot.crop, "the crop")
    area = parse_area(stage.studio.profile.shot.crop)
    assert area.width == pytest.approx(1.0, abs=0.01) or area.width == pytest.approx(area.height, abs=1e-3), "the canvas' shape is kept"
    QTest.keyClick(box, Qt.Key.Key_Minus, Qt.KeyboardModifier.ShiftModifier)
    await until(lambda: parse_area(stage.studio.profile.shot.crop).width < 0.97, "smaller")
    smaller = parse_area(stage.studio.profile.shot.crop)
    assert smaller.width == pytest.approx(smaller.height, abs=1e-3)
    await until(lambda: window.look.shot.boxes["crop"].currentData() == stage.studio.profile.shot.crop, "the choice says: your own")
    press(box.again)
    await until(lambda: stage.studio.profile.shot.crop == "", "all of it again")
    press(box.done)
    await until(lambda: stage.studio.asked[-1] == ("compare", "off"), "what the audience sees again")
    await stage.quiet()


async def test_a_drawn_part_is_taken_back_by_undo_and_given_up_by_escape(stage: Stage):
    stage.studio.preview.paint(40, 80, 120)
    window = await stage.window(StudioWindow)
    await until(window.centre.preview.has_picture, "the picture")
    window.look.shot.head.setChecked(True)
    first = stage.studio.profile.shot.close_up_area
    window.hand.choose("close_up_area")
    box = window.hand.box
    place = box.box_rect()
    drag(box, place.center().toPoint(), QPoint(round(-0.1 * place.width()), round(-0.2 * place.height())))
    await until(lambda: stage.studio.profile.shot.close_up_area != first and not window.edits.is_busy, "the part moved")
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: parse_area(stage.studio.profile.shot.close_up_area) == parse_area(first), "a step back")
    await until(lambda: box.box_rect() == place, "the box on the preview too")
    window.edits.redo()
    await until(lambda: stage.studio.profile.shot.close_up_area != first and not window.edits.is_busy, "the step again")
    QTest.mousePress(box, Qt.MouseButton.LeftButton, pos=box.box_rect().center().toPoint())
    QTest.keyClick(box, Qt.Key.Key_Escape)
    QTest.mouseRelease(box, Qt.MouseButton.LeftButton, pos=box.box_rect().center().toPoint())
    assert box.isVisible(), "Escape dropped the drag alone"
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert not box.isVisible()
    await until(lambda: parse_area(stage.studio.profile.shot.close_up_area) == parse_area(first), "as it was at the beginning")
    await stage.quiet()


async def test_a_choice_of_the_shot_is_taken_back_by_undo(stage: Stage):
    stage.studio.preview.paint(40, 80, 120)
    window = await stage.window(StudioWindow)
    await until(window.centre.preview.has_picture, "the picture")
    window.look.shot.head.setChecked(True)
    press(window.look.shot.flags["mirror"])
    await until(lambda: stage.studio.profile.shot.mirror and not window.edits.is_busy, "mirrored")
    window.edits.undo()
    await until(lambda: not stage.studio.profile.shot.mirror, "a step back")
    await until(lambda: not window.look.shot.flags["mirror"].isChecked(), "the button")
    await stage.quiet()


async def test_steps_quicker_than_the_engines_answers_are_taken_back_one_by_one(stage: Stage):
    window = await stage.window(StudioWindow)
    began = stage.studio.profile.look.smooth
    for value in (0.6, 0.7, 0.8):
        window.edits.edit("smooth", value)
        window.edits.finish()
    for value in (0.7, 0.6, began):
        window.edits.undo()
        await until(lambda value=value: stage.studio.profile.look.smooth == value and not window.edits.is_busy, f"{value}")
    assert not window.edits.can_undo
    await stage.quiet()


async def test_the_preview_goes_back_to_what_the_buttons_say_after_the_original_was_held(stage: Stage):
    stage.studio.preview.paint(40, 80, 120)
    window = await stage.window(StudioWindow)
    await until(window.centre.preview.has_picture, "the picture")
    press(window.centre.split)
    await until(lambda: ("compare", "split") in stage.studio.asked, "both")
    place = window.centre.preview.picture_rect()
    line = QPoint(round(place.left() + 0.3 * place.width()), round(place.center().y()))
    drag(window.centre.preview, line + QPoint(40, 0), QPoint(-40, 0))
    await until(
        lambda: [asked for asked in stage.studio.asked if asked[0] == "compare"][-1][-1] == pytest.approx(0.3, abs=0.01), "the line"
    )
    QTest.keyPress(window.centre, Qt.Key.Key_B)
    await until(lambda: ("compare", "original") in stage.studio.asked, "the original")
    assert window.centre.preview._line is None, "no grip on a picture without a line"
    QTest.keyRelease(window.centre, Qt.Key.Key_B)
    await until(lambda: stage.studio.asked[-1][:2] == ("compare", "split"), "both again")
    assert stage.studio.asked[-1][2] == pytest.approx(0.3, abs=0.01)
    assert window.centre.preview._line == pytest.approx(0.3, abs=0.01)
    QTest.mouseMove(window.centre.preview, line)
    await until(lambda: window.centre.preview.cursor().shape() == Qt.CursorShape.SplitHCursor, "the mouse says that it can be drawn")
    await stage.quiet()


async def test_a_line_that_is_drawn_quickly_asks_one_question_at_a_time_and_ends_where_the_hand_does(stage: Stage):
    stage.studio.preview.paint(40, 80, 120)
    window = await stage.window(StudioWindow)
    await until(window.centre.preview.has_picture, "the picture")
    press(window.centre.split)
    for number in range(300):
        window.centre.preview.touched.emit(number / 300, 0.5)
    await until(lambda: stage.studio.asked[-1] == ("compare", "split", 299 / 300), "the end of the line")
    assert len([asked for asked in stage.studio.asked if asked[0] == "compare"]) < 10
    await stage.quiet()


async def test_flicker_is_chosen_and_its_refusal_said_beside_it(stage: Stage):
    stage.studio.more_health = {"camera": {"lock": "off", "power_line": "refused"}}
    window = await stage.window(StudioWindow)
    window.look.shot.head.setChecked(True)
    box = window.look.shot.boxes["power_line_hz"]
    box.setCurrentIndex(box.findData(50))
    box.activated.emit(box.currentIndex())
    await until(lambda: stage.studio.profile.video.power_line_hz == 50, "50 Hz")
    assert window.look.shot.refused.isVisible()
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


def test_a_window_is_never_larger_than_its_screen(qapp):
    window = QWidget()
    window.resize(9000, 9000)
    show_fitting(window)
    room = window.screen().availableGeometry()
    assert window.isMaximized()
    assert window.width() <= room.width()
    assert window.height() <= room.height()
    window.close()
    small = QWidget()
    small.resize(300, 200)
    show_fitting(small)
    assert (small.width(), small.height(), small.isMaximized()) == (300, 200, False)
    small.close()


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
