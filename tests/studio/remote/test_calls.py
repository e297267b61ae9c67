"""Every call of the contract over real HTTP: what reaches the studio, and what comes back."""

import pytest
from rehearsed_studio import JPEG

from studio.remote.roles import CALLS, ROLES

LOTTERY = {"click_id": "c1", "kind": "lottery", "title": "抽奖", "prizes": [{"name": "口红", "value_minor": 9900, "currency": "CNY"}]}
CLAIM = {"platform": "douyin", "id": "u1", "claim_id": "k1"}

BODIES = {
    "POST /v1/events": b'{"id":"e-1"}\n',
    "POST /v1/fans/{platform}/{id}/redeem": {"click_id": "c", "item": "mug", "points": 3},
    "POST /v1/fans/{platform}/{id}/points/undo": {"number": 3},
    "PUT /v1/fans/{platform}/{id}/birthday": {"birthday": "05-20"},
    "POST /v1/fans/{platform}/{id}/birthday-gift": {"click_id": "c"},
    "POST /v1/rules/preview": {"rules": {}},
    "PUT /v1/rules": {"rules": {}, "seen": 0},
    "POST /v1/rules/undo": {"seen": 0},
    "POST /v1/moderation": {"platform": "douyin", "id": "u1", "action": "mute", "text": "x"},
    "POST /v1/drops": LOTTERY,
    "POST /v1/drops/{drop}/claim": CLAIM,
    "POST /v1/drops/{drop}/entries": {"platform": "douyin", "id": "u1", "reason": "asked by phone"},
    "POST /v1/markers": {"title": "豆沙色"},
    "POST /v1/recordings/clips": {"path": "/videos/show.mp4"},
    "PUT /v1/drops/{drop}": {key: value for key, value in LOTTERY.items() if key not in {"kind", "click_id"}},
    "POST /v1/drops/{drop}/pass-over": {"n": 3, "reason": "declined"},
    "POST /v1/handouts/{step:done|undo}": {"drop": "d1", "ref": "prize:0:3"},
    "POST /v1/shop/orders/code": {"hook": "shop", "order": "1001"},
    "POST /v1/shop/orders/dismiss": {"hook": "shop", "order": "1001"},
    "PUT /v1/shop/hooks/{name}/key": {"key": None},
    "PUT /v1/products": {"sku": "a1", "name": "口红", "price_minor": 9900},
    "PUT /v1/products/shown": {"sku": "a1"},
    "POST /v1/products/{sku}/picture": {"upload": "0" * 32},
    "POST /v1/uploads": {"name": "fans.csv", "bytes": 3},
    "POST /v1/imports/preview": {"upload": "0" * 32},
    "POST /v1/imports": {"upload": "0" * 32},
    "PATCH /v1/settings": {"look": {"smooth": 0.4}},
    "POST /v1/preview": {"compare": "split"},
    "PATCH /v1/sound/inputs/{name}": {"gain_db": 3.0},
    "POST /v1/sound/talk": {"held": True},
    "POST /v1/colour/profiles": {"light": "evening"},
    "POST /v1/pair/codes": {"role": "assistant"},
}


def real_path(call: str) -> str:
    path = call.replace("{platform}", "douyin").replace("{id}", "u1").replace("{drop}", "d1").replace("{name}", "main")
    for part in ("{sku}", "{hash}", "{upload}", "{import}"):
        path = path.replace(part, "x1")
    return (
        path.replace("{step:open|close|cancel|approve}", "close")
        .replace("{token}", "0" * 12)
        .replace("{number}", "1")
        .replace("{step:stop|resume|forget}", "stop")
        .replace("{step:done|undo}", "done")
        .replace("{step:next|pause|play}", "next")
        .replace("{step:start|stop}", "stop")
    )


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("call", [call for call in CALLS if call != "GET /v1/stream"])
async def test_each_role_may_make_exactly_the_calls_of_its_column(door, call, role):
    answer = await door.call(real_path(call), role, BODIES.get(call))
    if role in CALLS[call] and call != "POST /v1/engine/stop":
        assert answer.status not in (401, 403), answer.content
    else:
        assert (answer.status, answer.code) in ((403, "remote.forbidden"), (403, "remote.only_this_machine"))
        assert not [asked for asked in door.studio.asked if asked[0] != "board"]
        [row] = await door.audited()
        assert (row["who"], row["outcome"], row["what"], row["status"]) == (f"the {role}", "refused", call, 403)


