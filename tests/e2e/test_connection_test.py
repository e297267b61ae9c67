"""The connection test as a host meets it: by API and command line, against servers that are fine, narrow, or say no."""

import threading
from pathlib import Path

import pytest

from tests.clips import make_noise_clip
from tests.e2e.show import engine, run_main
from tests.encoder.ingest import ingest
from tests.servers import PATIENCE_S, wait_until

KEY = "k-5up3r-53cr3t"


def _tables(server, source="testcard", bitrate_kbps=800):
    return {
        "video": {"width": 320, "height": 180, "fps": 15, "source": source},
        "audio": {"source": "tone"},
        "encoder": {"codec": "libx264", "bitrate_kbps": bitrate_kbps, "preset": "ultrafast", "keyframe_s": 1},
        "output": [{"name": "main", "server": server, "key": KEY}, {"name": "archive", "path": "show.mkv"}],
    }


def test_a_line_that_takes_the_full_rate_is_told_as_good_though_the_picture_is_quiet(tmp_path):
    with ingest() as server, engine(tmp_path, _tables(server.server)) as running:
        status, answer = running.call("POST", "/v1/outputs/main/test", {"seconds": 4})
        assert (status, answer["verdict"], answer["code"], answer["dropped"]) == (200, "good", "line.good", 0)
        assert answer["live_after_s"] is not None
        assert 750 < answer["kbps"] < 1200, "800 for pictures, 160 for sound"
        wait_until(lambda: "deleteStream" in server.names(), what="the goodbye")
        assert server.complaints == []
        assert running.call("GET", "/v1/live")[1]["state"] == "idle"
        assert not (tmp_path / "show.mkv").exists(), "a test records nothing"
        for kind in ("cmdline", "environ"):
            assert KEY.encode() not in Path(f"/proc/{running.process.pid}/{kind}").read_bytes(), "what ps shows"
        done = run_main(tmp_path, "outputs", "test", "main", "--seconds", "3")
        assert (done.returncode, "all well" in done.stdout) == (0, True), done
    assert KEY not in done.stdout + done.stderr + (tmp_path / "engine.log").read_text()


def test_a_line_that_takes_less_is_told_with_a_rate_that_fits(tmp_path):
    clip = make_noise_clip(tmp_path / "noise.mp4", width=320, height=180, fps=15, seconds=3)
    with ingest(bytes_a_second=80_000) as server, engine(tmp_path, _tables(server.server, f"file:{clip}", 2000)) as running:
        answer = running.call("POST", "/v1/outputs/main/test", {"seconds": 8})[1]
    assert (answer["verdict"], answer["code"]) == ("narrow", "line.narrow")
    assert 200 <= answer["params"]["advised"] <= 600


@pytest.mark.parametrize(("fault", "code"), [("refuse_name", "output.name_refused"), ("silent", "output.silent")])
def test_a_server_that_says_no_is_told_in_its_words(tmp_path, fault, code):
    with ingest(fault) as server, engine(tmp_path, _tables(server.server)) as running:
        answer = running.call("POST", "/v1/outputs/main/test")[1]
        assert (answer["verdict"], answer["code"], answer["live_after_s"]) == ("failed", code, None)
        done = run_main(tmp_path, "outputs", "test", "main")
    assert done.returncode == 1
    assert KEY not in str(answer) + done.stdout + done.stderr


def test_a_show_that_begins_cuts_the_test_short_and_is_on_air(tmp_path):
    with ingest() as server, engine(tmp_path, _tables(server.server)) as running:
        answers = []
        thread = threading.Thread(target=lambda: answers.append(running.call("POST", "/v1/outputs/main/test", {"seconds": 30})[1]))
        thread.start()
        wait_until(lambda: len(server.media(9)) > 10, what="the test publishes")
        assert running.call("POST", "/v1/live/start")[0] == 200
        thread.join(PATIENCE_S)
        assert answers[0]["verdict"] == "cut"
        running.wait_for("/v1/live", lambda live: live["state"] == "live")
        assert running.call("POST", "/v1/outputs/main/test")[0] == 409
    assert server.complaints == []


def test_a_recording_or_a_name_that_is_none_cannot_be_tested(tmp_path):
    with engine(tmp_path, _tables("rtmp://127.0.0.1:9/live")) as running:
        assert running.call("POST", "/v1/outputs/archive/test")[0] == 422
        assert running.call("POST", "/v1/outputs/nobody/test")[0] == 404
        assert running.call("POST", "/v1/outputs/main/test", {"seconds": 900})[0] == 422
        listed = run_main(tmp_path, "outputs", "platforms")
    assert "抖音" in listed.stdout
    assert "not published" in listed.stdout
    assert "developers.facebook.com" in listed.stdout


def test_without_an_engine_the_command_says_so(tmp_path):
    done = run_main(tmp_path, "outputs", "list")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
