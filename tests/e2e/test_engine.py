"""The engine as its users and their scripts meet it: exit codes, one engine a folder, faults that cost only themselves."""

import itertools
import json
import signal
import socket
import subprocess
import sys
import threading

import pytest

from tests import decode
from tests.e2e.show import ROOT, Engine, engine, environment, profile, run_live, run_main
from tests.encoder.ingest import ingest
from tests.servers import end, free_port, nginx, wait_until

SMALL = {
    "video": {"width": 320, "height": 180, "fps": 15, "source": "testcard"},
    "audio": {"source": "tone"},
    "encoder": {"bitrate_kbps": 300, "preset": "ultrafast"},
    "output": [{"name": "archive", "path": "show.mkv"}],
}


def with_server(server, key="key"):
    return {**SMALL, "output": [{"name": "main", "server": server, "key": key}, {"name": "archive", "path": "show.mkv"}]}


def test_wrong_profiles_end_with_2_and_a_line_for_each_fault(tmp_path):
    path = profile(tmp_path, {"video": {"widht": 3, "fps": 0}, "look": {"smooth": 9.0}})
    done = run_main(tmp_path, "live", str(path))
    assert done.returncode == 2
    assert [line.split(" = ")[0] for line in done.stderr.strip().splitlines()] == ["video.widht", "video.fps", "look.smooth"]
    assert "Traceback" not in done.stderr


def test_a_show_that_could_not_be_what_its_profile_says_never_begins(tmp_path):
    path = profile(tmp_path, {**SMALL, "audience": {"events": "file:nowhere.jsonl"}})
    done = run_main(tmp_path, "live", str(path), "--report", str(tmp_path / "nowhere" / "report.json"))
    assert done.returncode == 2
    assert [line.split(" = ")[0] for line in done.stderr.strip().splitlines()] == ["audience.events", "--report"]
    assert not list(tmp_path.glob("show*"))


@pytest.mark.parametrize(
    "words", [["live"], ["live", "p.toml", "--duration", "x"], ["nonsense", "more"], ["live", "missing.toml"], ["pair"]]
)
def test_wrong_arguments_end_with_2(tmp_path, words):
    done = run_main(tmp_path, *words)
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_a_window_without_its_profile_ends_with_2_and_starts_no_engine(tmp_path):
    done = run_main(tmp_path, "nowhere.toml")
    assert (done.returncode, done.stderr) == (2, f"There is no profile at {tmp_path / 'nowhere.toml'}.\n")
    assert not (tmp_path / "runtime" / "engine.log").exists()


def test_a_python_without_the_packages_is_told_in_one_line(tmp_path):
    command = [sys.executable, "-S", str(ROOT / "main.py"), "devices"]  # -S: nothing but the standard library
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "README.md" in done.stderr


def test_a_window_without_a_display_says_so_and_starts_no_engine(tmp_path, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for words in ((), ("assistant", "http://127.0.0.1:1")):
        done = run_main(tmp_path, *words)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "sample --headless" in done.stderr
    assert not (tmp_path / "runtime" / "engine.log").exists()


def test_a_show_that_never_goes_live_ends_with_3(tmp_path):
    show = run_live(tmp_path, {**SMALL, "output": [{"name": "main", "server": f"rtmp://127.0.0.1:{free_port()}/live", "key": "k"}]}, 2)
    assert show.code == 3
    assert show.report["outputs"][0]["state"] == "stopped"
    assert show.report["outputs"][0]["missed"] > 0


def test_a_second_engine_on_the_same_folder_ends_with_4(tmp_path):
    with engine(tmp_path, SMALL):
        done = run_main(tmp_path, "live", str(tmp_path / "profile.toml"), "--duration", "1")
    assert done.returncode == 4
    assert "Another engine" in done.stderr


def test_a_store_that_is_no_store_ends_with_4_and_is_left_alone(tmp_path):
    (tmp_path / "encore.db").write_bytes(b"this is a letter, not a fan file" * 100)
    before = (tmp_path / "encore.db").read_bytes()
    show = run_live(tmp_path, SMALL, 1)
    assert show.code == 4
    assert "Traceback" not in show.errors
    assert (tmp_path / "encore.db").read_bytes() == before
    assert not list(tmp_path.glob("show*")), "nothing went out"


def test_sigint_ends_a_show_cleanly_and_the_recording_plays(tmp_path):
    path = profile(tmp_path, SMALL)
    report = tmp_path / "r.json"
    with (tmp_path / "log").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), "live", str(path), "--report", str(report)],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=log,
            stderr=log,
        )
    try:
        running = Engine(child, tmp_path)
        running.wait()
        running.wait_for("/v1/health", lambda health: health["video"]["encoded"] > 10)
    finally:
        end(child, signal.SIGINT)
    assert child.returncode == 0, (tmp_path / "log").read_text()
    assert json.loads(report.read_text())["outputs"][0]["state"] == "stopped"
    assert decode.decode_errors(tmp_path / "show.mkv") == []


