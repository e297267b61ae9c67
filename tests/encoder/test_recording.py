"""What becomes of a recording when the disk, the folder or the program fails it."""

import contextlib
import errno
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from encoder import open_output
from encoder.recording_file import RecordingFile, create_file
from studio.errors import OutputFailed
from studio.model.settings import OutputSettings
from tests import decode, servers
from tests.encoder.conftest import LOOP_S
from tests.encoder.ingest import ingest
from tests.encoder.show import AT_ONCE_S, FPS, HEIGHT, WIDTH, Player, Told, moved, number_in, put_all


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
    monkeypatch.setattr("encoder.recording_file.RecordingFile", FullAfter)
    path = tmp_path / f"show.{extension}"
    told = Told()
    with ingest() as server:
        recording = _recording(path, told)
        stream = open_output(OutputSettings(name="main", server=server.server, key="k"), Told())
        with Player(show, [recording, stream], loop_s=LOOP_S) as player:
            servers.wait_until(lambda: recording.stats().state == "failed", what="the disk is full")
            frames = stream.stats().frames
            servers.wait_until(lambda: stream.stats().frames > frames + 10, what="the stream goes on")
            assert player.slowest_put_s < AT_ONCE_S
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
    monkeypatch.setattr("encoder.recording_file.RecordingFile", FullAfter)
    monkeypatch.setattr(FullAfter, "room", 10)
    output = _recording(tmp_path / f"show.{extension}")
    with Player(show, [output], loop_s=LOOP_S):
        servers.wait_until(lambda: output.stats().state == "failed", what="failed")
        servers.wait_until(lambda: output.stats().missed > 0, what="pictures are missed")
    assert output.stats().detail == "recording.disk_full"


