"""The same drops on PostgreSQL, and PostgreSQL gone in the middle of one: the drop pauses, nothing is acknowledged that isn't kept."""

import asyncio

import pytest

from studio.errors import StoreUnavailable
from studio.model.proof import verify
from tests.postgres import cluster

from .conftest import HOST, start_rig, stop_rig


@pytest.fixture
def server():
    with cluster() as own:
        yield own


def wish(fan):
    return {"platform": "douyin", "id": fan, "claim_id": f"claim-{fan}"}


async def test_a_lottery_and_a_coupon_survive_the_server_going_away(server):
    rig = await start_rig(server.new())
    try:
        lottery_id, coupon_id = await rig.open(), await rig.open_coupon(stock=50)
        rig.say("u1")
        await rig.drops.settled()
        answers = await asyncio.gather(
            *(rig.drops.claim(coupon_id, wish(f"u{number}"), HOST) for number in range(300)), return_exceptions=True
        )
        codes = {number: answer["code"] for number, answer in enumerate(answers) if isinstance(answer, dict)}
        assert (len(codes), len(set(codes.values())), rig.drops.drop(coupon_id)["issued"]) == (50, 50, 50)

        await asyncio.to_thread(server.stop, "immediate")
        rig.say("u2")
        with pytest.raises(StoreUnavailable):
            await rig.drops.settled()
        with pytest.raises(StoreUnavailable):
            await rig.drops.claim(coupon_id, wish("u1"), HOST)
        assert rig.drops.drop(lottery_id)["entries"] == 1

        rig.clocks.go(60)
        await rig.drops.tick()
        assert rig.drops.drop(lottery_id)["state"] == "open"
        await asyncio.to_thread(server.start)
        await rig.until(lambda: rig.drops.drop(lottery_id)["state"] == "drawn")
        drop = rig.drops.drop(lottery_id)
        assert drop["entries"] == 2
        assert verify(await rig.proof(lottery_id), drop["opening"], drop["closing"]).outcome == "valid"
        number, code = next(iter(codes.items()))
        assert await rig.drops.claim(coupon_id, wish(f"u{number}"), HOST) == {"code": code}
    finally:
        await stop_rig(rig)