def test_a_server_that_stays_silent_freezes_nothing(tmp_path):
    """It accepts and says nothing: the loop goes on (gap ≤ 100 ms but for the start), the recording is whole.

    What a busy machine takes passes; what a silent server took it would take again and again.
    """
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        held = []
        stopping = threading.Event()

        def accept():
            silent.settimeout(0.2)
            while not stopping.is_set():
                try:
                    held.append(silent.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept, name="silent")
        thread.start()
        try:
            with engine(tmp_path, with_server(f"rtmp://127.0.0.1:{port}/live")) as running:
                assert running.call("POST", "/v1/live/start")[0] == 200
                wait_until(lambda: len(held) >= 2, what="it gave up on the silent server and tried again")
                begun = running.wait_for("/v1/health", lambda health: health["video"]["encoded"] > 60)["video"]
                report = running.wait_for(
                    "/v1/health", lambda health: health["video"]["encoded"] > begun["encoded"] + 30 and _is_quick(health)
                )
                assert report["video"]["skipped"] <= report["video"]["encoded"] / 10
                by_name = {output["name"]: output for output in report["outputs"]}
                assert by_name["archive"]["state"] == "live"
                assert by_name["main"]["state"] in {"connecting", "reconnecting"}
        finally:
            stopping.set()
            thread.join()
            for connection in held:
                connection.close()


def _is_quick(health) -> bool:
    return min(health["loop"]["gap_ms_p99"], health["loop"]["gap_ms_recent"]) <= 100


def test_a_wrong_key_is_told_in_words_and_the_recording_goes_on(tmp_path):
    with ingest("refuse_name") as server, engine(tmp_path, with_server(server.server, "wr0ngkey")) as running:
        running.call("POST", "/v1/live/start")
        live = running.wait_for("/v1/live", lambda live: any(output["state"] == "refused" for output in live["outputs"]))
        by_name = {output["name"]: output for output in live["outputs"]}
        assert by_name["archive"]["state"] == "live"
        assert "wr0ngkey" not in json.dumps(live) + (tmp_path / "engine.log").read_text()


def test_a_lost_server_is_found_again_and_the_recording_never_notices(tmp_path):
    with nginx() as server, engine(tmp_path, with_server(server.server)) as running:
        running.call("POST", "/v1/live/start")
        running.wait_for("/v1/live", lambda live: live["state"] == "live")
        server.kill()
        running.wait_for("/v1/live", lambda live: live["state"] == "reconnecting")
        server.start()
        live = running.wait_for("/v1/live", lambda live: live["state"] == "live")
        by_name = {output["name"]: output for output in live["outputs"]}
        assert by_name["main"]["connects"] == 2
        skipped = running.call("GET", "/v1/health")[1]["video"]["skipped"]
        running.call("POST", "/v1/live/stop")
    recording = tmp_path / "show.mkv"
    assert decode.decode_errors(recording) == []
    times = decode.packet_times(recording)
    assert max(later - earlier for earlier, later in itertools.pairwise(sorted(times))) < 0.7 + skipped / SMALL["video"]["fps"]


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 200 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_stops_the_recording_and_nothing_else(tmp_path, small_disk):
    with nginx() as server:
        tables = with_server(server.server)
        tables["output"][1]["path"] = str(small_disk / "full.mkv")
        with engine(tmp_path, tables) as running:
            running.call("POST", "/v1/live/start")
            wanted = {"main": "live", "archive": "failed"}
            live = running.wait_for("/v1/live", lambda live: {output["name"]: output["state"] for output in live["outputs"]} == wanted, 40)
            assert live["state"] == "live"
            assert {output["name"]: output["detail"] for output in live["outputs"]}["archive"] in {
                "recording.disk_full",
                "recording.disk_nearly_full",
            }


def test_an_engine_killed_on_air_goes_on_air_again(tmp_path):
    with nginx() as server:
        tables = with_server(server.server)
        with engine(tmp_path, tables) as running:
            running.call("POST", "/v1/live/start")
            running.wait_for("/v1/live", lambda live: live["state"] == "live")
            status, drop = running.call(
                "POST", "/v1/drops", {"click_id": "c1", "kind": "coupon", "title": "券", "value_minor": 100, "stock": 5, "seconds": 600}
            )
            assert status == 201, drop
            running.process.kill()
            running.process.wait()
        with engine(tmp_path, tables) as again:
            again.wait_for("/v1/live", lambda live: live["state"] == "live")
            drops = again.call("GET", "/v1/drops")[1]
            rows = drops if isinstance(drops, list) else drops["drops"]
            assert [(row["id"], row["state"], row["closes_at"]) for row in rows] == [(drop["id"], "open", drop["closes_at"])]
            again.call("POST", "/v1/live/stop")
        with engine(tmp_path, tables) as third:
            assert third.call("GET", "/v1/live")[1]["state"] == "idle"


