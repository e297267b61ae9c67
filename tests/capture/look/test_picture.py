import os
import subprocess

import av
import cv2
import numpy as np
import pytest

from capture.look import run_picture, weights
from capture.look.picture import SETTLE_FRAMES, to_frame, to_rgb
from studio.errors import InvalidInput, TooLarge
from studio.model.settings import LookSettings
from tests.capture.look.pictures import ROOT, detail, face, mask, rgb


def written(path, picture):
    assert cv2.imwrite(str(path), picture[..., ::-1])
    return path


def read(path):
    return cv2.imread(str(path))[..., ::-1]


def test_a_picture_comes_out_smoothed_as_png_of_the_same_odd_size(tmp_path):
    source = written(tmp_path / "in.png", rgb("hopper")[:599, :511])
    done = []
    run_picture(source, tmp_path / "out.png", LookSettings(smooth=1.0), lambda number, all_: done.append((number, all_)))
    before, after = read(source), read(tmp_path / "out.png")
    assert after.shape == before.shape == (599, 511, 3)
    assert done[-1] == (SETTLE_FRAMES, SETTLE_FRAMES)
    where = mask("hopper", "skin")[:599, :511]
    assert detail(after[..., 1], where) < 0.75 * detail(before[..., 1], where)


def test_a_picture_with_the_look_off_is_what_420_makes_of_it(tmp_path):
    source = written(tmp_path / "in.png", rgb("astronaut"))
    run_picture(source, tmp_path / "out.png", LookSettings())
    assert np.array_equal(read(tmp_path / "out.png"), to_rgb(to_frame(rgb("astronaut"))))


def test_there_and_back_again_costs_a_picture_hardly_anything():
    picture = cv2.GaussianBlur(rgb("astronaut"), (0, 0), 2)
    assert np.abs(to_rgb(to_frame(picture)).astype(int) - picture).mean() < 1.0


def test_bt709_primaries_have_the_values_of_the_standard():
    patches = np.repeat(np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0]]], np.uint8), 2, axis=0).repeat(
        2, axis=1
    )
    frame = to_frame(patches)
    triples = [(int(frame.y[0, 2 * i]), int(frame.u[0, i]), int(frame.v[0, i])) for i in range(5)]
    assert triples == [(63, 102, 240), (173, 42, 26), (32, 240, 118), (235, 128, 128), (16, 128, 128)]


@pytest.mark.parametrize("ending", [".jpg", ".webp"])
def test_jpeg_and_webp_go_in(tmp_path, ending):
    source = written(tmp_path / f"in{ending}", rgb("astronaut"))
    run_picture(source, tmp_path / "out.png", LookSettings(exposure=0.3))
    assert read(tmp_path / "out.png").mean() > rgb("astronaut").mean()


def test_a_clip_comes_out_as_ffv1_with_its_frames_rate_size_and_colours(tmp_path):
    source, target = tmp_path / "in.mkv", tmp_path / "out.mkv"
    clip = ROOT / "resources" / "sample" / "presenter.mp4"
    command = ["ffmpeg", "-v", "error", "-i", str(clip), "-frames:v", "16", "-vf", "scale=641:361", "-c:v", "ffv1", "-an", str(source)]
    subprocess.run(command, check=True, timeout=60)
    run_picture(source, target, LookSettings(smooth=1.0))
    with av.open(str(target)) as container, av.open(str(source)) as original:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "ffv1"
        assert (stream.width, stream.height) == (641, 361)
        assert stream.average_rate == 30
        assert stream.codec_context.colorspace == 1
        shown = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
        given = [frame.to_ndarray(format="gray") for frame in original.decode(video=0)]
    assert len(shown) == 16
    assert np.array_equal(shown[0], given[0]), "no face is known yet"
    assert not np.array_equal(shown[15], given[15])
    assert np.array_equal(shown[15][:, :100], given[15][:, :100])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "look.picture_unreadable"),
        (b"\x89PNG\r\n\x1a\nnot really", "look.picture_unreadable"),
        (b"\xff\xd8\xff\xe0broken", "look.picture_unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "look.picture_unreadable"),
        (os.urandom(3000), "look.picture_unreadable"),
    ],
)
def test_what_is_no_picture_is_refused_and_nothing_is_written(tmp_path, content, code):
    source = tmp_path / "in.png"
    source.write_bytes(content)
    for name in ("out.png", "out.mkv"):
        with pytest.raises(InvalidInput) as refusal:
            run_picture(source, tmp_path / name, LookSettings())
        assert refusal.value.code in {code, "look.clip_needs_mkv", "look.picture_needs_png"}
        assert not (tmp_path / name).exists()


