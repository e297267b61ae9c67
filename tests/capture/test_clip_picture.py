"""A clip as a camera: its clock, its loop, every shape and colour it may have, and everything that can be wrong with it."""

import subprocess
import time
from pathlib import Path

import av
import numpy as np
import pytest

from capture import video_sources
from capture.clip_clock import read_clock
from capture.clip_convert import ClipConverter
from capture.clip_decoder import ClipDecoder
from capture.testcard import CardLayout
from studio.errors import SourceUnavailable
from studio.model.frames import VideoFrame
from studio.model.settings import VideoSettings
from tests.capture.capture_clips import PATCHES_SRGB, Clip, as_yuv, make_clip
from tests.servers import PATIENCE_S

MS = 1_000_000
CANVAS = VideoSettings(width=320, height=180, fps=50)


def pictures(path: Path | str, count: int, canvas: VideoSettings = CANVAS) -> tuple[int, list[VideoFrame]]:
    """The epoch and the first pictures of the clip, as they come in real time."""
    source = video_sources["file"](str(path), canvas)
    epoch_ns = time.monotonic_ns() + 20 * MS
    source.open(epoch_ns)
    frames = []
    try:
        while len(frames) < count:
            frame = source.read(PATIENCE_S)
            assert frame is not None
            frames.append(frame)
    finally:
        source.close()
    return epoch_ns, frames


def number(frame: VideoFrame) -> int:
    return CardLayout(frame.width, frame.height).read_counter(frame.y)


def refusal(path: Path | str) -> SourceUnavailable:
    source = video_sources["file"](str(path), CANVAS)
    try:
        source.open(time.monotonic_ns())
        source.read(PATIENCE_S)
    except SourceUnavailable as error:
        return error
    finally:
        source.close()
    pytest.fail(f"{path} was played")


def decoded(path: Path, count: int) -> list[tuple[float, int]]:
    """(due in ms, number) of the first pictures, as fast as they decode."""
    clock = read_clock(str(path))
    decoder, converter, out = ClipDecoder(str(path), clock, 0), ClipConverter((320, 180), None), VideoFrame.empty(320, 180)
    found = []
    for _ in range(count):
        due_ns, picture = decoder.next()
        converter.convert(picture, out.planes)
        found.append((due_ns / MS, number(out)))
    decoder.close()
    return found


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.ts", "clip.mov", "mit Leerzeichen 视频 %d.mp4"])
def test_a_clip_loops_without_losing_a_picture_or_a_moment(tmp_path: Path, name: str) -> None:
    clip = make_clip(tmp_path / name, Clip(frames=12))
    for place, (due_ms, shown) in enumerate(decoded(clip, 100)):
        assert shown == place % 12
        assert abs(due_ms - place * 20) <= 1  # mkv counts in whole ms


def test_pictures_come_in_real_time_each_at_its_due_time(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", Clip(frames=12))
    epoch_ns, frames = pictures(clip, 30)
    places = [round((frame.time_ns - epoch_ns) / MS) / 20 for frame in frames]
    assert [number(frame) for frame in frames] == [place % 12 for place in places]
    assert [frame.seq - 1 for frame in frames] == places  # what a slow machine leaves out is seen in seq
    assert places[0] == 0
    assert places[-1] < 60


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"), [("a.avi", "mpeg4", "yuv420p"), ("a.gif", "gif", "rgb8"), ("a.h264", "libx264", "yuv420p")]
)
def test_old_odd_and_bare_formats_loop_too(tmp_path: Path, name: str, codec: str, pix_fmt: str) -> None:
    flat = (9, 9, 9) if codec == "gif" else None
    clip = make_clip(tmp_path / name, Clip(frames=6, fps=25, codec=codec, pix_fmt=pix_fmt, matrix=None), flat)
    steps_ms = np.diff([due_ms for due_ms, _ in decoded(clip, 15)])
    assert abs(steps_ms - 40).max() <= 1.5


