"""The camera source: nothing there, pictures, colours, and what happens when it freezes or is unplugged."""

import os
import signal
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from capture import video_sources
from capture.camera import Camera, _as_bgr
from studio.errors import InvalidInput, SourceUnavailable
from studio.model.settings import VideoSettings
from tests.capture.capture_clips import PATCHES_SRGB, as_yuv
from tests.capture.conftest import FakeCamera
from tests.servers import PATIENCE_S, quickest_s

CANVAS = VideoSettings(width=320, height=180, fps=50)
NO_CAMERA = "199"


def test_a_camera_that_is_not_there_is_said_quietly(capfd: pytest.CaptureFixture[str]) -> None:
    camera = video_sources["camera"](NO_CAMERA, CANVAS)
    with pytest.raises(SourceUnavailable) as refused:
        camera.open(time.monotonic_ns())
    assert (refused.value.code, refused.value.retryable) == ("camera.missing", True)
    assert refused.value.params["number"] == int(NO_CAMERA)
    assert capfd.readouterr().err == ""
    camera.close()


@pytest.mark.parametrize("rest", ["", "x", "-1", "1.0", "0;rm", "9999", "²"])
def test_what_is_no_number_is_no_camera(rest: str) -> None:
    with pytest.raises(InvalidInput):
        video_sources["camera"](rest, CANVAS)


def test_a_camera_is_a_live_source_and_its_pictures_have_colour(fake_camera: FakeCamera) -> None:
    camera = Camera(str(fake_camera.path), CANVAS)
    info = camera.open(time.monotonic_ns())
    frame = camera.read(PATIENCE_S)
    camera.close()
    assert info.is_live
    assert (info.width, info.height) == (320, 180)
    assert frame is not None
    assert frame.y.std() > 30
    assert frame.u.std() > 15
    assert frame.v.std() > 15


def test_portrait_is_cut_from_the_middle(fake_camera: FakeCamera) -> None:
    camera = Camera(str(fake_camera.path), VideoSettings(width=90, height=160, fps=50))
    camera.open(time.monotonic_ns())
    frame = camera.read(PATIENCE_S)
    camera.close()
    assert frame is not None
    assert frame.planes.shape == (240, 90)


def test_an_unplugged_camera_is_said(fake_camera: FakeCamera, no_leaks: None) -> None:
    camera = Camera(str(fake_camera.path), CANVAS)
    camera.open(time.monotonic_ns())
    assert camera.read(PATIENCE_S) is not None
    fake_camera.unplug()
    with pytest.raises(SourceUnavailable) as lost:
        _read_for(camera, PATIENCE_S)
    assert (lost.value.code, lost.value.retryable) == ("camera.lost", True)
    camera.close()


def test_a_frozen_camera_freezes_neither_reading_nor_closing(fake_camera: FakeCamera) -> None:
    camera = Camera(str(fake_camera.path), CANVAS)
    camera.open(time.monotonic_ns())
    assert camera.read(PATIENCE_S) is not None
    os.killpg(fake_camera.process.pid, signal.SIGSTOP)
    while camera.read(0.2) is not None:
        pass
    assert quickest_s(lambda: camera.read(0.05)) < 0.3
    began = time.monotonic()
    camera.close()
    assert time.monotonic() - began < PATIENCE_S, "the driver stands still until the test lets it go on"
    os.killpg(fake_camera.process.pid, signal.SIGCONT)
    for thread in threading.enumerate():
        if thread.name == "camera:grab":
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def test_a_camera_without_colour_is_shown_grey() -> None:
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8)
    for picture in (grey, grey[..., np.newaxis]):
        assert _as_bgr(picture).shape == (8, 8, 3)
        assert (_as_bgr(picture)[..., 1] == grey).all()


@pytest.mark.parametrize("patch", PATCHES_SRGB[::3])
def test_motion_jpeg_keeps_its_colours(tmp_path: Path, patch: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "probesize;20000|fpsprobesize;0")
    _, picture = cv2.imencode(".jpg", np.full((180, 320, 3), patch[::-1], np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 100])
    (tmp_path / "flat.mjpeg").write_bytes(picture.tobytes() * 30)
    camera = Camera(str(tmp_path / "flat.mjpeg"), CANVAS)
    camera.open(time.monotonic_ns())
    frame = camera.read(PATIENCE_S)
    camera.close()
    assert frame is not None
    ideal = as_yuv(np.array(patch) / 255, "bt709")
    for plane, value in zip((frame.y, frame.u, frame.v), ideal, strict=True):
        assert np.abs(plane - value).max() <= 2.5  # JPEG's own rounding in BT.601, and OpenCV's


def _read_for(camera: Camera, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        camera.read(0.1)
