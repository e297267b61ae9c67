"""The bridge of the documentation, run as its user runs it, against a real API and a real fan file."""

import asyncio
import importlib.util
import json
import sys
import threading
import time
from pathlib import Path

import aiohttp.web
import pytest
from remote_door import TOKENS
from shop_room import ShopRoom, ShopStudio, wall_ms

from studio.errors import StoreUnavailable, TooManyRequests
from studio.model.events import format_time

SCRIPT = Path(__file__).resolve().parents[3] / "docs" / "bridge_example.py"


class Fed(ShopStudio):
    """Events go to the real audience, after as many refusals as the test wants."""

    audience = None
    refusals: list

    async def ingest(self, lines, principal):
        self.ask("ingest", time.monotonic(), lines)
        if self.refusals:
            raise self.refusals.pop(0)
        found = await self.audience.ingest(lines, source=principal.name)
        rejected = [{"line": item.line, "error": item.error} for item in found.rejected]
        return {"accepted": found.accepted, "duplicate": found.duplicate, "rejected": rejected}


@pytest.fixture
def fed(shop: ShopRoom):
    shop.studio.__class__ = Fed
    shop.studio.audience, shop.studio.refusals = shop.audience, []
    return shop


def chat(number: int, **more) -> dict:
    at = format_time(wall_ms())
    return {
        "id": f"b{number}",
        "type": "chat",
        "at": at,
        "room": "r1",
        "fan": {"id": f"u{number % 7}", "name": "小美"},
        "text": f"第{number}条",
        **more,
    }


async def run(url: str, lines: list, token: str = TOKENS["connector"], *more: str):
    text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    words = (sys.executable, str(SCRIPT), "--url", url, "--platform", "douyin", *more)
    child = await asyncio.create_subprocess_exec(
        *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={"ENCORE_TOKEN": token}
    )
    out, err = await asyncio.wait_for(child.communicate(text.encode()), 120)
    return child.returncode, json.loads(out) if out.strip() else None, err.decode()


async def test_every_line_arrives_once(fed):
    lines = [chat(number) for number in range(1200)]
    code, counts, _ = await run(fed.server.url, [*lines, "", "no JSON", *lines[:100]])
    assert (code, counts) == (0, {"accepted": 1200, "duplicate": 100, "rejected": 0, "dropped": 0})
    assert (await fed.audience.fan("douyin", "u1"))["chats"] == len([line for line in lines if line["fan"]["id"] == "u1"])


async def test_it_waits_as_long_as_it_is_told_and_sends_the_same_again(fed):
    fed.studio.refusals = [TooManyRequests("events.too_many", retry_after_s=2), StoreUnavailable("store.locked", path="x")]
    code, counts, _ = await run(fed.server.url, [chat(number) for number in range(3)])
    assert (code, counts["accepted"]) == (0, 3)
    asked = [asked for asked in fed.studio.asked if asked[0] == "ingest"]
    assert asked[1][1] - asked[0][1] >= 2
    assert asked[0][2] == asked[1][2] == asked[2][2]


async def test_an_engine_that_is_not_there_yet_is_waited_for(fed):
    port = fed.server.url.rpartition(":")[2]
    await fed.server.stop()
    running = asyncio.create_task(run(f"http://127.0.0.1:{port}", [chat(1)]))
    await asyncio.sleep(1.5)

    async def take(request):
        return aiohttp.web.json_response({"accepted": len((await request.read()).splitlines()), "duplicate": 0, "rejected": []})

    application = aiohttp.web.Application()
    application.router.add_post("/v1/events", take)
    runner = aiohttp.web.AppRunner(application)
    await runner.setup()
    await aiohttp.web.TCPSite(runner, "127.0.0.1", int(port)).start()
    code, counts, _ = await running
    await runner.cleanup()
    assert (code, counts["accepted"]) == (0, 1)


async def test_a_wrong_token_ends_it_in_words(fed):
    code, counts, words = await run(fed.server.url, [chat(1)], "wrong")
    assert (code, counts) == (1, None)
    assert "401" in words
    assert "Traceback" not in words


async def test_what_cannot_be_used_is_named(fed):
    code, counts, words = await run(fed.server.url, [chat(1), chat(2, type="gift", paid_minor=-1, currency="CNY")])
    assert (code, counts["accepted"], counts["rejected"]) == (0, 1, 1)
    assert "negative" in words


async def test_a_readers_own_messages_are_translated(fed):
    raw = {"method": "WebcastChatMessage", "msg_id": 77, "time_ms": wall_ms(), "user": {"id": 5, "nickname": "阿泽"}, "text": "签到"}
    code, counts, _ = await run(fed.server.url, [raw, raw, {"method": "Other"}])
    assert (code, counts["accepted"], counts["duplicate"]) == (0, 1, 1)
    assert (await fed.audience.fan("douyin", "5"))["name"] == "阿泽"


@pytest.fixture
def bridge(monkeypatch):
    spec = importlib.util.spec_from_file_location("bridge_example", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "MAX_WAITING", 10)
    return module


def test_a_full_bridge_stops_reading_until_there_is_room(bridge):
    waiting = bridge.Waiting(may_drop=False)
    for number in range(10):
        waiting.put(b"%d" % number, is_droppable=True)
    reader = threading.Thread(target=waiting.put, args=(b"10",), kwargs={"is_droppable": True})
    reader.start()
    reader.join(0.2)
    assert reader.is_alive()
    assert waiting.batch() == [b"%d" % number for number in range(10)]
    reader.join(30)
    assert not reader.is_alive()
    assert waiting.batch() == [b"10"]
    assert waiting.dropped == 0


def test_only_chat_is_let_go_when_that_is_asked_for(bridge):
    waiting = bridge.Waiting(may_drop=True)
    for number in range(10):
        waiting.put(b"%d" % number, is_droppable=number % 2 == 0)
    for number in range(10, 13):
        waiting.put(b"%d" % number, is_droppable=False)
    assert waiting.batch() == [b"1", b"3", b"5", b"6", b"7", b"8", b"9", b"10", b"11", b"12"]
    assert waiting.dropped == 3
