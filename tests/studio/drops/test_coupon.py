"""Coupons: never oversold, one a fan, the same claim the same code, whatever races."""

import asyncio

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from studio.errors import Conflict, Forbidden, InvalidInput
from studio.model.drops import FanStanding
from studio.model.scene import Tier
from studio.remote.roles import Principal
from studio.store.drop_tables import drops as drops_table

from .conftest import HOST


def wish(fan, claim_id=None, platform="douyin"):
    return {"platform": platform, "id": fan, "claim_id": claim_id or f"claim-{fan}"}


async def refusal(rig, drop_id, body, principal=HOST):
    with pytest.raises(Conflict) as caught:
        await rig.drops.claim(drop_id, body, principal)
    return caught.value.params["reason"]


async def test_a_claim_gets_a_code_and_asking_again_the_same(rig):
    drop_id = await rig.open_coupon()
    first = await rig.drops.claim(drop_id, wish("u1"), HOST)
    assert await rig.drops.claim(drop_id, wish("u1"), HOST) == first
    drop = rig.drops.drop(drop_id)
    assert (drop["issued"], drop["left"], drop["state"]) == (1, 2, "open")


async def test_one_a_fan_whatever_the_claim(rig):
    drop_id = await rig.open_coupon()
    await rig.drops.claim(drop_id, wish("u1"), HOST)
    assert await refusal(rig, drop_id, wish("u1", "another")) == "already"


async def test_a_person_with_two_accounts_has_one(rig):
    rig.fans["douyin", "u1"] = rig.fans["taobao", "t1"] = FanStanding("person-1")
    drop_id = await rig.open_coupon()
    await rig.drops.claim(drop_id, wish("u1"), HOST)
    assert await refusal(rig, drop_id, wish("t1", platform="taobao")) == "already"


async def test_somebody_elses_claim_id_gives_no_code_away(rig):
    drop_id = await rig.open_coupon()
    await rig.drops.claim(drop_id, wish("u1", "k"), HOST)
    with pytest.raises(InvalidInput) as caught:
        await rig.drops.claim(drop_id, wish("u2", "k"), HOST)
    assert caught.value.code == "drops.claim_id_taken"


async def test_per_fan_is_the_limit_of_each(rig):
    drop_id = await rig.open_coupon(per_fan=2, stock=10)
    codes = {(await rig.drops.claim(drop_id, wish("u1", f"k{number}"), HOST))["code"] for number in range(2)}
    assert len(codes) == 2
    assert await refusal(rig, drop_id, wish("u1", "k9")) == "already"


async def test_the_reasons_of_a_refusal(rig):
    rig.fans["douyin", "staff"] = FanStanding("s", tier=Tier.SENIOR, is_buyer=True, is_staff=True)
    rig.fans["douyin", "buyer"] = FanStanding("b", is_buyer=True)
    drop_id = await rig.open_coupon(stock=1, who="buyers")
    assert await refusal(rig, drop_id, wish("stranger")) == "not_entitled"
    assert await refusal(rig, drop_id, wish("staff")) == "not_entitled"
    code = await rig.drops.claim(drop_id, wish("buyer"), HOST)
    assert await refusal(rig, drop_id, wish("buyer", "more")) == "already"
    assert await refusal(rig, drop_id, wish("u2")) == "sold_out"
    await rig.run_out(drop_id)
    assert await refusal(rig, drop_id, wish("u2")) == "sold_out"
    assert await rig.drops.claim(drop_id, wish("buyer"), HOST) == code

    drop_id = await rig.open_coupon()
    await rig.run_out(drop_id)
    assert await refusal(rig, drop_id, wish("u2")) == "closed"
    drop_id = await rig.open_coupon(draft=True)
    assert await refusal(rig, drop_id, wish("u2")) == "closed"
    drop_id = await rig.open_coupon(who="buyers")
    await rig.drops.cancel(drop_id, HOST)
    assert await refusal(rig, drop_id, wish("stranger")) == "closed", "whoever asks"


async def test_nothing_is_issued_after_the_end_even_before_the_timekeeper_wakes(rig):
    drop_id = await rig.open_coupon()
    rig.clocks.go(60)
    assert await refusal(rig, drop_id, wish("u1")) == "closed"


async def test_ten_racing_claims_for_each_coupon_and_not_one_too_many(rig):
    drop_id = await rig.open_coupon(stock=100)
    answers = await asyncio.gather(*(rig.drops.claim(drop_id, wish(f"u{number}"), HOST) for number in range(1000)), return_exceptions=True)
    codes = [answer["code"] for answer in answers if isinstance(answer, dict)]
    assert (len(codes), len(set(codes))) == (100, 100)
    assert all(answer.params["reason"] == "sold_out" for answer in answers if not isinstance(answer, dict))
    drop = rig.drops.drop(drop_id)
    assert (drop["issued"], drop["left"]) == (100, 0)


