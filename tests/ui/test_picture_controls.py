"""The look's further controls in the host's window: what a hand does there is what the engine is asked."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication, QColorDialog, QWidget

from tests.ui.hands import press
from tests.ui.window_stage import Stage, until
from ui.app import show_fitting
from ui.studio_window import StudioWindow


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


async def test_the_wheel_is_the_columns_and_changes_nothing_that_passes_under_the_mouse(stage: Stage):
    window = await stage.window(StudioWindow)
    slider, box = window.look.sliders["contrast"], window.look.shot.boxes["rotate"]
    for widget in (slider, box):
        widget.setFocus()
        turn_wheel(widget)
    assert (slider.value(), box.currentIndex()) == (0, 0)
    assert not window.edits.can_undo
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
