"""A shop's hook: its key kept and tried, what came and what was refused counted, and the host told of it."""

import base64

import pytest
from shop_room import SECRETS, STANDARD_SECRET, ShopRoom

from studio.errors import InvalidInput, NotFound

HOST = "host-token"


async def of(room: ShopRoom, name: str) -> dict:
    return next(one for one in (await room.shop.hooks.listing())["hooks"] if one["name"] == name)


async def test_what_came_and_what_was_refused_is_counted_and_told_once_a_minute(shop: ShopRoom):
    untouched = await of(shop, "shop")
    assert untouched == {
        "name": "shop", "kind": "standard", "has_key": True, "taken": 0, "taken_at": None, "refused": 0, "refused_at": None, "fault": "",
    }  # fmt: skip
    await shop.paid()
    for _ in range(3):
        answer = await shop.http.post(shop.server.url + "/v1/hooks/shop", data=b"{}", headers={"webhook-id": "m", "webhook-timestamp": "1"})
        assert answer.status == 401
    now = await of(shop, "shop")
    assert (now["taken"], now["refused"], now["fault"]) == (1, 3, "hooks.signature")
    assert now["taken_at"] is not None
    assert now["refused_at"] is not None
    assert [(one.name, one.code) for one in shop.refused] == [("shop", "hooks.signature")]
    assert (await of(shop, "store"))["refused"] == 0


async def test_a_key_that_is_made_is_told_once_and_believed_at_once(shop: ShopRoom, monkeypatch):
    monkeypatch.setitem(SECRETS, "shop-key", STANDARD_SECRET)
    await shop.paid()
    made = (await shop.shop.hooks.keep_key("shop", None))["key"]
    assert made.startswith("whsec_")
    assert len(base64.b64decode(made.removeprefix("whsec_"))) == 32
    assert SECRETS["shop-key"] == made
    assert await shop.shop.hooks.test("shop") == {"name": "shop", "state": "good"}
    assert (await of(shop, "shop"))["taken"] == 1, "a test is no message of the shop"
    assert (await shop.paid()).status == 401, "signed with the old one"


async def test_the_shops_own_key_is_kept_and_never_told(shop: ShopRoom, monkeypatch):
    monkeypatch.setitem(SECRETS, "shopify-key", "old")
    assert await shop.shop.hooks.keep_key("store", "  shpss_fresh\n") == {"name": "store", "key": ""}
    assert SECRETS["shopify-key"] == "shpss_fresh"
    assert (await shop.shop.hooks.test("store"))["state"] == "good"
    with pytest.raises(InvalidInput, match=r"hooks\.key_of_shop"):
        await shop.shop.hooks.keep_key("store", None)


async def test_without_a_key_nothing_is_believed_and_the_host_is_told_why(shop: ShopRoom, monkeypatch):
    monkeypatch.delitem(SECRETS, "shopify-key")
    assert not (await of(shop, "store"))["has_key"]
    assert (await shop.http.post(shop.server.url + "/v1/hooks/store", data=b"{}")).status == 404
    assert [(one.name, one.code) for one in shop.refused] == [("store", "secret.missing")]
    with pytest.raises(NotFound):
        await shop.shop.hooks.test("store")
    with pytest.raises(NotFound):
        await shop.shop.hooks.keep_key("nobody", "x")


async def test_a_key_that_is_none_is_refused_and_the_old_one_stays(shop: ShopRoom):
    with pytest.raises(InvalidInput):
        await shop.shop.hooks.keep_key("shop", "whsec_")
    assert SECRETS["shop-key"] == STANDARD_SECRET
