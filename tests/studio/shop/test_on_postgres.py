"""The same orders on PostgreSQL."""

import asyncio

from shop_room import ShopRoom


async def test_orders_codes_refunds_and_members_pages(postgres_url, tmp_path):
    async with ShopRoom(tmp_path, postgres_url) as shop:
        await shop.refunded("r1", amount_minor=50_00)
        answers = await asyncio.gather(*(shop.paid("1001") for _ in range(20)))
        assert len({answer.json["code"] for answer in answers}) == 1
        await shop.say("ENC-0000-0000")
        await shop.say(answers[0].json["code"])
        await shop.refunded("r2", amount_minor=49_00)
        assert await shop.spent() == 100_00
        fresh = await shop.paid("1002")
        assert (await shop.shop.renew_code("shop", "1002", "h"))["code"] != fresh.json["code"]
        await shop.shop.dismiss("shop", "1002", "h")
        assert await shop.waiting() == []
        first = await shop.members.issue("douyin", "u1", "h")
        assert (await shop.members.page(first))["points"] == 100
        assert await shop.members.revoke("douyin", "u1") == 1
