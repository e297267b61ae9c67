"""The queue of orders without a buyer, coupons in orders, Shopify's words, and a restart."""

import pytest
from shop_room import ShopRoom, wall_ms
from sqlalchemy import insert

from studio.connectors.shopify import minor
from studio.errors import Conflict, InvalidInput, NotFound
from studio.model.coupons import new_code
from studio.model.shop import noted_code, said_code, shown_code
from studio.store.drop_tables import claims, drops

ORDER = {
    "id": 5_123_456_789,
    "name": "#1001",
    "created_at": "2026-11-22T20:00:00+08:00",
    "processed_at": "2026-11-22T20:00:01+08:00",
    "financial_status": "paid",
    "total_price": "199.00",
    "total_discounts": "20.00",
    "currency": "CNY",
    "email": "someone@example.com",
    "note": None,
    "note_attributes": [{"name": "code", "value": "ENC-7F3K-92QP"}],
    "line_items": [{"sku": "s1", "name": "口红 <b>", "quantity": 2, "price": "109.50"}],
}


async def test_a_new_code_voids_the_old_one(shop: ShopRoom):
    old = (await shop.paid()).json["code"]
    row = await shop.shop.renew_code("shop", "1001", "阿May")
    assert row["code"] != old
    await shop.say(old)
    assert len(await shop.waiting()) == 1
    await shop.say(row["code"])
    assert await shop.spent() == 199_00
    with pytest.raises(Conflict):
        await shop.shop.renew_code("shop", "1001", "阿May")
    with pytest.raises(NotFound):
        await shop.shop.dismiss("shop", "9999", "阿May")


async def test_a_dismissed_order_leaves_the_queue_and_a_new_code_brings_it_back(shop: ShopRoom):
    code = (await shop.paid()).json["code"]
    await shop.shop.dismiss("shop", "1001", "阿May")
    assert await shop.waiting() == []
    await shop.say(code)
    assert await shop.spent() == 0
    await shop.refunded("r1")
    fresh = (await shop.shop.renew_code("shop", "1001", "阿May"))["code"]
    await shop.say(fresh, "u2")
    assert await shop.spent("u2") == 149_00


async def test_the_queue_is_there_again_after_a_restart(tmp_path):
    async with ShopRoom(tmp_path) as first:
        code = (await first.paid()).json["code"]
    async with ShopRoom(tmp_path) as second:
        assert second.shop.queue["waiting"] == 1
        assert (await second.standard("order.paid", {"order": "1001", "amount_minor": 1, "currency": "CNY"})).json["code"] == code
        await second.say(code)
        assert await second.spent() == 199_00


async def test_no_buyer_stands_in_the_file(shop: ShopRoom, tmp_path):
    await shop.shopify("orders/paid", ORDER)
    await shop.database.close()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("encore.db*"))
    assert b"5123456789" in content
    assert b"someone@example.com" not in content


async def test_shopifys_test_message_has_ids_of_64_bits(shop: ShopRoom):
    number = 820982911946154508
    assert (await shop.shopify("orders/paid", {**ORDER, "id": number})).json["state"] == "waiting"
    assert [row["order"] for row in await shop.waiting()] == [str(number)]
    assert (await shop.shopify("orders/paid", {**ORDER, "id": 2**63})).code == "body.number"


async def test_shopify_orders_refunds_and_deliveries(shop: ShopRoom):
    placed = await shop.shopify("orders/create", {**ORDER, "financial_status": "pending"})
    paid = await shop.shopify("orders/paid", ORDER)
    assert placed.json["code"] == paid.json["code"] == "ENC-7F3K-92QP"
    (row,) = await shop.waiting()
    assert (row["label"], row["amount_minor"], row["paid"], row["code_from"]) == ("#1001", 199_00, True, "note")
    await shop.say("ENC-7F3K-92QP")
    back = {
        "id": 77,
        "order_id": ORDER["id"],
        "created_at": "2026-11-23T10:00:00Z",
        "transactions": [
            {"kind": "refund", "status": "success", "amount": "99.50", "currency": "CNY"},
            {"kind": "refund", "status": "failure", "amount": "1.00", "currency": "CNY"},
        ],
    }
    assert (await shop.shopify("refunds/create", back)).status == 200
    assert (await shop.shopify("refunds/create", back)).status == 200
    sent = {"order_id": ORDER["id"], "status": "success", "created_at": "2026-11-23T10:00:00Z", "updated_at": "2026-11-24T10:00:00Z"}
    await shop.shopify("fulfillments/create", sent)
    await shop.shopify("fulfillments/update", {**sent, "shipment_status": "delivered"})
    card = await shop.audience.fan("douyin", "u1")
    assert (card["spent_minor"], card["orders"], card["refunds"]) == (99_50, 1, 1)
    assert (await shop.shopify("products/update", {"id": 1})).json == {"state": "ignored"}
    assert (await shop.shopify("orders/paid", ORDER, secret="another")).status == 401