def test_the_table_says_what_the_contract_says():
    host_only = {call for call, roles in CALLS.items() if roles == {"host"}}
    assert {
        "POST /v1/live/start",
        "POST /v1/live/stop",
        "GET /v1/settings",
        "PATCH /v1/settings",
        "GET /v1/audit",
        "PUT /v1/rules",
        "POST /v1/rules/undo",
    } <= host_only
    assert CALLS["POST /v1/events"] == {"connector"}
    assert CALLS["POST /v1/drops/{drop}/claim"] == {"host", "assistant", "connector"}
    assert CALLS["POST /v1/moderation"] == {"host", "assistant", "moderator"}
    assert CALLS["GET /v1/fans/{platform}/{id}"] == CALLS["GET /v1/fans"] == CALLS["GET /v1/preview.jpg"] == {"host", "assistant"}
    assert {call for call, roles in CALLS.items() if roles == set(ROLES)} == {
        "GET /v1/board",
        "GET /v1/drops",
        "GET /v1/drops/{drop}",
        "GET /v1/drops/{drop}/proof",
        "GET /v1/live",
        "GET /v1/health",
        "GET /v1/stream",
    }


async def test_events_reach_the_studio_byte_for_byte_with_who_sent_them(door):
    lines = '{"id":"e-1","text":"想要"}\n\nnot json\n'.encode()
    answer = await door.call("POST /v1/events", "connector", lines)
    assert answer.status == 200
    assert answer.json["accepted"] == 2
    [(_, seen, principal)] = door.studio.asked
    assert seen == lines
    assert (principal.role, principal.address) == ("connector", "127.0.0.1")


async def test_the_board_is_asked_for_with_its_limit(door):
    assert (await door.call("GET /v1/board")).status == 200
    assert (await door.call("GET /v1/board?limit=6")).status == 200
    assert door.studio.asked == [("board", 50), ("board", 6)]


@pytest.mark.parametrize("limit", ["0", "-1", "501", "6.0", "six", "", "1e2", "٣", "9" * 5000])
async def test_a_limit_that_is_no_small_whole_number_is_refused_by_name(door, limit):
    answer = await door.call(f"GET /v1/board?limit={limit}")
    assert (answer.status, answer.code, answer.json["field"]) == (422, "field.whole", "limit")
    assert door.studio.asked == []


async def test_fan_ids_with_slashes_percent_signs_and_chinese_arrive_decoded(door):
    answer = await door.call("GET /v1/fans/douyin/%E5%B0%8F%2F%25%20a")
    assert answer.status == 200, answer.content
    assert door.studio.asked == [("fan", "douyin", "小/% a")]


async def test_an_unknown_fan_is_a_404_with_words(door):
    answer = await door.call("GET /v1/fans/douyin/nobody")
    assert (answer.status, answer.code) == (404, "fan.unknown")
    assert answer.json["params"] == {"platform": "douyin", "id": "nobody"}


async def test_a_lone_surrogate_that_reached_the_studio_does_not_break_the_answer(door):
    answer = await door.call("GET /v1/fans/douyin/u1")
    assert answer.json["name"] == "小美 ?"


async def test_pages_of_fans_know_their_order(door):
    assert (await door.call("GET /v1/fans?sort=points&limit=10&after=abc")).status == 200
    assert door.studio.asked == [("fans", "points", 10, "abc")]
    answer = await door.call("GET /v1/fans?sort=name")
    assert (answer.status, answer.code) == (422, "field.choice")


