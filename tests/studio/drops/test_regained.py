"""A room that was lost to another studio and is ours again: what was opened, filled and ended there goes on here."""

import asyncio
import time

import pytest
from sqlalchemy import update

from studio.errors import NotFound, StoreUnavailable
from studio.store.lease_tables import room_lease

from .conftest import HOST, Clocks, start_rig, stop_rig


async def lose(rig):
    """As after a sleep: somebody else's name stands in the row, whose computer has gone since."""

    def commit():
        with rig.database._write_engine.begin() as connection:
            ends_at = time.time_ns() // 1_000_000 + 14_000
            connection.execute(update(room_lease).values(holder="other", studio="PC-2", expires_at=ends_at))

    await asyncio.to_thread(commit)


async def take_over(rig, url, clocks):
    """A second studio opens the room that the first one lost; again where the first was faster."""
    async with asyncio.timeout(50):
        while True:
            await lose(rig)
            try:
                return await start_rig(url, clocks, room="r1")
            except StoreUnavailable:
                continue


async def is_ours_again(rig):
    async with asyncio.timeout(50):
        while True:
            try:
                await rig.database.write(lambda _: None)
            except StoreUnavailable:
                await asyncio.sleep(0.02)
            else:
                return


async def test_what_another_studio_opened_and_ended_goes_on_when_the_room_is_ours_again(postgres_url):
    clocks = Clocks()
    mine = await start_rig(postgres_url, clocks, room="r1")
    try:
        kept, ended = await mine.open_coupon(seconds=600), await mine.open_coupon(seconds=600, early_close=True)
        theirs = await take_over(mine, postgres_url, clocks)
        try:
            lottery = await theirs.open()
            theirs.say("u1", name="小美")
            await theirs.drops.settled()
            await theirs.drops.claim(kept, {"platform": "douyin", "id": "u1", "claim_id": "k1"}, HOST)
            await theirs.drops.close(ended, HOST)
            with pytest.raises(NotFound):
                mine.drops.drop(lottery)
        finally:
            await stop_rig(theirs)
        await is_ours_again(mine)
        await mine.drops.tick()
        assert [mine.drops.drop(one)["state"] for one in (lottery, kept, ended)] == ["open", "open", "closed"]
        assert (mine.drops.drop(lottery)["entries"], mine.drops.drop(kept)["issued"]) == (1, 1)
        mine.say("u2", name="阿泽")
        await mine.run_out(lottery)
        assert {winner["id"] for winner in mine.drops.drop(lottery)["winners"]} == {"u1", "u2"}
        assert [drop["id"] for drop in mine.news if drop["state"] == "drawn"] == [lottery]
    finally:
        await stop_rig(mine)


async def test_a_room_that_was_never_lost_reads_nothing_again(store_url):
    rig = await start_rig(store_url, room="r1")
    try:
        await rig.open_coupon()
        told = len(rig.news)
        for _ in range(3):
            await rig.drops.tick()
        assert len(rig.news) == told
    finally:
        await stop_rig(rig)
