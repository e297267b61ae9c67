"""What is sent as a body, and what must come of it: sizes, depth, broken JSON, slow senders, and words for each."""

import asyncio
import gzip
import json
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.errors import Conflict, SourceUnavailable, StoreUnavailable
from studio.remote import request as request_module
from studio.remote.request import MAX_BODY_BYTES


def address(door) -> tuple[str, int]:
    return "127.0.0.1", int(door.server.url.rpartition(":")[2])


def head(door, call: str, *lines: str) -> bytes:
    method, path = call.split()
    given = "".join(f"{line}\r\n" for line in lines)
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {door.tokens['connector']}\r\n{given}\r\n".encode()


@pytest.mark.parametrize("call", ["POST /v1/events connector", "POST /v1/drops host", "PATCH /v1/settings host", "POST /v1/pair none"])
async def test_one_byte_over_a_mebibyte_is_413_everywhere(door, call):
    call, role = call.rsplit(" ", 1)
    answer = await door.call(call, None if role == "none" else role, b" " * (MAX_BODY_BYTES + 1))
    assert (answer.status, answer.code) == (413, "body.too_large")
    assert not [asked for asked in door.studio.asked if asked[0] != "settings"]


async def test_a_mebibyte_of_events_is_taken(door):
    line = b'{"id":"e-1","text":"' + b"x" * 80 + b'"}\n'
    lines = line * (MAX_BODY_BYTES // len(line))
    assert (await door.call("POST /v1/events", "connector", lines)).json["accepted"] == len(lines.splitlines())


async def test_a_hundred_megabytes_are_refused_before_they_are_read(door):
    reader, writer = await asyncio.open_connection(*address(door))
    writer.write(head(door, "POST /v1/events", f"Content-Length: {100 * 2**20}"))
    assert (await reader.readline()).startswith(b"HTTP/1.1 413")
    writer.close()


async def test_a_body_that_hides_its_length_is_cut_off_at_the_limit(door):
    async def endless():
        for _ in range(40):
            yield b" " * 64_000

    answer = await door.call("POST /v1/events", "connector", data=endless())
    assert answer.status == 413
    assert door.studio.asked == []


async def test_a_sender_that_drips_is_told_off(door, monkeypatch):
    monkeypatch.setattr(request_module, "BODY_SECONDS", 0.05)
    reader, writer = await asyncio.open_connection(*address(door))
    writer.write(head(door, "POST /v1/events", "Content-Length: 1000") + b"{")
    assert (await reader.readline()).startswith(b"HTTP/1.1 400")
    assert b"body.too_slow" in await reader.read()
    writer.close()


async def test_a_body_that_breaks_off_takes_nothing_along(door):
    _, writer = await asyncio.open_connection(*address(door))
    writer.write(head(door, "POST /v1/events", "Content-Length: 1000") + b'{"id":')
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await door.call("GET /v1/health")).status == 200
    assert not [asked for asked in door.studio.asked if asked[0] == "ingest"]


async def test_compressed_bodies_are_refused_so_that_none_can_swell(door):
    bomb = gzip.compress(b"0" * 10_000_000)
    answer = await door.call("POST /v1/events", "connector", bomb, headers={"Content-Encoding": "gzip"})
    assert (answer.status, answer.code) == (400, "body.encoded")
    assert door.studio.asked == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "body.not_json"),
        (b"nonsense", "body.not_json"),
        (b"{'a': 1}", "body.not_json"),
        (b'{"a": 1} {"b": 2}', "body.not_json"),
        (b'\xef\xbb\xbf{"a": 1}', "body.not_json"),
        (b'{"a": "\xff\xfe"}', "body.not_utf8"),
        (b'{"a": "\xed\xa0\x80"}', "body.not_utf8"),
        (b'[{"a": 1}]', "body.not_object"),
        (b'"text"', "body.not_object"),
        (b"null", "body.not_object"),
        (b'{"a": NaN}', "body.number"),
        (b'{"a": -Infinity}', "body.number"),
        (b'{"a": 1e999}', "body.number"),
        (b'{"a": 9007199254740993}', "body.number"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "body.number"),
        (b'{"title": "a", "title": "b"}', "body.repeated_key"),
        (b'{"a": ' + b"[" * 32 + b"]" * 32 + b"}", "body.too_deep"),
        (b'{"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "body.too_deep"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "body.too_deep"),
        (b"[" * 500_000, "body.too_deep"),
    ],
)
@pytest.mark.parametrize("call", ["POST /v1/drops", "PATCH /v1/settings"])
async def test_what_is_not_one_sound_json_object_is_400_with_the_reason(door, call, body, code):
    answer = await door.call(call, "host", body)
    assert (answer.status, answer.code) == (400, code)
    assert not [asked for asked in door.studio.asked if asked[0] in ("open_drop", "patch_settings")]


async def test_thirty_two_levels_are_deep_enough(door):
    body = b'{"platform": "a", "id": "b", "action": "c", "more": ' + b"[" * 31 + b"]" * 31 + b"}"
    assert (await door.call("POST /v1/moderation", "host", body)).status == 200


