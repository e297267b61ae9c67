"""Forty bad inputs, those that come through the control API: a running engine as a stranger would abuse it, while it is on air."""

import asyncio
import hashlib
import json
import socket
import sqlite3
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

import aiohttp
import pytest

from tests.e2e.show import engine, run_main
from tests.servers import PATIENCE_S

KEY = "s3cret-stream-key"
TOKENS = {role: f"token-of-the-{role}" for role in ("host", "assistant", "moderator", "connector")}
BOUND = "token-bound-to-kuaishou"
MIB = 2**20
ON_AIR = {"connecting"}
"""The recording runs; the server that nobody runs is tried again and again, and was never lost."""


def tokens_toml(folder):
    rows = [(TOKENS[role], role, f"test {role}", "") for role in TOKENS] + [(BOUND, "connector", "bound", "kuaishou")]
    path = folder / "tokens.toml"
    path.write_text(
        "".join(
            f'[[token]]\nsha256 = "{hashlib.sha256(token.encode()).hexdigest()}"\nrole = "{role}"\nname = "{name}"\nplatform = "{platform}"\n'
            for token, role, name, platform in rows
        )
    )
    path.chmod(0o600)
    return path


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """An engine on air: a recording, and a server that nobody runs, with a key that must not show."""
    folder = tmp_path_factory.mktemp("abuse")
    tables = {
        "video": {"width": 640, "height": 360, "fps": 25},
        "encoder": {"bitrate_kbps": 800, "preset": "ultrafast"},
        "output": [{"name": "archive", "path": "show.mp4"}, {"name": "main", "server": "rtmp://127.0.0.1:9/live", "key": KEY}],
        "remote": {"tokens": str(tokens_toml(folder))},
    }
    with engine(folder, tables) as running:
        running.wait_for("/v1/board", lambda board: "rows" in board)
        status, answer = running.call("POST", "/v1/live/start")
        assert status == 200, answer
        running.wait_for("/v1/health", lambda report: report["video"]["encoded"] > 0)
        yield running


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(kind="chat", fan="u1", name="小美", platform="douyin", **more):
    return {"id": uuid.uuid4().hex, "type": kind, "at": now(), "platform": platform, "room": "r1", "fan": {"id": fan, "name": name}, **more}


def ndjson(*events) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in events)


def send(studio, *events, token=TOKENS["connector"]):
    return studio.call("POST", "/v1/events", ndjson(*events), token=token, kind="application/x-ndjson")


def still_well(studio):
    """On air, and able to say so."""
    _, report = studio.call("GET", "/v1/health")
    assert studio.call("GET", "/v1/live")[1]["state"] in ON_AIR
    return report


def coupon(**more):
    return {
        "click_id": uuid.uuid4().hex,
        "kind": "coupon",
        "title": "券",
        "value_minor": 500,
        "stock": 5,
        "keyword": "领券",
        "seconds": 60,
    } | more


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "**bold** [x](javascript:alert(1))",
    "{0.__class__}",
    "%s%n",
    "'; DROP TABLE fan; --",
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_kept_literally_and_run_nowhere(studio, name):
    fan = hashlib.sha256(name.encode()).hexdigest()[:10]
    status, answer = send(studio, event("enter", fan, name), event("chat", fan, name, text=name))
    assert (status, answer["accepted"]) == (200, 2), answer
    status, card = studio.call("GET", f"/v1/fans/douyin/{fan}")
    assert (status, card["name"]) == (200, name)
    assert studio.call("GET", "/v1/fans/douyin/" + quote(name, safe=""))[0] == 404
    still_well(studio)


@pytest.mark.parametrize(
    "name",
    [
        "a\u202eb",
        "x\u2066y\u2069",
        "n\x00ul",
        "new\nline\r",
        "\ud83d lone",
        "z\u0301" * 300,
        "\U0001f600" * 1000,
        "字" * 3500,
        "a\u200d\u200b" * 500,
    ],
)
def test_broken_and_endless_names_are_tamed_and_the_show_goes_on(studio, name):
    fan = uuid.uuid4().hex
    status, _ = send(studio, event("enter", fan, name), event("chat", fan, name, text=name * 3))
    assert status == 200
    status, card = studio.call("GET", f"/v1/fans/douyin/{fan}")
    assert status in (200, 404)
    if status == 200:
        assert not set(card["name"]) & set("\x00\ud83d")  # the rest is cleaned where it is shown
    assert studio.call("GET", "/v1/board")[0] == 200
    still_well(studio)


