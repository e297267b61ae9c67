"""The fan's card in the host's window, on a real fan file: found by name, merged by hand, handed out, held, erased by a typed word."""

import asyncio
import json
import os

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from studio.audience import Audience
from studio.bus import Bus
from studio.errors import NotFound
from studio.model.settings import AudienceSettings
from studio.store.database import Database
from studio.store.vault import Vault
from tests.ui.window_stage import Stage, until
from ui import language, theme
from ui.assistant_window import AssistantWindow
from ui.language import words
from ui.models.chat import LINE_ROLE
from ui.studio_window import StudioWindow

EVENTS = [
    {"id": f"e{number}", "type": "order", "at": "2026-11-20T12:00:00Z", "platform": platform, "room": "r1",
     "fan": {"id": fan, "name": name}, "order": f"o{number}", "amount_minor": 100_50, "currency": "CNY"}
    for number, (platform, fan, name) in enumerate([("douyin", "u1", "爱笑的小美妈"), ("kuaishou", "k1", "美妈 <b>"), ("douyin", "u2", "桃子")])
]  # fmt: skip


@pytest.fixture
async def audience(stage: Stage, tmp_path):
    url = f"sqlite:///{tmp_path}/encore.db"
    database = Database(url)
    await database.open()
    made = Audience(database, Bus(asyncio.get_running_loop()), AudienceSettings(store=url))
    made.persons.use_vault(lambda: Vault(bytes(range(32))))
    await made.open()
    await made.ingest("\n".join(json.dumps(one) for one in EVENTS).encode())
    studio = stage.studio
    studio.real_persons = made.persons
    studio.fan, studio.fans, studio.find_fans = made.fan, made.fans, made.fan_desk.find
    studio.person_document = lambda platform, fan_id: made.persons.document(platform, fan_id, "CNY", "en")

    async def erase(platform, fan_id, principal):
        gone = await made.persons.erase(platform, fan_id, principal.name)
        return {**gone.told(), "identities": gone.accounts}

    studio.erase_person = erase
    yield made
    await made.close()
    await database.close()


def shown(widget) -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisible())


def button(widget, text) -> QPushButton:
    return next(one for one in widget.findChildren(QPushButton) if text in (one.text(), one.accessibleName()) and one.isVisible())


def has(widget, text) -> bool:
    return any(text in (one.text(), one.accessibleName()) and one.isVisible() for one in widget.findChildren(QPushButton))


