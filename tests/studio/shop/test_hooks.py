"""Webhooks at the door: who is let in, and what becomes of what they bring."""

import asyncio
import base64
import hmac
import json
import time
from datetime import UTC, datetime

import pytest
from remote_door import TOKENS
from shop_room import SHOPIFY_SECRET, ShopRoom
from standardwebhooks.webhooks import Webhook


async def test_an_order_waits_for_its_buyer_until_its_code_is_said(shop: ShopRoom):
    answer = await shop.paid("1001", 199_00)
    assert answer.status == 200
    assert answer.json["state"] == "waiting"
    code = answer.json["code"]
    assert [(row["order"], row["amount_minor"], row["code"]) for row in await shop.waiting()] == [("1001", 199_00, code)]
    await shop.say(f"我的订单 {code}", "u2")  # a code inside other words is no code
    await shop.say(f" {code.lower()} ")
    assert await shop.waiting() == []
    card = await shop.audience.fan("douyin", "u1")
    assert (card["spent_minor"], card["orders"], card["points"]) == (199_00, 1, 199)
    (event,) = [row for row in await shop.rows("event") if row["type"] == "order"]
    assert json.loads(json.loads(event["payload"])["items"])[0]["name"] == "豆沙色口红"
    assert (await shop.shop.orders("bound", 5, 0))["rows"][0]["id"] == "u1"


async def test_a_code_is_good_once(shop: ShopRoom):
    code = (await shop.paid()).json["code"]
    await shop.say(code, "u1")
    await shop.say(code, "u2")
    assert await shop.spent("u1") == 199_00
    assert await shop.spent("u2") == 0


async def test_the_same_message_again_has_no_effect_and_neither_has_the_same_order_in_another(shop: ShopRoom):
    data = {"order": "1001", "amount_minor": 199_00, "currency": "CNY"}
    first = await shop.standard("order.paid", data, "msg_same")
    again = await shop.standard("order.paid", data, "msg_same")
    other = await shop.standard("order.paid", {**data, "amount_minor": 1}, "msg_other")
    assert (first.status, again.status, other.status) == (200, 200, 200)
    assert first.json == again.json == other.json
    await shop.say(first.json["code"])
    after = await shop.standard("order.paid", data, "msg_after")
    assert after.json == {"state": "bound"}
    assert await shop.spent() == 199_00
    assert [row["counted_minor"] for row in await shop.rows("spend")] == [199_00]


async def test_many_at_once_of_the_same_order_are_one(shop: ShopRoom):
    answers = await asyncio.gather(*(shop.paid("1001") for _ in range(30)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.json["code"] for answer in answers}) == 1
    await shop.say(answers[0].json["code"])
    assert await shop.spent() == 199_00


async def test_refunds_and_deliveries_reach_the_ledger_whatever_came_first(shop: ShopRoom):
    await shop.refunded("r1", amount_minor=50_00)
    code = (await shop.paid()).json["code"]
    await shop.standard("order.shipped", {"order": "1001", "eta": "明天"})
    await shop.say(code)
    assert await shop.spent() == 149_00
    await shop.refunded("r2", amount_minor=49_00)
    await shop.refunded("r2", amount_minor=49_00)
    await shop.standard("order.delivered", {"order": "1001"})
    assert await shop.spent() == 100_00
    assert (await shop.audience.fan("douyin", "u1"))["refunds"] == 2
    assert [row["type"] for row in await shop.rows("event") if row["type"] != "chat"] == [
        "refund",
        "order",
        "shipped",
        "refund",
        "delivered",
    ]


async def test_wrong_codes_are_limited_for_each_viewer(shop: ShopRoom):
    code = (await shop.paid()).json["code"]
    wrong = "ENC-00000-000" if code != "ENC-0000-0000" else "ENC-1111-1111"
    for _ in range(5):
        await shop.say(wrong, "thief", "贼")
    await shop.say(code, "thief", "贼")
    assert len(await shop.waiting()) == 1
    assert [news.locked for news in shop.news if news.locked] == ["贼"]
    await shop.say(code, "u1")
    assert await shop.spent("u1") == 199_00