@contextlib.contextmanager
def _disk(folder, size):
    """A real file system of this size."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting isn't allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounting needs root")
def test_a_really_full_file_system_is_told_as_one(show, tmp_path):
    with _disk(tmp_path, "100k"):
        output = _recording(tmp_path / "show.mp4")
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().state == "failed", what="failed")
        assert output.stats().detail == "recording.disk_full"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounting needs root")
def test_a_disk_that_fills_up_is_warned_of_and_the_recording_ends_complete_before(show, tmp_path):
    with _disk(tmp_path, "50m"):
        told = Told()
        output = _recording(tmp_path / "show.mp4", told)
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().detail == "recording.room_low", what="the warning")
            assert output.stats().state == "live"
            assert 5 <= int(dict(output.stats().detail_params)["minutes"]) <= 7
            (tmp_path / "ballast").write_bytes(bytes(45_000_000))
            servers.wait_until(lambda: output.stats().state == "failed", what="the end")
        assert output.stats().detail == "recording.disk_nearly_full"
        assert told.names() == ["connecting", "live", "live", "failed"]
        assert decode.decode_errors(tmp_path / "show.mp4") == []


@pytest.mark.skipif(os.name != "posix", reason="a file that is open can't be removed there")
@pytest.mark.parametrize("extension", ["mp4", "mkv", "flv", "ts"])
def test_a_recording_whose_folder_is_deleted_ends_and_is_put_back(show, tmp_path, extension):
    path, told = tmp_path / "shows" / f"show.{extension}", Told()
    output = _recording(path, told)
    with Player(show, [output], loop_s=LOOP_S):
        servers.wait_until(lambda: output.stats().frames > 20, what="a second of it")
        frames = output.stats().frames
        shutil.rmtree(path.parent)
        servers.wait_until(lambda: output.stats().detail == "recording.put_back", what="it is put back")
    assert told.names() == ["connecting", "live", "failed", "failed"]
    assert dict(output.stats().detail_params) == {"path": str(path)}
    numbers = [number_in(luma) for luma in _decodable(path)]
    assert len(numbers) >= frames
    assert numbers == list(range(len(numbers)))
    assert [made.name for made in path.parent.iterdir()] == [path.name]


@pytest.mark.skipif(os.name != "posix", reason="a file that is open can't be moved there")
def test_a_recording_whose_folder_is_renamed_ends_where_it_is_now(show, tmp_path):
    path = tmp_path / "shows" / "show.mp4"
    output = _recording(path)
    with Player(show, [output], loop_s=LOOP_S):
        servers.wait_until(lambda: output.stats().frames > 20, what="a second of it")
        path.parent.rename(tmp_path / "elsewhere")
        servers.wait_until(lambda: output.stats().detail == "recording.moved", what="it is told")
    assert decode.decode_errors(tmp_path / "elsewhere" / "show.mp4") == []
    assert not path.parent.exists()


@pytest.mark.skipif(os.name != "posix", reason="a file that is open can't be removed there")
def test_a_deleted_file_is_put_back_whole_or_not_at_all(tmp_path):
    file, path = create_file(tmp_path / "show.mkv")
    file.write(b"what was recorded")
    assert not file.is_unlinked
    path.unlink()
    assert file.is_unlinked
    (tmp_path / "taken").write_text("no folder")
    with pytest.raises(OutputFailed):
        file.put_back(tmp_path / "taken" / "show.mkv")
    assert [left.name for left in tmp_path.iterdir()] == ["taken"]
    assert file.put_back(path).read_bytes() == b"what was recorded"
    file.close()


@pytest.mark.parametrize("extension", ["mp4", "mkv", "flv", "ts"])
def test_a_recording_goes_on_in_another_file_without_losing_a_frame(show, tmp_path, extension):
    output = open_output(OutputSettings(name="archive", path=str(tmp_path / f"show.{extension}"), split_mb=1), Told())
    output._split_bytes = 150_000  # a test of a megabyte would take half a minute
    with Player(show, [output], loop_s=LOOP_S):
        servers.wait_until((tmp_path / f"show-3.{extension}").exists, what="the third file")
        frames = output.stats().frames
        servers.wait_until(lambda: output.stats().frames > frames + 10, what="pictures in the third file")
    files = [
        tmp_path / f"show{part}.{extension}" for part in ("", *(f"-{number}" for number in range(2, 1 + len(list(tmp_path.iterdir())))))
    ]
    assert len(files) >= 3
    assert [decode.decode_errors(path) for path in files] == [[]] * len(files)
    numbers = [number_in(luma) for path in files for luma in decode.luma_frames(path, WIDTH, HEIGHT)]
    loop = round(LOOP_S * FPS)
    assert [after - before for before, after in itertools.pairwise(numbers) if (after - before) % loop != 1] == []
    assert _path(output.stats()) == str(files[-1])
    assert output.stats().bytes == sum(path.stat().st_size for path in files)
    sound = sum(len(decode.sound(path)) for path in files) / 48_000
    assert abs(sound - len(numbers) / FPS) < 0.15


@pytest.mark.parametrize("extension", ["mp4", "mkv"])
def test_marks_are_chapters_of_the_file_in_which_they_fall(show, tmp_path, extension):
    output = open_output(OutputSettings(name="archive", path=str(tmp_path / f"show.{extension}"), split_minutes=1), Told())
    output._split_s = 1.5  # a test of minutes would take minutes; with a keyframe each second the second file begins at 2 s
    output.start(show.header)
    output.mark(200.0, "抽奖 豆沙色口红")
    output.mark(400.0, "优惠券 <b>")
    put_all(output, sorted(show.until(2.5), key=lambda packet: packet.dts_ms), lambda packet: moved(packet, 0))
    servers.wait_until(lambda: output.stats().frames > 65, what="pictures in the second file")
    output.mark(2300.0, "第二段")
    output.mark(1900.0, "来晚了")
    output.stop(servers.PATIENCE_S)
    first, second = (_chapters(tmp_path / name) for name in (f"show.{extension}", f"show-2.{extension}"))
    assert [(round(float(chapter["start_time"]), 1), chapter["tags"]["title"]) for chapter in first] == [
        (0.2, "抽奖 豆沙色口红"),
        (0.4, "优惠券 <b>"),
    ]
    assert [(round(float(chapter["start_time"]), 1), chapter["tags"]["title"]) for chapter in second] == [
        (0.0, "来晚了"),
        (0.3, "第二段"),
    ], "what is told too late for its own file begins the next"
    assert decode.decode_errors(tmp_path / f"show.{extension}") == []


def _chapters(path):
    done = subprocess.run(["ffprobe", "-v", "error", "-show_chapters", "-of", "json", str(path)], capture_output=True, check=True)
    return json.loads(done.stdout)["chapters"]


class Stalled(RecordingFile):
    """A file on a disk that hangs (a network drive, a card that fails) until the test lets go of it."""

    hold_s = 60.0

    def write(self, data: bytes) -> int:
        if self.size > 60_000:
            begun = time.monotonic()
            while time.monotonic() - begun < type(self).hold_s:
                time.sleep(0.01)
        return super().write(data)


def test_a_disk_that_cannot_keep_up_ends_the_recording_and_nobody_waits_for_it(show, tmp_path, monkeypatch):
    monkeypatch.setattr("encoder.recording_file.RecordingFile", Stalled)
    with ingest() as server:
        recording = _recording(tmp_path / "show.mkv")
        stream = open_output(OutputSettings(name="main", server=server.server, key="k"), Told())
        with Player(show, [recording, stream], loop_s=LOOP_S) as player:
            servers.wait_until(lambda: recording.stats().state == "failed", what="too slow")
            assert recording.stats().detail == "recording.too_slow"
            assert player.slowest_put_s < AT_ONCE_S
            assert stream.stats().dropped == stream.stats().missed == 0
            before = time.monotonic()
            recording.stop(0.3)
            assert time.monotonic() - before < Stalled.hold_s / 2, "it doesn't wait for the disk"
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
        print(*(output.stats().frames for output in outputs), flush=True)
        player._stopping.wait(0.02)
"""


def test_a_killed_program_leaves_recordings_that_play_up_to_the_last_quarter_second(tmp_path):
    paths = [tmp_path / f"show.{extension}" for extension in ("mp4", "mkv", "flv", "ts")]
    child = subprocess.Popen([sys.executable, "-c", _KILLED, *map(str, paths)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    written = [0]
    while min(written) < 57:
        written = [int(count) for count in child.stdout.readline().split()]
    child.send_signal(signal.SIGKILL)
    child.wait(servers.PATIENCE_S)
    child.stdout.close()
    for path, frames in zip(paths, written, strict=True):
        numbers = [number_in(luma) for luma in _decodable(path)]
        assert numbers == list(range(len(numbers)))
        assert frames - len(numbers) <= FPS / 4 + 1, (path, frames, len(numbers))
        seen = decode.describe(path)
        assert seen.video["color_space"] == "bt709"
        assert abs(float(seen.video["start_time"]) - float(seen.audio["start_time"])) < 0.005
