"""Several outputs as a host keeps them: added, changed, stopped and started one by one, on air and off, by API and command."""

import json
import os
import stat
import subprocess
import sys

from tests import decode
from tests.e2e.show import ROOT, engine, environment
from tests.encoder.ingest import ingest
from tests.encoder.test_virtual_camera import MODULE
from tests.servers import wait_until

KEY = "k-5up3r-53cr3t"
SMALL = {
    "video": {"width": 320, "height": 180, "fps": 15, "source": "testcard"},
    "audio": {"source": "tone"},
    "encoder": {"codec": "libx264", "bitrate_kbps": 800, "preset": "ultrafast", "keyframe_s": 1},
}


def states(running) -> dict[str, str]:
    return {row["name"]: row["state"] for row in running.call("GET", "/v1/live")[1]["outputs"]}


def wait_for_states(running, **wanted: str) -> None:
    wait_until(lambda: states(running).items() >= wanted.items(), 30, f"{wanted}, but {states(running)}")


def test_a_server_is_added_on_air_stopped_started_and_taken_out_while_the_recording_goes_on(tmp_path):
    tables = {**SMALL, "output": [{"name": "archive", "path": "show.mkv"}]}
    with ingest() as server, engine(tmp_path, tables) as running:
        assert running.call("POST", "/v1/live/start")[0] == 200
        wait_for_states(running, archive="live")
        status, row = running.call("PUT", "/v1/outputs/main", {"server": server.server, "key": KEY})
        assert (status, row["key_in"], row["is_running"]) == (201, "keyring", False)
        assert running.call("POST", "/v1/outputs/main/start")[0] == 200
        wait_for_states(running, main="live", archive="live")
        wait_until(lambda: len(server.media(9)) > 15, 30, "pictures at the server")
        for method, path in (("PUT", "/v1/outputs/main"), ("DELETE", "/v1/outputs/main"), ("POST", "/v1/outputs/main/start")):
            status, answer = running.call(method, path, {"enabled": False} if method == "PUT" else None)
            assert (status, answer["code"]) == (409, "output.running"), path
        assert running.call("POST", "/v1/outputs/main/stop")[0] == 200
        wait_until(lambda: "deleteStream" in server.names(), 30, "the goodbye")
        assert states(running) == {"archive": "live", "main": "stopped"}
        assert running.call("GET", "/v1/live")[1]["state"] == "live", "a recording is left"
        assert running.call("POST", "/v1/outputs/archive/stop")[1]["code"] == "output.last"
        assert running.call("DELETE", "/v1/outputs/main")[0] == 200
        assert running.call("POST", "/v1/outputs/main/start")[0] == 404
        running.call("POST", "/v1/live/stop")
    assert server.complaints == []
    assert decode.decode_errors(tmp_path / "show.mkv") == []
    secrets = tmp_path / "xdg_config_home" / "encore-studio" / "secrets.json"
    assert json.loads(secrets.read_text()) == {}, "the key went with its output"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    for place in (tmp_path / "engine.log", tmp_path / "profile.toml"):
        assert KEY not in place.read_text()


def test_what_was_stopped_by_hand_or_switched_off_stays_off_after_a_crash(tmp_path):
    rows = [{"name": name, "path": f"{name}.mkv"} for name in ("one", "two", "three")]
    tables = {**SMALL, "output": [*rows[:2], {**rows[2], "enabled": False}]}
    with engine(tmp_path, tables) as running:
        assert running.call("POST", "/v1/live/start")[0] == 200
        wait_for_states(running, one="live", two="live")
        assert running.call("POST", "/v1/outputs/three/start")[0] == 200
        assert running.call("POST", "/v1/outputs/two/stop")[0] == 200
        wait_for_states(running, one="live", two="stopped", three="live")
        running.call("PUT", "/v1/products", {"sku": "K1", "name": "丝绒口红", "price_minor": 9900})
        shown = running.call("PUT", "/v1/products/shown", {"sku": "K1"})[1]
        running.process.kill()
        running.process.wait()
    with engine(tmp_path, tables) as again:
        wait_for_states(again, one="live", three="live")
        assert states(again) == {"one": "live", "three": "live"}
        assert again.call("GET", "/v1/products/shown")[1] == shown, "and what was on show, since when it was"
        again.call("POST", "/v1/live/stop")


def test_a_show_without_an_output_that_is_switched_on_is_refused_in_words(tmp_path):
    with engine(tmp_path, {**SMALL, "output": [{"name": "archive", "path": "show.mkv", "enabled": False}]}) as running:
        assert running.call("POST", "/v1/live/start")[1]["code"] == "live.all_off"


