import asyncio
import threading
from dataclasses import dataclass

from studio.bus import Bus


@dataclass(frozen=True)
class Rang:
    number: int


async def test_posts_from_threads_arrive_in_order_on_the_loop_thread():
    bus = Bus(asyncio.get_running_loop())
    seen = []
    done = asyncio.Event()

    def deliver(event: Rang) -> None:
        seen.append((event.number, threading.current_thread()))
        if event.number == 999:
            done.set()

    bus.subscribe(Rang, deliver)
    poster = threading.Thread(target=lambda: [bus.post(Rang(number)) for number in range(1000)])
    poster.start()
    await asyncio.wait_for(done.wait(), 30)
    poster.join()
    assert [number for number, _ in seen] == list(range(1000))
    assert {thread for _, thread in seen} == {threading.current_thread()}


async def test_a_failing_subscriber_costs_only_itself(caplog):
    bus = Bus(asyncio.get_running_loop())
    seen = []

    def fail(_: Rang) -> None:
        raise ZeroDivisionError

    bus.subscribe(Rang, fail)
    bus.subscribe(Rang, seen.append)
    bus.publish(Rang(1))
    assert seen == [Rang(1)]
    assert "Rang failed" in caplog.text


async def test_after_unsubscribing_nothing_comes():
    bus = Bus(asyncio.get_running_loop())
    seen = []
    unsubscribe = bus.subscribe(Rang, seen.append)
    unsubscribe()
    unsubscribe()
    bus.publish(Rang(1))
    assert seen == []
