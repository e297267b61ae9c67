"""Who a drop is for: everybody, or a tier and those above as the rules call them now; in both windows."""

import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.ui.window_stage import until
from ui import language, theme
from ui.assistant_window import AssistantWindow
from ui.language import words
from ui.studio_window import StudioWindow

RULES = {
    "number": 3,
    "tiers": [
        {"rank": rank, "name": name, "from_minor": rank * 100, "percent": 100} for rank, name in enumerate(("路人", "会员", "贵宾 <b>"), 1)
    ],
}


async def open_editor(stage, kind, what="coupon"):
    window = await stage.window(kind)
    window.resize(1280, 720)
    stage.studio.go("live")
    stage.studio.tell("rules", RULES)
    await until(lambda: window._bridge.room.tiers == ("路人", "会员", "贵宾 <b>") and window._bridge.room.is_on_air, "the rules")
    if kind is StudioWindow:
        window.centre._edit_drop(window.centre.palette_panel.specs[what])
        return window, window.centre.drop_editor
    window.desk.new_buttons[what].click()
    return window, window.editor


def choose(editor, text):
    index = editor.who.findText(text)
    assert index >= 0, [editor.who.itemText(number) for number in range(editor.who.count())]
    editor.who.setCurrentIndex(index)
    editor.who.activated.emit(index)


@pytest.mark.parametrize("kind", [StudioWindow, AssistantWindow])
@pytest.mark.parametrize("what", ["coupon", "lottery"])
async def test_a_drop_for_a_tier_and_those_above_is_opened(stage, kind, what):
    _, editor = await open_editor(stage, kind, what)
    shown = [editor.who.itemText(number) for number in range(editor.who.count())]
    assert shown == [words("who.all"), words("who.regulars"), words("who.buyers"), "会员及以上", "贵宾 <b>及以上"]
    choose(editor, "贵宾 <b>及以上")
    editor._open.click()
    await until(lambda: "open_drop" in stage.studio.names(), "the drop")
    body = next(details[0] for name, *details in stage.studio.asked if name == "open_drop")
    assert (body["kind"], body["who"]) == (what, "tier:middle")


async def test_the_tile_says_for_whom_and_a_tier_that_is_gone_is_not_taken_for_everybody(stage):
    window, editor = await open_editor(stage, StudioWindow)
    choose(editor, "贵宾 <b>及以上")
    QTest.keyClick(editor._inputs["title"], Qt.Key.Key_Return)
    tile = window.centre.palette_panel.tiles["coupon"]
    await until(lambda: tile.view().line.startswith("贵宾 <b>及以上 · "), "the tile")
    stage.studio.tell("rules", {**RULES, "tiers": RULES["tiers"][:2]})
    await until(lambda: tile.view().line.startswith(words("who.gone")), "the tier to be gone")
    window.centre._edit_drop(window.centre.palette_panel.specs["coupon"])
    assert editor.who.currentText() == words("who.gone")
    assert editor.spec().who == "tier:middle"


@pytest.mark.skipif(not os.environ.get("ENCORE_PICTURES"), reason="pictures are for looking at")
@pytest.mark.parametrize(("locale", "name"), [("zh_CN", "dark"), ("en", "light")])
@pytest.mark.parametrize("kind", [StudioWindow, AssistantWindow])
async def test_pictures(stage, kind, locale, name, qapp):
    language.use(locale)
    theme.apply(qapp, name)
    window, editor = await open_editor(stage, kind)
    choose(editor, words("who.tier", tier="贵宾 <b>"))
    QApplication.processEvents()
    window.grab().save(f"{os.environ['ENCORE_PICTURES']}/audience-{kind.__name__}-{locale}.png")
