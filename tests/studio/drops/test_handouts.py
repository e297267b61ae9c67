"""What was won is handed out by people: nothing is forgotten, nothing is handed out twice by one tick too many."""

import pytest
from sqlalchemy import insert

from studio.errors import NotFound
from studio.model.loyalty import POINTS_DROP, RedeemItem
from studio.store import redemptions
from studio.store.tables import points
from tests.studio.drops.conftest import ANNA, HOST


async def test_a_prize_waits_until_somebody_says_it_is_sent_and_comes_back_when_it_was_not(rig):
    drop_id = await rig.open()
    rig.say("u1", name="小美")
    await rig.run_out(drop_id)
    (item,) = await rig.waiting()
    assert (item["drop"], item["kind"], item["title"], item["platform"], item["id"], item["what"]) == (
        drop_id, "lottery", "豆沙色口红", "douyin", "u1", "口红",
    )  # fmt: skip
    assert (item["done_at"], item["done_by"]) == (None, None)
    assert await rig.drops.handouts.done(drop_id, item["ref"], ANNA) == {"waiting": 0, "rows": []}
    with pytest.raises(NotFound):
        await rig.drops.handouts.done(drop_id, item["ref"], ANNA)
    ((done),) = (await rig.drops.handouts.rows("done", 10))["rows"]
    assert (done["ref"], done["done_by"]) == (item["ref"], ANNA.name)
    again = await rig.drops.handouts.undo(drop_id, item["ref"])
    assert again == {"waiting": 1, "rows": [item]}
    with pytest.raises(NotFound):
        await rig.drops.handouts.undo(drop_id, item["ref"])


async def test_the_list_is_told_when_a_drop_adds_to_it_and_names_the_reserve_after_the_winner_stepped_back(rig):
    drop_id = await rig.open()
    for number in range(5):
        rig.say(f"u{number}")
    await rig.run_out(drop_id)
    await rig.until(lambda: rig.drops.handouts.queue["waiting"] == 2)
    first, second, reserve = (await rig.drops.proof(drop_id))["ranking"]
    await rig.drops.pass_over(drop_id, first, "declined", HOST)
    await rig.until(lambda: {row["ref"] for row in rig.drops.handouts.queue["rows"]} == {f"prize:0:{reserve}", f"prize:1:{second}"})


async def test_coupons_made_by_hand_wait_with_their_codes_and_those_with_a_code_do_not(rig):
    for fulfilment in ("manual", "code"):
        drop_id = await rig.open_coupon(fulfilment=fulfilment, stock=3)
        answers = [
            await rig.drops.claim(drop_id, {"platform": "douyin", "id": f"{fulfilment}{n}", "claim_id": f"{fulfilment}-{n}"}, HOST)
            for n in range(3)
        ]
        if fulfilment == "manual":
            codes = {answer["code"] for answer in answers}
    assert {item["what"] for item in await rig.waiting()} == codes
    await rig.until(lambda: rig.drops.handouts.queue["waiting"] == 3)


async def test_what_was_had_for_points_stands_in_the_same_list_and_is_told_when_it_comes_and_goes(rig):
    drop_id = await rig.open()
    rig.say("u1", name="小美")
    await rig.run_out(drop_id)
    await rig.until(lambda: rig.drops.handouts.queue["waiting"] == 1)
    mug = RedeemItem("mug", "马克杯", "sample", 30)
    counter = redemptions.Counter("r1", "CNY", ANNA.name)
    paid = {"seq": 7, "identity_id": 1, "kind": "redeem", "at": rig.clocks.wall_ms, "delta": -30, "ref": "mug", "click_id": "c1"}
    await rig.database.write(lambda connection: connection.execute(insert(points).values(paid)) and None)
    await rig.database.write(lambda connection: redemptions.add(connection, 7, mug, counter, rig.clocks.wall_ms + 1))
    rig.drops.handouts.tell_soon()
    await rig.until(lambda: rig.drops.handouts.queue["waiting"] == 2)
    assert [(row["kind"], row["what"]) for row in rig.drops.handouts.queue["rows"]] == [("lottery", "口红"), ("sample", "马克杯")]
    assert (await rig.drops.handouts.done(POINTS_DROP, "7", ANNA))["waiting"] == 1
    assert [row["what"] for row in (await rig.drops.handouts.rows("done", 10))["rows"]] == ["马克杯"]
    assert (await rig.drops.handouts.undo(POINTS_DROP, "7"))["waiting"] == 2
    await rig.database.write(lambda connection: redemptions.call_off(connection, 7, ANNA.name, rig.clocks.wall_ms))
    rig.drops.handouts.tell_soon()
    await rig.until(lambda: rig.drops.handouts.queue["waiting"] == 1)
    with pytest.raises(NotFound):
        await rig.drops.handouts.done(POINTS_DROP, "7", ANNA)
