"""Who gets in: tokens, pairing, foreign hosts and pages, over real HTTP."""

import asyncio
import logging

import pytest
from remote_door import START_MS, TOKENS

from studio.remote.pairing import CODE_SECONDS
from studio.remote.tokens import PAIRED_DAYS, TokenBook, TokenEntry, hash_token, read_paired

DAY_S = 86_400


async def new_code(door, **body) -> str:
    answer = await door.call("POST /v1/pair/codes", "host", {"role": "assistant"} | body)
    assert answer.status == 201, answer.content
    return answer.json["code"]


async def try_code(door, code, name="the phone"):
    return await door.call("POST /v1/pair", None, {"code": code, "name": name})


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dG9rZW4=",
        "Bearer wrong",
        "Bearer \u00e9\u00e9",
        "Bearer " + "x" * 4000,
        TOKENS["host"],
        "Bearer token-of-a-hos",
    ],
)
async def test_without_a_known_token_every_call_is_401_and_in_the_audit(door, authorization):
    answer = await door.call("GET /v1/health", None, headers={"Authorization": authorization} if authorization else {})
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.code in ("remote.token_missing", "remote.token_unknown")
    assert door.studio.asked == []
    [row] = await door.audited()
    assert (row["outcome"], row["status"], row["who"], row["address"], row["what"]) == ("refused", 401, "", "127.0.0.1", "GET /v1/health")


async def test_a_stored_hash_is_no_token(door):
    assert (await door.call("GET /v1/health", hash_token(TOKENS["host"]))).status == 401


async def test_an_expired_token_is_401_from_that_moment_on(door):
    door.book.add(TokenEntry(hash_token("for an evening"), "assistant", "guest", expires_at_ms=START_MS + 3_600_000))
    door.clock.pass_s(3599)
    assert (await door.call("GET /v1/health", "for an evening")).status == 200
    door.clock.pass_s(1)
    answer = await door.call("GET /v1/health", "for an evening")
    assert (answer.status, answer.code) == (401, "remote.token_expired")


async def test_a_token_in_the_address_is_not_taken_and_not_kept(door, caplog):
    caplog.set_level(logging.DEBUG)
    answer = await door.call(f"GET /v1/health?token={TOKENS['host']}&access_token={TOKENS['host']}", None)
    assert answer.status == 401
    await door.audited()
    assert TOKENS["host"] not in door.audit.path.read_text() + caplog.text


async def test_no_log_line_and_no_file_ever_holds_a_token_or_a_code(door, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    code = await new_code(door)
    token = (await try_code(door, code)).json["token"]
    await door.call("GET /v1/health", token)
    await door.call("POST /v1/live/start", token)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(door.server.url.rpartition(":")[2]))
    writer.write(f"GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\x00\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.split(b" ")[1] == b"400", answer  # refused by the HTTP parser itself
    await door.audited()
    files = "".join(path.read_text() for path in tmp_path.iterdir())
    for secret in (token, code, door.server.host_token):
        assert secret not in caplog.text + files


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "", "[::2]:80", "localhost.", "0.0.0.0"]
)
async def test_a_name_that_was_made_to_point_here_is_refused(door, host):
    answer = await door.call("GET /v1/health", "host", headers={"Host": host})
    assert answer.status in (400, 403)
    assert door.studio.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:1", "localhost:9999", "LOCALHOST", "[::1]:80"])
async def test_names_of_this_machine_are_taken(door, host):
    assert (await door.call("GET /v1/health", "host", headers={"Host": host})).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:80"])
async def test_web_pages_are_refused_even_with_a_token_and_may_not_pair(door, origin):
    assert (await door.call("GET /v1/health", "host", headers={"Origin": origin})).code == "remote.foreign_origin"
    code = await new_code(door)
    answer = await door.call("POST /v1/pair", None, {"code": code, "name": "page"}, headers={"Origin": origin})
    assert answer.status == 403
    assert (await try_code(door, code)).status == 200


async def test_a_browser_s_question_before_a_call_is_not_answered_with_leave(door):
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = await door.call("OPTIONS /v1/live/start", None, headers=headers)
    assert answer.status == 403
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


