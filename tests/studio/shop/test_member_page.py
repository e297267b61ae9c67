"""A member's own page from outside: what it shows, to whom, and what it never lets through."""

import asyncio
import json
import re
import time
from html.parser import HTMLParser

import pytest
from remote_door import TOKENS
from shop_room import ShopRoom
from test_queue import issue

NASTY = [
    "<img src=x onerror=alert(1)>",
    "</title><script>x</script>",
    "{0.__class__} %s%n",
    "\u202e反了",
    "'; DROP TABLE person; --",
    "&lt;b&gt;",
]


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.texts = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data)


async def code_of(shop: ShopRoom, fan: str = "u1") -> str:
    url = f"{shop.server.url}/v1/fans/douyin/{fan}/member-code"
    async with shop.http.post(url, headers={"Authorization": f"Bearer {TOKENS['assistant']}"}) as response:
        assert response.status == 201
        return (await response.json())["code"]


async def get(shop: ShopRoom, path: str, **headers):
    async with shop.http.get(shop.server.url + path, headers=headers, allow_redirects=False) as response:
        return response.status, await response.text(), response.headers


async def buy(shop: ShopRoom, name: str = "小美", amount_minor: int = 400_00) -> str:
    code = (await shop.paid("1001", amount_minor)).json["code"]
    await shop.say(code, name=name)
    return await code_of(shop)


async def test_it_shows_points_tier_what_is_missing_tickets_and_coupons(shop: ShopRoom):
    code = await buy(shop)
    coupon = await issue(shop)
    status, page, _ = await get(shop, f"/m/{code}", **{"Accept-Language": "zh-CN"})
    assert status == 200
    for shown in ("小美", "初级", "<b>400</b>", "再消费 ¥100.00 升到中级", "抽奖券", coupon, "已过期"):
        assert shown in page
    english = (await get(shop, f"/m/{code}", **{"Accept-Language": "en"}))[1]
    assert "¥100.00 to Middle" in english
    await shop.say("来了", "u2", name="阿泽")
    assert "下任意一单就升到初级" in (await get(shop, f"/m/{await code_of(shop, 'u2')}", **{"Accept-Language": "zh-CN"}))[1]


async def test_the_rights_of_the_tier_by_what_is_confirmed_in_both_languages(shop: ShopRoom):
    code = await buy(shop)
    rules = (await shop.audience.rules.told("en"))["rules"]
    for tier in rules["tier"]:
        tier |= {"rights": ["包邮 <b>"], "birthday_points": 20}
    await shop.audience.rules.apply({"rules": rules, "seen": 0}, "host", "en")
    page = (await get(shop, f"/m/{code}", **{"Accept-Language": "zh-CN"}))[1]
    for shown in ("新朋友的权益", "生日送 20 积分", "包邮 &lt;b&gt;", "按已确认收货的订单计算"):
        assert shown in page
    assert "折" not in page, "what can still be sent back buys no price"
    old = {"id": "e-old", "type": "order", "at": "2026-01-05T12:00:00Z", "platform": "douyin", "room": "r1", "fan": {"id": "u1"},
           "order": "o-old", "amount_minor": 900_00, "currency": "CNY"}  # fmt: skip
    await shop.audience.ingest(json.dumps(old).encode())
    assert "专属价 9 折" in (await get(shop, f"/m/{code}", **{"Accept-Language": "zh-CN"}))[1]
    english = (await get(shop, f"/m/{code}", **{"Accept-Language": "en"}))[1]
    for shown in ("What Middle may", "pays 90 % of the price", "20 points on the birthday"):
        assert shown in english


async def test_a_used_coupon_says_so(shop: ShopRoom):
    coupon = await issue(shop)
    await shop.say((await shop.paid("1001", 99_00, coupons=[{"code": coupon, "discount_minor": 1}])).json["code"])
    assert "已使用" in (await get(shop, f"/m/{await code_of(shop)}", **{"Accept-Language": "zh"}))[1]


