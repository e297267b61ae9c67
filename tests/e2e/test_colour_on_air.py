"""Colours as the audience gets them: a chart under a wrong light, made true through the control API, measured on the published stream."""

import subprocess
import time

import numpy as np
import pytest

from capture.look.chart import patch_colours
from studio.model.frames import VideoFrame
from tests.capture.look.charts import SIZE, apart, scene
from tests.e2e.pull import PullingWhenLive
from tests.e2e.show import engine
from tests.servers import nginx

WIDTH, HEIGHT = SIZE
FPS = 15
LIGHTS = {
    "warm lamp": {"light": (0.95, 0.68, 0.42)},
    "a sensor that mixes": {"mixing": [[0.78, 0.17, 0.05], [0.1, 0.74, 0.16], [0.03, 0.22, 0.75]], "light": (0.9, 0.8, 0.6)},
}


def ffmpeg(*words, **more):
    return subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, words)], check=True, timeout=120, capture_output=True, **more).stdout


def chart_clip(path, **light):
    """Two seconds of a chart before a wall with a camera's noise, and where its patches stand."""
    pictures = []
    picture, corners = scene(**light)
    for number in range(2 * FPS):
        noise = np.random.default_rng(number).normal(0, 2, picture.shape)
        pictures.append((picture + noise).clip(0, 255).astype(np.uint8).tobytes())
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", FPS, "-i", "-"]
    tags = ["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]
    to_709 = ["-vf", "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv420p"]
    ffmpeg(*raw, *to_709, "-c:v", "libx264", "-preset", "veryfast", "-crf", 8, *tags, path, input=b"".join(pictures))
    return corners


def colours_of(path, corners, at):
    """ΔE2000 of the patches in a second of the stream, each the mean of its frames. `at` is before -i or, with -sseof, from the end."""
    raw = ffmpeg(*at, "-i", path, "-frames:v", FPS, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-")
    frames = np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT * 3 // 2, WIDTH)
    assert len(frames) >= FPS // 2
    return apart(np.mean([patch_colours(VideoFrame(planes.copy(), 0, 0), corners) for planes in frames], axis=0))


@pytest.mark.parametrize("name", LIGHTS)
def test_a_chart_under_wrong_light_is_published_in_its_true_colours(tmp_path, name):
    corners = chart_clip(tmp_path / "chart.mp4", **LIGHTS[name])
    with nginx() as server, PullingWhenLive(server.url("k"), tmp_path / "pulled.flv"):
        tables = {
            "video": {"width": WIDTH, "height": HEIGHT, "fps": FPS, "source": f"file:{tmp_path / 'chart.mp4'}"},
            "overlay": {"fan_board": False},
            "encoder": {"bitrate_kbps": 4000},
            "output": [{"name": "main", "server": server.server, "key": "k"}],
        }
        with engine(tmp_path, tables) as running:
            assert running.call("POST", "/v1/live/start")[0] == 200
            running.wait_for("/v1/health", lambda health: health["look"]["faces"] == "on", 60)
            running.wait_for("/v1/health", lambda health: health["outputs"][0]["frames"] > 4 * FPS)
            status, reading = running.call("POST", "/v1/colour/chart")
            assert status == 200, reading
            status, kept = running.call("POST", "/v1/colour/profiles", {"light": name})
            assert status == 201, kept
            sent = running.call("GET", "/v1/health")[1]["outputs"][0]["frames"]
            running.wait_for("/v1/health", lambda health: health["outputs"][0]["frames"] > sent + 4 * FPS)
            [row] = running.call("GET", "/v1/colour/profiles")[1]["profiles"]
            camera = running.call("GET", "/v1/health")[1]["camera"]
            assert running.call("POST", "/v1/live/stop")[0] == 200
        time.sleep(0.5)
    before = colours_of(tmp_path / "pulled.flv", corners, ("-ss", "1"))
    after = colours_of(tmp_path / "pulled.flv", corners, ("-sseof", "-2"))
    print(f"{name}: ΔE2000 mean {before.mean():.2f} → {after.mean():.2f}, max {after.max():.2f}; told {reading['mean_after']:.2f}")
    assert before.mean() >= 6
    assert after.mean() <= 2
    assert after.max() <= 5
    assert row["light"] == name
    assert len(row["patches"]) == 24
    assert camera["lock"] == "none", "a clip has no automatics to hold"
