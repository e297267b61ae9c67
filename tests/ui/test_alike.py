"""Who might be one person, on the fans page: pairs with their reasons, merged or kept apart by a button, and the way back."""

from PySide6.QtWidgets import QLabel, QPushButton

from tests.ui.window_stage import Stage, until
from ui.language import words
from ui.studio_window import StudioWindow

PAIR = {
    "accounts": [{"platform": "kuaishou", "id": "k2", "name": "阿泽2号 <b>"}, {"platform": "douyin", "id": "u2", "name": "阿泽"}],
    "reasons": [{"code": "same_phone", "shared_by": 2}, {"code": "same_order_name", "shared_by": 2}],
}


def texts(widget) -> list[str]:
    return [one.text() for one in widget.findChildren(QLabel) if one.isVisible()]


def press(parent, text: str) -> None:
    next(one for one in parent.findChildren(QPushButton) if one.text() == text and one.isVisible()).click()


async def opened(stage: Stage) -> StudioWindow:
    window = await stage.window(StudioWindow)
    window.bar.fans_asked.emit()
    await until(lambda: not window._bridge._tasks, "the answers")
    return window


async def test_nobody_is_suggested_and_nothing_takes_room(stage: Stage):
    window = await opened(stage)
    assert window.fans.due.isVisible()
    assert not window.fans.alike.isVisible()


async def test_a_pair_is_merged_by_hand_with_its_reasons_and_taken_apart_again(stage: Stage):
    stage.studio.alike = [PAIR]
    window = await opened(stage)
    panel = window.fans.alike
    shown = texts(panel)
    assert {words("alike.title"), words("alike.count", count=1), "阿泽2号 <b>", "阿泽", "kuaishou", "douyin"} <= set(shown)
    reasons = words("list.separator").join((words("fan.same_phone"), words("fan.same_order_name")))
    assert reasons in shown
    stage.studio.alike = []
    press(panel, words("fan.merge"))
    await until(lambda: words("alike.done.merge", one="阿泽2号 <b>", other="阿泽") in texts(panel), "what was done")
    assert next(one for one in stage.studio.asked if one[0] == "merge")[1:4] == (
        "kuaishou",
        "k2",
        {"platform": "douyin", "id": "u2", "reason": reasons},
    )
    press(panel, words("fan.undo"))
    await until(lambda: words("alike.undone") in texts(panel), "the way back")
    assert next(one for one in stage.studio.asked if one[0] == "undo")[1] == 5
    await stage.quiet()


async def test_two_people_are_told_apart_for_good_and_a_name_opens_its_card(stage: Stage):
    stage.studio.alike = [PAIR]
    window = await opened(stage)
    next(
        one for one in window.fans.alike.findChildren(QPushButton) if one.accessibleName() == words("fans.open") and one.isVisible()
    ).click()
    assert window.fans.card.who() == ("kuaishou", "k2")
    window.fans.card._leave()
    await stage.quiet()
    press(window.fans.alike, words("fan.apart"))
    await until(lambda: "apart" in stage.studio.names(), "kept apart")
    await until(lambda: words("alike.done.apart", one="阿泽2号 <b>", other="阿泽") in texts(window.fans.alike), "what was done")
    assert not window.fans.alike.undo.isVisible()
    await stage.quiet()
