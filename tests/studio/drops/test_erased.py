"""A winner who is erased: nothing of them is left, and the proof verifies as before; merged accounts enter once."""

import json

from studio.model.events import FanEvent
from studio.model.loyalty import Rules
from studio.model.proof import verify
from studio.model.room_clock import ShowDays
from studio.store import fan_drops, links
from studio.store.erase import erase
from studio.store.fan_store import FanStore
from studio.store.links import Asked
from studio.store.working import Received

STORE = FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY")


async def known(rig, *fans):
    events = [FanEvent(f"k{fan}", "enter", rig.clocks.wall_ms, "douyin", fan_id=fan, name=f"粉丝{fan}") for fan in fans]
    await rig.database.write(lambda connection: STORE.apply(connection, [Received(one, one.at_ms) for one in events]))


async def test_the_proof_of_a_draw_verifies_after_its_winner_was_erased(rig):
    await known(rig, "u1", "u2", "u3", "u4")
    drop = await rig.open(prizes=[{"name": "口红", "value_minor": 9900, "currency": "CNY"}])
    for fan in ("u1", "u2", "u3", "u4"):
        rig.say(fan)
    await rig.drops.settled()
    await rig.run_out(drop)
    before = await rig.proof(drop)
    told = rig.drops.drop(drop)
    [winner] = told["winners"]
    await rig.database.write(lambda connection: erase(connection, STORE, ("douyin", winner["id"])))
    await rig.drops.reload()
    after = await rig.proof(drop)
    for proof in (before, after):
        assert verify(proof, told["opening"], told["closing"]).outcome == "valid"
    hashes = [[entry["fan"] for entry in json.loads(proof)["entries"]] for proof in (before, after)]
    assert hashes[0] == hashes[1]
    [shown] = rig.drops.drop(drop)["winners"]
    assert (shown["name"], shown["r"], shown["n"]) == ("", "", winner["n"])
    assert winner["id"] not in json.dumps(rig.drops.drop(drop), ensure_ascii=False)


async def test_accounts_merged_while_a_drop_is_open_stand_for_one_person(rig):
    await known(rig, "u1", "u2")
    drop = await rig.open()
    rig.say("u2")
    await rig.drops.settled()
    asked = Asked("host", rig.clocks.wall_ms)
    await rig.database.write(lambda connection: links.merge(connection, STORE, ("douyin", "u1"), ("douyin", "u2"), asked))
    rows = await rig.database.read(lambda connection: fan_drops.told(connection, ("douyin", "u2")))
    assert [entry["n"] for entry in rows["entries"]] == [0]
    people = await rig.database.read(lambda connection: connection.exec_driver_sql("SELECT person FROM drop_entries").scalars().all())
    assert people == ["douyin:u1"]
    rig.say("u1")
    await rig.drops.settled()
    assert rig.drops.drop(drop)["entries"] == 1
