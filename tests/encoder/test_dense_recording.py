"""A recording in HEVC or AV1: whole, in step and readable after a kill; and it gives way before the stream loses a picture."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from encoder import clips, open_output
from encoder.dense import DenseEncoder
from encoder.dense_recording import DenseRecording
from encoder.stream_lag import StreamLag
from studio.engine.library_threads import thread_ids
from studio.engine.priority import BEHIND, stand_behind
from studio.engine.takers import Takers
from studio.errors import EncoderUnavailable
from studio.model.frames import ProgramFrame
from studio.model.settings import EncoderSettings, OutputSettings, VideoSettings
from tests import decode, servers
from tests.encoder.ingest import ingest
from tests.encoder.show import FPS, HEIGHT, WIDTH, Encoded, Told, moved, number_in, picture

SECONDS = 4
KINDS = [("hevc", "mp4"), ("hevc", "mkv"), ("av1", "mp4"), ("av1", "mkv")]


def shown(index: int) -> ProgramFrame:
    return ProgramFrame(picture(index), 1000 + index, time.monotonic_ns(), repeated=False, board_version=0)


class Session:
    """Hands pictures and the packets of the same moment to outputs through a session's `Takers`, as fast as they are taken."""

    def __init__(self, show: Encoded, outputs) -> None:
        self.takers = Takers(outputs, show.header)
        self._show = show
        self._dense = [output for output in outputs if isinstance(output, DenseRecording)]

    def play(self, first: int, last: int) -> None:
        """The pictures from one number to another, each after the one before is out of the queue."""
        packets = sorted(self._show.packets, key=lambda packet: packet.dts_ms)
        for index in range(first, last):
            servers.wait_until(lambda: all(len(output._frames) == 0 for output in self._dense), what="room")
            self.takers.put_frame(shown(index), index)
            until, since = (index + 1) * 1000 / FPS, index * 1000 / FPS
            self.takers.put([moved(packet, 0) for packet in packets if since <= packet.dts_ms < until])


def record(show: Encoded, path: Path, codec: str, *, pictures: int = SECONDS * FPS, told=None) -> DenseRecording:
    output = open_output(OutputSettings(name="archive", path=str(path), codec=codec), told or Told())
    assert isinstance(output, DenseRecording)
    session = Session(show, [output])
    session.takers.start()
    servers.wait_until(lambda: output._is_ready, what="the encoder")
    session.play(0, pictures)
    output.mark(1000.0, "第二秒")
    output.stop(servers.PATIENCE_S)
    return output


def seen_by_ffprobe(path: Path) -> dict:
    words = ["ffprobe", "-v", "error", "-show_streams", "-show_chapters", "-of", "json", str(path)]
    done = subprocess.run(words, capture_output=True, check=True, timeout=60)
    assert done.stderr == b""
    return json.loads(done.stdout)


@pytest.mark.parametrize(("codec", "extension"), KINDS)
def test_every_picture_is_there_in_step_with_its_sound_and_debian_decodes_it_without_an_error(show, tmp_path, codec, extension):
    path, told = tmp_path / f"show.{extension}", Told()
    output = record(show, path, codec, told=told)
    assert told.names() == ["connecting", "live", "stopped"]
    stats = output.stats()
    assert (stats.frames, stats.dropped, stats.missed) == (SECONDS * FPS, 0, 0)
    assert decode.decode_errors(path) == []
    assert [number_in(luma) for luma in decode.luma_frames(path, WIDTH, HEIGHT)] == list(range(SECONDS * FPS))
    assert max(map(abs, decode.offsets_ms(path, WIDTH, HEIGHT))) <= 2
    seen = seen_by_ffprobe(path)
    video, sound = seen["streams"]
    assert (video["codec_name"], sound["codec_name"]) == (codec, "aac")
    assert (video["color_space"], video["color_range"], video["r_frame_rate"]) == ("bt709", "tv", "30/1")
    if extension == "mp4":
        assert video["codec_tag_string"] == {"hevc": "hvc1", "av1": "av01"}[codec]
    assert [round(when, 2) for when in decode.keyframe_times(path)] == [0.0, 1.0, 2.0, 3.0]
    assert seen["chapters"][0]["tags"]["title"] == "第二秒"