async def test_a_code_in_the_note_that_the_buyer_has_is_the_orders_code(shop: ShopRoom):
    answer = await shop.paid("1001", note="直播间 enc-7f3k 92qp 谢谢")
    assert answer.json["code"] == "ENC-7F3K-92QP"
    taken = await shop.paid("1002", note="ENC-7F3K-92QP")
    assert taken.json["code"] != "ENC-7F3K-92QP"
    await shop.say("ENC 7F3K 92QP")
    assert [row["order"] for row in await shop.waiting()] == ["1002"]


async def test_a_message_names_no_buyer(shop: ShopRoom):
    await shop.paid("1001", fan={"id": "u1", "name": "小美"}, platform="douyin", buyer={"id": "u1"})
    await shop.say("来了")
    assert await shop.spent("u1") == 0
    assert len(await shop.waiting()) == 1


async def test_a_wrong_signature_is_401_and_the_body_is_not_parsed(shop: ShopRoom):
    body = b'{"type": "order.paid", broken'
    headers = shop.signed(body)
    good = headers["webhook-signature"]
    other = Webhook("whsec_" + base64.b64encode(b"another secret of length").decode())
    stamp = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    forged = other.sign(headers["webhook-id"], stamp, body.decode())
    assert (await shop.post("shop", body, {**headers, "webhook-signature": forged})).status == 401
    answer = await shop.post("shop", body, {**headers, "webhook-signature": f"v1a,xx {good}"})
    assert (answer.status, answer.code) == (400, "body.not_json")


async def test_the_raw_bytes_count(shop: ShopRoom):
    document = {"type": "order.paid", "timestamp": "2026-11-22T12:00:00Z", "data": {"order": "1", "amount_minor": 100, "currency": "CNY"}}
    body = json.dumps(document).encode()
    headers = shop.signed(body)
    respelt = json.dumps(document, separators=(",", ":")).encode()
    assert (await shop.post("shop", respelt, headers)).status == 401
    assert (await shop.post("shop", body, headers)).status == 200
    shopify = json.dumps({"id": 1}).encode()
    signature = base64.b64encode(hmac.digest(SHOPIFY_SECRET.encode(), shopify, "sha256")).decode()
    assert (await shop.post("store", b'{"id":1}', {"X-Shopify-Hmac-Sha256": signature})).status == 401
    assert (await shop.post("store", shopify, {"X-Shopify-Hmac-Sha256": signature})).status == 200


@pytest.mark.parametrize("seconds", [-301, 301, -100_000, 10**9])
async def test_a_timestamp_more_than_300_seconds_off_is_401(shop: ShopRoom, seconds):
    assert (await shop.post("shop", b"{}", shop.signed(b"{}", at_s=time.time() + seconds))).status == 401


