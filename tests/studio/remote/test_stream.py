"""The stream over a real WebSocket: state first, changes after, a slow client told what it missed."""

import asyncio
import json

import aiohttp
import pytest
from remote_door import TOKENS

from studio.remote.stream import MAX_CLIENTS, TOKEN_ENDED
from studio.remote.stream_queue import MAX_MESSAGES, StreamQueue, encode_data
from studio.remote.tokens import PAIRED_DAYS, TokenEntry, hash_token


async def receive(socket, count):
    return [await asyncio.wait_for(socket.receive_json(), 30) for _ in range(count)]


async def goodbye(socket):
    """The close code that the server gives."""
    message = await asyncio.wait_for(socket.receive(), 30)
    assert message.type is aiohttp.WSMsgType.CLOSE
    return message.data


async def connected(door, count):
    """Wait until the studio's news reach `count` clients."""
    async with asyncio.timeout(30):
        while door.server._stream.clients != count:  # noqa: ASYNC110 - the server tells nobody how many are connected
            await asyncio.sleep(0)


async def test_the_full_state_comes_first_then_each_change_numbered(door):
    async with door.stream() as socket:
        state = await receive(socket, 3)
        door.studio.tell("chat", {"text": "想要 <b>"})
        door.studio.tell("drop", {"id": "d1", "state": "open"})
        news = await receive(socket, 2)
    assert [(message["type"], message["seq"]) for message in state] == [("board", 1), ("live", 2), ("settings", 3)]
    assert news == [
        {"type": "chat", "seq": 4, "data": {"text": "想要 <b>"}},
        {"type": "drop", "seq": 5, "data": {"id": "d1", "state": "open"}},
    ]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("host", {"board", "live", "settings", "chat", "meters", "drop", "notice"}),
        ("assistant", {"board", "live", "chat", "meters", "drop", "notice"}),
        ("moderator", {"board", "live", "chat", "drop", "notice"}),
        ("connector", {"board", "live", "drop", "notice"}),
    ],
)
async def test_a_role_sees_in_the_stream_what_it_could_ask_for(door, role, expected):
    async with door.stream(role) as socket:
        await connected(door, 1)
        for name in ("settings", "chat", "meters", "drop", "notice"):
            door.studio.tell(name, {})
        seen = set()
        while "notice" not in seen:
            seen |= {message["type"] for message in await receive(socket, 1)}
    assert seen == expected


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
async def test_a_stream_without_a_token_is_refused_at_the_handshake(door, headers):
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await door.http.ws_connect(door.server.url + f"/v1/stream?token={TOKENS['host']}", headers=headers)
    assert caught.value.status == 401


async def test_a_stream_asked_for_by_plain_http_is_a_problem(door):
    answer = await door.call("GET /v1/stream")
    assert (answer.status, answer.code) == (400, "remote.not_websocket")


async def test_a_page_s_websocket_is_refused(door):
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await door.http.ws_connect(
            door.server.url + "/v1/stream", origin="http://evil.example", headers={"Authorization": f"Bearer {TOKENS['host']}"}
        )
    assert caught.value.status == 403


async def test_a_slow_client_is_told_what_it_missed_and_gets_the_newest_state_while_a_quick_one_misses_nothing(door):
    padding = "x" * 20_000  # more than the system's buffers take while nobody reads
    async with door.stream() as slow, door.stream() as quick:
        await connected(door, 2)
        await receive(quick, 3)
        slow._reader._protocol.pause_reading()
        for number in range(1000):
            door.studio.tell("chat", {"number": number, "padding": padding})
            if number % 10 == 0:
                door.studio.tell("board", {"version": number, "padding": padding})
                door.studio.tell("drop", {"id": f"d{number % 20}", "version": number})
            for _ in range(1 if number % 10 else 3):
                await asyncio.wait_for(quick.receive(), 30)
        slow._reader._protocol.resume_reading()
        seen = []
        while not seen or seen[-1]["type"] != "skipped":
            seen += await receive(slow, 1)
        newest = await receive(slow, 3)
        door.studio.tell("chat", {"number": "after"})
        after = await receive(slow, 1)
    skipped = seen[-1]["data"]
    chats = [message["data"]["number"] for message in seen if message["type"] == "chat"]
    assert chats == list(range(len(chats)))
    assert len(chats) + skipped["chat"] == 1000
    assert skipped["chat"] > 100
    assert {(message["type"], message["data"]["version"]) for message in newest} == {("board", 990), ("drop", 980), ("drop", 990)}
    assert after[0]["data"]["number"] == "after"
    assert [message["seq"] for message in seen + newest + after] == list(range(1, len(seen) + 5))


async def test_a_client_that_is_gone_is_forgotten(door):
    async with door.stream():
        await connected(door, 1)
    await connected(door, 0)
    assert door.studio.subscribers == []
    async with door.stream() as again:
        assert len(await receive(again, 3)) == 3
        assert len(door.studio.subscribers) == 1