async def test_a_second_click_is_the_same_drop(door):
    first = await door.call("POST /v1/drops", "host", LOTTERY)
    second = await door.call("POST /v1/drops", "assistant", LOTTERY)
    assert (first.status, second.status) == (201, 200)
    assert first.json == second.json
    assert (await door.call("GET /v1/drops", "moderator")).json == [first.json]
    assert (await door.call("GET /v1/drops/d1", "connector")).json == first.json


async def test_an_illegal_step_is_a_conflict_and_changes_nothing(door):
    await door.call("POST /v1/drops", "host", LOTTERY)
    assert (await door.call("POST /v1/drops/d1/close")).json["state"] == "drawn"
    answer = await door.call("POST /v1/drops/d1/cancel")
    assert answer.status == 409
    assert door.studio.drops.drop("d1")["state"] == "drawn"


async def test_there_is_no_draw_call(door):
    await door.call("POST /v1/drops", "host", LOTTERY)
    assert (await door.call("POST /v1/drops/d1/draw")).status == 404


async def test_a_claim_gives_a_code_or_the_reason(door):
    door.studio.drops.stock = 1
    await door.call("POST /v1/drops", "host", LOTTERY)
    assert (await door.call("POST /v1/drops/d1/claim", "connector", CLAIM)).json == {"code": "C-1"}
    again = await door.call("POST /v1/drops/d1/claim", "connector", CLAIM)
    late = await door.call("POST /v1/drops/d1/claim", "assistant", CLAIM | {"id": "u2"})
    assert (again.status, again.json["reason"]) == (409, "already")
    assert (late.status, late.json["reason"]) == (409, "sold_out")


async def test_a_proof_before_the_draw_is_a_conflict(door):
    assert (await door.call("GET /v1/drops/d1/proof", "connector")).status == 409


@pytest.mark.parametrize("missing", ["click_id", "kind", "title"])
async def test_a_drop_without_what_every_drop_needs_is_refused_by_name(door, missing):
    answer = await door.call("POST /v1/drops", "host", {name: value for name, value in LOTTERY.items() if name != missing})
    assert (answer.status, answer.json["field"]) == (422, missing)
    assert door.studio.asked == []


@pytest.mark.parametrize("amount", [-1, 1.5, 1e308, 2.0, True])
async def test_money_that_is_not_whole_minor_units_is_refused(door, amount):
    prizes = [{"name": "口红", "value_minor": amount, "currency": "CNY"}]
    answer = await door.call("POST /v1/drops", "host", LOTTERY | {"prizes": prizes})
    assert (answer.status, answer.code, answer.json["field"]) == (422, "field.money", "value_minor")
    assert door.studio.asked == []


async def test_live_is_started_and_stopped_by_the_host(door):
    assert (await door.call("GET /v1/live", "connector")).json == {"state": "idle"}
    assert (await door.call("POST /v1/live/start")).json == {"state": "live"}
    assert (await door.call("POST /v1/live/stop")).json == {"state": "idle"}


async def test_settings_take_a_merge_patch_and_tell_what_it_touched(door):
    answer = await door.call("PATCH /v1/settings", "host", {"look": {"smooth": 0.4}})
    assert answer.json["settings"]["look"]["smooth"] == 0.4
    assert answer.json["touched"] == {"hot": True, "capture": False, "encoder": False, "output": False}


async def test_wrong_settings_name_every_wrong_key(door):
    answer = await door.call("PATCH /v1/settings", "host", {"look": {"smooth": 2, "wrinkle": 1}, "video": {"fps": "x"}})
    assert answer.status == 422
    assert {fault["key"] for fault in answer.json["faults"]} == {"look.smooth", "look.wrinkle", "video.fps"}
    assert all(fault["allowed"] for fault in answer.json["faults"])


async def test_a_key_in_the_settings_never_reaches_the_audit(door):
    output = [{"name": "main", "server": "rtmp://127.0.0.1/live", "key": "very-secret-key"}]
    answer = await door.call("PATCH /v1/settings", "host", {"output": output})
    assert answer.json["settings"]["output"][0]["key"] == "***"
    [row] = await door.audited()
    assert row["detail"] == "output"
    assert "very-secret-key" not in door.audit.path.read_text()