def test_a_picture_too_small_for_any_look_is_told_so(tmp_path):
    source = tmp_path / "in.png"
    cv2.imwrite(str(source), np.zeros((10, 20, 3), np.uint8))
    with pytest.raises(InvalidInput) as refusal:
        run_picture(source, tmp_path / "out.png", LookSettings())
    assert (refusal.value.code, refusal.value.params["least"]) == ("look.picture_too_small", 16)


def test_a_picture_that_claims_to_be_huge_is_refused_by_its_header(tmp_path):
    import struct
    import zlib

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    source = tmp_path / "huge.png"
    source.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 150_001)) + chunk(b"IEND", b""))
    with pytest.raises(TooLarge):
        run_picture(source, tmp_path / "out.png", LookSettings())
    assert not (tmp_path / "out.png").exists()


def test_wrong_endings_a_missing_file_and_a_folder_that_is_not_there_are_refused(tmp_path):
    source = written(tmp_path / "in.png", rgb("astronaut"))
    cases = (
        (source, tmp_path / "out.jpg", "look.picture_needs_png"),
        (tmp_path / "none.png", tmp_path / "out.png", "look.picture_unreadable"),
        (source, tmp_path / "no" / "out.png", "look.picture_unwritable"),
        (ROOT / "resources" / "sample" / "presenter.mp4", tmp_path / "out.mp4", "look.clip_needs_mkv"),
    )
    for given, target, code in cases:
        with pytest.raises(InvalidInput, match=code):
            run_picture(given, target, LookSettings())


def test_a_broken_cube_is_refused_before_anything_is_written(tmp_path):
    broken = tmp_path / "broken.cube"
    broken.write_text("LUT_3D_SIZE 2\nnan 0 0\n")
    for source, name in (
        (written(tmp_path / "in.png", rgb("astronaut")), "out.png"),
        (ROOT / "resources" / "sample" / "presenter.mp4", "out.mkv"),
    ):
        with pytest.raises(InvalidInput, match=r"look\.cube_broken"):
            run_picture(source, tmp_path / name, LookSettings(lut=str(broken)))
        assert not (tmp_path / name).exists()


def test_the_face_of_the_sample_clip_is_large_and_not_smoothed_already():
    frame = face("presenter")
    assert (frame.width, frame.height) == (1920, 1080)
    assert detail(frame.y, mask("presenter", "skin")) > 2.5


def test_what_was_asked_for_and_cannot_work_here_is_said_and_the_rest_is_done(tmp_path, monkeypatch):
    def none(name, _folder):
        raise weights.FacesUnavailable("look.weights_missing", file=name)

    source = tmp_path / "in.png"
    cv2.imwrite(str(source), rgb("astronaut")[:128, :128])
    beauty = LookSettings(smooth=1.0, exposure=0.5, background="blur")
    assert run_picture(source, tmp_path / "good.png", beauty) == ()
    monkeypatch.setattr("capture.look.weights.load", none)
    said = run_picture(source, tmp_path / "out.png", beauty)
    assert len(said) == 2
    assert "face_detector.tflite" in said[0]
    assert "background" in said[1]
    assert cv2.imread(str(tmp_path / "out.png")).mean() > cv2.imread(str(source)).mean() + 5, "colour works"
    assert run_picture(source, tmp_path / "out.png", LookSettings(exposure=0.5)) == ()