async def test_a_thousand_claims_of_one_fan_win_once(rig):
    drop_id = await rig.open_coupon(stock=100)
    claims = [rig.drops.claim(drop_id, wish("u1", f"k{number}"), HOST) for number in range(1000)]
    answers = await asyncio.gather(*claims, return_exceptions=True)
    assert sum(isinstance(answer, dict) for answer in answers) == 1
    assert rig.drops.drop(drop_id)["issued"] == 1


async def test_one_claim_sent_a_hundred_times_at_once_has_one_code(rig):
    drop_id = await rig.open_coupon()
    answers = await asyncio.gather(*(rig.drops.claim(drop_id, wish("u1"), HOST) for _ in range(100)))
    assert len({answer["code"] for answer in answers}) == 1
    assert rig.drops.drop(drop_id)["issued"] == 1


async def test_the_keyword_claims_too_and_does_so_once(rig):
    drop_id = await rig.open_coupon(stock=2)
    for fan in ("u1", "u1", "u2", "u3"):
        rig.say(fan, "领券！")
    await rig.drops.settled()
    drop = rig.drops.drop(drop_id)
    assert (drop["issued"], drop["left"]) == (2, 0)
    assert await refusal(rig, drop_id, wish("u2", "more")) == "already"


async def test_the_budget_bounds_what_goes_out(rig):
    drop_id = await rig.open_coupon(stock=100, budget_minor=5000)
    answers = await asyncio.gather(*(rig.drops.claim(drop_id, wish(f"u{number}"), HOST) for number in range(10)), return_exceptions=True)
    assert sum(isinstance(answer, dict) for answer in answers) == 2


async def test_the_table_itself_refuses_one_too_many(rig):
    drop_id = await rig.open_coupon(stock=3)
    with pytest.raises(IntegrityError):
        await rig.database.write(
            lambda connection: connection.execute(update(drops_table).where(drops_table.c.id == drop_id).values(issued=4))
        )


async def test_a_connector_claims_for_its_own_platform_only(rig):
    drop_id = await rig.open_coupon()
    connector = Principal("douyin", "connector", "token-douyin", platform="douyin")
    await rig.drops.claim(drop_id, wish("u1"), connector)
    with pytest.raises(Forbidden):
        await rig.drops.claim(drop_id, wish("t1", platform="taobao"), connector)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"platform": "douyin", "id": "u1"},
        {"platform": "douyin", "id": "", "claim_id": "k"},
        {"platform": 1, "id": "u", "claim_id": "k"},
        {"platform": "douyin", "id": "0", "claim_id": "k"},
        {"platform": "douyin", "id": "ab***cd", "claim_id": "k"},
        {"platform": "douyin", "id": "u\n1", "claim_id": "k"},
        [],
        None,
    ],
)
async def test_a_claim_without_its_fields_is_refused(rig, body):
    drop_id = await rig.open_coupon()
    with pytest.raises(InvalidInput):
        await rig.drops.claim(drop_id, body, HOST)


async def test_a_coupon_is_no_lottery(rig):
    coupon_id = await rig.open_coupon()
    with pytest.raises(Conflict):
        await rig.drops.enter_by_hand(coupon_id, {"platform": "douyin", "id": "u1"}, HOST)
    with pytest.raises(Conflict):
        await rig.drops.proof(coupon_id)


async def test_a_coupon_closes_by_time_and_expires_when_its_codes_do(rig):
    drop_id = await rig.open_coupon(valid_hours=2)
    await rig.run_out(drop_id)
    assert rig.drops.drop(drop_id)["state"] == "closed"
    rig.clocks.go(2 * 3600)
    assert rig.drops.drop(drop_id)["state"] == "expired"


async def test_a_sold_out_coupon_may_be_closed_early(rig):
    drop_id = await rig.open_coupon(stock=1)
    with pytest.raises(Conflict):
        await rig.drops.close(drop_id, HOST)
    await rig.drops.claim(drop_id, wish("u1"), HOST)
    assert (await rig.drops.close(drop_id, HOST))["state"] == "closed"


async def test_the_picture_counts_a_coupon_down(rig):
    drop_id = await rig.open_coupon(stock=5)
    await rig.drops.claim(drop_id, wish("u1"), HOST)
    air = rig.drops.snapshot()
    assert (air.kind, air.stock, air.left, air.state, air.keyword) == ("coupon", 5, 4, "open", "领券")
    lottery_id = await rig.open()
    assert rig.drops.snapshot().id == lottery_id


async def test_one_fan_asking_without_end_and_five_hundred_at_once_are_flagged(rig):
    drop_id = await rig.open_coupon(stock=1000)
    for _ in range(60):
        rig.say("u1", "领券")
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["flags"] == ["repeats"]
    for number in range(500):
        rig.say(f"fresh{number}", "领券")
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["flags"] == ["repeats", "rush"]
    assert rig.drops.drop(drop_id)["issued"] == 501


async def test_an_audience_at_its_own_pace_is_not_flagged(rig):
    drop_id = await rig.open(seconds=120)
    for number in range(600):
        rig.say(f"u{number}")
        rig.clocks.go(0.05)
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["flags"] == []
