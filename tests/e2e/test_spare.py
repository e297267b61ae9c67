"""A spare engine beside the one on air, as the host's window keeps one: it takes the place of a dead one, and of no other."""

import pytest

from tests.e2e.show import engine, run_main, spare_engine
from tests.encoder.ingest import ingest
from tests.servers import wait_until

pytestmark = pytest.mark.timeout(300)


def tables(server: str) -> dict:
    return {
        "video": {"width": 320, "height": 180, "fps": 15, "source": "testcard"},
        "audio": {"source": "tone"},
        "encoder": {"codec": "libx264", "bitrate_kbps": 800, "preset": "ultrafast", "keyframe_s": 1},
        "output": [{"name": "main", "server": server, "key": "k"}, {"name": "archive", "path": "show.mkv"}],
    }


def test_an_engine_killed_on_air_is_followed_by_its_spare_which_publishes_and_records(tmp_path):
    with ingest() as server, engine(tmp_path, tables(server.server)) as running:
        running.call("POST", "/v1/live/start")
        running.wait_for("/v1/live", lambda live: live["state"] == "live")
        with spare_engine(tmp_path) as spare:
            assert spare.process.poll() is None
            sessions = server.names().count("publish")
            running.process.kill()
            running.process.wait()
            wait_until(lambda: server.names().count("publish") > sessions, 30, "published again")
            spare.wait()
            spare.wait_for("/v1/live", lambda live: live["state"] == "live")
            report = spare.call("GET", "/v1/health")[1]
            assert 0 < report["process"]["first_frame_s"] < report["process"]["wall_s"]
            spare.call("POST", "/v1/live/stop")
            assert spare.call("GET", "/v1/live")[1]["state"] == "stopped"
            assert not (tmp_path / "runtime" / "on_air").exists()
    assert server.complaints == []
    assert (tmp_path / "show.mkv").exists()
    assert (tmp_path / "show-2.mkv").exists(), "an existing file is never overwritten"


def test_a_spare_ends_by_itself_when_the_show_was_ended(tmp_path):
    with ingest() as server:
        with engine(tmp_path, tables(server.server)) as running:
            running.call("POST", "/v1/live/start")
            running.wait_for("/v1/live", lambda live: live["state"] == "live")
            with spare_engine(tmp_path) as spare:
                assert run_main(tmp_path, "engine", "--spare", str(tmp_path / "profile.toml")).returncode == 0, "one spare is enough"
                running.call("POST", "/v1/live/stop")
                running.call("POST", "/v1/engine/stop")
                assert spare.process.wait(120) == 0
        assert server.names().count("publish") == 1
    assert not (tmp_path / "runtime" / "on_air").exists()
