"""Somebody works here, by a button on the host's card: a change of the rules, taken back by the same button."""

from PySide6.QtWidgets import QLabel, QPushButton

from studio.errors import Conflict
from tests.ui.window_stage import until
from ui.assistant_window import AssistantWindow
from ui.language import fault_words, words
from ui.studio_window import StudioWindow

ACCOUNTS = [
    {"platform": "douyin", "id": "u1", "name": "小鹿", "club_level": 2, "member": True},
    {"platform": "kuaishou", "id": "k1", "name": "鹿鹿", "club_level": 0, "member": False},
]


def button(card, text):
    return next((one for one in card.findChildren(QPushButton) if one.text() == text), None)


async def open_card(stage):
    stage.studio.accounts = ACCOUNTS
    window = await stage.window(StudioWindow)
    window.bar.fans_asked.emit()
    card = window.fans.card
    window.fans.open_card("douyin", "u1")
    await until(lambda: button(card, words("fan.make_staff")), "the card")
    return card


async def test_all_accounts_of_a_person_work_here_and_no_more(stage):
    card = await open_card(stage)
    rules, real = stage.studio.rules, stage.studio.fan

    async def fan(platform, fan_id):
        return {**await real(platform, fan_id), "staff": ("douyin", "u1") in rules.held.staff}

    stage.studio.fan = fan
    button(card, words("fan.make_staff")).click()
    await until(lambda: button(card, words("fan.staff_no_more")), "the card of somebody who works here")
    assert rules.held.staff == {("douyin", "u1"), ("kuaishou", "k1")}
    button(card, words("fan.staff_no_more")).click()
    await until(lambda: button(card, words("fan.make_staff")), "the card of a fan")
    assert (rules.held.staff, rules.number) == (frozenset(), 2)


async def test_rules_that_were_changed_meanwhile_are_not_overwritten(stage):
    card = await open_card(stage)
    stage.studio.failing["apply_rules"] = Conflict("rules.changed_since")
    button(card, words("fan.make_staff")).click()
    said = fault_words("rules.changed_since")
    await until(lambda: said in [one.text() for one in card.findChildren(QLabel)], "why not")
    assert button(card, words("fan.make_staff")).isEnabled()


async def test_an_assistant_has_no_such_button(stage):
    stage.studio.accounts = ACCOUNTS
    window = await stage.window(AssistantWindow)
    window.card.choose("douyin", "u1")
    await until(lambda: button(window.card, words("fan.split")), "the card")
    assert button(window.card, words("fan.make_staff")) is None