async def test_a_code_becomes_a_token_of_its_role_once(door):
    code = await new_code(door)
    assert len(code) == 8
    assert code.isdigit()
    paired = await try_code(door, f"{code[:4]} {code[4:]}")
    assert paired.json["role"] == "assistant"
    assert (await door.call("GET /v1/preview.jpg", paired.json["token"])).status == 200
    assert (await door.call("POST /v1/live/start", paired.json["token"])).status == 403
    assert (await try_code(door, code)).status == 401


async def test_a_code_is_good_for_five_minutes(door):
    first, second = await new_code(door), await new_code(door)
    door.clock.pass_s(CODE_SECONDS - 0.1)
    assert (await try_code(door, first)).status == 200
    door.clock.pass_s(0.2)
    answer = await try_code(door, second)
    assert (answer.status, answer.code) == (401, "pair.wrong")


async def test_the_sixth_try_finds_the_code_locked_even_when_it_is_right(door):
    code = await new_code(door)
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for _ in range(5):
        assert (await try_code(door, wrong)).code == "pair.wrong"
    answer = await try_code(door, code)
    assert (answer.status, answer.code) == (401, "pair.locked")
    assert [row["outcome"] for row in await door.audited()] == ["allowed"] + ["refused"] * 6


async def test_five_wrong_tries_are_forgiven_when_the_fifth_was_not_the_last(door):
    code = await new_code(door)
    for _ in range(4):
        await try_code(door, "nonsense")
    assert (await try_code(door, code)).status == 200


async def test_after_a_lock_a_new_code_works(door):
    await new_code(door)
    for _ in range(6):
        await try_code(door, "00000000x")
    assert (await try_code(door, await new_code(door))).status == 200


async def test_two_devices_cannot_use_one_code_at_once(door):
    code = await new_code(door)
    answers = await asyncio.gather(*(try_code(door, code, f"phone {number}") for number in range(5)))
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401, 401]


async def test_at_most_eight_codes_wait(door):
    for _ in range(8):
        await new_code(door)
    answer = await door.call("POST /v1/pair/codes", "host", {"role": "assistant"})
    assert answer.status == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= CODE_SECONDS + 1


@pytest.mark.parametrize(
    "body", [{"name": "x"}, {"code": 12345678, "name": "x"}, {"code": "1" * 100, "name": "x"}, {"code": "1", "name": " \n"}]
)
async def test_a_pairing_without_code_and_name_is_no_try(door, body):
    code = await new_code(door)
    for _ in range(7):
        assert (await door.call("POST /v1/pair", None, body)).status == 422
    assert (await try_code(door, code)).status == 200


async def test_codes_exist_for_known_roles_only(door):
    assert (await door.call("POST /v1/pair/codes", "host", {"role": "owner"})).status == 422
    assert (await door.call("POST /v1/pair/codes", "host", {})).status == 422


async def test_a_paired_connector_is_bound_to_its_platform_and_room(door):
    code = await new_code(door, role="connector", platform="douyin", room="r1")
    token = (await try_code(door, code)).json["token"]
    await door.call("POST /v1/events", token, b"{}")
    [(_, _, principal)] = door.studio.asked
    assert (principal.platform, principal.room) == ("douyin", "r1")
    claim = {"platform": "kuaishou", "id": "u1", "claim_id": "k"}
    answer = await door.call("POST /v1/drops/d1/claim", token, claim)
    assert (answer.status, answer.code) == (403, "remote.other_platform")


async def test_paired_devices_outlive_the_engine_as_hashes_in_a_private_file(door, tmp_path):
    token = (await try_code(door, await new_code(door))).json["token"]
    path = tmp_path / "paired.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert token not in path.read_text()
    assert door.server.host_token not in path.read_text()
    again = TokenBook(read_paired(path), now_ms=door.clock.ms)
    assert again.identify(token, "").name == "the phone"
    assert [entry.name for entry in read_paired(path)] == ["the phone"]


async def test_a_paired_device_is_known_for_thirty_days(door):
    token = (await try_code(door, await new_code(door))).json["token"]
    door.clock.pass_s(PAIRED_DAYS * DAY_S - 1)
    assert (await door.call("GET /v1/health", token)).status == 200
    door.clock.pass_s(1)
    assert (await door.call("GET /v1/health", token)).code == "remote.token_expired"