def test_a_picture_keeps_its_transparency(tmp_path):
    opaque = np.linspace(0, 255, 128).astype(np.uint8)[None].repeat(128, axis=0)
    for name, scale in (("in.png", 1), ("deep.png", 257)):
        given = np.dstack([rgb("astronaut")[:128, :128, ::-1], opaque]).astype(np.uint16 if scale > 1 else np.uint8) * scale
        cv2.imwrite(str(tmp_path / name), given)
        run_picture(tmp_path / name, tmp_path / "out.png", LookSettings(exposure=0.3))
        shown = cv2.imread(str(tmp_path / "out.png"), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(shown[..., 3], opaque)


CLIP = ("-f", "lavfi", "-i", "testsrc2=size=96x64:rate=20:duration=0.5")


def ffmpeg(*words):
    subprocess.run(["ffmpeg", "-v", "error", *map(str, words)], check=True, capture_output=True, timeout=60)


def clip_of(path):
    """(times in seconds, gray pictures)."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        return [float(frame.pts * frame.time_base) for frame in frames], [frame.to_ndarray(format="gray") for frame in frames]


def test_a_clips_pictures_keep_their_moments_where_they_do_not_come_evenly(tmp_path):
    uneven = "setpts='if(lt(N,5),N/20,5/20+(N-5)/4)/TB'"
    ffmpeg(*CLIP, "-vf", uneven, "-fps_mode", "vfr", "-c:v", "libx264", "-pix_fmt", "yuv420p", tmp_path / "in.mp4")
    run_picture(tmp_path / "in.mp4", tmp_path / "out.mkv", LookSettings())
    given, shown = clip_of(tmp_path / "in.mp4")[0], clip_of(tmp_path / "out.mkv")[0]
    assert len(shown) == len(given) == 10
    assert np.allclose(np.diff(shown), np.diff(given), atol=0.002)


def test_a_clip_of_a_phone_comes_out_upright(tmp_path):
    ffmpeg(*CLIP, "-c:v", "libx264", "-pix_fmt", "yuv420p", tmp_path / "lying.mp4")
    ffmpeg("-i", tmp_path / "lying.mp4", "-c", "copy", "-metadata:s:v:0", "rotate=90", tmp_path / "in.mp4")
    run_picture(tmp_path / "in.mp4", tmp_path / "out.mkv", LookSettings())
    lying, shown = clip_of(tmp_path / "lying.mp4")[1][0], clip_of(tmp_path / "out.mkv")[1][0]
    assert shown.shape == (96, 64)
    turns = [np.abs(np.rot90(lying, times).astype(int) - shown).mean() for times in (1, 3)]
    assert min(turns) < 2 < max(turns)


def test_pixels_that_are_not_square_become_so(tmp_path):
    for aspect, size in (("2/1", (64, 192)), ("1/2", (128, 96))):
        ffmpeg(*CLIP, "-vf", f"setsar={aspect}", "-c:v", "libx264", "-pix_fmt", "yuv420p", tmp_path / "in.mp4", "-y")
        run_picture(tmp_path / "in.mp4", tmp_path / "out.mkv", LookSettings())
        assert clip_of(tmp_path / "out.mkv")[1][0].shape == size


def test_a_clip_of_two_sizes_keeps_every_picture_and_its_clock_goes_on(tmp_path):
    ffmpeg(*CLIP, "-c:v", "libx264", "-pix_fmt", "yuv420p", tmp_path / "one.ts")
    ffmpeg(*CLIP, "-vf", "scale=128:80", "-c:v", "libx264", "-pix_fmt", "yuv420p", tmp_path / "two.ts")
    (tmp_path / "in.ts").write_bytes((tmp_path / "one.ts").read_bytes() + (tmp_path / "two.ts").read_bytes())
    run_picture(tmp_path / "in.ts", tmp_path / "out.mkv", LookSettings())
    times, pictures = clip_of(tmp_path / "out.mkv")
    assert {picture.shape for picture in pictures} == {(64, 96)}
    assert len(times) == 20
    assert np.allclose(np.diff(times), 0.05, atol=0.002)


def test_a_small_clip_that_does_not_name_its_colours_is_read_as_on_air(tmp_path):
    red = ("-f", "lavfi", "-i", "color=0xd03030:size=96x64:rate=20:duration=0.2", "-vf", "scale=out_color_matrix=bt601:out_range=tv")
    ffmpeg(*red, "-c:v", "libx264", "-qp", "0", "-pix_fmt", "yuv420p", tmp_path / "in.mp4")
    with av.open(str(tmp_path / "in.mp4")) as container:
        assert container.streams.video[0].codec_context.colorspace == 2, "unspecified"
    run_picture(tmp_path / "in.mp4", tmp_path / "out.mkv", LookSettings())
    with av.open(str(tmp_path / "out.mkv")) as container:
        frame = next(container.decode(video=0))
    planes = [int(np.frombuffer(plane, np.uint8)[0]) for plane in frame.planes]
    wanted = to_frame(np.full((2, 2, 3), (0xD0, 0x30, 0x30), np.uint8))
    assert np.abs(np.array(planes) - (int(wanted.y[0, 0]), int(wanted.u[0, 0]), int(wanted.v[0, 0]))).max() <= 2


def test_a_playlist_reaches_out_to_nothing(tmp_path):
    (tmp_path / "in.m3u8").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(InvalidInput, match=r"look\.picture_unreadable"):
        run_picture(tmp_path / "in.m3u8", tmp_path / "out.mkv", LookSettings())
    assert not (tmp_path / "out.mkv").exists()
