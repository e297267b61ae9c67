"""What the tests of capture share: a virtual screen, and the watch over threads and open files that a source leaves behind."""

import contextlib
import gc
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import PATIENCE_S, wait_until


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """The name of an X display of 320 × 200 of its own."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "320x200x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as answer:
        number = answer.readline().strip()
    assert number, "Xvfb gave no display"
    yield f":{number}"
    server.terminate()
    server.wait(PATIENCE_S)


@dataclass(frozen=True)
class FakeCamera:
    """A pipe that gives motion JPEG at 50 a second in real time, as a driver does; reading it blocks, as a driver's does."""

    path: Path
    process: subprocess.Popen[bytes]

    def unplug(self) -> None:
        """No more pictures, ever."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_S)


@pytest.fixture
def fake_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCamera]:
    """Plugged in, and again whenever it was closed."""
    pipe = tmp_path / "camera.mjpeg"
    os.mkfifo(pipe)
    monkeypatch.setenv("OPENCV_FFMPEG_CAPTURE_OPTIONS", "probesize;20000|fpsprobesize;0")
    writer = 'while :; do ffmpeg -v quiet -y -re -f lavfi -i testsrc2=s=320x180:r=50 -f mjpeg -flush_packets 1 "$0"; done'
    process = subprocess.Popen(["sh", "-c", writer, str(pipe)], start_new_session=True, stdin=subprocess.DEVNULL)
    camera = FakeCamera(pipe, process)
    yield camera
    if process.poll() is None:
        camera.unplug()


@pytest.fixture
def no_leaks() -> Iterator[None]:
    """Fails the test that leaves a thread or an open file behind."""
    gc.collect()
    threads, files = set(threading.enumerate()), _open_files()
    yield
    gc.collect()

    def left() -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread not in threads]

    # What waits for a driver ends by itself a moment after its source was closed.
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not left() and not _open_files() - files)
    assert not left(), f"threads left behind: {left()}"
    assert not _open_files() - files, f"files left open: {_open_files() - files}"


def _open_files() -> set[str]:
    names = set()
    for link in Path("/proc/self/fd").iterdir():
        try:
            names.add(f"{link.name} {link.readlink()}")
        except OSError:
            continue
    return names