async def test_the_host_sees_who_may_call_and_shuts_a_device_out(door, tmp_path):
    token = (await try_code(door, await new_code(door))).json["token"]
    answer = await door.call("GET /v1/tokens")
    [device] = [row for row in answer.json["tokens"] if row["source"] == "paired"]
    assert device["name"] == "the phone"
    assert hash_token(token) not in answer.content.decode()
    assert (await door.call(f"DELETE /v1/tokens/{device['id']}")).status == 200
    assert (await door.call("GET /v1/health", token)).status == 401
    assert read_paired(tmp_path / "paired.json") == ()


async def test_the_run_s_own_token_cannot_be_removed(door):
    own = next(row for row in (await door.call("GET /v1/tokens")).json["tokens"] if row["source"] == "run")
    assert (await door.call(f"DELETE /v1/tokens/{own['id']}")).status == 404
    assert (await door.call("GET /v1/health", "run")).status == 200


async def test_a_device_that_cannot_be_kept_is_not_let_in(door, tmp_path):
    code = await new_code(door)
    (tmp_path / "paired.json.new").mkdir()  # the file can't be written
    answer = await try_code(door, code)
    assert (answer.status, answer.code) == (503, "tokens.not_saved")
    assert [row["source"] for row in (await door.call("GET /v1/tokens")).json["tokens"]].count("paired") == 0


async def test_devices_that_pair_at_once_are_all_kept(door, tmp_path):
    codes = [await new_code(door) for _ in range(8)]
    answers = await asyncio.gather(*(try_code(door, code, f"phone {number}") for number, code in enumerate(codes)))
    assert {answer.status for answer in answers} == {200}
    assert {entry.name for entry in read_paired(tmp_path / "paired.json")} == {f"phone {number}" for number in range(8)}


async def test_a_device_s_name_is_one_short_line(door):
    await try_code(door, await new_code(door), "a\nb\x00\u202e " + "x" * 150)
    [name] = [row["name"] for row in (await door.call("GET /v1/tokens")).json["tokens"] if row["source"] == "paired"]
    assert name.startswith("a b x")
    assert len(name) <= 60


async def test_the_audit_says_who_did_what_when_from_where(door):
    await door.call("POST /v1/live/start", "host")
    door.clock.pass_s(10)
    await door.call("POST /v1/live/stop", "assistant")
    await door.call("GET /v1/health", "moderator")
    await door.call("POST /v1/outputs/other/retry", "host")
    rows = (await door.call("GET /v1/audit")).json["rows"]
    assert [(row["who"], row["what"], row["outcome"], row["status"], row["address"]) for row in rows] == [
        ("the host", "POST /v1/live/start", "allowed", 200, "127.0.0.1"),
        ("the assistant", "POST /v1/live/stop", "refused", 403, "127.0.0.1"),
        ("the host", "POST /v1/outputs/{name}/retry", "failed", 404, "127.0.0.1"),
    ]
    assert rows[0]["at"] == "2026-09-21T14:13:20.000Z"
    assert rows[2]["path"] == "/v1/outputs/other/retry"


@pytest.mark.parametrize(
    "since", ["2026-09-21T14:13:25Z", "2026-09-21T22:13:25%2B08:00", "2026-09-21T22:13:25+08:00", str(START_MS + 5000)]
)
async def test_the_audit_is_read_from_a_moment_on(door, since):
    await door.call("POST /v1/live/start", "host")
    door.clock.pass_s(10)
    await door.call("POST /v1/live/stop", "host")
    rows = (await door.call(f"GET /v1/audit?since={since}")).json["rows"]
    assert [row["what"] for row in rows] == ["POST /v1/live/stop"]


@pytest.mark.parametrize("since", ["yesterday", "2026-09-21", "2026-09-21T14:13:25", "9" * 40])
async def test_a_moment_without_its_zone_is_refused(door, since):
    assert (await door.call(f"GET /v1/audit?since={since}")).json["field"] == "since"


async def test_a_thousand_events_and_claims_of_a_feed_do_not_fill_the_audit_but_its_refusals_stand(door):
    for _ in range(20):
        await door.call("POST /v1/events", "connector", b"{}")
    await door.call("POST /v1/live/start", "connector")
    assert [row["what"] for row in await door.audited()] == ["POST /v1/live/start"]


async def test_a_path_cannot_forge_a_line_of_the_audit(door):
    await door.call("POST /v1/outputs/x%0A%22who%22:%22host%22/retry", "assistant")
    [row] = await door.audited()
    assert row["who"] == "the assistant"
    assert len(door.audit.path.read_text().splitlines()) == 1
