"""A spare engine beside the one on air takes no place but a dead one's (that it takes this one: `test_window.py`, by the window itself)."""

import pytest

from tests.e2e.show import engine, run_main, spare_engine
from tests.encoder.ingest import ingest

pytestmark = pytest.mark.timeout(300)


def tables(server: str) -> dict:
    return {
        "video": {"width": 320, "height": 180, "fps": 15, "source": "testcard"},
        "audio": {"source": "tone"},
        "encoder": {"codec": "libx264", "bitrate_kbps": 800, "preset": "ultrafast", "keyframe_s": 1},
        "output": [{"name": "main", "server": server, "key": "k"}, {"name": "archive", "path": "show.mkv"}],
    }


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