@pytest.mark.parametrize("amount", [-1, 1.5, 1e308, "100", True, 10**30])
def test_strange_amounts_are_refused_line_by_line_and_drop_by_drop(studio, amount):
    order = event("order", "u2", order=uuid.uuid4().hex, amount_minor=amount, currency="CNY", items=[])
    good = event("chat", "u2", text="x")
    status, answer = send(studio, order, good)
    assert (status, answer["accepted"]) == (200, 1), answer
    assert [row["line"] for row in answer["rejected"]] == [1]
    status, answer = studio.call("POST", "/v1/drops", coupon(value_minor=amount))
    assert status in (400, 422), answer
    still_well(studio)


def test_nan_in_a_line_is_a_rejected_line(studio):
    lines = b'{"id":"nan","type":"like","at":"%s","platform":"douyin","room":"r1","fan":{"id":"u1"},"count":NaN}\n' % now().encode()
    status, answer = studio.call("POST", "/v1/events", lines, token=TOKENS["connector"])
    assert (status, answer["accepted"], [row["line"] for row in answer["rejected"]]) == (200, 0, [1])


def test_a_line_nested_ten_thousand_deep_is_a_rejected_line(studio):
    deep = b'{"id":' + b"[" * 10_000 + b"]" * 10_000 + b"}\n"
    status, answer = studio.call("POST", "/v1/events", deep + ndjson(event(text="after")), token=TOKENS["connector"])
    assert (status, answer["accepted"], [row["line"] for row in answer["rejected"]]) == (200, 1, [1])


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"[" * 10_000, 400), (b'{"a":NaN}', 400), (b"\xff\xfe", 400), (b'{"title":"a","title":"b"}', 400), (b" " * (MIB + 1), 413)],
)
def test_broken_and_huge_bodies_are_refused_whole(studio, body, status):
    before = studio.call("GET", "/v1/drops")[1]
    got, problem = studio.call("POST", "/v1/drops", body)
    assert (got, problem["status"]) == (status, status)
    assert "Traceback" not in json.dumps(problem)
    assert studio.call("GET", "/v1/drops")[1] == before


def test_a_hundred_megabytes_are_refused_unread(studio):
    parts = urlsplit(studio.address["url"])
    with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE_S) as connection:
        head = f"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKENS['connector']}\r\nContent-Length: {100 * MIB}\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 100_000)
        assert b" 413 " in connection.recv(100)
    still_well(studio)


def test_http_that_is_none_does_no_harm(studio):
    parts = urlsplit(studio.address["url"])
    for garbage in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00" * 70_000,
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE_S) as connection:
            connection.sendall(garbage)
            connection.shutdown(socket.SHUT_WR)
            with_answer = connection.recv(1000)
        assert b"Traceback" not in with_answer
    still_well(studio)


@pytest.mark.parametrize("token", ["wrong", "token-of-the-hos", hashlib.sha256(TOKENS["host"].encode()).hexdigest(), "x" * 5000])
def test_guessed_tokens_are_401(studio, token):
    for call in ("GET /v1/health", "POST /v1/live/stop", "GET /v1/stream", "PATCH /v1/settings"):
        assert studio.call(*call.split(), token=token)[0] == 401
    assert studio.call("GET", "/v1/live")[1]["state"] in ON_AIR


def test_an_assistant_on_the_host_s_calls_is_403_with_a_row_in_the_audit(studio):
    since = now()
    time.sleep(0.01)  # what is told is what comes after this millisecond, and the first call may come within it
    for call in (
        "POST /v1/live/stop",
        "GET /v1/settings",
        "PATCH /v1/settings",
        "GET /v1/audit",
        "POST /v1/engine/stop",
        "POST /v1/events",
    ):
        assert studio.call(*call.split(), token=TOKENS["assistant"])[0] == 403
    _, audit = studio.call("GET", f"/v1/audit?since={since}")
    refused = [row["what"] for row in audit["rows"] if row["who"] == "test assistant" and row["outcome"] == "refused"]
    assert len(refused) == 6
    assert studio.call("GET", "/v1/live")[1]["state"] in ON_AIR


def test_a_pairing_code_is_locked_at_the_sixth_try(studio):
    done = run_main(studio.folder, "pair", "--role", "assistant")
    code = done.stdout.strip()
    assert (done.returncode, len(code)) == (0, 8), done
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    answers = [studio.call("POST", "/v1/pair", {"code": wrong, "name": "guesser"}, token="none") for _ in range(5)]
    answers.append(studio.call("POST", "/v1/pair", {"code": code, "name": "guesser"}, token="none"))
    assert [status for status, _ in answers] == [401] * 6
    assert [problem["code"] for _, problem in answers] == ["pair.wrong"] * 5 + ["pair.locked"]