async def test_what_a_client_says_is_ignored_and_too_much_of_it_ends_its_stream(door):
    async with door.stream() as socket:
        await receive(socket, 3)
        await socket.send_str('{"type":"live","data":{}}')
        door.studio.tell("notice", {"code": "x"})
        assert (await receive(socket, 1))[0]["type"] == "notice"
        await socket.send_bytes(b"x" * 5000)
        assert await goodbye(socket) == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
    await connected(door, 0)


async def test_a_device_that_is_shut_out_loses_its_stream(door):
    door.book.add(TokenEntry(hash_token("phone"), "assistant", "phone", "paired"))
    door.tokens["phone"] = "phone"
    async with door.stream("phone") as socket, door.stream("host") as other:
        await receive(socket, 2)
        await door.call(f"DELETE /v1/tokens/{hash_token('phone')[:12]}")
        assert await goodbye(socket) == TOKEN_ENDED
        door.studio.tell("notice", {})
        assert (await receive(other, 4))[-1]["type"] == "notice"


async def test_a_token_that_expires_ends_its_stream_before_the_next_message(door):
    door.tokens["phone"] = door.book.issue("assistant", "phone")
    async with door.stream("phone") as socket:
        await receive(socket, 2)
        door.clock.pass_s(PAIRED_DAYS * 86_400)
        door.studio.tell("board", {"version": 2})
        assert await goodbye(socket) == TOKEN_ENDED


async def test_streams_are_bounded(door):
    sockets = [await door.stream() for _ in range(MAX_CLIENTS)]
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await door.stream()
    assert caught.value.status == 429
    await asyncio.gather(*(socket.close() for socket in sockets))


async def test_stopping_the_server_says_goodbye_and_leaves_no_task(door):
    async with door.stream() as socket:
        await receive(socket, 3)
        _, code = await asyncio.gather(door.server.stop(), goodbye(socket))
        assert code == aiohttp.WSCloseCode.GOING_AWAY
    assert door.studio.subscribers == []
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith(("stream", "audit", "close"))]


async def test_a_client_that_stopped_reading_holds_up_neither_its_own_end_nor_the_server_s(door):
    door.book.add(TokenEntry(hash_token("phone"), "assistant", "phone", "paired"))
    door.tokens["phone"] = "phone"
    async with door.stream("phone") as phone, door.stream() as window:
        await connected(door, 2)
        for socket in (phone, window):
            socket._reader._protocol.pause_reading()
        for number in range(500):
            door.studio.tell("chat", {"number": number, "padding": "x" * 50_000})
            await asyncio.sleep(0)
        await door.call(f"DELETE /v1/tokens/{hash_token('phone')[:12]}")
        await connected(door, 1)
        await asyncio.wait_for(door.server.stop(), 30)
        assert door.server._stream.clients == 0
        for socket in (phone, window):
            socket._reader._protocol.resume_reading()


def drain(queue: StreamQueue, count: int) -> list[dict]:
    async def take():
        return [json.loads(await asyncio.wait_for(queue.take(), 30)) for _ in range(count)]

    return asyncio.run(take())


def test_a_hundred_messages_wait_and_the_next_is_skipped():
    queue = StreamQueue()
    for number in range(MAX_MESSAGES + 1):
        queue.put("chat", encode_data(number))
    messages = drain(queue, MAX_MESSAGES + 1)
    assert [message["data"] for message in messages] == [*range(MAX_MESSAGES), {"chat": 1}]


def test_the_full_state_is_never_skipped_however_many_drops_there_are():
    queue = StreamQueue()
    queue.start([("drop", encode_data({"id": str(number)})) for number in range(300)])
    queue.put("board", encode_data({"version": 1}))
    assert [message["type"] for message in drain(queue, 302)] == ["drop"] * 300 + ["skipped", "board"]


def test_nothing_overtakes_the_word_that_something_was_skipped():
    queue = StreamQueue()
    for _ in range(MAX_MESSAGES + 1):
        queue.put("chat", "1")
    drain(queue, 50)
    queue.put("notice", '"late"')
    types = [message["type"] for message in drain(queue, 51)]
    assert types == ["chat"] * 50 + ["skipped"]


def test_newest_states_are_bounded_by_forgetting_the_oldest_drop():
    queue = StreamQueue()
    for _ in range(MAX_MESSAGES):
        queue.put("chat", "1")
    queue.put("board", '{"version":7}')
    for number in range(1000):
        queue.put("drop", encode_data({"id": number}), str(number))
    messages = drain(queue, MAX_MESSAGES + 201)
    assert messages[MAX_MESSAGES]["data"] == {"board": 1, "drop": 1000}
    assert messages[MAX_MESSAGES + 1]["data"] == {"version": 7}
    assert messages[-1]["data"] == {"id": 999}
    assert queue.skipped_total == 1001
