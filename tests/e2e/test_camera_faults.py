"""A camera that freezes, falls silent or is pulled out while the show is on: a moving slate, and the picture back by itself.

How soon is asked by the fault table.
"""

import subprocess

import cv2
import numpy as np
import pytest

from tests.e2e.show import engine
from tests.mjpeg_camera import MjpegCamera
from tests.servers import wait_until

VIDEO = {"width": 640, "height": 360, "fps": 30, "source": "camera:0"}
TABLES = {"video": VIDEO, "audio": {"source": "tone"}, "encoder": {"bitrate_kbps": 800, "preset": "ultrafast"}}


@pytest.fixture
def camera():
    made = MjpegCamera()
    yield made
    made.close()


@pytest.fixture
def running(tmp_path, camera):
    tables = {**TABLES, "output": [{"name": "archive", "path": str(tmp_path / "show.mkv")}]}
    with engine(tmp_path, tables, script="tests/e2e/with_camera.py", more={"TEST_CAMERA": camera.url}) as started:
        started.wait_for("/v1/health", lambda health: health["stages"].get("camera", {}).get("p50_ms"))
        assert started.call("POST", "/v1/live/start")[0] == 200
        started.wait_for("/v1/health", lambda health: health["video"]["encoded"] > 45)
        yield started


def slate(live):
    return live["slate"]


def picture(running):
    return cv2.imdecode(np.frombuffer(running.call("GET", "/v1/preview.jpg?width=640")[1], np.uint8), cv2.IMREAD_GRAYSCALE)


@pytest.mark.parametrize(("mode", "reason"), [("frozen", "frozen"), ("silent", "silent"), ("gone", None)])
def test_a_slate_comes_and_moves_and_the_picture_comes_back_by_itself(running, camera, tmp_path, mode, reason):
    bright = picture(running).mean()
    camera.mode = mode
    told = slate(running.wait_for("/v1/live", lambda live: live["slate"]["on"]))
    assert told["reason"] == reason or reason is None
    wait_until(lambda: picture(running).mean() < 0.6 * bright, what="the slate is seen")
    first = picture(running)
    wait_until(lambda: np.abs(picture(running).astype(int) - first).max() > 40, what="it moves")
    standing = {row["code"] for row in running.call("GET", "/v1/health")[1]["standing"]}
    assert standing & {"picture.frozen", "picture.silent", "picture.lost"}
    camera.mode = "fine"
    wait_until(lambda: picture(running).mean() > 0.8 * bright, what="the picture is back")
    health = running.wait_for("/v1/health", lambda health: not any(row["code"].startswith("picture.") for row in health["standing"]))
    running.call("POST", "/v1/live/stop")
    assert health["video"]["slated"] > 0
    _assert_unbroken(tmp_path / "show.mkv", health["video"]["skipped"])


def _assert_unbroken(path, skipped):
    """The recording's pictures are at the profile's rate all the time, but for what the report says was skipped."""
    words = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time", "-of", "csv=p=0", str(path)]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    times = sorted(float(line.strip(",")) for line in told)
    missing = round((times[-1] - times[0]) * 30) + 1 - len(times)
    assert missing <= skipped, f"{missing} pictures are missing, {skipped} are told as skipped"


def test_the_host_is_asked_what_to_do_and_may_wait_on_or_show_something_else(running, camera):
    camera.mode = "gone"
    running.wait_for("/v1/live", lambda live: live["slate"]["asks"], 60)
    assert running.call("POST", "/v1/live/slate", {"answer": "no"})[0] == 422
    status, live = running.call("POST", "/v1/live/slate", {"answer": "wait"})
    assert (status, live["slate"]["on"], live["slate"]["asks"]) == (200, True, False)
    assert running.call("PATCH", "/v1/settings", {"video": {"source": "testcard"}})[0] == 200
    running.wait_for("/v1/live", lambda live: not live["slate"]["on"])
    assert running.call("POST", "/v1/live/slate", {"answer": "wait"})[0] == 409
