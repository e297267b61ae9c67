"""Chapters (by hand, of drops, of products that are shown) and replays of a running show, by the calls that a key makes; read back by ffprobe."""

import json
import subprocess
import uuid
from pathlib import Path

from tests import decode
from tests.e2e.show import engine

COUPON = {"kind": "coupon", "title": "满99减20", "value_minor": 2000, "stock": 3, "seconds": 60, "fulfilment": "code"}


def test_marks_drops_and_a_replay_of_a_running_show(tmp_path):
    tables = {
        "video": {"width": 320, "height": 180},
        "encoder": {"bitrate_kbps": 500, "keyframe_s": 1},
        "output": [{"name": "archive", "path": str(tmp_path / "show.mp4")}],
        "replay": {"seconds": 3, "folder": str(tmp_path / "clips")},
    }
    with engine(tmp_path, tables) as running:
        assert running.call("POST", "/v1/markers", {"title": "too early"})[0] == 409
        assert running.call("POST", "/v1/replay")[0] == 409
        for sku, name, link in (("K1", "丝绒口红", 1), ("K2", "面霜", None)):
            running.call("PUT", "/v1/products", {"sku": sku, "name": name, "link_no": link, "price_minor": 9900})
        assert running.call("PUT", "/v1/products/shown", {"sku": "K1"})[1]["product"]["name"] == "丝绒口红"
        running.call("POST", "/v1/live/start")
        running.wait_for("/v1/health", lambda report: report["video"]["encoded"] > 30)
        assert running.call("POST", "/v1/markers", {"title": "试色 <b>"}) == (201, {"title": "试色 <b>"})
        assert running.call("POST", "/v1/markers", {"title": "长" * 101})[0] == 422
        running.wait_for("/v1/health", lambda report: report["video"]["encoded"] > 60)
        assert running.call("POST", "/v1/drops", {"click_id": str(uuid.uuid4()), **COUPON})[0] == 201
        running.wait_for("/v1/health", lambda report: report["video"]["encoded"] > 90)
        for sku in ("K1", "K2", "K2", None):
            assert running.call("PUT", "/v1/products/shown", {"sku": sku})[0] == 200
        running.wait_for("/v1/health", lambda report: report["video"]["encoded"] > 200)
        status, saved = running.call("POST", "/v1/replay")
        assert status == 201
        assert 2.9 <= saved["seconds"] <= 4.3
        recording = str(tmp_path / "show.mp4")
        assert running.call("GET", "/v1/recordings") == (
            200,
            {"recordings": [{"path": recording, "output": "archive", "is_open": True, "is_cut": False}]},
        )
        assert running.call("POST", "/v1/recordings/clips", {"path": recording})[1]["code"] == "recordings.open"
        running.call("POST", "/v1/live/stop")
        status, cut = running.call("POST", "/v1/recordings/clips", {"path": recording, "before_s": 1, "after_s": 1})
        assert status == 201
        assert [Path(clip["path"]).name for clip in cut["clips"]] == [
            "show-01-1 丝绒口红.mp4",
            "show-02-试色 _b_.mp4",
            "show-03-满99减20.mp4",
            "show-04-面霜.mp4",
        ]
        assert running.call("GET", "/v1/recordings")[1]["recordings"][0]["is_cut"]
        assert running.call("POST", "/v1/recordings/clips", {"path": "/etc/passwd"})[0] == 404, "no file but its own"
        status, after = running.call("POST", "/v1/replay")
        assert (status, after["path"] != saved["path"]) == (201, True)
    for path in (saved["path"], after["path"], tmp_path / "show.mp4", *(clip["path"] for clip in cut["clips"])):
        assert decode.decode_errors(path) == []
    assert abs(float(decode.describe(saved["path"]).format["duration"]) - saved["seconds"]) < 0.2
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-show_chapters", "-of", "json", tmp_path / "show.mp4"], capture_output=True, check=True
    )
    chapters = json.loads(done.stdout)["chapters"]
    assert [chapter["tags"]["title"] for chapter in chapters] == ["1 丝绒口红", "试色 <b>", "满99减20", "面霜"]
    length_s = float(decode.describe(tmp_path / "show.mp4").format["duration"])
    starts_s = [float(chapter["start_time"]) for chapter in chapters]
    assert starts_s[0] < 0.5 < starts_s[1]
    assert starts_s == sorted(starts_s)
    assert starts_s[-1] < length_s