def test_an_unplugged_camera_is_told_and_the_show_goes_on(tmp_path):
    tables = {**SMALL, "video": {**SMALL["video"], "source": "camera:7"}}
    with engine(tmp_path, tables) as running:
        live = running.wait_for("/v1/live", lambda live: live["sources"])
        assert {source["kind"]: source["state"] for source in live["sources"]}["video"] == "lost"
        assert running.call("POST", "/v1/live/start")[0] == 200
        running.wait_for("/v1/health", lambda health: health["video"]["encoded"] > 15)
        status, answer = running.call("PATCH", "/v1/settings", {"video": {"source": "testcard"}})
        assert (status, answer["touched"]["capture"]) == (200, True)
        running.wait_for("/v1/live", lambda live: {source["kind"]: source["state"] for source in live["sources"]}["video"] == "open")


def test_settings_change_all_or_nothing_and_are_kept(tmp_path):
    with engine(tmp_path, SMALL) as running:
        status, answer = running.call("PATCH", "/v1/settings", {"look": {"smooth": 0.4, "whiten": 7}})
        assert status == 422
        assert "look.whiten" in json.dumps(answer)
        assert running.call("GET", "/v1/settings")[1]["look"]["smooth"] == 0.0
        assert running.call("PATCH", "/v1/settings", {"look": {"smooth": 0.4}})[0] == 200
        running.call("POST", "/v1/live/start")
        assert running.call("PATCH", "/v1/settings", {"video": {"fps": 10}})[0] == 409
    assert "smooth = 0.4" in (tmp_path / "profile.toml").read_text()


def test_a_new_users_profile_is_made_and_can_go_live_without_camera_or_account(tmp_path):
    with (tmp_path / "engine.log").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), "engine"], cwd=tmp_path, env=environment(tmp_path), stdout=log, stderr=log
        )
    running = Engine(child, tmp_path)
    try:
        running.wait()
        made = tmp_path / "xdg_config_home" / "encore-studio" / "profile.toml"
        assert "presenter.mp4" in made.read_text()
        assert running.call("POST", "/v1/live/start")[0] == 200
        live = running.wait_for("/v1/live", lambda live: live["state"] == "live")
        assert [output["kind"] for output in live["outputs"]] == ["file"]
    finally:
        end(child)
    assert child.returncode == 0


TIERS = '[[tier]]\nname = "路人"\nfrom_minor = 0\n[[tier]]\nname = "会员"\nfrom_minor = 20000\n'


def test_rules_with_faults_end_live_with_2_and_are_named_by_line(tmp_path):
    (tmp_path / "loyalty.toml").write_text(TIERS + "percent = 120\n", encoding="utf-8")
    show = run_live(tmp_path, SMALL, 1)
    assert show.code == 2
    assert show.errors == "loyalty.toml, line 7: tier[1].percent = 120: a whole number from 1 to 100\n"
    assert not (tmp_path / "show.mkv").exists()


def test_a_rules_file_is_taken_at_the_start_and_waits_where_somebody_would_move(tmp_path):
    (tmp_path / "loyalty.toml").write_text(TIERS, encoding="utf-8")
    with engine(tmp_path, SMALL) as studio:
        told = studio.call("GET", "/v1/rules")[1]
        assert ([tier["name"] for tier in told["rules"]["tier"]], told["history"][0]["by"]) == (["路人", "会员"], "file:loyalty.toml")
        assert studio.call("PUT", "/v1/rules", {"rules": {}, "seen": 1})[0] == 200
    order = {"id": "e1", "type": "order", "at": "2026-11-20T12:00:00Z", "platform": "douyin", "room": "r1", "fan": {"id": "u1"},
             "order": "o1", "amount_minor": 10_00, "currency": "CNY"}  # fmt: skip
    (tmp_path / "events.jsonl").write_text(json.dumps(order), encoding="utf-8")
    assert run_main(tmp_path, "fans", "import", "events.jsonl").returncode == 0
    with engine(tmp_path, SMALL) as studio:
        assert studio.call("GET", "/v1/rules")[1]["number"] == 2, "the file said nothing new"
    (tmp_path / "loyalty.toml").write_text(TIERS.replace("20000", "30000"), encoding="utf-8")
    with engine(tmp_path, SMALL) as studio:
        assert studio.call("GET", "/v1/rules")[1]["number"] == 2, "somebody would move"
        assert studio.call("GET", "/v1/fans/douyin/u1")[1]["tier"] == "初级"
    (tmp_path / "loyalty.toml").write_text("[[tier]\n", encoding="utf-8")
    with engine(tmp_path, SMALL) as studio:
        assert studio.call("GET", "/v1/rules")[1]["number"] == 2, "a broken file changes nothing"