def test_a_paired_assistant_is_let_in_and_shut_out_again(studio):
    code = run_main(studio.folder, "pair", "--role", "assistant").stdout.strip()
    status, paired = studio.call("POST", "/v1/pair", {"code": code, "name": "tablet"}, token="none")
    assert (status, paired["role"]) == (200, "assistant")
    assert studio.call("GET", "/v1/live", token=paired["token"])[0] == 200
    assert studio.call("POST", "/v1/live/stop", token=paired["token"])[0] == 403
    [device] = [row for row in studio.call("GET", "/v1/tokens")[1]["tokens"] if row["name"] == "tablet"]
    studio.call("DELETE", f"/v1/tokens/{device['id']}")
    assert studio.call("GET", "/v1/live", token=paired["token"])[0] == 401


def test_only_the_run_s_own_token_ends_the_engine(studio):
    status, problem = studio.call("POST", "/v1/engine/stop", token=TOKENS["host"])
    assert (status, problem["code"]) == (403, "remote.only_this_machine")


def test_a_double_click_is_one_drop(studio):
    body = coupon()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: studio.call("POST", "/v1/drops", body), range(8)))
    assert sorted(status for status, _ in answers) == [200] * 7 + [201]
    assert len({drop["id"] for _, drop in answers}) == 1
    studio.call("POST", f"/v1/drops/{answers[0][1]['id']}/cancel")


def test_two_hands_on_close_are_one_draw(studio):
    lottery = {
        "click_id": uuid.uuid4().hex,
        "kind": "lottery",
        "title": "抽奖",
        "prizes": [{"name": "口红", "value_minor": 9900, "currency": "CNY"}],
        "keyword": "想要",
        "seconds": 300,
        "early_close": True,
    }
    status, drop = studio.call("POST", "/v1/drops", lottery)
    assert status == 201, drop
    send(studio, *(event("chat", f"entrant{number}", f"粉丝{number}", text="想要") for number in range(20)))
    studio.wait_for(f"/v1/drops/{drop['id']}", lambda answer: answer["entries"] == 20)
    with ThreadPoolExecutor(8) as pool:
        tokens = [TOKENS["host"], TOKENS["assistant"]] * 4
        answers = list(pool.map(lambda token: studio.call("POST", f"/v1/drops/{drop['id']}/close", token=token), tokens))
    assert {status for status, _ in answers} <= {200, 409}
    drawn = studio.wait_for(f"/v1/drops/{drop['id']}", lambda answer: answer["state"] == "drawn")
    assert len(drawn["winners"]) == 1
    assert "seed" not in json.dumps(drawn)
    proofs = [studio.call("GET", f"/v1/drops/{drop['id']}/proof", token=token)[1] for token in TOKENS.values()]
    assert all(proof == proofs[0] for proof in proofs)
    assert studio.call("POST", f"/v1/drops/{drop['id']}/close")[0] == 409
    still_well(studio)


def test_a_thousand_claims_of_one_fan_are_one_win(studio):
    status, drop = studio.call("POST", "/v1/drops", coupon(stock=50))
    assert status == 201, drop
    send(studio, event("enter", "greedy", "贪心"))

    async def claim_all():
        connector = aiohttp.TCPConnector(limit=50)
        headers = {"Authorization": f"Bearer {TOKENS['connector']}"}
        async with aiohttp.ClientSession(studio.address["url"], connector=connector, headers=headers) as http:

            async def claim(number):
                body = {"platform": "douyin", "id": "greedy", "claim_id": f"k{number}"}
                async with http.post(f"/v1/drops/{drop['id']}/claim", json=body) as answer:
                    return answer.status, (await answer.json(content_type=None)).get("reason")

            return await asyncio.gather(*(claim(number) for number in range(1000)))

    answers = asyncio.run(claim_all())
    assert answers.count((200, None)) == 1
    assert set(answers) == {(200, None), (409, "already")}
    assert studio.call("GET", f"/v1/drops/{drop['id']}")[1]["left"] == 49
    studio.call("POST", f"/v1/drops/{drop['id']}/close")
    still_well(studio)


def test_a_flood_of_small_requests_is_answered_each_time_and_hardly_a_frame_is_lost(studio):
    """The flood itself takes one of this machine's cores: a frame in fifty may be late. Where others want it too, it is asked once more."""
    lost = [_flood(studio)]
    while min(lost) > 0.02 and len(lost) < 3:
        lost.append(_flood(studio))
    assert min(lost) <= 0.02, lost


