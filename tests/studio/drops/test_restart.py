"""Engines that die and come back, clocks that jump, stores that go away: one result, and nothing acknowledged that isn't kept."""

import asyncio
import signal
import sqlite3
import sys
from pathlib import Path

import pytest

from studio.errors import Conflict, StoreUnavailable
from studio.model.proof import verify

from .conftest import HOST, LOTTERY, Clocks, start_rig, stop_rig

STEPS = [
    "before the close",
    "inside the close's transaction",
    "before the list is hashed",
    "inside the hash's transaction",
    "before the draw is stored",
    "inside the draw's transaction",
    "after the draw",
]


async def killed(store, step):
    """What the audience saw of an engine that was killed at this step: (drop id, opening, last closing)."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__).with_name("killed_engine.py")), str(store), step, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(child.communicate(), 60)
    assert child.returncode == -signal.SIGKILL
    lines = [line.split(" ") for line in out.decode().splitlines()]
    ((_, drop_id, opening),) = [line for line in lines if line[0] == "opening"]
    return drop_id, opening, next((closing for state, closing, *_ in reversed(lines) if state in ("closing", "drawn") and closing), "")


@pytest.mark.parametrize("step", STEPS)
async def test_killed_in_the_middle_and_back_there_is_one_result(store_url, step):
    drop_id, opening, closing = await killed(store_url, step)
    clocks = Clocks()
    clocks.go(120)
    rig = await start_rig(store_url, clocks)
    try:
        await rig.until(lambda: rig.drops.drop(drop_id)["state"] == "drawn")
        drop = rig.drops.drop(drop_id)
        assert (drop["entries"], drop["opening"], len(drop["winners"])) == (300, opening, 2)
        assert not closing or drop["closing"] == closing
        assert verify(await rig.proof(drop_id), opening, drop["closing"]).outcome == "valid"
        assert len(await rig.waiting()) == 2
    finally:
        await stop_rig(rig)
    again = await start_rig(store_url, clocks)
    try:
        assert again.drops.drop(drop_id) == drop
        assert len(await again.waiting()) == 2
    finally:
        await stop_rig(again)


async def test_an_open_drop_goes_on_by_the_wall_clock(store_url):
    rig = await start_rig(store_url)
    drop_id, coupon_id = await rig.open(), await rig.open_coupon()
    rig.say("u1")
    code = await rig.drops.claim(coupon_id, {"platform": "douyin", "id": "u1", "claim_id": "k"}, HOST)
    await stop_rig(rig)

    clocks = Clocks(rig.clocks.wall_ms + 50_000, monotonic_s=5.0)
    rig = await start_rig(store_url, clocks)
    try:
        assert (rig.drops.drop(drop_id)["state"], rig.drops.drop(drop_id)["entries"]) == ("open", 1)
        rig.say("u1")
        rig.say("u2")
        await rig.drops.settled()
        assert rig.drops.drop(drop_id)["entries"] == 2
        assert await rig.drops.claim(coupon_id, {"platform": "douyin", "id": "u1", "claim_id": "k"}, HOST) == code
        await rig.run_out(drop_id, 10)
        assert rig.drops.drop(coupon_id)["state"] == "closed"
        assert verify(await rig.proof(drop_id)).outcome == "consistent"
    finally:
        await stop_rig(rig)


async def test_a_drop_whose_time_passed_while_the_engine_was_down_closes_at_its_own_time_and_draws(store_url):
    rig = await start_rig(store_url)
    drop_id = await rig.open()
    rig.say("u1")
    await stop_rig(rig)
    rig = await start_rig(store_url, Clocks(rig.clocks.wall_ms + 3_600_000))
    try:
        await rig.until(lambda: rig.drops.drop(drop_id)["state"] == "drawn")
        drop = rig.drops.drop(drop_id)
        assert drop["closed_at"] == drop["closes_at"]
        rig.say("late")
        await rig.drops.settled()
        assert rig.drops.drop(drop_id)["entries"] == 1
    finally:
        await stop_rig(rig)


async def test_a_cancelled_lottery_whose_list_was_not_hashed_yet_is_hashed_and_the_chain_goes_on(store_url):
    from studio.store import drop_store

    rig = await start_rig(store_url)
    drop_id = await rig.open()
    rig.say("u1")
    await rig.drops.settled()
    await rig.database.write(lambda connection: drop_store.cancel(connection, drop_id, rig.clocks.wall_ms, "x"))
    await stop_rig(rig)
    rig = await start_rig(store_url, rig.clocks)
    try:
        await rig.until(lambda: rig.drops.drop(drop_id)["closing"])
        assert verify(await rig.proof(drop_id)).outcome == "consistent"
        next_id = await rig.open()
        await rig.run_out(next_id)
        assert (await rig.drops.proof(next_id))["rules"]["prev"] == rig.drops.drop(drop_id)["closing"]
    finally:
        await stop_rig(rig)


async def test_a_clock_set_back_makes_no_drop_longer_and_doubles_nobody(rig):
    drop_id = await rig.open()
    rig.say("u1")
    rig.clocks.go(30)
    rig.clocks.wall_ms -= 3_600_000
    rig.say("u1")
    rig.say("u2")
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["entries"] == 2
    rig.clocks.go(29.9)
    await rig.drops.tick()
    assert rig.drops.drop(drop_id)["state"] == "open"
    await rig.run_out(drop_id, 0.1)
    drop = rig.drops.drop(drop_id)
    assert (drop["state"], drop["closed_at"]) == ("drawn", drop["closes_at"])
    assert verify(await rig.proof(drop_id), drop["opening"], drop["closing"]).outcome == "valid"
    rig.clocks.wall_ms -= 3_600_000
    await rig.drops.tick()
    rig.say("u3")
    await rig.drops.settled()
    assert rig.drops.drop(drop_id) == drop


async def test_a_clock_set_forward_ends_no_drop_early(rig):
    drop_id = await rig.open()
    rig.clocks.wall_ms += 3_600_000
    await rig.drops.tick()
    rig.say("u1")
    await rig.drops.settled()
    assert (rig.drops.drop(drop_id)["state"], rig.drops.drop(drop_id)["entries"]) == ("open", 1)


async def test_an_early_close_after_the_clock_was_set_back_is_not_before_the_opening(rig):
    drop_id = await rig.open(early_close=True)
    rig.clocks.go(10)
    rig.clocks.wall_ms -= 3_600_000
    drop = await rig.drops.close(drop_id, HOST)
    assert drop["closed_at"] >= drop["opened_at"]
    assert verify(await rig.proof(drop_id), drop["opening"], drop["closing"]).outcome == "valid"


async def test_a_clock_set_back_while_the_engine_was_down_gives_no_more_than_was_left(store_url):
    rig = await start_rig(store_url)
    drop_id = await rig.open()
    rig.clocks.go(40)
    rig.say("u1")
    await stop_rig(rig)
    rig = await start_rig(store_url, Clocks(rig.clocks.wall_ms - 86_400_000))
    try:
        rig.clocks.go(19.9)
        await rig.drops.tick()
        assert rig.drops.drop(drop_id)["state"] == "open"
        await rig.run_out(drop_id, 0.2)
        assert rig.drops.drop(drop_id)["state"] == "drawn"
    finally:
        await stop_rig(rig)


async def test_a_store_that_is_away_pauses_the_drop_and_nothing_is_acknowledged(tmp_path):
    """Another program locks the file: entries wait, calls are told so, and all goes on when it is free again."""
    rig = await start_rig(tmp_path / "fans.db")
    drop_id, coupon_id = await rig.open(), await rig.open_coupon()
    thief = sqlite3.connect(tmp_path / "fans.db", isolation_level=None)
    try:
        thief.execute("BEGIN EXCLUSIVE")
        rig.say("u1")
        claim = asyncio.ensure_future(rig.drops.claim(coupon_id, {"platform": "douyin", "id": "u1", "claim_id": "k"}, HOST))
        with pytest.raises(StoreUnavailable):
            await rig.drops.settled()
        with pytest.raises(StoreUnavailable):
            await claim
        with pytest.raises(StoreUnavailable):
            await rig.drops.open({"click_id": "more", **LOTTERY}, HOST)
        assert (rig.drops.drop(drop_id)["entries"], rig.drops.drop(coupon_id)["issued"]) == (0, 0)
        rig.clocks.go(60)
        thief.execute("ROLLBACK")
        await rig.until(lambda: rig.drops.drop(drop_id)["state"] == "drawn")
        assert [winner["id"] for winner in rig.drops.drop(drop_id)["winners"]] == ["u1"]
        assert rig.drops.drop(coupon_id)["issued"] == 0
        assert len(rig.drops.drops()) == 2
    finally:
        thief.close()
        await stop_rig(rig)


async def test_a_close_that_the_store_did_not_take_leaves_the_drop_open(tmp_path):
    rig = await start_rig(tmp_path / "fans.db")
    drop_id = await rig.open(early_close=True)
    thief = sqlite3.connect(tmp_path / "fans.db", isolation_level=None)
    try:
        thief.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable):
            await rig.drops.close(drop_id, HOST)
        thief.execute("ROLLBACK")
        rig.say("u1")
        await rig.drops.settled()
        assert rig.drops.drop(drop_id)["entries"] == 1
        assert (await rig.drops.close(drop_id, HOST))["state"] == "drawn"
        with pytest.raises(Conflict):
            await rig.drops.close(drop_id, HOST)
    finally:
        thief.close()
        await stop_rig(rig)


async def test_a_close_whose_caller_went_away_still_ends_in_a_draw(rig):
    drop_id = await rig.open(early_close=True)
    rig.say("u1")
    call = asyncio.ensure_future(rig.drops.close(drop_id, HOST))
    await asyncio.sleep(0)
    call.cancel()
    await rig.until(lambda: rig.drops.drop(drop_id)["state"] == "drawn")


async def test_a_long_list_is_hashed_and_drawn_in_a_process_of_its_own_with_the_same_result(rig, monkeypatch):
    monkeypatch.setattr("studio.drops.referee.LONG_LIST", 10)
    drop_id = await rig.open(prizes=[{"name": f"奖{number}", "value_minor": 1} for number in range(30)])
    for number in range(50):
        rig.say(f"u{number}")
    await rig.run_out(drop_id)
    drop = rig.drops.drop(drop_id)
    assert len(drop["winners"]) == 30
    assert verify(await rig.proof(drop_id), drop["opening"], drop["closing"]).outcome == "valid"
