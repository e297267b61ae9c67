"""The screen source on a real X server: what is on it is what comes out; and the ways in which it can be missing."""

import ctypes
import subprocess
import time
from itertools import pairwise

import numpy as np
import pytest

from capture import devices, video_sources
from studio.errors import InvalidInput, SourceUnavailable
from studio.model.settings import VideoSettings
from tests.capture.capture_clips import as_yuv
from tests.servers import PATIENCE_S


def _fill_screen(display: str, colour: int) -> None:
    """Paint the root window, with the X library itself."""
    library = ctypes.CDLL("libX11.so.6")
    library.XOpenDisplay.restype = ctypes.c_void_p
    library.XDefaultRootWindow.restype = ctypes.c_ulong
    connection = ctypes.c_void_p(library.XOpenDisplay(display.encode()))
    root = ctypes.c_ulong(library.XDefaultRootWindow(connection))
    library.XSetWindowBackground(connection, root, ctypes.c_ulong(colour))
    library.XClearWindow(connection, root)
    library.XSync(connection, 0)
    library.XCloseDisplay(connection)


def test_what_is_on_the_screen_comes_out_in_its_colours(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", display)
    _fill_screen(display, 0xC86432)
    screen = video_sources["screen"]("0", VideoSettings(width=320, height=200, fps=50))
    info = screen.open(time.monotonic_ns())
    frame = screen.read(PATIENCE_S)
    screen.close()
    assert (info.width, info.height) == (320, 200)
    assert frame is not None
    ideal = as_yuv(np.array([0xC8, 0x64, 0x32]) / 255, "bt709")
    for plane, value in zip((frame.y, frame.u, frame.v), ideal, strict=True):
        assert np.median(np.abs(plane - value)) <= 0.51


def test_it_keeps_the_rate_of_the_show(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", display)
    screen = video_sources["screen"]("0", VideoSettings(width=64, height=64, fps=20))
    epoch_ns = time.monotonic_ns()
    screen.open(epoch_ns)
    frames = [frame for frame in (screen.read(PATIENCE_S) for _ in range(8)) if frame is not None]
    screen.close()
    assert len(frames) == 8
    assert all(later.seq > earlier.seq for earlier, later in pairwise(frames))
    late_ms = sorted((frame.time_ns - epoch_ns) / 1e6 - frame.seq * 50 for frame in frames)
    assert late_ms[0] >= 0
    assert late_ms[len(late_ms) // 2] < 100, "a busy machine may be late now and then"


def test_opened_again_it_goes_on_at_once(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", display)
    screen = video_sources["screen"]("0", VideoSettings(width=64, height=64, fps=20))
    screen.open(time.monotonic_ns() - 3_600_000_000_000)
    assert screen.read(PATIENCE_S) is not None
    screen.open(time.monotonic_ns())
    assert screen.read(PATIENCE_S) is not None
    screen.close()


def test_without_a_display_it_is_said_in_words(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("", ":4711"):
        monkeypatch.setenv("DISPLAY", name)
        screen = video_sources["screen"]("0", VideoSettings())
        with pytest.raises(SourceUnavailable) as refused:
            screen.open(time.monotonic_ns())
        assert (refused.value.code, refused.value.retryable) == ("screen.no_display", True)
        screen.close()
        assert devices.screens() == []
    assert capfd.readouterr().err == ""


def test_a_screen_that_is_not_there_is_said_with_how_many_there_are(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", display)
    with pytest.raises(SourceUnavailable) as refused:
        video_sources["screen"]("3", VideoSettings()).open(time.monotonic_ns())
    assert (refused.value.code, dict(refused.value.params)) == ("screen.missing", {"number": 3, "count": 1})
    with pytest.raises(InvalidInput):
        video_sources["screen"]("left", VideoSettings())


def test_a_display_that_dies_is_said_and_the_process_lives_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "64x64x24", "-nolisten", "tcp"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        assert server.stdout is not None
        monkeypatch.setenv("DISPLAY", f":{server.stdout.readline().decode().strip()}")
        screen = video_sources["screen"]("0", VideoSettings(width=64, height=64, fps=50))
        screen.open(time.monotonic_ns())
        assert screen.read(PATIENCE_S) is not None
        server.kill()
        server.wait(PATIENCE_S)
        with pytest.raises(SourceUnavailable) as lost:
            screen.read(PATIENCE_S)
        assert (lost.value.code, lost.value.retryable) == ("screen.lost", True)
        screen.close()
