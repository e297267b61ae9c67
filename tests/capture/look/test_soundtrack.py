"""A clip's sound beside its pictures with the look on them."""

import subprocess
import sys

import av
import pytest

from capture.look import run_picture
from studio.model.settings import LookSettings
from tests.capture.look.pictures import ROOT

PICTURE = ("-f", "lavfi", "-i", "testsrc=size=128x96:rate=25:duration=1")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1.5")
BEEPS = ("-f", "lavfi", "-i", "sine=frequency=880:duration=1")


def ffmpeg(*words):
    subprocess.run(["ffmpeg", "-v", "error", *map(str, words)], check=True, capture_output=True, timeout=60)


def packets(path, kind):
    """[(seconds, content)] of a clip's first stream of that kind."""
    with av.open(str(path)) as container:
        stream = getattr(container.streams, kind)[0]
        return [(float(packet.pts * packet.time_base), bytes(packet)) for packet in container.demux(stream) if packet.pts is not None]


@pytest.mark.parametrize("name", ["in.mp4", "in.ts", "in.flv"])
def test_a_clips_sound_comes_along_as_it_is_and_in_step_with_its_picture(tmp_path, name):
    source, target = tmp_path / name, tmp_path / "out.mkv"
    ffmpeg(*PICTURE, *SOUND, "-c:v", "libx264", "-c:a", "aac", source)
    assert run_picture(source, target, LookSettings(exposure=0.2)) == ()
    given, shown = packets(source, "audio"), packets(target, "audio")
    start_s = packets(source, "video")[0][0]
    heard = [(at - start_s, content) for at, content in given if at >= start_s]
    assert [at for at, _ in shown] == pytest.approx([at for at, _ in heard], abs=0.002)
    if not name.endswith(".ts"):  # there each packet has a header that mkv keeps once for all
        assert [content for _, content in shown] == [content for _, content in heard]
    with av.open(str(target)) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) / 44_100 == pytest.approx(1.5, abs=0.05)


def test_a_clip_with_two_voices_keeps_both(tmp_path):
    source, target = tmp_path / "in.mkv", tmp_path / "out.mkv"
    ffmpeg(*PICTURE, *SOUND, *BEEPS, "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-c:a", "pcm_s16le", source)
    run_picture(source, target, LookSettings())
    with av.open(str(target)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio", "audio"]


def test_sound_that_mkv_cannot_hold_stays_behind_and_is_said(tmp_path):
    source, target = tmp_path / "in.mov", tmp_path / "out.mkv"
    ffmpeg(*PICTURE, *SOUND, "-c:v", "libx264", "-c:a", "pcm_alaw", source)
    (said,) = run_picture(source, target, LookSettings())
    assert "pcm_alaw" in said
    with av.open(str(target)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert sum(1 for _ in container.decode(video=0)) == 25


def test_sound_goes_on_where_a_clips_clock_begins_anew(tmp_path):
    for name in ("one.ts", "two.ts"):
        ffmpeg(*PICTURE, *BEEPS, "-c:v", "libx264", "-c:a", "mp2", tmp_path / name)
    source, target = tmp_path / "in.ts", tmp_path / "out.mkv"
    source.write_bytes((tmp_path / "one.ts").read_bytes() + (tmp_path / "two.ts").read_bytes())
    run_picture(source, target, LookSettings())
    times = [at for at, _ in packets(target, "audio")]
    assert times == sorted(times)
    assert times[-1] == pytest.approx(2.0, abs=0.15)


def test_the_command_says_nothing_but_how_far_it_is(tmp_path):
    (tmp_path / "look.toml").write_text("[look]\nsmooth = 0.5\n", encoding="utf-8")
    ffmpeg(*PICTURE, *SOUND, "-c:v", "libx264", "-c:a", "aac", tmp_path / "in.mp4")
    words = ["main.py", "picture", tmp_path / "in.mp4", tmp_path / "out.mkv", "--look", tmp_path / "look.toml"]
    done = subprocess.run([sys.executable, *map(str, words)], cwd=ROOT, capture_output=True, timeout=180, check=True)
    assert done.stdout == b""
    assert done.stderr == b"".join(b"\r%d / 25" % number for number in range(1, 26)) + b"\n"
