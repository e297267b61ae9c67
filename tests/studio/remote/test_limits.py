"""Floods: what is refused, with which answer, and that the rest goes on."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from remote_door import TOKENS

from studio.remote.event_door import EventLimits
from studio.remote.rate import TokenBucket
from studio.remote.tokens import TokenEntry, hash_token

LINE = b'{"id":"e-1"}\n'


class TestTight:
    @pytest.fixture
    def limits(self):
        return EventLimits(lines_per_second=100, requests_per_second=50, max_under_way=4, max_bytes_under_way=20_000)

    async def test_a_feed_over_its_lines_waits_as_long_as_it_is_told(self, door):
        assert (await door.call("POST /v1/events", "connector", LINE * 150)).status == 200
        assert (await door.call("POST /v1/events", "connector", LINE * 150)).status == 200  # the burst is taken whole, into debt
        answer = await door.call("POST /v1/events", "connector", LINE)
        assert (answer.status, answer.code) == (429, "events.too_fast")
        wait_s = int(answer.headers["Retry-After"])
        assert answer.json["retry_after_s"] == wait_s
        assert wait_s in (2, 3)
        assert len(door.studio.asked) == 2
        door.clock.pass_s(wait_s)
        assert (await door.call("POST /v1/events", "connector", LINE)).status == 200

    async def test_a_feed_over_its_requests_is_refused_too(self, door):
        answers = [(await door.call("POST /v1/events", "connector", b"")).status for _ in range(120)]
        assert answers == [200] * 100 + [429] * 20

    async def test_one_feed_s_flood_is_not_another_s(self, door):
        door.book.add(TokenEntry(hash_token("other"), "connector", "other"))
        await door.call("POST /v1/events", "connector", LINE * 1000)
        assert (await door.call("POST /v1/events", "connector", LINE)).status == 429
        assert (await door.call("POST /v1/events", "other", LINE)).status == 200

    async def test_a_flood_leaves_the_other_calls_alone(self, door):
        await door.call("POST /v1/events", "connector", LINE * 1000)
        assert (await door.call("GET /v1/board", "connector")).status == 200
        assert (await door.call("POST /v1/live/start", "host")).status == 200

    async def test_while_the_store_is_slow_no_more_than_the_bound_waits(self, door):
        door.studio.ingest_gate.clear()
        sent = [asyncio.create_task(door.call("POST /v1/events", "connector", LINE)) for _ in range(20)]
        async with asyncio.timeout(30):
            while sum(task.done() for task in sent) < 16:
                await asyncio.wait({task for task in sent if not task.done()}, return_when=asyncio.FIRST_COMPLETED)
        refused = [task.result() for task in sent if task.done()]
        assert {(answer.status, answer.code) for answer in refused} == {(429, "events.too_many_waiting")}
        assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
        assert (await door.call("GET /v1/health")).status == 200
        door.studio.ingest_gate.set()
        answers = await asyncio.gather(*sent)
        assert sorted(answer.status for answer in answers) == [200] * 4 + [429] * 16
        assert door.studio.most_ingesting == 4
        assert (await door.call("POST /v1/events", "connector", LINE)).status == 200

    async def test_bytes_that_wait_are_bounded_as_well(self, door):
        door.studio.ingest_gate.clear()
        first = asyncio.create_task(door.call("POST /v1/events", "connector", b" " * 15_000))
        async with asyncio.timeout(30):
            while not door.studio.ingesting:  # noqa: ASYNC110 - the client's side can't tell when the server has it
                await asyncio.sleep(0)
        assert (await door.call("POST /v1/events", "connector", b" " * 15_000)).code == "events.too_many_waiting"
        door.studio.ingest_gate.set()
        assert (await first).status == 200
        assert (await door.call("POST /v1/events", "connector", b" " * 15_000)).status == 200  # what has left waits no more


async def test_five_thousand_events_a_second_are_well_within_the_limits(door):
    for _ in range(50):
        for _ in range(10):
            assert (await door.call("POST /v1/events", "connector", LINE * 100)).status == 200
        door.clock.pass_s(0.2)


async def test_a_flood_of_small_requests_is_answered_while_the_rest_goes_on(door):
    """Some seconds of as many requests as this machine can make, on a clock that stands still: the burst passes, the rest is 429."""
    counts = {200: 0, 429: 0}

    async def flood():
        headers = {"Authorization": f"Bearer {TOKENS['connector']}"}
        for _ in range(150):
            async with door.http.post(door.server.url + "/v1/events", data=LINE, headers=headers) as response:
                counts[response.status] += 1

    floods = [asyncio.create_task(flood()) for _ in range(40)]
    while not all(task.done() for task in floods):
        async with asyncio.timeout(30):
            assert (await door.call("GET /v1/health")).status == 200
    assert counts == {200: 4000, 429: 2000}


async def test_ten_thousand_claims_race_and_the_stock_is_the_limit(door):
    door.studio.drops.stock = 100
    await door.call("POST /v1/drops", "host", {"click_id": "c", "kind": "coupon", "title": "券"})

    async def claim(number):
        body = {"platform": "douyin", "id": f"u{number % 300}", "claim_id": f"k{number}"}
        return await door.call("POST /v1/drops/d1/claim", "connector", body)

    answers = [answer for start in range(0, 1000, 100) for answer in await asyncio.gather(*(claim(n) for n in range(start, start + 100)))]
    assert [answer.status for answer in answers].count(200) == 100
    assert {answer.json["reason"] for answer in answers if answer.status == 409} <= {"already", "sold_out"}


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 400)), max_size=40))
def test_a_bucket_never_gives_more_than_its_rate_its_burst_and_one_debt(steps):
    now_s, given_units, largest = 0.0, 0, 0
    bucket = TokenBucket(100, 200, lambda: now_s)
    for pause_s, units in steps:
        now_s += pause_s
        if bucket.wait_s("a") == 0:
            bucket.take("a", units)
            given_units += units
            largest = max(largest, units)
        assert given_units <= 200 + 100 * now_s + largest + 1e-6


@given(st.integers(1, 5000))
def test_who_waits_as_long_as_told_may_take(units):
    now_s = 0.0
    bucket = TokenBucket(100, 200, lambda: now_s)
    bucket.take("a", units)
    now_s += bucket.wait_s("a")
    assert bucket.wait_s("a") == 0


def test_a_bucket_remembers_a_bounded_number_of_callers():
    bucket = TokenBucket(100, 200, lambda: 0.0)
    bucket.take("first", 1000)
    for number in range(1000):
        bucket.take(str(number), 1)
    assert len(bucket._levels) == 1000
    assert bucket.wait_s("999") == 0
