"""What the rules give a fan, on the card in both windows, on a real fan file: redeemed, undone, handed over, given, priced."""

import asyncio
import json
import os
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from studio.audience import Audience
from studio.audience.loyalty_desk import Counter
from studio.bus import Bus
from studio.drops import Drops, HandoutsChanged, House
from studio.errors import StoreUnavailable
from studio.model.products import Product
from studio.model.settings import AudienceSettings, LimitSettings
from studio.shop import Goods, Showcase, ShowcaseFile
from studio.store.database import Database
from studio.store.vault import Vault
from tests.ui.window_stage import Stage, until
from ui import language, preferences, theme
from ui.assistant_window import AssistantWindow
from ui.language import fault_words, words
from ui.studio_window import StudioWindow

ITEMS = [
    {"item": "mug", "name": "马克杯 <b>", "kind": "sample", "points": 90},
    {"item": "off20", "name": "20 元券", "kind": "cash_off", "points": 200, "value_minor": 20_00},
    {"item": "luck", "name": "抽奖券", "kind": "ticket", "points": 60},
    {"item": "bag", "name": "帆布袋", "kind": "sample", "points": 5_000},
]
BOUGHT = {
    "id": "e1", "type": "order", "at": "2026-06-01T12:00:00Z", "platform": "douyin", "room": "r1", "fan": {"id": "u1", "name": "小鹿"},
    "order": "o1", "amount_minor": 600_00, "currency": "CNY",
}  # fmt: skip
RETRYABLE = StoreUnavailable("store.locked", retryable=True)


@pytest.fixture
async def room(stage: Stage, tmp_path):
    url = f"sqlite:///{tmp_path}/encore.db"
    database, bus = Database(url), Bus(asyncio.get_running_loop())
    await database.open()
    audience = Audience(database, bus, AudienceSettings(store=url))
    audience.persons.use_vault(lambda: Vault(bytes(range(32))))
    await audience.open()
    house = House("r1", "CNY", "Asia/Shanghai", audience.lookup, lambda name: name, audience.air_name)
    drops = Drops(database, bus, house)
    await drops.start()
    limits = LimitSettings(max_value_minor=10_00)
    audience.loyalty.counter = Counter("r1", "CNY", lambda: limits, drops.handouts.tell_soon)
    await audience.ingest(json.dumps(BOUGHT).encode())
    rules = (await audience.rules.told("zh_CN"))["rules"]
    for tier in rules["tier"]:
        tier |= {"birthday_points": 20, "rights": ["包邮", "优先发货"] if tier["percent"] < 95 else []}
    await audience.rules.apply({"rules": rules | {"redeem": ITEMS}, "seen": 0}, "host", "zh_CN")
    kept = ShowcaseFile(stage.folder / "on_show", "r1")
    goods = Goods(database, "r1", None, bytes, lambda: 0, Showcase(lambda _: None, lambda: 0), kept)
    studio = stage.studio
    studio.fan, studio.loyalty = audience.fan, audience.loyalty
    studio.files = SimpleNamespace(products=goods, uploads=None, imports=None, copies=studio.files)
    studio.drops.handouts = drops.handouts
    bus.subscribe(HandoutsChanged, lambda changed: studio.tell("handouts", changed.queue))
    yield SimpleNamespace(
        audience=audience, goods=goods, drops=drops, today=audience.moment().show_days.local_time(audience.clock.now_ms())
    )
    await stage.quiet()
    await drops.stop()
    await audience.close()
    await database.close()


def shown(widget) -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisibleTo(widget))


def buttons(widget, text) -> list[QPushButton]:
    found = widget.findChildren(QPushButton)
    return [one for one in found if text in (one.text(), one.accessibleName()) and one.isVisibleTo(widget) and one.isEnabled()]


async def press(widget, text) -> None:
    await until(lambda: buttons(widget, text), text)
    buttons(widget, text)[0].click()


async def says(widget, text) -> None:
    await until(lambda: text in shown(widget), text)


async def open_card(stage, kind):
    assistant = stage.address("token-of-an-assistant")
    window = await stage.window(kind, **({"address": assistant} if kind is AssistantWindow else {}))
    window.resize(1280, 720)
    if kind is StudioWindow:
        window.bar.fans_asked.emit()
        card = window.fans.card
        window.fans.open_card("douyin", "u1")
    else:
        card = window.card
        card.choose("douyin", "u1")
    await says(card, words("loyalty.left", points="600"))
    return window, card


def picture(window, name) -> None:
    if folder := os.environ.get("ENCORE_PICTURES"):
        QApplication.processEvents()
        window.grab().save(f"{folder}/{name}.png")


@pytest.mark.parametrize("kind", [StudioWindow, AssistantWindow])
async def test_points_are_redeemed_once_a_click_told_what_is_left_and_undone(stage, room, kind):
    window, card = await open_card(stage, kind)
    assert "马克杯 <b>" in shown(card)
    assert words("loyalty.missing", points="4,400") in [one.text() for one in card.findChildren(QPushButton)]
    await press(card, words("loyalty.redeem_item", name="马克杯 <b>"))
    await says(card, words("loyalty.redeemed", name="马克杯 <b>", left="510"))
    await says(card, words("loyalty.had_line", name="马克杯 <b>", points="90", state=words("loyalty.todo_sample")))
    await until(lambda: "510" in [one.text() for one in card.findChildren(QLabel)], "the figure of the points")
    await until(lambda: not window.handouts.isHidden(), "the mug to wait to be handed out")
    assert words("handouts.for_points", points="90") in shown(window.handouts)
    await press(card, words("fan.undo"))
    await says(card, words("loyalty.undone", name="马克杯 <b>", points="90"))
    await says(card, words("loyalty.left", points="600"))
    await until(lambda: window.handouts.queue().waiting == 0, "nothing left to hand out")
    await press(card, words("loyalty.redeem_item", name="抽奖券"))
    await says(card, words("loyalty.redeemed", name="抽奖券", left="540"))
    assert (await room.audience.fan("douyin", "u1"))["tickets"] == 1


