"""A draft, its edit, a draw, a winner who steps back and what is handed out: by the calls that a script makes."""

import uuid
from datetime import UTC, datetime

from tests.e2e.show import engine

LINES = "\n".join(
    f'{{"id":"d{number}","type":"chat","at":"{{at}}","platform":"douyin","room":"r1","fan":{{"id":"u{number}","name":"粉丝{number}"}},"text":"想要"}}'
    for number in range(5)
)


def test_from_a_draft_to_the_last_prize_handed_out(tmp_path):
    tables = {"video": {"width": 320, "height": 180}, "output": [{"name": "archive", "path": "show.mp4"}]}
    with engine(tmp_path, tables) as running:
        feeder = _connector(running)
        order = {"title": "口红", "prizes": [{"name": "口红", "value_minor": 9900, "currency": "CNY"}], "reserves": 1, "seconds": 60}
        status, draft = running.call("POST", "/v1/drops", {"click_id": str(uuid.uuid4()), "kind": "lottery", "draft": True, **order})
        assert (status, draft["state"], draft["opening"]) == (201, "draft", "")
        path = f"/v1/drops/{draft['id']}"
        assert running.call("PUT", path, {**order, "seconds": 0})[0] == 422
        status, edited = running.call("PUT", path, {**order, "title": "豆沙色口红", "early_close": True})
        assert (status, edited["state"], edited["title"]) == (200, "draft", "豆沙色口红")
        status, opened = running.call("POST", f"{path}/open")
        assert (status, opened["state"]) == (200, "open")
        assert running.call("PUT", path, order)[0] == 409
        events = LINES.replace("{at}", datetime.now(UTC).isoformat()).encode()
        assert running.call("POST", "/v1/events", events, token=feeder)[1]["accepted"] == 5
        status, drawn = running.call("POST", f"{path}/close")
        assert status == 200
        drawn = running.wait_for(path, lambda drop: drop["state"] == "drawn")
        (winner,) = drawn["winners"]
        assert running.call("GET", f"{path}/entries/douyin/{winner['id']}") == (200, {"n": winner["n"], "r": winner["r"]})
        assert running.call("GET", f"{path}/entries/douyin/nobody")[0] == 404
        (waiting,) = running.call("GET", "/v1/handouts")[1]["rows"]
        assert (waiting["id"], waiting["name"], waiting["what"]) == (winner["id"], winner["name"], "口红")
        assert running.call("POST", f"{path}/pass-over", {"n": winner["n"], "reason": "dislike"})[0] == 422
        status, passed = running.call("POST", f"{path}/pass-over", {"n": winner["n"], "reason": "declined"})
        assert status == 200
        assert passed["winners"][0]["id"] != winner["id"]
        (waiting,) = running.call("GET", "/v1/handouts")[1]["rows"]
        assert waiting["id"] == passed["winners"][0]["id"]
        tick = {"drop": draft["id"], "ref": waiting["ref"]}
        assert running.call("POST", "/v1/handouts/done", tick) == (200, {"waiting": 0, "rows": []})
        assert running.call("POST", "/v1/handouts/done", tick)[0] == 404
        assert running.call("POST", "/v1/handouts/undo", tick)[1]["waiting"] == 1
        assert running.call("GET", "/v1/handouts?state=lost")[0] == 422


def _connector(running):
    _, made = running.call("POST", "/v1/pair/codes", {"role": "connector", "platform": "douyin", "room": "r1"})
    return running.call("POST", "/v1/pair", {"code": made["code"], "name": "bridge"})[1]["token"]