async def test_a_lone_surrogate_becomes_a_replacement_sign(door):
    body = b'{"platform": "a", "id": "b", "action": "mute", "text": "x\\ud83d y\\ud83d\\ude00"}'
    answer = await door.call("POST /v1/moderation", "host", body)
    assert answer.json["text"] == "x\ufffd y\U0001f600"


@pytest.mark.parametrize(
    ("language", "title", "start"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "现在不行", "zh"),
        ("en-GB", "Not now", "en"),
        ("fr, zh;q=0.2", "现在不行", "zh"),
        ("", "Not now", "en"),
        ("de", "Not now", "en"),
        ("zh;q=x, en", "Not now", "en"),
        ("*;q=0.1," * 1000, "Not now", "en"),
    ],
)
async def test_a_problem_speaks_the_caller_s_language(door, language, title, start):
    answer = await door.call("GET /v1/drops/d1/proof", "host", headers={"Accept-Language": language} if language else {})
    assert answer.json["title"] == title
    words = (await door.call("POST /v1/live/start", "moderator", headers={"Accept-Language": language} if language else {})).json["detail"]
    assert ("主播" in words) == (start == "zh")


async def test_a_problem_document_has_all_its_members(door):
    answer = await door.call("POST /v1/live/start", "moderator")
    assert answer.headers["Content-Type"].split(";")[0] == "application/problem+json"
    assert answer.json == {
        "type": "urn:encore:problem:remote.forbidden",
        "title": "Not allowed",
        "status": 403,
        "detail": "The role moderator may not do that. Ask the host.",
        "code": "remote.forbidden",
        "kind": "Forbidden",
        "params": {"role": "moderator"},
        "role": "moderator",
        "retryable": False,
    }


@pytest.mark.parametrize(("call", "status"), [("GET /v1/nothing", 404), ("GET /", 404), ("PUT /v1/drops", 405), ("GET /v2/health", 404)])
async def test_unknown_paths_and_methods_are_problems_too(door, call, status):
    answer = await door.call(call, "host")
    assert (answer.status, answer.code) == (status, f"http.{status}")
    assert ("Allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    ("error", "status"),
    [(SourceUnavailable("camera.lost"), 503), (StoreUnavailable("store.locked"), 503), (Conflict("live.already"), 409)],
)
async def test_the_world_s_faults_keep_their_code(door, error, status):
    door.studio.failing["start_live"] = error
    answer = await door.call("POST /v1/live/start")
    assert (answer.status, answer.code) == (status, error.code)


async def test_a_bug_of_ours_is_logged_and_shows_the_caller_nothing(door, caplog):
    door.studio.failing["board"] = ZeroDivisionError("secret insides")
    answer = await door.call("GET /v1/board")
    assert (answer.status, answer.code) == (500, "remote.bug")
    assert b"ZeroDivision" not in answer.content
    assert b"secret" not in answer.content
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.exc_info[0] is ZeroDivisionError
    assert (await door.call("GET /v1/health")).status == 200


def json_values():
    leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    return st.recursive(leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12)


FIELDS = (
    "click_id",
    "kind",
    "title",
    "prizes",
    "value_minor",
    "platform",
    "id",
    "claim_id",
    "reason",
    "compare",
    "role",
    "code",
    "name",
    "look",
)
CALLS = (
    "POST /v1/drops",
    "POST /v1/drops/d1/claim",
    "POST /v1/drops/d1/entries",
    "PATCH /v1/settings",
    "POST /v1/preview",
    "POST /v1/moderation",
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    call=st.sampled_from([*CALLS, "POST /v1/pair", "POST /v1/pair/codes", "POST /v1/fans/douyin/u1/redeem"]),
    body=st.binary(max_size=300)
    | st.dictionaries(st.sampled_from(FIELDS), json_values(), max_size=6).map(lambda value: json.dumps(value).encode())
    | json_values().map(lambda value: json.dumps(value).encode()),
)
async def test_no_body_whatever_is_a_bug(door, call, body):
    answer = await door.call(call, "host", body)
    assert answer.status in (200, 201, 400, 401, 404, 409, 422, 429), (body, answer.content)
    if answer.status >= 400:
        assert {"type", "title", "status", "detail", "code"} <= answer.json.keys()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(
        ["/v1/fans/{}/{}", "/v1/drops/{}", "/v1/outputs/{}/retry", "/v1/board?limit={}", "/v1/audit?since={}", "/v1/preview.jpg?width={}"]
    ),
    text=st.text(min_size=1, max_size=30),
)
async def test_no_path_and_no_query_whatever_is_a_bug(door, path, text):
    from urllib.parse import quote

    filled = path.replace("{}", quote(text, safe="", errors="replace"))
    answer = await door.call(f"{'POST' if 'retry' in path else 'GET'} {filled}", "host")
    assert answer.status in (200, 404, 405, 422), (filled, answer.content)
