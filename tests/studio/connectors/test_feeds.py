import asyncio
import json
import time

import pytest

from studio.connectors import open_feed
from studio.connectors.cast import cast
from studio.connectors.simulated import SimulatedFeed
from studio.errors import InvalidInput
from studio.model.events import FanEvent, Rejection, format_time, parse_time
from studio.model.settings import AudienceSettings

NOW_MS = parse_time("2026-11-22T12:00:00Z", "at")


def settings(events, speed=1.0):
    return AudienceSettings(events=events, speed=speed)


def open_at(events, speed=1.0):
    return open_feed(settings(events, speed), lambda: NOW_MS)


async def taken(feed, count):
    items = []
    async for item in feed.events():
        items.append(item)
        if len(items) == count:
            break
    return items


def chat(number, ms):
    return {"id": f"e{number}", "type": "chat", "at": format_time(NOW_MS + ms), "platform": "p", "fan": {"id": "u"}, "text": "x"}


def write(path, *lines):
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))
    return f"file:{path}"


def test_none_is_no_feed():
    assert open_at("none") is None


@pytest.mark.parametrize("word", ["file:no-such-file.jsonl", "radio:1", "simulated:1?fans=0", "simulated:1?rate=x", "simulated:1?fans"])
def test_what_cannot_be_opened_is_refused(word):
    with pytest.raises(InvalidInput):
        open_at(word)


async def test_broken_lines_come_out_with_their_number(tmp_path):
    word = write(tmp_path / "e.jsonl", chat(1, 0), b"", b"{", b" " * 70_000, b"x" * 200_000, chat(2, 0))
    items = await taken(open_at(word, 0), 9)
    assert [item.line if isinstance(item, Rejection) else item.id for item in items] == ["e1", 3, 4, 5, "e2"]
    assert items[2].error == "longer than 64 KiB"


async def test_a_file_is_replayed_by_its_timestamps_times_the_speed(tmp_path, monkeypatch):
    waits, sleep = [], asyncio.sleep
    monkeypatch.setattr("studio.connectors.file.asyncio.sleep", lambda seconds: waits.append(seconds) or sleep(seconds))
    word = write(tmp_path / "e.jsonl", chat(1, 0), chat(2, 400), chat(3, 200), chat(4, 800))
    started = time.monotonic()
    moments = [time.monotonic() - started async for _ in open_at(word, 2.0).events()]
    assert moments[1] >= 0.19
    assert moments[3] >= 0.39
    assert len([seconds for seconds in waits if seconds > 0]) <= 2, "what is overdue comes at once"


async def test_speed_zero_is_as_fast_as_it_is_taken(tmp_path):
    word = write(tmp_path / "e.jsonl", *(chat(number, number * 60_000) for number in range(500)))
    async with asyncio.timeout(60):
        assert len(await taken(open_at(word, 0), 1_000)) == 500


async def test_the_same_seed_and_start_give_the_same_trace():
    one, other, third = open_at("simulated:7", 1000), open_at("simulated:7", 1000), open_at("simulated:8", 1000)
    assert list(one.history()) == list(other.history()) != list(third.history())
    assert await taken(one, 400) == await taken(other, 400)


def test_a_past_day_is_the_same_past_on_another_day():
    today = {event.id: event for event in open_at("simulated:7").history()}
    tomorrow = {event.id: event for event in SimulatedFeed("7", settings("simulated:7"), lambda: NOW_MS + 86_400_000).history()}
    common = today.keys() & tomorrow.keys()
    assert len(common) > 0.9 * len(today)
    assert all(today[key] == tomorrow[key] for key in common)


def test_history_comes_in_order_before_the_show():
    history = list(open_at("simulated:7").history())
    visits = [event for event in history if event.type == "enter"]
    assert [event.at_ms for event in visits] == sorted(event.at_ms for event in visits)
    assert max(event.at_ms for event in history if event.type == "enter") < NOW_MS
    assert {"order", "refund", "delivered", "follow", "checkin"} <= {event.type for event in history}


async def test_the_show_has_everything_that_a_show_has():
    feed = open_at("simulated:7", 1000)
    list(feed.history())
    events = await taken(feed, 3_000)
    assert all(isinstance(event, FanEvent) for event in events)
    assert {"enter", "leave", "chat", "like", "gift", "order", "refund", "share", "follow"} <= {event.type for event in events}
    assert [event.at_ms for event in events if event.type != "gift"][:50] == sorted(
        event.at_ms for event in events if event.type != "gift"
    )[:50]
    assert len({event.id for event in events}) < 3_000, "some are told twice"


async def test_an_invited_audience_writes_the_keyword_in_time():
    feed = open_at("simulated:7", 1000)
    list(feed.history())
    await taken(feed, 50)
    feed.invite("想要", 0.06)
    said = [event for event in await taken(feed, 500) if event.text == "想要"]
    assert len(said) >= 5
    assert len({event.fan_id for event in said}) == len(said)


def test_the_cast_is_two_hundred_different_people():
    people = cast("7", 200)
    assert len({person.name for person in people}) == 200
    assert len({person.fan_id for person in people}) == 200
    assert sum(person.is_open for person in people) > 120, "most have opted in to be named"
    assert any(not person.name.isascii() and any(ord(sign) > 0x1F000 for sign in person.name) for person in people)
    assert any(person.name.isascii() for person in people)