@pytest.mark.parametrize("kind", [StudioWindow, AssistantWindow])
async def test_a_sample_is_ticked_off_and_put_back_from_the_card(stage, room, kind):
    window, card = await open_card(stage, kind)
    await press(card, words("loyalty.redeem_item", name="马克杯 <b>"))
    await until(lambda: window.handouts.queue().waiting == 1, "the mug to wait to be handed out")
    await press(window.handouts, words("handouts.done"))
    await until(lambda: window.handouts.queue().waiting == 0, "the mug to be ticked off")
    card.choose("douyin", "u1")
    await says(card, words("loyalty.had_line", name="马克杯 <b>", points="90", state=words("loyalty.done_sample")))
    await press(card, words("loyalty.not_handed"))
    await says(card, words("loyalty.had_line", name="马克杯 <b>", points="90", state=words("loyalty.todo_sample")))
    await until(lambda: window.handouts.queue().waiting == 1, "the mug to wait again")


async def test_over_the_assistants_limit_it_is_the_hosts_to_redeem(stage, room):
    _, card = await open_card(stage, AssistantWindow)
    await press(card, words("loyalty.redeem_item", name="20 元券"))
    await says(card, fault_words("fans.redeem_limit"))
    window, card = await open_card(stage, StudioWindow)
    await press(card, words("loyalty.redeem_item", name="20 元券"))
    await says(card, words("loyalty.redeemed", name="20 元券", left="400"))
    await until(lambda: buttons(window.handouts, words("handouts.applied")), "the cash-off to be applied")
    assert "20 元券 · ¥20.00" in shown(window.handouts)


async def test_an_answer_that_was_lost_is_no_second_mug(stage, room):
    _, card = await open_card(stage, StudioWindow)
    real, lost = room.audience.loyalty.redeem, []

    async def losing(*asked):
        answer = await real(*asked)
        if not lost:
            lost.append(answer)
            raise RETRYABLE
        return answer

    room.audience.loyalty.redeem = losing
    await press(card, words("loyalty.redeem_item", name="马克杯 <b>"))
    await says(card, fault_words("store.locked"))
    await press(card, words("loyalty.redeem_item", name="马克杯 <b>"))
    await says(card, words("loyalty.redeemed", name="马克杯 <b>", left="510"))


async def test_a_birthday_is_kept_its_gift_given_and_taken_back(stage, room):
    _, card = await open_card(stage, AssistantWindow)
    field = card.loyalty.birthday
    QTest.keyClicks(field, "13-40")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await says(card, fault_words("fans.birthday"))
    assert field.text() == "13-40"
    field.selectAll()
    QTest.keyClicks(field, f"{room.today.month}-{room.today.day}")
    await press(card, words("loyalty.keep"))
    await says(card, words("loyalty.kept", day=f"{room.today:%m-%d}"))
    await press(card, words("loyalty.give", points="20"))
    await says(card, words("loyalty.gave", points="20", left="620"))
    await says(card, words("loyalty.given", points="20"))
    await press(card, words("fan.undo"))
    await says(card, words("loyalty.gift_undone", points="20"))
    await press(card, words("loyalty.forget"))
    await says(card, words("loyalty.forgotten"))
    await until(lambda: not field.text(), "the birthday to be gone")


async def test_the_price_of_the_product_on_show_with_its_rounding(stage, room):
    await room.goods.put([Product("a1", "口红 <i>", 1, price_minor=19_99, floor_minor=18_50), Product("a2", "面霜", 2, price_minor=99_90)])
    _, card = await open_card(stage, AssistantWindow)
    await says(card, words("loyalty.pays", full="¥19.99", own="¥17.99"))
    told = shown(card)
    assert words("loyalty.rounded", paid=words("rules.price", percent=90, tenths="9"), unit="¥0.01") in told
    assert words("loyalty.below_floor", floor="¥18.50") in told
    for right in ("包邮", "优先发货", words("loyalty.right_birthday", points="20")):
        assert right in told
    price = card.loyalty.price
    price.product.setCurrentIndex(1)
    price.product.activated.emit(1)
    await says(card, words("loyalty.pays", full="¥99.90", own="¥89.91"))
    assert preferences.text("product/on_show") == "a2"
    card.choose("douyin", "u1")
    await says(card, words("loyalty.pays", full="¥99.90", own="¥89.91"))


@pytest.mark.skipif(not os.environ.get("ENCORE_PICTURES"), reason="pictures are for looking at")
@pytest.mark.parametrize("kind", [StudioWindow, AssistantWindow])
@pytest.mark.parametrize(("locale", "name"), [("zh_CN", "dark"), ("en", "light")])
async def test_pictures(stage, room, kind, locale, name, qapp):
    language.use(locale)
    theme.apply(qapp, name)
    await room.goods.put([Product("a1", "口红 豆沙色 春季限定", 1, price_minor=19_99, floor_minor=18_50)])
    await room.audience.loyalty.keep_birthday("douyin", "u1", {"birthday": f"{room.today:%m-%d}"}, "host")
    window, card = await open_card(stage, kind)
    await press(card, words("loyalty.redeem_item", name="马克杯 <b>"))
    await until(lambda: not window.handouts.isHidden(), "the mug")
    await says(card, words("loyalty.pays", full="¥19.99", own="¥17.99"))
    picture(window, f"loyalty-{kind.__name__}-{locale}-{name}")