@pytest.mark.parametrize(("codec", "extension"), KINDS)
def test_a_clip_of_it_and_a_plain_copy_are_cut_without_decoding(show, tmp_path, codec, extension):
    source = tmp_path / f"show.{extension}"
    record(show, source, codec)
    clip = clips.copy_stretch(source, tmp_path / "clip.mp4", 2.5, 3.5)
    assert 1.4 <= clip.seconds <= 1.6, "from the keyframe before"
    plain = clips.copy_whole(source, tmp_path / "plain.mp4", lambda _: None)
    assert clips.chapters(plain.path)[0].title == "第二秒"
    for made, frames in ((clip.path, 45), (plain.path, SECONDS * FPS)):
        assert decode.decode_errors(made) == []
        assert len(decode.luma_frames(made, WIDTH, HEIGHT)) == frames
        assert seen_by_ffprobe(made)["streams"][0]["codec_tag_string"] == {"hevc": "hvc1", "av1": "av01"}[codec]


@pytest.mark.parametrize("codec", ["hevc", "av1"])
def test_it_goes_on_in_another_file_that_begins_with_a_keyframe(show, tmp_path, codec):
    output = open_output(OutputSettings(name="archive", path=str(tmp_path / "show.mp4"), codec=codec, split_minutes=1), Told())
    output._file._split_s = 1.5
    session = Session(show, [output])
    session.takers.start()
    servers.wait_until(lambda: output._is_ready, what="the encoder")
    session.play(0, SECONDS * FPS)
    output.stop(servers.PATIENCE_S)
    files = [tmp_path / "show.mp4", tmp_path / "show-2.mp4"]
    assert [decode.decode_errors(path) for path in files] == [[], []]
    numbers = [number_in(luma) for path in files for luma in decode.luma_frames(path, WIDTH, HEIGHT)]
    assert numbers == list(range(SECONDS * FPS))


_KILLED = """
import sys, time
from encoder import open_output
from studio.model.settings import EncoderSettings, OutputSettings, VideoSettings
from tests.encoder.show import Told, encode
from tests.encoder.test_dense_recording import Session

show = encode(8)
outputs = [open_output(OutputSettings(name=path, path=path, codec=codec), Told()) for path, codec in zip(sys.argv[1::2], sys.argv[2::2])]
session = Session(show, outputs)
session.takers.start()
while not all(output._is_ready for output in outputs):
    time.sleep(0.01)
for index in range(8 * 30):
    session.play(index, index + 1)
    print(index, *(output.stats().frames for output in outputs), flush=True)
time.sleep(600)
"""


