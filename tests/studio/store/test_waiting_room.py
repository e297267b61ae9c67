"""Places for what waits for the writer: first come, first served, and none is lost with whoever gives up."""

import asyncio

import pytest

from studio.store.waiting_room import WaitingRoom


async def stay(room, count, order, name, leave):
    async with room.places(count):
        order.append(name)
        await leave.wait()


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_needs_many_places_is_not_overtaken_by_who_needs_one():
    room, order, leave = WaitingRoom(10), [], asyncio.Event()
    tasks = [asyncio.create_task(stay(room, count, order, name, leave)) for name, count in (("first", 8), ("large", 9), ("small", 1))]
    await settle()
    assert (order, room.is_full) == (["first"], True)
    leave.set()
    await asyncio.gather(*tasks)
    assert (order, room.is_full) == (["first", "large", "small"], False)


async def test_places_of_who_gives_up_are_free_again():
    room, order, leave = WaitingRoom(4), [], asyncio.Event()
    inside = asyncio.create_task(stay(room, 4, order, "inside", leave))
    outside = [asyncio.create_task(stay(room, 3, order, name, leave)) for name in ("gives up", "stays")]
    await settle()
    outside[0].cancel()
    leave.set()
    await asyncio.gather(inside, outside[1])
    with pytest.raises(asyncio.CancelledError):
        await outside[0]
    assert order == ["inside", "stays"]
    async with asyncio.timeout(30), room.places(4):
        assert room.is_full


async def test_who_is_called_in_and_gives_up_in_the_same_moment_takes_no_place_along():
    room, order, leave = WaitingRoom(1), [], asyncio.Event()
    inside = asyncio.create_task(stay(room, 1, order, "inside", leave))
    waiting = asyncio.create_task(stay(room, 1, order, "waiting", leave))
    await settle()
    leave.set()
    inside.add_done_callback(lambda _: waiting.cancel())
    await asyncio.gather(inside, waiting, return_exceptions=True)
    async with asyncio.timeout(30), room.places(1):
        assert room.is_full
    assert not room.is_full


async def test_an_error_inside_gives_the_places_back():
    room = WaitingRoom(2)
    with pytest.raises(ValueError, match="inside"):
        async with room.places(2):
            raise ValueError("inside")
    assert not room.is_full
