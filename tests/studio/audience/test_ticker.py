"""Questions in chat and their answers on the picture."""

import pytest
from room import Room

from studio.audience import Ticker
from studio.audience import ticker as rules


@pytest.fixture
async def ticker(room: Room):
    made = Ticker(room.bus, room.audience.moment, lambda: room.now_ms)
    yield made
    made.stop()


async def ask(room: Room, text: str, fan: str = "u1", **more) -> None:
    await room.take(room.line("chat", fan, text=text, **more))


async def test_a_question_is_answered_with_the_points_by_masked_name(room, ticker):
    await room.take(room.line("order", order="o1", amount_minor=888_00, name="小美"))
    await ask(room, "查积分！", name="小美")
    assert (ticker.air.kind, ticker.air.name, ticker.air.points, ticker.air.tier) == ("points", "小＊", 888, 3)


async def test_a_check_in_is_answered_with_the_streak_while_live_only(room, ticker):
    await ask(room, "签到", "off")
    assert ticker.air is None
    await room.audience.set_live(True)
    await ask(room, "打卡", name="小美")
    assert (ticker.air.kind, ticker.air.points, ticker.air.streak) == ("checkin", 5, 1)


async def test_other_chat_the_hidden_and_the_unidentified_get_no_answer(room, ticker):
    await ask(room, "不查积分")
    await ask(room, "隐身", "shy")
    await ask(room, "查积分", "shy")
    await ask(room, "查积分", "0")
    await ask(room, "查积分", "late", ago_ms=700_000)
    assert ticker.air is None


async def test_the_same_chat_again_is_not_answered_again(room, ticker, monkeypatch):
    monkeypatch.setattr(rules, "COOL_DOWN_S", 0.0)
    line = room.line("chat", text="查积分")
    await room.take(line)
    await room.take(line)
    assert ticker.air.waiting == 0
    assert not ticker._waiting


async def test_one_fan_is_answered_once_a_minute_and_no_more_than_twenty_wait(room, ticker):
    for _ in range(5):
        await ask(room, "查积分")
    assert not ticker._waiting
    for number in range(30):
        await ask(room, "查积分", f"f{number}")
    assert len(ticker._waiting) == rules.MAX_WAITING


async def test_answers_follow_one_another_and_then_the_ticker_is_empty(room, ticker, monkeypatch):
    monkeypatch.setattr(rules, "SHOWN_S", 0.02)
    names = []
    room.bus.subscribe(rules.TickerChanged, lambda _: names.append(ticker.air and ticker.air.name))
    await room.take(*(room.line("chat", f"f{number}", text="查积分", name=f"{number}号") for number in range(3)))
    await room.until(lambda: len(names) == 4)
    assert names == ["0＊", "1＊", "2＊", None]