def test_outputs_are_kept_from_the_command_line_and_a_key_comes_from_standard_input_alone(tmp_path):
    with engine(tmp_path, {**SMALL, "output": [{"name": "archive", "path": "show.mkv"}]}) as running:

        def outputs(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
            command = [sys.executable, str(ROOT / "main.py"), "outputs", *words]
            env = {**environment(tmp_path), "LANG": os.environ.get("LANG", "C.UTF-8")}
            return subprocess.run(command, input=given, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

        added = outputs("add", "main", "--server", "rtmp://127.0.0.1:9/live", "--key", given=KEY + "\n")
        assert (added.returncode, "key: keyring" in added.stdout) == (0, True), added
        assert outputs("add", "main", "--server", "rtmp://127.0.0.1:9/live").returncode == 1
        torn = outputs("add", "torn", "--server", "rtmp://127.0.0.1:9/live", "--key", given=f"{KEY}\nTHE-REST\n")
        assert (torn.returncode, "THE-REST" in torn.stdout + torn.stderr) == (2, False), "half a key is none"
        assert outputs("set", "nobody", "--enabled", "no").returncode == 1
        wrong = outputs("set", "archive", "--path", "show.avi")
        assert (wrong.returncode, "Traceback" in wrong.stderr) == (2, False)
        assert ".avi" in wrong.stderr
        off = outputs("set", "archive", "--enabled", "no")
        assert [line.split()[2] for line in off.stdout.splitlines()] == ["off", "idle"]
        assert outputs("remove", "archive").stdout.count("\n") == 1
        assert outputs("start", "main").returncode == 1, "off air there is nothing to start"
        listed = running.call("GET", "/v1/outputs")[1]
    assert [row["name"] for row in listed["outputs"]] == ["main"]
    assert listed["keys"]["is_in_file"]
    assert KEY not in added.stdout + added.stderr + json.dumps(listed) + (tmp_path / "engine.log").read_text()
    profile_text = (tmp_path / "profile.toml").read_text()
    assert "key_secret" in profile_text
    assert KEY not in profile_text


def test_what_needs_other_headers_begins_another_session_and_another_file_and_both_decode(tmp_path):
    """Size and preset change SPS and PPS: never within a session or file, which is refused; between two shows all of it may."""
    with ingest() as server:
        tables = {**SMALL, "output": [{"name": "main", "server": server.server, "key": KEY}, {"name": "archive", "path": "show.mp4"}]}
        with engine(tmp_path, tables) as running:
            for number, change in enumerate((None, {"video": {"width": 480, "height": 270}, "encoder": {"preset": "medium"}}), 1):
                if change is not None:
                    assert running.call("PATCH", "/v1/settings", change)[0] == 200
                assert running.call("POST", "/v1/live/start")[0] == 200
                wait_for_states(running, main="live", archive="live")
                running.wait_for("/v1/health", lambda health: all(row["frames"] > 20 for row in health["outputs"]))
                refused = running.call("PATCH", "/v1/settings", {"encoder": {"preset": "slow"}})
                assert (refused[0], refused[1]["code"]) == (409, "settings.live")
                running.call("POST", "/v1/live/stop")
                wait_until(lambda number=number: server.names().count("deleteStream") == number, 30, "the goodbye")
    assert server.complaints == []
    headers = [message.body for message in server.messages if message.kind == 9 and message.body[1:2] == b"\x00"]
    assert len(headers) == 2
    assert headers[0] != headers[1], "each session came with its own"
    for name, size in (("show.mp4", (320, 180)), ("show-2.mp4", (480, 270))):
        assert decode.decode_errors(tmp_path / name) == []
        video = decode.describe(tmp_path / name).video
        assert (video["width"], video["height"]) == size


def test_a_show_into_a_virtual_camera_alone_is_on_air_and_ends_with_it(tmp_path):
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "pyvirtualcam.py").write_text(MODULE)
    frames = tmp_path / "frames"
    tables = {**SMALL, "output": [{"name": "cam", "camera": "auto", "camera_sound": "none"}]}
    with engine(tmp_path, tables, more={"PYTHONPATH": str(tmp_path / "modules"), "CAMERA": str(frames)}) as running:
        assert running.call("POST", "/v1/outputs/cam/test")[0] == 422, "there is no line to test"
        assert running.call("POST", "/v1/live/start")[0] == 200
        live = running.wait_for("/v1/live", lambda live: live["state"] == "live", 60)
        assert [(row["kind"], row["state"], row["detail_params"]["device"]) for row in live["outputs"]] == [
            ("camera", "live", "/dev/video9")
        ]
        wait_until(lambda: frames.exists() and frames.stat().st_size > 20 * 320 * 180 * 3 // 2, 30, "pictures")
        report = running.call("GET", "/v1/health")[1]["outputs"][0]
        assert (report["kind"], report["frames"] > 0) == ("camera", True)
        running.call("POST", "/v1/live/stop")
        assert states(running) == {"cam": "stopped"}
    size = 320 * 180 * 3 // 2
    pictures = frames.read_bytes()
    assert len(pictures) % size == 0
    assert len({pictures[start : start + size] for start in range(0, len(pictures), size)}) > 5, "a test card moves"
