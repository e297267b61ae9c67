"""What becomes of a recording when the disk, the folder or the program fails it."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from encoder import open_output
from encoder.recording import RecordingFile
from studio.model.settings import OutputSettings
from tests import decode, servers
from tests.encoder.conftest import LOOP_S
from tests.encoder.ingest import ingest
from tests.encoder.show import HEIGHT, WIDTH, Player, Told, number_in


def _recording(path, told=None):
    return open_output(OutputSettings(name="archive", path=str(path)), told or Told())


def _path(stats) -> str:
    return dict(stats.detail_params)["path"]


def test_a_recording_never_overwrites_a_file_and_tells_the_name_it_took(show, tmp_path):
    wanted = tmp_path / "show.mp4"
    wanted.write_bytes(b"last week's show")
    (tmp_path / "show-2.mp4").write_bytes(b"the one before")
    output = _recording(wanted)
    with Player(show, [output], loop_s=LOOP_S):
        servers.wait_until(lambda: output.stats().frames > 3, what="pictures")
    assert wanted.read_bytes() == b"last week's show"
    assert _path(output.stats()) == str(tmp_path / "show-3.mp4")
    assert decode.decode_errors(tmp_path / "show-3.mp4") == []


def test_a_missing_folder_is_made(show, tmp_path):
    output = _recording(tmp_path / "new" / "deeper" / "show.mkv")
    with Player(show, [output], loop_s=LOOP_S):
        servers.wait_until(lambda: output.stats().frames > 3, what="pictures")
    assert decode.decode_errors(tmp_path / "new" / "deeper" / "show.mkv") == []


@pytest.mark.parametrize("path", ["/proc/show.mp4", "/dev/null/show.mp4", "/etc/hostname/show.mkv"])
def test_a_place_that_cannot_be_written_fails_in_words(show, path):
    told = Told()
    output = _recording(path, told)
    with Player(show, [output], loop_s=LOOP_S):
        servers.wait_until(lambda: output.stats().state == "failed", what="failed")
    assert output.stats().detail in {"recording.failed", "recording.not_allowed"}
    assert told.names() == ["connecting", "failed"]


class FullAfter(RecordingFile):
    """A file on a disk with so many bytes left; what fits of a write is written, as real disks do."""

    room = 150_000

    def write(self, data: bytes) -> int:
        fits = max(0, self.room - self.size)
        if fits < len(data):
            if self.failure is None and fits:
                super().write(data[:fits])
            self.failure = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data)


@pytest.mark.parametrize("extension", ["mp4", "mkv", "flv", "ts"])
def test_a_full_disk_ends_the_recording_readable_and_the_stream_goes_on(show, tmp_path, monkeypatch, extension):
    monkeypatch.setattr("encoder.recording.RecordingFile", FullAfter)
    path = tmp_path / f"show.{extension}"
    told = Told()
    with ingest() as server:
        recording = _recording(path, told)
        stream = open_output(OutputSettings(name="main", server=server.server, key="k"), Told())
        with Player(show, [recording, stream], loop_s=LOOP_S) as player:
            servers.wait_until(lambda: recording.stats().state == "failed", what="the disk is full")
            frames = stream.stats().frames
            servers.wait_until(lambda: stream.stats().frames > frames + 10, what="the stream goes on")
            assert player.slowest_put_s < 0.05
        assert stream.stats().dropped == stream.stats().missed == 0
    assert (recording.stats().state, recording.stats().detail) == ("failed", "recording.disk_full")
    assert told.names() == ["connecting", "live", "failed"]
    numbers = [number_in(luma) for luma in _decodable(path)]
    assert len(numbers) >= 20
    assert numbers == list(range(len(numbers)))


def _decodable(path):
    """The pictures of a file whose last ones may be cut."""
    raw = subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "fatal", "-i", str(path), "-map", "0:v", "-fps_mode", "passthrough", "-vf", "extractplanes=y", "-pix_fmt",
         "gray", "-f", "rawvideo", "-"],
        capture_output=True, timeout=60, check=False,
    ).stdout  # fmt: skip
    import numpy as np

    return np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH)


@pytest.mark.parametrize("extension", ["mp4", "mkv", "flv", "ts"])
def test_a_disk_without_room_for_a_header_is_full_too(show, tmp_path, monkeypatch, extension):
    monkeypatch.setattr("encoder.recording.RecordingFile", FullAfter)
    monkeypatch.setattr(FullAfter, "room", 10)
    output = _recording(tmp_path / f"show.{extension}")
    with Player(show, [output], loop_s=LOOP_S):
        servers.wait_until(lambda: output.stats().state == "failed", what="failed")
        servers.wait_until(lambda: output.stats().missed > 0, what="pictures are missed")
    assert output.stats().detail == "recording.disk_full"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounting needs root")
def test_a_really_full_file_system_is_told_as_one(show, tmp_path):
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(tmp_path)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting isn't allowed here")
    try:
        output = _recording(tmp_path / "show.mp4")
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().state == "failed", what="failed")
        assert output.stats().detail == "recording.disk_full"
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


class Stalled(RecordingFile):
    """A file on a disk that hangs (a network drive, a card that fails) until the test lets go of it."""

    hold_s = 30.0

    def write(self, data: bytes) -> int:
        if self.size > 60_000:
            begun = time.monotonic()
            while time.monotonic() - begun < type(self).hold_s:
                time.sleep(0.01)
        return super().write(data)


def test_a_disk_that_cannot_keep_up_ends_the_recording_and_nobody_waits_for_it(show, tmp_path, monkeypatch):
    monkeypatch.setattr("encoder.recording.RecordingFile", Stalled)
    with ingest() as server:
        recording = _recording(tmp_path / "show.mkv")
        stream = open_output(OutputSettings(name="main", server=server.server, key="k"), Told())
        with Player(show, [recording, stream], loop_s=LOOP_S) as player:
            servers.wait_until(lambda: recording.stats().state == "failed", 10, "too slow")
            assert recording.stats().detail == "recording.too_slow"
            assert player.slowest_put_s < 0.05
            assert stream.stats().dropped == stream.stats().missed == 0
            before = time.monotonic()
            recording.stop(0.3)
            assert time.monotonic() - before < 0.6
            monkeypatch.setattr(Stalled, "hold_s", 0.0)


_KILLED = """
import sys
from encoder import open_output
from studio.model.settings import OutputSettings
from tests.encoder.show import Player, Told, encode

show = encode(8)
outputs = [open_output(OutputSettings(name=path, path=path), Told()) for path in sys.argv[1:]]
with Player(show, outputs, loop_s=8) as player:
    while True:
        print(int(player.played_s * 1000), flush=True)
        player._stopping.wait(0.02)
"""


def test_a_killed_program_leaves_recordings_that_play_up_to_the_last_quarter_second(tmp_path):
    paths = [tmp_path / f"show.{extension}" for extension in ("mp4", "mkv", "flv", "ts")]
    child = subprocess.Popen([sys.executable, "-c", _KILLED, *map(str, paths)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    played_ms = 0
    while played_ms < 1900:
        played_ms = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    child.wait(5)
    child.stdout.close()
    for path in paths:
        numbers = [number_in(luma) for luma in _decodable(path)]
        assert numbers == list(range(len(numbers)))
        assert played_ms - len(numbers) * 1000 / 30 < 400, (path, played_ms, len(numbers))
        seen = decode.describe(path)
        assert seen.video["color_space"] == "bt709"
        assert abs(float(seen.video["start_time"]) - float(seen.audio["start_time"])) < 0.005
