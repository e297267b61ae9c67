"""The fans page in the host's window: it opens in the show's place, shows what was counted, and says what is missing."""

import os

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from studio.errors import StoreUnavailable
from tests.ui.window_stage import Stage, until
from ui import language, theme
from ui.panels.fan_card import FanCard
from ui.studio_window import StudioWindow


def texts(widget):
    return [one.text() for one in widget.findChildren(QLabel) if one.isVisible()]


async def opened(stage: Stage) -> StudioWindow:
    window = await stage.window(StudioWindow)
    window.bar.fans_asked.emit()
    await until(lambda: not window._bridge._tasks, "the figures")
    return window


async def test_the_page_opens_in_place_and_the_bar_stays(stage: Stage):
    window = await opened(stage)
    assert window.fans.isVisible()
    assert window.bar.isVisible()
    assert not window.centre.isVisible()
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.centre.isVisible()
    assert not window.fans.isVisible()


async def test_what_was_counted_is_shown_with_its_numbers(stage: Stage):
    window = await opened(stage)
    assert window.fans.segments.accessibleName().startswith("高价值忠诚 310, ")
    assert "铁杆 121" in window.fans.layers.accessibleName()
    assert "高级 311" in window.fans.tiers.accessibleName()
    assert window.fans.cohorts.accessibleName().startswith("2026-11: 19%, —, —; 2026-10: 16%, 22%, —; ")
    shown = texts(window.fans)
    assert {"18%", "31%", "46%", "37 项", "预计接下来 30 天共有 412 次购买"} <= set(shown)


async def test_the_words_for_a_fan_are_copied(stage: Stage):
    window = await opened(stage)
    copy = next(one for one in window.fans.due.findChildren(QPushButton) if one.text() == "复制话术")
    copy.click()
    assert QApplication.clipboard().text() == "小鹿，口红用得差不多了吧？需要的话今天给你留一份。"
    assert copy.text() == "已复制"


def born(number: int, name: str, in_days: int, **more: object) -> dict:
    row = {"platform": "douyin", "id": f"u{number}", "name": name, "tier": "中级", "tier_rank": 3, "points": 50, "birthday": "11-25"}
    return {**row, "on": "2026-11-25", "in_days": in_days, "due": in_days <= 0, "given": False, **more}


BORN = [born(1, "小鹿", 0), born(2, "爱吃桃子的小圆脸姑娘和她的猫", -2), born(3, "Vivian 陈", 1), born(4, "茉莉清茶", 3, points=0)]


async def test_whose_birthday_it_is_and_the_gift_one_click_away(stage: Stage):
    stage.studio.born = [dict(one) for one in BORN]
    window = await opened(stage)
    assert {"小鹿", "今天", "今天 1 位", "11-25 已过", "明天", "生日礼 50 分"} <= set(texts(window.fans.birthdays))
    gifts = [one for one in window.fans.birthdays.findChildren(QPushButton) if one.text() == "送 50 分"]
    assert [one.accessibleName() for one in gifts] == ["送 小鹿 生日礼 50 分", "送 爱吃桃子的小圆脸姑娘和她的猫 生日礼 50 分"]
    stage.studio.failing["give_birthday"] = StoreUnavailable("store.locked", path="x", retryable=True)
    gifts[0].click()
    await until(lambda: window.fans.birthdays.note.text() == language.fault_words("store.locked", path="x"), "why not")
    del stage.studio.failing["give_birthday"]
    await stage.quiet()
    next(one for one in window.fans.birthdays.findChildren(QPushButton) if one.text() == "送 50 分" and one.isVisible()).click()
    await until(lambda: "已送" in texts(window.fans.birthdays), "the gift")
    clicks = {one[3] for one in stage.studio.asked if one[0] == "give_birthday"}
    assert len(clicks) == 1, "one gift, whatever its network does"
    assert "已送 小鹿 生日礼 50 分。要撤回，打开名片。" in texts(window.fans.birthdays)


