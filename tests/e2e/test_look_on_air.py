"""The look as the audience gets it: measured on the published stream, decoded by Debian's ffmpeg, inside masks drawn by hand."""

import json
import subprocess

import cv2
import numpy as np
import pytest

from tests.e2e.pull import PullingWhenLive
from tests.e2e.show import ROOT, run_live
from tests.servers import nginx

WIDTH, HEIGHT, FPS = 1920, 1080, 15
MASKS = json.loads((ROOT / "tests" / "pictures" / "masks.json").read_text(encoding="utf-8"))["presenter"]


def ffmpeg(*words):
    return subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, words)], check=True, timeout=120, capture_output=True).stdout


@pytest.fixture(scope="module")
def still_clip(tmp_path_factory):
    """The sample presenter's first frame, held for 4 s: no motion and no noise over time, on which the encoder would spend differently with the look on."""
    folder = tmp_path_factory.mktemp("still")
    ffmpeg("-i", ROOT / "resources" / "sample" / "presenter.mp4", "-frames:v", 1, "-c:v", "ffv1", folder / "frame.mkv")
    held = ["-vf", "loop=loop=-1:size=1", "-frames:v", 4 * FPS, "-r", FPS]
    encode = ["-c:v", "libx264", "-preset", "veryfast", "-crf", 10, "-color_range", "tv", "-colorspace", "bt709"]
    ffmpeg("-i", folder / "frame.mkv", *held, *encode, "-color_primaries", "bt709", "-color_trc", "bt709", folder / "clip.mp4")
    return folder / "clip.mp4"


def published_luma(clip, folder, **look):
    """The Y planes of a second of the stream, from two seconds before its end."""
    with nginx() as server, PullingWhenLive(server.url("k"), folder / "pulled.flv"):
        done = run_live(
            folder,
            {
                "video": {"width": WIDTH, "height": HEIGHT, "fps": FPS, "source": f"file:{clip}"},
                "look": look,
                "overlay": {"fan_board": False},
                "encoder": {"bitrate_kbps": 6000},
                "output": [{"name": "main", "server": server.server, "key": "k"}],
            },
            6,
        )
    assert done.code == 0, done.errors
    raw = ffmpeg("-sseof", -2, "-i", folder / "pulled.flv", "-frames:v", FPS, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-")
    frames = np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT * 3 // 2, WIDTH)
    return frames[:, :HEIGHT].astype(np.float32)


def fine_detail(lumas, kind):
    where = np.zeros((HEIGHT, WIDTH), np.uint8)
    for polygon in MASKS[kind]:
        cv2.fillPoly(where, [np.array(polygon, np.int32)], 1)
    luma = lumas.mean(axis=0)
    return float((luma - cv2.GaussianBlur(luma, (0, 0), 3))[where > 0].std())


def test_published_skin_has_40_percent_less_fine_detail_and_the_wall_at_most_3(still_clip, tmp_path_factory):
    off = published_luma(still_clip, tmp_path_factory.mktemp("off"))
    on = published_luma(still_clip, tmp_path_factory.mktemp("on"), smooth=0.7, whiten=0.2)
    skin, wall, features = (fine_detail(on, kind) / fine_detail(off, kind) for kind in ("skin", "wall", "features"))
    print(f"skin {skin:.3f} wall {wall:.3f} features {features:.3f}")
    assert skin <= 0.60
    assert 0.97 <= wall <= 1.03
    assert features >= 0.93