@pytest.mark.parametrize("name", NASTY)
async def test_a_name_is_text_whatever_it_looks_like(shop: ShopRoom, name):
    _, page, _ = await get(shop, f"/m/{await buy(shop, name)}")
    found = Tags()
    found.feed(page)
    assert {"script", "img", "b2", "iframe", "link"}.isdisjoint(found.tags)
    assert not [key for key, _ in found.attributes if key.startswith("on") or key in {"src", "href", "style"}]
    if "\u202e" not in name:
        assert name in "".join(found.texts)
    assert "\u202e" not in page


async def test_nothing_is_loaded_run_framed_or_sent_elsewhere(shop: ShopRoom):
    status, page, headers = await get(shop, f"/m/{await buy(shop)}")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert (headers["Referrer-Policy"], headers["Cache-Control"], headers["X-Content-Type-Options"]) == (
        "no-referrer",
        "no-store",
        "nosniff",
    )
    assert not re.search(r"https?://|url\(|@import|<script", page)
    assert status == 200


async def test_a_code_is_good_until_it_is_taken_back_or_another_is_given(shop: ShopRoom):
    first = await buy(shop)
    second = await code_of(shop)
    assert first != second
    assert re.fullmatch("[a-z2-7]{26}", second)
    assert [(await get(shop, f"/m/{code}"))[0] for code in (first, second, second.upper())] == [404, 200, 200]
    url = f"{shop.server.url}/v1/fans/douyin/u1/member-code"
    async with shop.http.delete(url, headers={"Authorization": f"Bearer {TOKENS['host']}"}) as response:
        assert (await response.json()) == {"revoked": 1}
    assert (await get(shop, f"/m/{second}"))[0] == 404


async def test_the_store_has_the_hash_of_a_code_alone_and_the_audit_has_none(shop: ShopRoom, tmp_path):
    code = await buy(shop)
    await get(shop, f"/m/{code}")
    await shop.server.stop()
    await shop.database.close()
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and code.encode() in path.read_bytes()]


@pytest.mark.parametrize("code", ["a" * 26, "x", "%00", "%F0%9F", "..%2F..%2Fetc", "'%20or%201=1", "z" * 5000])
async def test_any_other_code_opens_nothing(shop: ShopRoom, code):
    await buy(shop)
    status, page, _ = await get(shop, f"/m/{code}")
    assert status == 404
    assert "小美" not in page


async def test_a_code_may_be_typed(shop: ShopRoom):
    code = await buy(shop)
    assert (await get(shop, "/m"))[0] == 200
    spaced = f"{code[:13]}+{code[13:]}"
    for typed, status in ((spaced, 303), ("", 404), ("%3Cscript%3E", 303)):
        async with shop.http.post(
            f"{shop.server.url}/m", data=f"code={typed}".encode(), headers={"Origin": "https://x"}, allow_redirects=False
        ) as response:
            assert response.status == status
            if typed == spaced:
                assert response.headers["Location"] == f"/m/{code}"
            elif typed:
                assert "<" not in response.headers["Location"]


async def test_it_is_off_by_default_and_then_nothing_is_there(shop: ShopRoom):
    code = await buy(shop)
    shop.studio.has_member_page = False
    assert [(await get(shop, path))[0] for path in ("/m", f"/m/{code}")] == [404, 404]


async def test_too_many_at_once_are_told_to_come_again(shop: ShopRoom):
    code = await buy(shop)
    start = time.monotonic()
    answers = await asyncio.gather(*(get(shop, f"/m/{code}") for _ in range(150)))
    refused = [headers["Retry-After"] for status, _, headers in answers if status == 429]
    assert len(refused) >= 150 - 40 - 20 * (time.monotonic() - start) - 1
    assert json.dumps(refused)


async def test_only_host_and_assistant_give_codes_and_to_known_fans_only(shop: ShopRoom):
    await buy(shop)
    for role, fan, status in (("moderator", "u1", 403), ("connector", "u1", 403), ("host", "nobody", 404), ("host", "u1", 201)):
        url = f"{shop.server.url}/v1/fans/douyin/{fan}/member-code"
        async with shop.http.post(url, headers={"Authorization": f"Bearer {TOKENS[role]}"}) as response:
            assert response.status == status
