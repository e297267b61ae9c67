"""Measuring the machine, as a user does it: the command, and the engine's call with its progress."""

from tests.e2e.show import engine, profile, run_main
from tests.servers import wait_until

SMALL = {"video": {"width": 320, "height": 180, "fps": 5, "source": "testcard"}, "look": {"smooth": 0.5}}


def test_the_command_prints_a_row_for_each_preset_and_the_one_to_take(tmp_path):
    done = run_main(tmp_path, "measure", str(profile(tmp_path, SMALL)), timeout_s=240)
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("libx264")]
    assert [row[1] for row in rows][:3] == ["ultrafast", "superfast", "veryfast"]
    assert all(float(row[2]) > 0 for row in rows)
    assert '[encoder] codec="libx264" preset="' in done.stdout
    beside = [line.split() for line in done.stdout.splitlines() if line.split()[1:2] == ["recording"]]
    assert [row[0] for row in beside] == ["hevc", "av1"]
    assert all(float(row[2]) > 0 for row in beside), "both are in every build"


def test_the_engine_measures_off_air_in_a_process_of_its_own_and_tells_how_far_it_is(tmp_path):
    tables = {**SMALL, "output": [{"name": "archive", "path": str(tmp_path / "show.mkv")}]}
    with engine(tmp_path, tables) as running:
        assert running.call("POST", "/v1/measure")[0] == 202
        status, problem = running.call("POST", "/v1/measure")
        assert (status, problem["code"]) == (409, "measure.running")
        partly = running.wait_for("/v1/measure", lambda told: told["rows"], 90)
        assert 0 < partly["done"] <= partly["of"]
        assert running.call("POST", "/v1/live/start")[0] == 200, "the show comes first"
        running.wait_for("/v1/measure", lambda told: told["state"] == "failed")
        assert running.call("POST", "/v1/measure")[1]["code"] == "measure.on_air"
        wait_until(lambda: not (tmp_path / "runtime" / "measure.toml").exists(), what="the copy of the profile is gone")
