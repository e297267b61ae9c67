"""The system's clock is set forward and back by an hour in the middle of a show: only what shows the time of day changes."""

import time
from itertools import pairwise

import pytest

from tests.decode import decode_errors, packet_times
from tests.e2e.show import engine


def test_nothing_but_wall_clock_labels_changes(tmp_path):
    setting = tmp_path / "clock"
    setting.write_text("0")
    tables = {
        "video": {"width": 320, "height": 180, "fps": 30, "source": "testcard"},
        "audio": {"source": "tone"},
        "encoder": {"bitrate_kbps": 400, "preset": "ultrafast"},
        "output": [{"name": "archive", "path": str(tmp_path / "show.mkv")}],
        "audience": {"events": "simulated:3"},
    }
    with engine(tmp_path, tables, script="tests/e2e/with_clock.py", more={"TEST_CLOCK": str(setting)}) as running:
        running.call("POST", "/v1/live/start")
        before = running.wait_for("/v1/health", lambda health: health["video"]["encoded"] > 60)
        elapsed_s, began_s = running.call("GET", "/v1/live")[1]["elapsed_s"], time.monotonic()
        notices = []
        for shift in ("3600", "-3600", "0"):
            so_far = running.call("GET", "/v1/health")[1]["video"]["encoded"]
            setting.write_text(shift)
            health = running.wait_for("/v1/health", lambda health, begun=so_far: health["video"]["encoded"] > begun + 75)
            live = running.call("GET", "/v1/live")[1]
            assert live["state"] == "live"
            assert live["elapsed_s"] - elapsed_s == pytest.approx(time.monotonic() - began_s, abs=30), shift
            assert live["slate"]["on"] is False
            notices += [row["code"] for row in health["standing"] if row["code"].startswith(("picture.", "stage.", "sound."))]
        assert notices == []
        passed_s = time.monotonic() - began_s
        running.call("POST", "/v1/live/stop")
    lost = health["video"]["skipped"] - before["video"]["skipped"]
    encoded = health["video"]["encoded"] - before["video"]["encoded"]
    assert encoded + lost <= passed_s * 30 + 45, "no rush to catch up with a clock"
    times = sorted(packet_times(tmp_path / "show.mkv"))
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert max(gaps) < 5 + lost / 30, "no jump in the recording"
    assert min(gaps) > 0.02
    assert decode_errors(tmp_path / "show.mkv") == []
