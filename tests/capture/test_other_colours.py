"""Clips in other colours than ours, made by Debian's ffmpeg, through the real decoders: the chart's patches stay what they are."""

import subprocess
import time

import av
import cv2
import numpy as np
import pytest

from capture.file import ClipPicture
from capture.look.chart import patch_colours
from capture.look.picture import from_av, run_picture
from studio.model.settings import LookSettings, VideoSettings
from tests.capture.look.charts import SIZE, apart, scene

WIDTH, HEIGHT = SIZE
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "6")
KINDS = {
    "BT.709 limited": ("bt709", "tv", X264, ".mp4"),
    "BT.709 full": ("bt709", "pc", X264, ".mp4"),
    "BT.601 limited": ("smpte170m", "tv", X264, ".mp4"),
    "BT.601 full": ("smpte170m", "pc", X264, ".mkv"),
    "a webcam's motion JPEG": ("smpte170m", "pc", ("-c:v", "mjpeg", "-q:v", "2"), ".avi"),
}


@pytest.fixture(scope="module")
def chart():
    """(RGB, the patches' corners), in daylight."""
    return scene(angle=3.0)


def made(folder, chart, kind):
    matrix, span, codec, ending = KINDS[kind]
    path = folder / f"clip{ending}"
    pixels = "yuvj420p" if span == "pc" else "yuv420p"
    scale = f"scale=out_color_matrix={matrix}:out_range={span}:flags=accurate_rnd+full_chroma_int,format={pixels}"
    tags = ["-color_range", span, "-colorspace", matrix, "-color_primaries", "bt709", "-color_trc", "bt709"]
    words = ["ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", "10", "-i", "-", "-vf", scale]
    subprocess.run([*words, *codec, *tags, str(path)], input=chart[0].tobytes() * 5, check=True, capture_output=True, timeout=60)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_clip_of_another_matrix_or_range_is_shown_in_its_own_colours(tmp_path, chart, kind):
    path = made(tmp_path, chart, kind)
    source = ClipPicture(str(path), VideoSettings(width=WIDTH, height=HEIGHT, fps=10))
    source.open(time.monotonic_ns())
    shown = None
    while shown is None:
        shown = source.read(5.0)
    source.close()
    with av.open(str(path)) as container:
        judged = from_av(next(container.decode(video=0)), 0, 0)
    for frame in (shown, judged):
        distance = apart(patch_colours(frame, chart[1]))
        assert distance.mean() < 0.6, (kind, distance)
        assert distance.max() < 2, (kind, distance)
    assert np.abs(shown.y.astype(int) - judged.y).mean() < 1, "live and on the command line alike"


def test_a_grey_clip_and_a_grey_picture_are_grey_and_go_through_the_whole_look(tmp_path, chart):
    grey = cv2.cvtColor(chart[0], cv2.COLOR_RGB2GRAY)
    cv2.imwrite(str(tmp_path / "grey.png"), grey)
    words = ["ffmpeg", "-v", "error", "-loop", "1", "-i", str(tmp_path / "grey.png"), "-frames:v", "3", "-pix_fmt", "gray", "-c:v", "ffv1"]
    subprocess.run([*words, str(tmp_path / "grey.mkv")], check=True, capture_output=True, timeout=60)
    look = LookSettings(smooth=1.0, whiten=1.0, rosy=1.0, lips=1.0, exposure=0.2)
    for name in ("grey.png", "grey.mkv"):
        out = tmp_path / f"out-{name}"
        run_picture(tmp_path / name, out, look)
        if name.endswith("png"):
            shown = cv2.imread(str(out))
            assert np.ptp(shown, axis=2).max() <= 2
            assert shown.mean() > grey.mean()
        else:
            with av.open(str(out)) as container:
                frame = next(container.decode(video=0))
            assert abs(np.frombuffer(frame.planes[1], np.uint8)[:100].astype(int) - 128).max() <= 1
