"""Clips of marked moments, and a plain file from what a killed engine left: by the command, read back by ffprobe."""

import json
import signal
import subprocess

from tests import decode
from tests.e2e.show import engine, run_main

TABLES = {"video": {"width": 320, "height": 180}, "encoder": {"bitrate_kbps": 500, "keyframe_s": 1}}


def _show(tmp_path, name, *, kill=False, codec="h264"):
    path = tmp_path / name
    with engine(tmp_path, {**TABLES, "output": [{"name": "archive", "path": str(path), "codec": codec}]}) as running:
        running.call("POST", "/v1/live/start")
        for frames, title in ((60, "第一次/试色"), (120, "Two: <b>")):
            running.wait_for("/v1/health", lambda report, wanted=frames: report["video"]["encoded"] > wanted)
            assert running.call("POST", "/v1/markers", {"title": title})[0] == 201
        marked = running.call("GET", "/v1/health")[1]["video"]["encoded"]
        running.wait_for("/v1/health", lambda report: report["video"]["encoded"] > marked + 90)
        if kill:
            running.process.send_signal(signal.SIGKILL)
            running.process.wait()
        else:
            running.call("POST", "/v1/live/stop")
    return path


def test_each_mark_becomes_a_clip_that_begins_with_a_keyframe(tmp_path):
    recording = _show(tmp_path, "show.mp4")
    done = run_main(tmp_path, "recordings", "clips", str(recording), "--before", "1", "--after", "2", "--to", str(tmp_path / "clips"))
    assert (done.returncode, done.stderr) == (0, "")
    clips = sorted((tmp_path / "clips").iterdir())
    assert [path.name for path in clips] == ["show-01-第一次_试色.mp4", "show-02-Two_ _b_.mp4"]
    for path in clips:
        assert decode.decode_errors(path) == []
        seen = decode.describe(path)
        assert 3.0 <= float(seen.video["duration"]) <= 4.1
        assert abs(float(seen.audio["duration"]) - float(seen.video["duration"])) < 0.1
        assert decode.keyframe_times(path)[0] < 0.05


def test_a_killed_recording_becomes_a_plain_file(tmp_path):
    recording = _show(tmp_path, "show.mp4", kill=True)
    done = run_main(tmp_path, "recordings", "plain", str(recording), str(tmp_path / "plain.mp4"))
    assert done.returncode == 0, done.stderr
    assert decode.decode_errors(tmp_path / "plain.mp4") == []
    frames, plain = (len(decode.packet_times(path)) for path in (recording, tmp_path / "plain.mp4"))
    assert frames == plain > 150
    whole = _show(tmp_path, "whole.mkv", codec="hevc")
    assert run_main(tmp_path, "recordings", "plain", str(whole), str(tmp_path / "whole.mp4")).returncode == 0
    assert decode.decode_errors(tmp_path / "whole.mp4") == []
    assert decode.describe(tmp_path / "whole.mp4").video["codec_tag_string"] == "hvc1"
    probe = ["ffprobe", "-v", "error", "-show_chapters", "-of", "json", tmp_path / "whole.mp4"]
    chapters = json.loads(subprocess.run(probe, capture_output=True, check=True).stdout)["chapters"]
    assert [chapter["tags"]["title"] for chapter in chapters] == ["第一次/试色", "Two: <b>"]


def test_what_can_not_be_cut_is_told_in_one_line(tmp_path):
    (tmp_path / "text.mp4").write_text("no film")
    for words, code in (
        (("clips", "missing.mp4"), 2),
        (("clips", "text.mp4"), 2),
        (("plain", "text.mp4", "out.mp4"), 2),
        (("clips", "text.mp4", "--after", "-3"), 2),
        (("cut",), 2),
    ):
        done = run_main(tmp_path, "recordings", *words)
        assert done.returncode == code, (words, done.stderr)
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.mp4").exists()
