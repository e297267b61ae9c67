"""The card's accounts: split, merge by a suggestion with its reason, undo; each a call, none by itself."""

import os

from PySide6.QtWidgets import QLabel, QPushButton

from tests.ui.hands import press_named
from tests.ui.window_stage import until
from ui.assistant_window import AssistantWindow
from ui.language import words

ACCOUNTS = [
    {"platform": "douyin", "id": "u1", "name": "小鹿", "club_level": 2, "member": True},
    {"platform": "kuaishou", "id": "k1", "name": "鹿鹿 <img src=x>", "club_level": 0, "member": False},
]


async def open_card(stage):
    stage.studio.accounts = ACCOUNTS
    window = await stage.window(AssistantWindow)
    window.resize(1280, 720)
    window.card.choose("douyin", "u1")
    await until(lambda: any(found.text() == words("fan.merge") for found in window.card.findChildren(QPushButton)), "the suggestion")
    return window


async def test_accounts_are_merged_split_and_undone_by_hand_only(stage):
    window = await open_card(stage)
    shown = "\n".join(found.text() for found in window.card.findChildren(QLabel))
    for text in ("鹿鹿 <img src=x>", "王小鹿 <b>", words("fan.same_phone"), "2023-11-14", "shopify"):
        assert text in shown, text
    if folder := os.environ.get("ENCORE_PICTURES"):
        window.grab().save(f"{folder}/fan_accounts.png")
    assert not {"merge", "split", "undo", "apart"} & set(stage.studio.names())
    press_named(window.card, words("fan.merge"))
    await until(lambda: "merge" in stage.studio.names(), "the merge")
    asked = next(one for one in stage.studio.asked if one[0] == "merge")
    assert asked[1:3] == ("douyin", "u1")
    assert (asked[3]["platform"], asked[3]["id"], asked[3]["reason"]) == ("shopify", "b7", words("fan.same_phone"))
    await until(lambda: stage.studio.names().count("fan") == 2, "the card anew")
    for text, call in (("fan.split", "split"), ("fan.undo", "undo"), ("fan.apart", "apart")):
        await until(lambda text=text: any(one.text() == words(text) for one in window.card.findChildren(QPushButton)), text)
        before = stage.studio.names().count("fan")
        press_named(window.card, words(text))
        await until(lambda call=call: call in stage.studio.names(), call)
        await until(lambda before=before: stage.studio.names().count("fan") > before, "the card anew")