async def test_nobodys_birthday_takes_no_room_and_a_name_opens_the_card(stage: Stage):
    window = await opened(stage)
    assert window.fans.birthdays.isHidden()
    due = next(one for one in window.fans.due.findChildren(QPushButton) if one.accessibleName() == "打开名片")
    due.click()
    await until(lambda: window.fans.card.isVisible() and window.fans.card.who() == ("douyin", "u1"), "the card")
    stage.studio.born = [dict(one) for one in BORN]
    window.fans.card.left.emit()
    await until(window.fans.birthdays.isVisible, "the birthdays, asked for again")
    next(one for one in window.fans.birthdays.findChildren(QPushButton) if one.accessibleName() == "打开名片").click()
    await until(window.fans.card.isVisible, "the card again")
    await stage.quiet()


async def test_it_tells_how_far_the_count_is_and_asks_again(stage: Stage):
    stage.studio.counted = False
    window = await opened(stage)
    assert window.fans._note.text() == "正在统计 25%，直播不受影响"
    assert "正在统计谁今天该回购…" in texts(window.fans.due)
    stage.studio.counted = True
    await until(window.fans.segments.accessibleName, "the figures after the count")
    assert window.fans._note.text().startswith("12,341 位 · ")


async def test_the_list_is_sorted_by_the_engine(stage: Stage):
    window = await opened(stage)
    assert window.fans.list.count() == 6
    next(one for one in window.fans.list.findChildren(QPushButton) if one.text() == "按积分").click()
    await until(lambda: ("fans", "points", 25, "") in stage.studio.asked, "the other order")


async def test_nobody_yet_is_said_in_words(stage: Stage):
    stage.studio.people = []
    stage.studio.counted = False
    window = await opened(stage)
    assert "正在统计谁今天该回购…" in texts(window.fans.due), "it counts still: that nobody is due isn't known"
    assert "还没有粉丝。有人进来说话、关注或下单后会出现在这里。" in texts(window.fans)


async def test_a_refusal_is_said_in_place(stage: Stage):
    stage.studio.failing["segments"] = StoreUnavailable("store.closed", path="x")
    stage.studio.failing["fans"] = StoreUnavailable("store.closed", path="x")
    window = await opened(stage)
    assert window.fans._note.text()
    assert window.fans.list.note.isVisible()


async def test_it_is_drawn_in_every_look(stage: Stage, qapp):
    stage.studio.born = [dict(one) for one in BORN]
    for locale, name, size in (("zh_CN", "dark", (1440, 900)), ("en", "light", (1280, 720)), ("en", "dark", (3840, 2160))):
        language.use(locale)
        theme.apply(qapp, name)
        window = await opened(stage)
        window.resize(*size)
        QApplication.processEvents()
        drawn = window.grab()
        assert (drawn.width(), drawn.height()) == size
        assert window.fans.due.geometry().right() <= window.fans.width()
        if folder := os.environ.get("ENCORE_PICTURES"):
            drawn.save(f"{folder}/fans-{locale}-{name}-{size[0]}.png")
        window.hide()


async def test_a_fans_card_says_why_and_what_is_to_be_expected_in_the_windows_language(stage: Stage):
    stage.studio.people[0] |= {
        "why": [{"code": "segment.orders", "value": "4"}],
        "layer_why": [{"code": "layer.visits_120", "value": "31"}],
    }
    language.use("en")
    bridge = await stage.bridge()
    card = FanCard(bridge)
    stage.windows.append(card)
    card.show()
    card.choose("douyin", "u1")
    await until(lambda: "since 2026-10-02: Loyal, high value, Core" in texts(card), "the outlook")
    shown = texts(card)
    assert {"· 4 orders", "Devoted: came 31 times in 120 days", "1.8 purchases expected in 90 days"} <= set(shown)
    assert "口红: buys every 28 days, due on 2026-11-22" in shown
