"""The assistant's window: chat that can't be flooded or forged, a fan's card, drops within the role, and honest staleness."""

import time

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from studio.errors import Forbidden
from tests.rehearsed_drops import at
from tests.ui.window_stage import Stage, until
from ui.assistant_window import AssistantWindow
from ui.models.chat import LIMIT
from ui.pairing_window import PairingWindow

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "**bold** <b>x</b>",
    "{0.__class__} %s%n",
    "'; DROP TABLE fan; --",
    "a\u202egpj.exe",
    "z" + "\u0300" * 200,
    "x" * 10_000,
)


def texts(widget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel))


async def test_chat_comes_with_badges_and_a_click_shows_the_fans_card(stage: Stage):
    window = await stage.window(AssistantWindow, with_chat=True)
    stage.studio.say(1, "小鹿", "还有吗", tier="senior")
    await until(lambda: window.chat.view.model().rowCount() == 1 and window.chat.view.isVisible(), "the line")
    index = window.chat.view.model().index(0, 0)
    QTest.mouseClick(window.chat.view.viewport(), Qt.MouseButton.LeftButton, pos=window.chat.view.visualRect(index).center())
    await until(lambda: "小鹿" in texts(window.card), "the card")
    assert "¥2,846.00" in texts(window.card)
    assert "高价值忠诚" in texts(window.card)


async def test_an_unknown_fan_is_said_in_words(stage: Stage):
    window = await stage.window(AssistantWindow, with_chat=True)
    window.card.choose("douyin", "nobody")
    await until(lambda: "fans.unknown" not in texts(window.card) and "点聊天" not in texts(window.card), "the words")


async def test_a_thousand_lines_a_second_become_a_few_changes_and_at_most_500_rows(stage: Stage):
    window = await stage.window(AssistantWindow, with_chat=True)
    changes = []
    model = window._bridge.chat
    model.rowsInserted.connect(lambda *_: changes.append(1))
    items = [
        {"at": at(time.time()), "platform": "d", "id": str(n), "name": f"用户{n}", "text": "想要😍" * 3, "tier": "new", "regular": False}
        for n in range(100)
    ]
    started = time.monotonic()
    for _ in range(50):
        stage.studio.tell("chat", {"items": items})
    await until(lambda: model.total == 5000, "all of it")
    await until(lambda: window.chat.view.model().rowCount() == LIMIT, "the newest")
    assert len(changes) <= (time.monotonic() - started) / 0.05 + 2
    assert model.rowCount() == LIMIT


async def test_painting_a_flood_again_costs_little(stage: Stage):
    """500 rows of emoji: what was drawn once is a pixmap, so a second grab of the list is many times cheaper than the first."""
    window = await stage.window(AssistantWindow, with_chat=True)
    items = [{"at": at(time.time()), "platform": "d", "id": str(n), "name": f"🍊{n}", "text": "😍" * 12, "tier": "new"} for n in range(500)]
    stage.studio.tell("chat", {"items": items})
    await until(lambda: window.chat.view.model().rowCount() == 500, "the lines")
    window.chat.view.scrollToTop()
    delegate = window.chat.view.itemDelegate()
    delegate._drawn.clear()
    window.chat.view.viewport().grab()
    drawn = len(delegate._drawn)
    window.chat.view.viewport().grab()
    assert 0 < drawn == len(delegate._drawn)


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_names_are_shown_as_typed_or_cleaned_and_never_interpreted(stage: Stage, text: str):
    stage.studio.people = [{**stage.studio.people[0], "name": text}]
    window = await stage.window(AssistantWindow, with_chat=True)
    stage.studio.say(1, text, text)
    await until(lambda: window.chat.view.model().rowCount() == 1, "the line")
    window.card.choose("douyin", "u1")
    await until(lambda: "净消费" in texts(window.card), "the card")
    shown = window.people.model().rows()[0].name
    assert "\u202e" not in shown
    assert len(shown) <= 80
    assert shown in texts(window.card)
    assert "第 1,234 名" in texts(window.card)
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in window.findChildren(QLabel) if label.text())
    if "<" in text:
        assert shown == text