def _flood(studio) -> float:
    """As many requests as this machine makes in three seconds; the share of frames that were skipped meanwhile, but for one."""
    before = still_well(studio)
    counts: dict[int, int] = {}

    async def flood():
        headers = {"Authorization": f"Bearer {TOKENS['connector']}"}
        end_s = time.monotonic() + 3
        async with aiohttp.ClientSession(studio.address["url"], headers=headers, connector=aiohttp.TCPConnector(limit=100)) as http:

            async def sender(number):
                while time.monotonic() < end_s:
                    async with http.post("/v1/events", data=ndjson(event("like", f"f{number}", count=1))) as answer:
                        counts[answer.status] = counts.get(answer.status, 0) + 1
                        if answer.status == 429:
                            assert int(answer.headers["Retry-After"]) >= 1

            await asyncio.gather(*(sender(number) for number in range(100)))

    asyncio.run(flood())
    assert set(counts) <= {200, 429}
    assert counts[200] > 200, counts
    after = still_well(studio)
    assert after["events"]["accepted"] - before["events"]["accepted"] == counts[200]
    encoded = after["video"]["encoded"] - before["video"]["encoded"]
    skipped = after["video"]["skipped"] - before["video"]["skipped"]
    assert encoded > 0
    return max(0, skipped - 1) / encoded


def test_a_window_that_stops_reading_costs_only_itself(studio):
    async def watch():
        headers = {"Authorization": f"Bearer {studio.address['token']}"}
        async with (
            aiohttp.ClientSession(studio.address["url"], headers=headers) as http,
            http.ws_connect("/v1/stream", max_msg_size=0) as slow,
        ):
            first = await asyncio.wait_for(slow.receive_json(), PATIENCE_S)
            for number in range(20):
                lines = ndjson(*(event("chat", f"s{number}", text="x" * 1500) for _ in range(100)))
                async with http.post("/v1/events", data=lines, headers={"Authorization": f"Bearer {TOKENS['connector']}"}) as answer:
                    assert answer.status == 200
            return first

    assert asyncio.run(watch())["seq"] == 1
    still_well(studio)


def test_a_page_in_a_browser_gets_nothing(studio):
    async def ask(**headers):
        own = {"Authorization": f"Bearer {studio.address['token']}"}
        async with aiohttp.ClientSession() as http, http.get(studio.address["url"] + "/v1/settings", headers=own | headers) as answer:
            return answer.status, answer.headers

    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        status, answered = asyncio.run(ask(**headers))
        assert status == 403
        assert "Access-Control-Allow-Origin" not in answered


def test_a_connector_bound_to_a_platform_speaks_for_no_other(studio):
    status, answer = send(studio, event(fan="k1", platform="kuaishou", text="x"), event(fan="k1", text="x"), token=BOUND)
    assert status == 200
    assert (answer["accepted"], [row["line"] for row in answer["rejected"]]) == (1, [2]), answer
    assert studio.call("GET", "/v1/fans/kuaishou/k1")[0] == 200
    status, drop = studio.call("POST", "/v1/drops", coupon())
    assert status == 201, drop
    claim = {"platform": "douyin", "id": "k1", "claim_id": "k"}
    assert studio.call("POST", f"/v1/drops/{drop['id']}/claim", claim, token=BOUND)[0] == 403
    studio.call("POST", f"/v1/drops/{drop['id']}/close")


def test_a_key_with_a_blank_inside_is_refused_in_words_and_one_around_it_is_trimmed(studio):
    archive = {"name": "archive", "path": "show.mp4"}
    output = {"name": "main", "server": "rtmp://127.0.0.1:9/live"}
    status, problem = studio.call("PATCH", "/v1/settings", {"output": [archive, output | {"key": "two words"}]})
    assert status == 422
    assert "two words" not in json.dumps(problem)
    assert problem["faults"][0]["key"] == "output[1].key"


def test_the_stream_key_and_the_tokens_are_nowhere_to_be_read(studio):
    """Last: after all the abuse, in everything that the engine wrote or answers."""
    answers = [studio.call("GET", path)[1] for path in ("/v1/settings", "/v1/health", "/v1/live", "/v1/audit", "/v1/tokens", "/v1/drops")]
    assert KEY not in json.dumps(answers)
    command_line = Path(f"/proc/{studio.process.pid}/cmdline").read_bytes()
    assert KEY.encode() not in command_line
    secrets = [KEY, *TOKENS.values(), BOUND, studio.address["token"]]
    for path in studio.folder.rglob("*"):
        if path.is_file() and path.name not in {"profile.toml", "engine.json"} and path.suffix not in {".mp4", ".bin"}:
            content = path.read_bytes()
            assert not [secret for secret in secrets if secret.encode() in content], path
    assert (studio.folder / "runtime" / "engine.json").stat().st_mode & 0o777 == 0o600


def test_nothing_of_it_was_a_bug_and_the_fan_file_is_whole(studio):
    log = (studio.folder / "engine.log").read_text()
    assert "Traceback" not in log, log[-3000:]
    with sqlite3.connect(f"file:{studio.folder / 'encore.db'}?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