@pytest.mark.parametrize("name", ["b.mp4", "b.mkv", "b.ts"])
def test_b_frames_come_in_the_order_of_the_show(tmp_path: Path, name: str) -> None:
    plain = make_clip(tmp_path / "plain.mp4", Clip(frames=30))
    clip = tmp_path / name
    subprocess.run(["ffmpeg", "-v", "error", "-i", plain, "-c:v", "libx264", "-bf", "3", "-qp", "5", clip], check=True)
    assert [shown for _, shown in decoded(clip, 75)] == [place % 30 for place in range(75)]


def test_a_clip_of_changing_rate_keeps_its_own_times(tmp_path: Path) -> None:
    times = (0, 10, 40, 45, 120, 130)
    clip = make_clip(tmp_path / "vfr.mkv", Clip(frames=6, times_ms=times))
    seen = [round(due_ms) for due_ms, _ in decoded(clip, 9)]
    assert seen[:6] == list(times)
    loop_ms = read_clock(str(clip)).loop_ns / MS
    assert 130 < loop_ms < 180
    assert seen[6:] == [round(loop_ms) + moment for moment in times[:3]]


def test_a_clip_that_is_ready_is_copied_bit_for_bit(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", Clip(width=320, height=180, frames=3))
    _, frames = pictures(clip, 3)
    with av.open(str(clip)) as container:
        originals = [picture.to_ndarray() for picture in container.decode(video=0)]
    for frame in frames:
        assert (frame.planes == originals[number(frame)]).all()


@pytest.mark.parametrize("matrix", ["bt709", "bt601", "bt2020"])
@pytest.mark.parametrize("is_full_range", [False, True])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p"])
def test_every_patch_keeps_its_colour_whatever_the_clip_was_made_in(*, matrix: str, is_full_range: bool, pix_fmt: str) -> None:
    converter = ClipConverter((64, 64), None)
    out = VideoFrame.empty(64, 64)
    for patch in PATCHES_SRGB:
        rgb = np.array(patch) / 255
        planes = np.rint(as_yuv(rgb, matrix, is_full_range=is_full_range)).astype(np.uint8)
        converter.convert(_flat(Clip(128, 96, pix_fmt=pix_fmt, matrix=matrix, is_full_range=is_full_range), planes), out.planes)
        ideal = as_yuv(rgb, "bt709")
        for plane, value in zip((out.y, out.u, out.v), ideal, strict=True):
            assert np.abs(plane - value).max() <= 2  # two roundings to 8 bits, the first multiplied by the matrix


def test_rgb_pictures_are_converted_in_bt709() -> None:
    converter = ClipConverter((64, 36), None)
    out = VideoFrame.empty(64, 36)
    for patch in PATCHES_SRGB:
        picture = av.VideoFrame.from_ndarray(np.full((36, 64, 3), patch, np.uint8), format="rgb24")
        converter.convert(picture, out.planes)
        ideal = as_yuv(np.array(patch) / 255, "bt709")
        for plane, value in zip((out.y, out.u, out.v), ideal, strict=True):
            assert np.abs(plane - value).max() <= 1.5


@pytest.mark.parametrize(("height", "matrix"), [(96, "bt601"), (720, "bt709")])
def test_a_clip_that_names_no_matrix_is_taken_by_its_size(height: int, matrix: str) -> None:
    out = VideoFrame.empty(64, 64)
    rgb = np.array([0.8, 0.2, 0.3])
    planes = np.rint(as_yuv(rgb, matrix)).astype(np.uint8)
    ClipConverter((64, 64), None).convert(_flat(Clip(height, height, matrix=None), planes), out.planes)
    for plane, value in zip((out.y, out.u, out.v), as_yuv(rgb, "bt709"), strict=True):
        assert np.abs(plane - value).max() <= 2


def _flat(clip: Clip, planes: np.ndarray) -> av.VideoFrame:
    picture = av.VideoFrame(clip.width, clip.height, clip.pix_fmt)
    for plane, value in zip(picture.planes, planes, strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    if clip.matrix is not None:
        picture.colorspace = {"bt709": 1, "bt601": 6, "bt2020": 9}[clip.matrix]
        picture.color_range = 2 if clip.is_full_range else 1
    return picture


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_clip_stands_upright(tmp_path: Path, degrees: int) -> None:
    lying = make_clip(tmp_path / "lying.mp4", Clip(frames=2))
    clip = tmp_path / "turned.mp4"
    turn = ["-metadata:s:v:0", f"rotate={degrees}"]
    subprocess.run(["ffmpeg", "-v", "error", "-i", lying, "-c", "copy", *turn, clip], check=True)
    width, height = (320, 180) if degrees == 180 else (180, 320)
    show = ["ffmpeg", "-v", "error", "-i", clip, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"]
    upright = np.frombuffer(subprocess.run(show, check=True, capture_output=True).stdout, np.uint8)
    _, frames = pictures(clip, 1, VideoSettings(width=width, height=height, fps=50))
    assert (frames[0].planes.reshape(-1) == upright).all()


@pytest.mark.parametrize("size", [(321, 181), (99, 301), (33, 17), (2, 2), (640, 181)])
def test_a_clip_of_odd_size_fills_the_canvas(tmp_path: Path, size: tuple[int, int]) -> None:
    clip = make_clip(tmp_path / "odd.mkv", Clip(*size, frames=2, codec="ffv1"), (120, 90, 160))
    _, frames = pictures(clip, 3)
    assert frames[0].planes.shape == (270, 320)
    assert np.abs(frames[0].y.astype(int) - frames[0].y[0, 0]).max() <= 1


def test_only_the_middle_of_a_wide_clip_is_on_a_portrait_canvas(tmp_path: Path) -> None:
    wide = tmp_path / "wide.mp4"
    stripes = "color=black:s=320x180:r=50:d=0.1,drawbox=x=106:y=0:w=108:h=180:color=white:t=fill"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", stripes, "-qp", "0", "-pix_fmt", "yuv420p", wide], check=True)
    _, frames = pictures(wide, 1, VideoSettings(width=180, height=320, fps=50))
    assert frames[0].y.min() > 230


def test_a_still_picture_is_shown_at_the_rate_of_the_show(tmp_path: Path) -> None:
    drawn = make_clip(tmp_path / "still.png", Clip(codec="png", pix_fmt="rgb24", matrix=None, frames=1))
    still = drawn.rename(tmp_path / "100%d.png")  # no number of a series
    epoch_ns, frames = pictures(still, 6)
    assert all((frame.time_ns - epoch_ns) % (20 * MS) == 0 for frame in frames)
    assert frames[-1].time_ns - frames[0].time_ns < 500 * MS
    assert all((frame.planes == frames[0].planes).all() for frame in frames)


def test_a_clip_whose_pictures_are_all_of_one_moment_does_not_run_wild(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", Clip(frames=3))
    moment = ["-c", "copy", "-bsf:v", "setts=pts=0:dts=N:duration=1", "-video_track_timescale", "1000000"]
    subprocess.run(["ffmpeg", "-v", "quiet", "-i", clip, *moment, tmp_path / "b.mp4"], check=True)
    assert read_clock(str(tmp_path / "b.mp4")).loop_ns >= 10 * MS


def test_a_missing_clip_is_said_in_words_and_not_tried_again(tmp_path: Path) -> None:
    error = refusal(tmp_path / "gone.mp4")
    assert (error.code, error.retryable, error.params["path"]) == ("clip.missing", False, str(tmp_path / "gone.mp4"))
    assert refusal(tmp_path).code == "clip.missing"
    assert refusal("http://127.0.0.1:9/clip.mp4").code == "clip.missing"
    assert refusal("a\0b").code == "clip.missing"


def test_a_broken_clip_is_said_in_words(tmp_path: Path) -> None:
    good = make_clip(tmp_path / "good.mp4", Clip()).read_bytes()
    noise = np.random.default_rng(1).bytes(5000)
    for name, content in {"empty.mp4": b"", "noise.mp4": noise, "text.mp4": b"hello\n" * 99, "cut.mp4": good[: len(good) // 2]}.items():
        (tmp_path / name).write_bytes(content)
        error = refusal(tmp_path / name)
        assert error.code in {"clip.broken", "clip.empty", "clip.no_picture"}, name
        assert not error.retryable


def test_a_song_with_a_cover_has_no_picture(tmp_path: Path) -> None:
    cover = make_clip(tmp_path / "cover.png", Clip(codec="png", pix_fmt="rgb24", matrix=None, frames=1))
    song = tmp_path / "song.mp3"
    tone = ["-f", "lavfi", "-i", "sine=d=1", "-i", cover, "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic"]
    subprocess.run(["ffmpeg", "-v", "error", *tone, song], check=True)
    assert refusal(song).code == "clip.no_picture"


def test_a_playlist_reaches_no_network(tmp_path: Path) -> None:
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    assert refusal(playlist).code in {"clip.broken", "clip.empty"}


def test_a_picture_of_absurd_size_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    huge = tmp_path / "huge.png"
    header = bytearray(make_clip(tmp_path / "small.png", Clip(codec="png", pix_fmt="rgb24", matrix=None, frames=1)).read_bytes())
    header[16:24] = (9000).to_bytes(4, "big") + (9000).to_bytes(4, "big")
    huge.write_bytes(header)
    assert refusal(huge).code in {"clip.size", "clip.broken"}


def test_damage_in_the_middle_costs_only_the_pictures_that_it_hit(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "damaged.ts", Clip(frames=40, keyframe=5))
    content = bytearray(clip.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4000] = np.random.default_rng(2).bytes(4000)
    clip.write_bytes(content)
    shown = {shown for _, shown in decoded(clip, 60)}
    assert {0, 1, 2, 38, 39} <= shown


def test_a_reader_that_was_away_finds_the_present_not_a_queue(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", Clip(frames=100))
    source = video_sources["file"](str(clip), CANVAS)
    epoch_ns = time.monotonic_ns() - 1_500 * MS
    source.open(epoch_ns)
    behind_ms = []
    for _ in range(8):
        frame = source.read(PATIENCE_S)
        assert frame is not None
        assert number(frame) == (frame.time_ns - epoch_ns) // (20 * MS) % 100
        behind_ms.append((time.monotonic_ns() - frame.time_ns) / MS)
    source.close()
    assert min(behind_ms) < 500


def test_a_decoder_in_a_hurry_leaves_out_what_no_picture_needs(tmp_path: Path) -> None:
    plain = make_clip(tmp_path / "plain.mp4", Clip(frames=60))
    clip = tmp_path / "b.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-i", plain, "-c:v", "libx264", "-bf", "3", "-qp", "5", clip], check=True)
    decoder, out = ClipDecoder(str(clip), read_clock(str(clip)), 0), VideoFrame.empty(320, 180)
    converter = ClipConverter((320, 180), None)
    decoder.hurry(is_behind=True)
    hurried = []
    while not hurried or hurried[-1][0] < 1_000 * MS:
        due_ns, picture = decoder.next()
        converter.convert(picture, out.planes)
        hurried.append((due_ns, number(out)))
    assert len(hurried) < 40
    assert all(due_ns == shown * 20 * MS for due_ns, shown in hurried)
    decoder.hurry(is_behind=False)
    rest = [decoder.next().due_ns for _ in range(70)]
    assert set(np.diff(rest[10:])) == {20 * MS}
    decoder.close()


def test_a_hopeless_delay_is_jumped_over_to_a_keyframe(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", Clip(frames=100, keyframe=10))
    decoder = ClipDecoder(str(clip), read_clock(str(clip)), 0)
    assert decoder.next().due_ns == 0
    decoder.jump(7_130 * MS)  # 1.13 s into the fourth loop of 2 s
    assert decoder.next().due_ns == 7_200 * MS
    assert decoder.next().due_ns == 7_220 * MS
    decoder.jump(9_900 * MS)  # behind the last keyframe: the next loop begins with one
    assert decoder.next().due_ns == 10_000 * MS
    decoder.close()


def test_a_clip_that_goes_away_while_it_plays_is_tried_again(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.avi", Clip(frames=20, codec="rawvideo"))  # too big for a reader's buffer
    source = video_sources["file"](str(clip), CANVAS)
    source.open(time.monotonic_ns())
    assert source.read(PATIENCE_S) is not None
    clip.write_bytes(b"")
    with pytest.raises(SourceUnavailable) as lost:
        _ = [source.read(PATIENCE_S) for _ in range(60)]
    assert (lost.value.code, lost.value.retryable) == ("clip.lost", True)
    with pytest.raises(SourceUnavailable):
        source.read(0.1)
    source.close()