def click(widget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(widget.width() // 2, widget.height() // 2))


def keep(window, name):
    if folder := os.environ.get("ENCORE_PICTURES"):
        window.grab().save(f"{folder}/{name}.png")


async def opened(stage: Stage, search="小美", size=(1280, 720)) -> StudioWindow:
    window = await stage.window(StudioWindow)
    window.resize(*size)
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    window.fans.list.search.setText(search)
    await until(lambda: window.fans.list.count() == 1, "the one who was sought")
    click(button(window.fans.list, words("fans.open")))
    await until(lambda: has(window.fans.card, words("privacy.erase")), "the card")
    return window


async def test_a_fan_is_found_by_two_signs_of_a_name_and_erased_by_a_typed_word_only(stage: Stage, audience):
    window = await opened(stage)
    card = window.fans.card
    assert "爱笑的小美妈" in shown(card)
    keep(window, "card-host")
    click(button(card, words("privacy.erase")))
    confirm = button(card, words("privacy.erase_go"))
    assert not confirm.isEnabled()
    field = next(one for one in card.findChildren(type(window.fans.list.search)) if one.placeholderText() == words("privacy.erase_word"))
    field.setText("删")
    assert not confirm.isEnabled()
    field.setText(words("privacy.erase_word"))
    assert confirm.isEnabled()
    keep(window, "card-erase")
    assert (await audience.fan("douyin", "u1"))["spent_minor"] == 100_50
    click(confirm)
    await until(lambda: words("privacy.erased") in shown(card), "the word that it is done")
    with pytest.raises(NotFound):
        await audience.fan("douyin", "u1")


async def test_a_held_fan_cannot_be_erased_until_released(stage: Stage, audience):
    window = await opened(stage)
    card = window.fans.card
    click(button(card, words("privacy.hold")))
    field = next(one for one in card.findChildren(type(window.fans.list.search)) if one.placeholderText() == words("privacy.hold_hint"))
    field.setText("纠纷 7")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: has(card, words("privacy.release")), "the hold")
    assert words("fan.held", reason="纠纷 7") in shown(card)
    await until(lambda: not button(card, words("privacy.erase")).isEnabled(), "no erasing")
    click(button(window.fans, words("page.privacy")))
    page = window._pages.privacy
    await until(lambda: "纠纷 7" in shown(page), "the list of holds")
    keep(window, "privacy-page")
    click(button(page, words("privacy.release")))
    await until(lambda: words("holds.none") in shown(page), "nobody is held")
    assert (await audience.persons.links("douyin", "u1"))["hold"] is None


async def test_everything_kept_is_saved_for_this_users_eyes(stage: Stage, audience, tmp_path):
    window = await opened(stage)
    privacy = button(window.fans.card, words("privacy.export")).parentWidget()
    path = tmp_path / "小美.json"
    privacy.save_to(path)
    await until(path.exists, "the file")
    await until(lambda: path.stat().st_size > 0, "its content")
    assert json.loads(path.read_text("utf-8"))["card"]["name"] == "爱笑的小美妈"
    assert path.stat().st_mode & 0o777 == 0o600
    privacy.save_to(tmp_path / "no" / "such" / "x.json")
    await until(lambda: "x.json" in shown(window.fans.card), "the refusal")


async def test_an_account_that_nobody_suggested_is_merged_by_hand_and_undone(stage: Stage, audience):
    window = await opened(stage)
    card = window.fans.card
    click(button(card, words("fan.merge_other")))
    field = next(one for one in card.findChildren(type(window.fans.list.search)) if one.isVisible() and one is not card.loyalty.birthday)
    field.setText("美妈")
    field.textEdited.emit("美妈")
    await until(lambda: "美妈 <b>" in shown(card), "the other account")
    click(button(card, words("fan.merge")))
    await until(lambda: has(card, words("fan.undo")), "the merged card")
    assert (await audience.fan("kuaishou", "k1"))["spent_minor"] == 201_00
    click(button(card, words("fan.undo")))
    await until(lambda: not has(card, words("fan.split")), "two again")


async def test_retention_is_set_field_by_field(stage: Stage, audience):
    window = await stage.window(StudioWindow)
    window._pages.turn("privacy")
    page = window._pages.privacy
    page.fields["chat_days"].setValue(30)
    page.fields["inactive_fan_days"].setValue(0)
    click(page.save)
    await until(lambda: stage.studio.profile.privacy.chat_days == 30, "the profile")
    await until(lambda: words("retention.saved") in shown(page), "the word for it")


@pytest.mark.parametrize(("locale", "look"), [("en", "light"), ("zh_CN", "dark")])
async def test_cards_and_privacy_fit_a_small_window(stage: Stage, audience, qapp, locale, look):
    language.use(locale)
    theme.apply(qapp, look)
    window = await opened(stage)
    keep(window, f"card-{locale}")
    window._pages.turn("privacy")
    await until(lambda: not window._bridge._tasks, "the holds")
    keep(window, f"privacy-{locale}")
    helper = await stage.window(AssistantWindow)
    helper.resize(1280, 720)
    helper.card.choose("douyin", "u1")
    await until(lambda: has(helper.card, words("fan.merge_other")), "the assistant's card")
    keep(helper, f"assistant-{locale}")
    assert not has(helper.card, words("privacy.erase"))
    for card in (window.fans.card, helper.card):
        assert card._body.widget().minimumSizeHint().width() <= card._body.viewport().width(), "nothing is cut off at the right"


async def test_a_name_like_a_regulars_is_marked_in_chat_on_the_list_and_on_the_card(stage: Stage):
    stage.studio.people[1] = {**stage.studio.people[1], "looks_like": "小鹿 <b>"}
    window = await stage.window(AssistantWindow, with_chat=True)
    window.resize(1280, 720)
    stage.studio.say(2, "小廌", "加我微信", looks_like="小鹿 <b>")
    await until(lambda: window._bridge.chat.rowCount() == 1, "the line")
    line = window._bridge.chat.index(0).data(LINE_ROLE)
    assert line.looks_like == "小鹿 <b>"
    assert window._bridge.room.people[1].looks_like == "小鹿 <b>"
    window.card.choose("douyin", "u2")
    warning = "⚠ " + words("fan.looks_like", name="小鹿 <b>")
    await until(lambda: warning in shown(window.card), "the warning")
    keep(window, "lookalike")