def test_a_killed_program_leaves_recordings_that_play_but_for_the_last_half_second(tmp_path):
    paths = [(tmp_path / f"{codec}.{extension}", codec) for codec, extension in KINDS]
    words = [str(word) for pair in paths for word in pair]
    child = subprocess.Popen([sys.executable, "-c", _KILLED, *words], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    written = [0]
    while min(written[1:], default=0) < 75:
        written = [int(count) for count in child.stdout.readline().split()]
    child.send_signal(signal.SIGKILL)
    child.wait(servers.PATIENCE_S)
    child.stdout.close()
    for (path, codec), frames in zip(paths, written[1:], strict=True):
        assert seen_by_ffprobe(path)["streams"][0]["codec_name"] == codec
        numbers = [number_in(luma) for luma in decode.luma_frames(path, WIDTH, HEIGHT)]
        assert numbers == list(range(len(numbers)))
        assert frames - len(numbers) <= FPS / 2, (path, frames, len(numbers))


def test_while_the_streams_encoder_is_behind_it_lets_its_own_pictures_go_says_so_and_takes_that_back(show, tmp_path, monkeypatch):
    told = Told()
    output = open_output(OutputSettings(name="archive", path=str(tmp_path / "show.mkv"), codec="hevc"), told)
    session = Session(show, [output])
    session.takers.start()
    servers.wait_until(lambda: output._is_ready, what="the encoder")
    session.play(0, 30)
    for index in range(30, 50):  # the stream's encoder gives nothing
        servers.wait_until(lambda: len(output._frames) == 0, what="taken")
        session.takers.put_frame(shown(index), index)
    servers.wait_until(lambda: output.stats().detail == "recording.codec_slow", what="the notice")
    assert dict(output.stats().detail_params) == {"path": str(tmp_path / "show.mkv"), "codec": "HEVC"}
    assert output.stats().dropped <= 20
    monkeypatch.setattr("encoder.dense_recording._CALM_S", 0.2)
    session.takers.put([moved(packet, 0) for packet in show.packets if 1000 <= packet.dts_ms < 50_000 / FPS])
    session.play(50, 90)
    servers.wait_until(lambda: output.stats().detail == "", what="calm")
    output.stop(servers.PATIENCE_S)
    assert told.names() == ["connecting", "live", "live", "live", "stopped"]
    numbers = [number_in(luma) for luma in decode.luma_frames(tmp_path / "show.mkv", WIDTH, HEIGHT)]
    assert numbers[:30] == list(range(30))
    assert numbers[-40:] == list(range(50, 90))
    assert len(numbers) <= 74, "all but the few with which it couldn't be known yet"
    assert decode.decode_errors(tmp_path / "show.mkv") == []
    assert max(map(abs, decode.offsets_ms(tmp_path / "show.mkv", WIDTH, HEIGHT))) <= 2, "the gap stays a gap"


def test_an_encoder_that_takes_its_time_holds_up_nobody_and_ends_in_time(show, tmp_path, monkeypatch):
    goes_on = threading.Event()
    encode = DenseEncoder.encode

    def slow(self, frame, index):
        goes_on.wait(60)
        return encode(self, frame, index)

    monkeypatch.setattr(DenseEncoder, "encode", slow)
    monkeypatch.setattr("encoder.dense_recording.open_dense", lambda codec, video, settings: DenseEncoder("libx265", video, settings))
    with ingest() as server:
        dense = open_output(OutputSettings(name="archive", path=str(tmp_path / "show.mp4"), codec="hevc"), Told())
        stream = open_output(OutputSettings(name="main", server=server.server, key="k"), Told())
        takers = Takers([dense, stream], show.header)
        takers.start()
        servers.wait_until(lambda: dense._is_ready and stream.stats().state == "live", what="both")
        for index in range(60):
            takers.put_frame(shown(index), index)
        takers.put([moved(packet, 0) for packet in show.until(0.5)])
        servers.wait_until(lambda: stream.stats().frames == 15, what="the stream")
        assert dense.stats().dropped >= 60 - 8 - 1
        before = time.monotonic()
        dense.stop(1.0)
        assert time.monotonic() - before < 20
        goes_on.set()
        dense._thread.join(servers.PATIENCE_S)
        stream.stop(servers.PATIENCE_S)
    assert (stream.stats().dropped, stream.stats().missed) == (0, 0)


def test_without_an_encoder_the_streams_pictures_are_recorded_and_the_words_say_so(show, tmp_path, monkeypatch):
    def none(codec, video, settings):
        raise EncoderUnavailable("encoder.no_dense", codec=codec)

    monkeypatch.setattr("encoder.dense_recording.open_dense", none)
    path = tmp_path / "show.mp4"
    output = open_output(OutputSettings(name="archive", path=str(path), codec="av1"), Told())
    session = Session(show, [output])
    session.takers.start()
    servers.wait_until(lambda: output._takes_stream and output.stats().detail == "recording.codec_away", what="the notice")
    session.play(0, 60)
    output.stop(servers.PATIENCE_S)
    assert seen_by_ffprobe(path)["streams"][0]["codec_name"] == "h264"
    assert [number_in(luma) for luma in decode.luma_frames(path, WIDTH, HEIGHT)] == list(range(60))


def test_an_encoder_that_gives_up_is_followed_by_the_streams_pictures_in_another_file(show, tmp_path, monkeypatch):
    encode = DenseEncoder.encode

    def breaking(self, frame, index):
        if index >= 40:
            raise EncoderUnavailable("encoder.failed", codec=self.name)
        return encode(self, frame, index)

    monkeypatch.setattr("encoder.dense_recording.open_dense", lambda codec, video, settings: DenseEncoder("libx265", video, settings))
    monkeypatch.setattr(DenseEncoder, "encode", breaking)
    output = open_output(OutputSettings(name="archive", path=str(tmp_path / "show.mp4"), codec="hevc"), Told())
    session = Session(show, [output])
    session.takers.start()
    servers.wait_until(lambda: output._is_ready, what="the encoder")
    session.play(0, 41)
    servers.wait_until(lambda: output._takes_stream and output.stats().state == "live", what="the second file")
    session.play(41, 100)
    output.stop(servers.PATIENCE_S)
    first, second = tmp_path / "show.mp4", tmp_path / "show-2.mp4"
    assert [seen_by_ffprobe(path)["streams"][0]["codec_name"] for path in (first, second)] == ["hevc", "h264"]
    assert [number_in(luma) for luma in decode.luma_frames(first, WIDTH, HEIGHT)] == list(range(40))
    assert [number_in(luma) for luma in decode.luma_frames(second, WIDTH, HEIGHT)] == list(range(60, 100)), "from a keyframe on"
    assert output.stats().frames == 80


def test_on_a_machine_without_time_for_it_the_recording_goes_on_in_the_streams_codec(show, tmp_path, monkeypatch):
    monkeypatch.setattr("encoder.dense_recording._WINDOW_S", 0.2)
    output = open_output(OutputSettings(name="archive", path=str(tmp_path / "show.mp4"), codec="hevc"), Told())
    session = Session(show, [output])
    session.takers.start()
    servers.wait_until(lambda: output._is_ready, what="the encoder")
    session.takers.put([moved(packet, 0) for packet in show.until(0.03)])
    index = 0
    while not output._takes_stream:  # the stream's encoder gives nothing more
        session.takers.put_frame(shown(index), index)
        index += 1
        servers.wait_until(lambda: len(output._frames) == 0, what="taken")
    servers.wait_until(lambda: output.stats().detail == "recording.codec_too_slow", what="the notice")
    rest = [moved(packet, 0) for packet in sorted(show.packets, key=lambda packet: packet.dts_ms) if packet.dts_ms >= 1000]
    session.takers.put(rest[:300])
    output.stop(servers.PATIENCE_S)
    assert seen_by_ffprobe(tmp_path / "show-2.mp4")["streams"][0]["codec_name"] == "h264"
    assert [number_in(luma) for luma in decode.luma_frames(tmp_path / "show-2.mp4", WIDTH, HEIGHT)][:60] == list(range(30, 90))


def test_the_usual_distance_of_a_lookahead_is_no_lag(show):
    lag, packet = StreamLag(), next(packet for packet in show.packets if packet.kind == "video")
    for index in range(100):
        lag.note_frame(index)
        assert not lag.is_behind
        if index >= 40:
            lag.note_packet(replace(packet, pts=index - 40, dts=index - 42))
    lag.note_frame(103)
    assert lag.is_behind


@pytest.mark.skipif(sys.platform != "linux", reason="scheduling by thread is Linux'")
@pytest.mark.parametrize("name", ["libx265", "libsvtav1"])
def test_its_threads_give_way_and_none_is_a_real_time_one(name):
    def behind():
        stand_behind()
        before = thread_ids()
        encoder = DenseEncoder(name, VideoSettings(width=WIDTH, height=HEIGHT, fps=FPS), EncoderSettings())
        own = {threading.get_native_id(), *(thread_ids() - before)}
        found.extend((os.sched_getscheduler(thread), os.getpriority(os.PRIO_PROCESS, thread)) for thread in own)
        encoder.encode(shown(0), 0)
        encoder.flush()

    found: list[tuple[int, int]] = []
    worker = threading.Thread(target=behind)
    worker.start()
    worker.join()
    assert len(found) > 1, "the library has threads of its own"
    assert all(policy not in {os.SCHED_FIFO, os.SCHED_RR} and nice >= BEHIND for policy, nice in found)


def test_the_list_of_devices_says_which_encoders_of_recordings_work_here():
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(root / "main.py"), "devices", "--json"], capture_output=True, text=True, timeout=60, check=True
    )
    rows = {row["name"]: row for row in json.loads(done.stdout)["recording_encoders"]}
    assert {"hevc_nvenc", "libx265", "av1_qsv", "libsvtav1"} <= set(rows)
    assert (rows["libx265"]["works"], rows["libsvtav1"]["works"]) == (True, True)
    assert all(row["detail"] for row in rows.values() if not row["works"])
