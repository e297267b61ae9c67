"""Parts of the picture that the host draws on the preview: product box, crop, close-up, split line; and how each is taken back."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from studio.model.shot import parse_area
from tests.ui.hands import press
from tests.ui.window_stage import Stage, until
from ui.studio_window import StudioWindow


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
    QTest.mouseMove(window.centre.preview, line + QPoint(60, 0))  # where it stands already Qt tells of no move
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