async def test_approving_goes_through_the_engine_and_its_refusal_is_said_in_place(stage: Stage):
    stage.studio.drops.put("d5", kind="coupon", title="大券", state="draft", created_by="小北")
    window = await stage.window(AssistantWindow, address=stage.address("token-of-an-assistant"), with_chat=True)
    await until(lambda: "等你批准" in texts(window.desk), "the card")
    stage.studio.failing["drop_step"] = Forbidden("drops.own_approval")
    window.desk._step("d5", "approve")
    await until(window.desk._fault.isVisible, "the refusal")
    del stage.studio.failing["drop_step"]
    window.desk._step("d5", "approve")
    await until(lambda: stage.studio.drops.drop("d5")["state"] == "open", "the open drop")


async def test_the_assistant_opens_a_drop_with_the_editor(stage: Stage):
    stage.studio.go("live")
    window = await stage.window(AssistantWindow, address=stage.address("token-of-an-assistant"), with_chat=True)
    QTest.mouseClick(window.desk.new_buttons["lottery"], Qt.MouseButton.LeftButton)
    window.editor._inputs["prize"].setText("口红")
    QTest.mouseClick(window.editor._open, Qt.MouseButton.LeftButton)
    await until(stage.studio.drops.drops, "the drop")
    assert stage.studio.drops.drop("d1")["prizes"][0]["name"] == "口红"


async def test_when_news_stops_the_window_turns_grey_and_says_for_how_long(stage: Stage):
    window = await stage.window(AssistantWindow, with_chat=True)
    window.refresh()
    assert window.link.state() == "good"
    await stage.server.stop()
    await until(lambda: window._bridge.link == "lost", "the loss")
    window.refresh()
    assert window.link.state() == "none"
    assert window._veil.isEnabled()
    assert window.people.model().rowCount() == 6, "the last values stay"


async def test_scrolling_up_stops_the_chat_from_running_away(stage: Stage):
    window = await stage.window(AssistantWindow, with_chat=True)
    for number in range(60):
        stage.studio.say(1, "小鹿", f"第 {number} 句")
    await until(lambda: window.chat.view.verticalScrollBar().maximum() > 100, "enough lines")
    window.chat.view.verticalScrollBar().setValue(0)
    stage.studio.say(1, "小鹿", "新的一句")
    await until(lambda: window.chat.view.model().rowCount() == 61, "the new line")
    assert window.chat.view.verticalScrollBar().value() == 0
    assert window.chat._newest.isVisible()
    QTest.mouseClick(window.chat._newest, Qt.MouseButton.LeftButton)
    bar = window.chat.view.verticalScrollBar()
    assert bar.value() == bar.maximum()
    assert window.chat.view.indexAt(QPoint(20, window.chat.view.viewport().height() - 10)).isValid()


async def test_a_pairing_code_opens_the_window_and_a_wrong_one_is_said_in_words(stage: Stage):
    bridge = await stage.bridge()
    codes: list[str] = []
    bridge.ask(lambda client: client.pair_code("assistant"), lambda answer: codes.append(answer["code"]))
    await until(lambda: codes, "the code")
    window = PairingWindow(stage.server.url)
    stage.windows.append(window)
    tokens: list[str] = []
    window.paired.connect(tokens.append)
    window.show()
    window.code.setText("123")
    window._send()
    assert window._fault.text() == "配对码是 8 位数字。"
    window.code.setText("00000000" if codes[0] != "00000000" else "00000001")
    window._send()
    await until(lambda: window.send.isEnabled() and window.code.text() == "", "the refusal")
    assert "remote." not in window._fault.text()
    window.code.setText(f"{codes[0][:4]} {codes[0][4:]}")
    window._send()
    await until(lambda: tokens, "the token")
    assistant = await stage.bridge(address=stage.address(tokens[0]))
    assert assistant.link == "on"


async def test_an_assistant_sees_no_settings_and_the_window_needs_none(stage: Stage):
    window = await stage.window(AssistantWindow, address=stage.address("token-of-an-assistant"), with_chat=True)
    assert not window._bridge.room.settings
    assert window.people.model().rowCount() == 6
