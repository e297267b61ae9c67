"""Hiding and showing by those who run the show: the picture follows, and nothing counts as if the fan had come or spoken."""

import asyncio
import time

import pytest

from studio.app.moderation import moderate
from studio.audience import Audience, ChatSeen
from studio.bus import Bus
from studio.errors import InvalidInput, NotFound
from studio.model.events import format_time
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.model.settings import AudienceSettings, OverlaySettings
from studio.store import fan_archive
from studio.store.database import Database
from studio.store.fan_store import FanStore

FIGURES = ("visits", "chats", "watched_s", "last_seen_at", "present", "streak_days", "points", "name", "names")


@pytest.fixture
async def audience(tmp_path):
    url = f"sqlite:///{tmp_path}/encore.db"
    database, bus = Database(url), Bus(asyncio.get_running_loop())
    await database.open()
    made = Audience(database, bus, AudienceSettings(store=url), OverlaySettings(names="all"))
    made.said = []
    made.database = database
    bus.subscribe(ChatSeen, lambda seen: made.said.extend(seen.items))
    await made.open()
    await made.set_live(True)
    yesterday = format_time(time.time_ns() // 1_000_000 - 86_400_000)
    line = '{"id":"e1","type":"chat","at":"%s","platform":"douyin","room":"r1","fan":{"id":"u1","name":"小美"},"text":"你好"}'
    await made.ingest((line % yesterday).encode())
    made.said.clear()
    yield made
    await made.close()
    await database.close()


async def test_who_is_hidden_and_shown_again_has_done_nothing(audience):
    before = await audience.fan("douyin", "u1")
    for action, on_air in (("hide", "hidden"), ("show", "named"), ("hide", "hidden")):
        assert (await moderate(audience, "r1", {"platform": "douyin", "id": "u1", "action": action}))["action"] == action
        after = await audience.fan("douyin", "u1")
        assert after["on_air"] == on_air
        assert {key: after[key] for key in FIGURES} == {key: before[key] for key in FIGURES}
    assert audience.said == []
    assert audience.board()["present"] == 0


async def test_a_rebuild_keeps_what_moderation_said(audience):
    await moderate(audience, "r1", {"platform": "douyin", "id": "u1", "action": "hide"})
    before = await audience.database.read(lambda connection: list(fan_archive.export_lines(connection)))
    store = FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY")
    await audience.database.write(lambda connection: fan_archive.rebuild(connection, store))
    assert await audience.database.read(lambda connection: list(fan_archive.export_lines(connection))) == before


async def test_nobody_is_made_by_it_and_another_action_is_refused(audience):
    with pytest.raises(NotFound):
        await moderate(audience, "r1", {"platform": "douyin", "id": "nobody", "action": "hide"})
    with pytest.raises(InvalidInput):
        await moderate(audience, "r1", {"platform": "douyin", "id": "u1", "action": "mute"})