@pytest.mark.parametrize("seconds", [-295, 295])
async def test_a_timestamp_within_300_seconds_is_taken(shop: ShopRoom, seconds):
    assert (await shop.post("shop", b"{}", shop.signed(b"{}", at_s=time.time() + seconds))).json == {"state": "ignored"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,a,b"},
        {"webhook-signature": "v1,%%%"},
        {"webhook-signature": "v1,签名"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-timestamp": "NaN"},
        {"webhook-timestamp": "1e400"},
        {"webhook-timestamp": "１７００００００００"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-id": ""},
        {"webhook-id": "消息"},
        {"webhook-id": "m" * 300},
    ],
)
async def test_a_malformed_header_is_401(shop: ShopRoom, wrong):
    headers = shop.signed(b"{}") | wrong
    answer = await shop.post("shop", b"{}", headers)
    assert (answer.status, answer.code) == (401, "hooks.signature")


@pytest.mark.parametrize("signature", ["", "x", "签名", "AAAA", "A" * 4_000])
async def test_a_malformed_shopify_signature_is_401(shop: ShopRoom, signature):
    answer = await shop.post("store", b"{}", {"X-Shopify-Hmac-Sha256": signature, "X-Shopify-Topic": "orders/paid"})
    assert (answer.status, answer.code) == (401, "hooks.signature")


async def test_a_signature_without_headers_or_for_no_hook_is_refused(shop: ShopRoom):
    assert (await shop.post("shop", b"{}", {})).status == 401
    assert (await shop.post("store", b"{}", {})).status == 401
    assert (await shop.post("nobody", b"{}", shop.signed(b"{}"))).status == 404


async def test_a_body_that_is_too_large_or_too_deep_is_refused(shop: ShopRoom):
    large = b"x" * (2**20 + 1)
    assert (await shop.post("shop", large, shop.signed(large))).status == 413
    deep = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
    answer = await shop.post("shop", deep, shop.signed(deep))
    assert (answer.status, answer.code) == (400, "body.too_deep")


@pytest.mark.parametrize("amount", ["NaN", "-1", "1e308", "19.99", "100.0", '"100"', "true", "10000000000000000", "null"])
async def test_an_amount_that_is_no_whole_number_of_minor_units_is_refused(shop: ShopRoom, amount):
    body = (
        b'{"type":"order.paid","timestamp":"2026-11-22T12:00:00Z","data":{"order":"1","currency":"CNY","amount_minor":%s}}'
        % amount.encode()
    )
    answer = await shop.post("shop", body, shop.signed(body))
    assert answer.status in {400, 422}
    assert await shop.waiting() == []
    assert await shop.rows("shop_event") == []


@pytest.mark.parametrize(
    "data",
    [
        None, [], {}, {"order": ""}, {"order": "o" * 101}, {"order": "a\nb"}, {"order": "1", "amount_minor": 1}, {"order": ["1"]},
        {"order": "1", "amount_minor": 1, "currency": "yuan"}, {"order": "1", "amount_minor": 1, "currency": "CNY", "items": [{"qty": -1}]},
        {"order": "1", "amount_minor": 1, "currency": "CNY", "coupons": [{"code": "A", "discount_minor": 1.5}]},
    ],
)  # fmt: skip
async def test_an_order_that_cannot_be_read_is_named_and_half_of_it_is_never_kept(shop: ShopRoom, data):
    answer = await shop.standard("order.paid", data)
    assert (answer.status, answer.code) == (422, "hooks.body")
    assert await shop.rows("shop_event") == []


async def test_more_than_the_door_takes_is_told_to_come_again(shop: ShopRoom):
    answers = await asyncio.gather(*(shop.paid(str(number)) for number in range(400)))
    refused = [answer for answer in answers if answer.status == 429]
    taken = [answer for answer in answers if answer.status == 200]
    assert refused
    assert taken
    assert len(refused) + len(taken) == 400
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
    assert (await shop.shop.orders("waiting", 1, 0))["total"] == len(taken)


async def test_the_world_may_call_a_hook_under_another_name_but_nothing_else(shop: ShopRoom):
    body = b"{}"
    assert (await shop.post("shop", body, {**shop.signed(body), "Host": "shop.example.com", "Origin": "https://x"})).status == 200
    async with shop.http.get(f"{shop.server.url}/v1/shop/orders", headers={"Host": "shop.example.com"}) as response:
        assert response.status == 403


async def test_who_may_see_the_queue(shop: ShopRoom):
    await shop.paid()
    for role, status in (("host", 200), ("assistant", 200), ("moderator", 403), ("connector", 403)):
        headers = {"Authorization": f"Bearer {TOKENS[role]}"}
        async with shop.http.get(f"{shop.server.url}/v1/shop/orders", headers=headers) as response:
            assert response.status == status
