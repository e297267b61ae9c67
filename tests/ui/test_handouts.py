"""What was won and waits to be handed out, in both windows."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QMenu

from tests.ui.hands import press_named
from tests.ui.window_stage import until
from ui.assistant_window import AssistantWindow
from ui.language import words
from ui.models.drops import drop
from ui.panels.drop_row import result_words
from ui.studio_window import StudioWindow

PRIZE = {
    "drop": "d1", "kind": "lottery", "title": "豆沙色口红 <b>", "ref": "prize:0:17", "platform": "douyin", "id": "u1", "name": "小美 👩🏽‍🦰",
    "what": "口红", "at": "2026-11-22T12:00:00.000Z", "done_at": None, "done_by": None,
}  # fmt: skip
COUPON = {
    **PRIZE,
    "drop": "d2",
    "kind": "coupon",
    "ref": "coupon:K7QM-2XNP-4RTV",
    "what": "K7QM-2XNP-4RTV",
    "name": "阿泽",
    "title": "满99减20",
}


@pytest.mark.parametrize("kind", [StudioWindow, AssistantWindow])
async def test_what_was_won_is_ticked_off_and_put_back(stage, kind):
    window = await stage.window(kind)
    assert window.handouts.isHidden()
    stage.studio.tell("handouts", {"waiting": 2, "rows": [PRIZE, COUPON]})
    await until(lambda: not window.handouts.isHidden(), "the list to be shown")
    press_named(window.handouts, words("handouts.copy"))
    assert QGuiApplication.clipboard().text() == "K7QM-2XNP-4RTV"
    press_named(window.handouts, words("handouts.done"))
    await until(lambda: ("handout_step", "done", "d1", "prize:0:17") in stage.studio.asked, "the prize to be ticked off")
    await until(lambda: not window.handouts.undo.isHidden(), "the way back")
    assert not window.handouts.isHidden()
    window.handouts.undo.click()
    await until(lambda: ("handout_step", "undo", "d1", "prize:0:17") in stage.studio.asked, "the tick to be taken back")


async def test_a_winner_is_passed_over_for_a_reason(stage):
    window = await stage.window(StudioWindow)
    stage.studio.drops.put("d1", state="drawn")
    stage.studio.tell("handouts", {"waiting": 2, "rows": [PRIZE, COUPON]})
    await until(lambda: not window.handouts.isHidden(), "the list to be shown")
    press_named(window.handouts, words("handouts.pass_over"))
    menu = window.handouts.findChild(QMenu)
    next(action for action in menu.actions() if action.text() == words("handouts.reason.declined")).trigger()
    await until(lambda: ("pass_over", "d1", 17, "declined") in stage.studio.asked, "the winner to be passed over")
    menu.close()


async def test_a_prize_of_somebody_erased_says_so_and_the_drop_was_won(stage):
    window = await stage.window(StudioWindow)
    gone = {"platform": "douyin", "id": "erased:0d77808b22ee85db", "name": ""}
    stage.studio.tell("handouts", {"waiting": 1, "rows": [{**PRIZE, **gone}]})
    await until(lambda: not window.handouts.isHidden(), "the list to be shown")
    assert words("person.erased") in [one.text() for one in window.handouts.findChildren(QLabel)]
    won = drop({"kind": "lottery", "state": "drawn", "winners": [{"prize": "口红", **gone}]})
    assert result_words(won) == words("drop.drawn", names=words("person.erased"))