async def test_the_preview_is_a_picture_of_the_width_asked_for(door):
    answer = await door.call("GET /v1/preview.jpg?width=320", "assistant")
    assert (answer.content, answer.headers["Content-Type"]) == (JPEG, "image/jpeg")
    assert door.studio.asked == [("preview_jpeg", 320)]
    assert (await door.call("GET /v1/preview.jpg?width=100000")).status == 422


async def test_before_and_after_has_three_modes(door):
    assert (await door.call("POST /v1/preview", "host", {"compare": "original"})).json == {"compare": "original", "at": 0.5}
    assert (await door.call("POST /v1/preview", "host", {"compare": "sideways"})).status == 422
    assert (await door.call("POST /v1/preview", "host", {"compare": "split", "at": 0.2})).json == {"compare": "split", "at": 0.2}
    for wrong in (-0.1, 1.1, "0.5", True, None, [0]):
        assert (await door.call("POST /v1/preview", "host", {"compare": "split", "at": wrong})).status == 422


async def test_an_output_is_set_by_name_and_the_audit_keeps_which_fields_but_no_key(door):
    fields = {"server": "rtmp://h/live", "key": "very-secret-key"}
    assert (await door.call("PUT /v1/outputs/new", "host", fields)).status == 201
    assert (await door.call("PUT /v1/outputs/main", "host", fields)).status == 200
    assert (await door.call("POST /v1/outputs/main/start")).status == 200
    assert (await door.call("DELETE /v1/outputs/main")).status == 200
    assert door.studio.asked[:2] == [("put_output", "new", ["key", "server"]), ("put_output", "main", ["key", "server"])]
    rows = await door.audited()
    assert {row["detail"] for row in rows if row["what"].startswith("PUT")} == {"key, server"}
    assert "very-secret-key" not in str(rows)


async def test_an_output_is_retried_by_name(door):
    assert (await door.call("POST /v1/outputs/main/retry")).status == 200
    assert (await door.call("POST /v1/outputs/other/retry")).status == 404


async def test_only_this_machine_ends_the_engine(door):
    assert (await door.call("POST /v1/engine/stop", "host")).code == "remote.only_this_machine"
    assert not door.studio.is_stopped.is_set()
    assert (await door.call("POST /v1/engine/stop", "run")).status == 202
    assert door.studio.is_stopped.is_set()


async def test_user_text_comes_back_literally(door):
    for hostile in ["<img src=x onerror=alert(1)>", "{0.__class__}", "%s%n", "'; DROP TABLE fan; --", "{reason}"]:
        body = {"platform": "douyin", "id": hostile, "action": "mute", "text": hostile}
        answer = await door.call("POST /v1/moderation", "moderator", body)
        assert answer.json == body
        problem = await door.call("POST /v1/drops", "host", LOTTERY | {"prizes": {hostile + "_minor": -1}})
        assert problem.json["field"] == hostile + "_minor"
        assert hostile in problem.json["detail"]


async def test_answers_are_cached_by_nobody_and_are_what_they_say(door):
    for call in ("GET /v1/health", "GET /v1/preview.jpg", "GET /v1/nothing"):
        headers = (await door.call(call)).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in headers


async def test_an_empty_body_is_an_empty_object_where_a_call_needs_none(door):
    assert (await door.call("POST /v1/live/start", "host", b"")).status == 200
    assert (await door.call("POST /v1/drops", "host", b"")).json["field"] == "click_id"


def test_every_code_has_words_in_both_languages():
    import re
    from pathlib import Path

    from studio.words import catalogue

    root = Path(__file__).parents[3]
    source = "".join(path.read_text() for path in [*(root / "studio/remote").glob("*.py"), root / "studio/pair_cli.py"])
    codes = set(re.findall(r'"((?:remote|body|field|events|tokens|pair)\.[a-z_0-9]+)"', source))
    codes -= {"tokens.toml"}
    codes |= {f"http.{status}" for status in (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)}
    assert len(codes) > 40
    for locale in ("en", "zh_CN"):
        assert codes - catalogue("errors", locale).keys() == set()
