"""The queue of orders without a buyer, and the link to a fan's page, in both windows."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton

from tests.ui.hands import press_named
from tests.ui.window_stage import until
from ui.assistant_window import AssistantWindow
from ui.language import words
from ui.studio_window import StudioWindow

ORDER = {
    "hook": "shop", "order": "1001", "label": "#1001 <b>", "state": "waiting", "code": "ENC-7F3K-92QP", "code_from": "encore", "paid": True,
    "amount_minor": 199_00, "refunded_minor": 0, "currency": "CNY", "items": [{"name": "豆沙色口红", "qty": 2}], "at": "2026-11-22T12:00:00.000Z",
}  # fmt: skip


@pytest.mark.parametrize("kind", [StudioWindow, AssistantWindow])
async def test_waiting_orders_are_shown_with_their_codes(stage, kind):
    window = await stage.window(kind)
    assert window.orders.isHidden()
    stage.studio.tell("shop", {"waiting": 3, "rows": [ORDER]})
    await until(lambda: not window.orders.isHidden(), "the queue to be shown")
    press_named(window.orders, words("orders.copy"))
    assert QGuiApplication.clipboard().text() == "ENC-7F3K-92QP"
    press_named(window.orders, words("orders.renew"))
    press_named(window.orders, words("orders.dismiss"))
    await until(lambda: stage.studio.names().count("shop_order_step") == 2, "both steps to be asked")
    assert {asked[1:] for asked in stage.studio.asked if asked[0] == "shop_order_step"} == {
        ("shop", "1001", "code"),
        ("shop", "1001", "dismiss"),
    }
    stage.studio.tell("shop", {"waiting": 0, "rows": []})
    await until(window.orders.isHidden, "the queue to go")


async def test_a_fans_link_is_copied_and_taken_back(stage):
    window = await stage.window(AssistantWindow)
    window.card.choose("douyin", "u1")
    await until(lambda: "fan" in stage.studio.names() and window.card.findChildren(QPushButton), "the card")
    await until(lambda: any(found.text() == words("fan.page") for found in window.card.findChildren(QPushButton)), "the button")
    press_named(window.card, words("fan.page"))
    await until(lambda: QGuiApplication.clipboard().text().startswith(stage.server.url + "/m/"), "the link")
    assert words("fan.page.copied_here") in [one.text() for one in window.card.findChildren(QLabel)], "no public address is known"
    press_named(window.card, words("fan.page.revoke"))
    await until(lambda: "revoke_member_code" in stage.studio.names(), "the link to be taken back")