@pytest.mark.parametrize("price", [199.0, 199, -1, "-1.00", "1e308", "NaN", "199.001", "", None, "1,99", "１９９"])
async def test_a_shopify_price_that_is_no_decimal_text_is_refused(shop: ShopRoom, price):
    answer = await shop.shopify("orders/paid", {**ORDER, "total_price": price})
    assert answer.status == 422
    assert await shop.waiting() == []


@pytest.mark.parametrize(
    ("text", "currency", "value"),
    [
        ("199.00", "CNY", 19_900),
        ("0.1", "CNY", 10),
        ("1200", "JPY", 1200),
        ("1200.00", "JPY", 1200),
        ("1.2345", "KWD", None),
        ("1.234", "KWD", 1234),
    ],
)
def test_decimal_texts_become_minor_units_exactly(text, currency, value):
    if value is None:
        with pytest.raises(InvalidInput):
            minor(text, currency, "price")
    else:
        assert minor(text, currency, "price") == value


async def issue(shop: ShopRoom) -> str:
    """A coupon that a drop gave out."""
    code = new_code()
    drop = {
        "id": "d1", "room": "r1", "click_id": "k", "kind": "coupon", "state": "closed", "spec": "{}", "currency": "CNY", "is_draft": False,
        "created_by": "h", "created_token": "t", "created_role": "host", "created_at_ms": 1, "issue_limit": 1, "issued": 1,
    }  # fmt: skip
    claim = {
        "drop_id": "d1",
        "claim_id": "c",
        "code": code,
        "person": "douyin:u1",
        "slot": 0,
        "platform": "douyin",
        "fan_id": "u1",
        "claimed_at_ms": 1,
    }

    def store(connection):
        connection.execute(insert(drops).values(drop))
        connection.execute(insert(claims).values(claim))

    await shop.database.write(store)
    return code


async def test_a_refund_after_its_coupon_was_used_is_a_reversal_in_the_ledger(shop: ShopRoom):
    code = await issue(shop)
    coupons = [{"code": code.lower(), "discount_minor": 20_00}, {"code": "NOT-OURS", "discount_minor": 5}]
    await shop.paid("1001", 99_00, coupons=coupons)
    await shop.refunded("r1", amount_minor=33_00)
    await shop.refunded("r2", amount_minor=66_00)
    await shop.refunded("r2", amount_minor=66_00)
    rows = [(row["kind"], row["amount_minor"]) for row in await shop.rows("coupon_use") if row["code"] == code]
    assert rows == [("use", 20_00), ("reversal", -6_66), ("reversal", -13_34)]
    assert len(await shop.rows("coupon_use")) == 3


async def test_a_refund_that_came_before_its_order_is_reversed_at_the_order(shop: ShopRoom):
    code = await issue(shop)
    await shop.refunded("r1", amount_minor=99_00)
    await shop.paid("1001", 99_00, coupons=[{"code": code, "discount_minor": 20_00}])
    assert [(row["kind"], row["amount_minor"]) for row in await shop.rows("coupon_use")] == [("use", 20_00), ("reversal", -20_00)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ENC-7F3K-92QP", "7F3K92QP"), ("enc7f3k92qp", "7F3K92QP"), ("ＥＮＣ－７Ｆ３Ｋ－９２ＱＰ", "7F3K92QP"), ("ENC oOIl 1100", "00111100"),
        ("ENC-7F3K-92Q", ""), ("ENC-7F3K-92QPX", ""), ("ENCORE!!", ""), ("想要", ""), ("ENC-UUUU-UUUU", ""), ("ENC" + "7" * 400, ""),
    ],
)  # fmt: skip
def test_a_code_is_read_however_it_is_typed(text, code):
    assert said_code(text) == code


def test_a_code_is_found_in_a_note():
    assert noted_code("请备注：enc-7f3k-92qp，谢谢") == "7F3K92QP"
    assert noted_code("7F3K-92QP") == ""
    assert shown_code("7F3K92QP") == "ENC-7F3K-92QP"


def test_the_clock_of_the_tests_is_the_worlds():
    assert wall_ms() > 1_700_000_000_000
