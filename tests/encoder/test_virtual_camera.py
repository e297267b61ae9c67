"""The virtual camera up to the edge of pyvirtualcam, which no machine of ours may bring along: a real process, real frames, a real sound server.

In pyvirtualcam's place stands a module of its shape that writes what it is given into a file; no device is opened here.
"""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
import pytest

from encoder.virtual_camera import VirtualCameraOutput
from studio.model.frames import AUDIO_RATE_HZ, ProgramFrame, VideoFrame
from studio.model.settings import OutputSettings
from tests.encoder.show import Told
from tests.servers import wait_until

pytestmark = pytest.mark.timeout(120)

WAIT_S = 30.0
MODULE = """
import enum, os, time
PixelFormat = enum.Enum("PixelFormat", "I420 RGB")
class Camera:
    def __init__(self, width, height, fps, *, fmt, device=None):
        if os.path.exists(os.environ["CAMERA"] + ".none"):
            raise RuntimeError("'v4l2loopback' backend: No suitable device found")
        assert fmt is PixelFormat.I420
        self.device, self.backend, self.size = device or "/dev/video9", "test", width * height * 3 // 2
        self.file = open(os.environ["CAMERA"], "ab", buffering=0)
    def send(self, frame):
        while os.path.exists(os.environ["CAMERA"] + ".hang"):
            time.sleep(0.05)
        assert frame.dtype == "uint8" and frame.size == self.size
        self.file.write(frame.tobytes())
    def __enter__(self):
        return self
    def __exit__(self, *_):
        self.file.close()
"""


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the frames of the stand-in end up."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "pyvirtualcam.py").write_text(MODULE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "modules"))
    monkeypatch.setenv("CAMERA", str(tmp_path / "frames"))
    return tmp_path / "frames"


class Program:
    """Puts numbered pictures into an output thirty times a second."""

    def __init__(self, output: VirtualCameraOutput, width: int, height: int) -> None:
        self.shown: list[bytes] = []
        self._output, self._size = output, (width, height)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        number, random = 0, np.random.default_rng(7)
        while not self._stopping.wait(1 / 30):
            planes = random.integers(0, 255, (self._size[1] * 3 // 2, self._size[0]), np.uint8)
            self.shown.append(planes.tobytes())
            frame = VideoFrame(planes, time.monotonic_ns(), number)
            self._output.put_frame(ProgramFrame(frame, number, time.monotonic_ns(), repeated=False, board_version=0), number)
            number += 1


def made(show_header, told: Callable[..., None], **settings: str) -> VirtualCameraOutput:
    output = VirtualCameraOutput(OutputSettings(**{"name": "cam", "camera": "auto", "camera_sound": "none", **settings}), told)
    output.start(show_header)
    return output


@pytest.mark.parametrize(("width", "height"), [(320, 180), (180, 320)])
def test_pictures_arrive_as_they_were_lying_and_upright(camera, show, width, height):
    told = Told()
    output = made(_header(show, width, height), told, camera="/dev/video4")
    with Program(output, width, height) as program:
        wait_until(lambda: output.stats().frames >= 20, WAIT_S, "pictures")
    output.stop(5.0)
    size = width * height * 3 // 2
    got = camera.read_bytes()
    frames = [got[start : start + size] for start in range(0, len(got), size)]
    assert len(frames) >= 20
    assert all(len(frame) == size for frame in frames)
    places = [program.shown.index(frame) for frame in frames]
    assert places == sorted(set(places)), "each bit as it was, in order, none twice"
    assert told.names() == ["connecting", "live", "stopped"]
    live = told.states[1]
    assert dict(live.detail_params)["device"] == "/dev/video4"
    assert live.kind == "camera"


def test_without_the_module_the_words_name_the_python_to_install_it_for_and_a_retry_finds_it(camera, show):
    module = camera.with_name("modules") / "pyvirtualcam.py"
    module.rename(module.with_suffix(".away"))
    (camera.with_name("modules") / "pyvirtualcam").mkdir()  # what may be installed here stays out of it
    (camera.with_name("modules") / "pyvirtualcam" / "__init__.py").write_text("raise ImportError('none here')")
    output = made(_header(show), Told())
    wait_until(lambda: output.stats().state == "refused", WAIT_S, "the refusal")
    assert output.stats().detail == "camera.no_module"
    assert dict(output.stats().detail_params)["python"] == sys.executable
    shutil.rmtree(camera.with_name("modules") / "pyvirtualcam")
    module.with_suffix(".away").rename(module)
    output.retry_now()
    wait_until(lambda: output.stats().state == "live", WAIT_S, "the camera")
    output.stop(5.0)
    assert output.stats().state == "stopped"


def test_without_a_device_or_a_python_the_words_tell_what_to_install(camera, show):
    camera.with_name("frames.none").touch()
    output = made(_header(show), Told())
    wait_until(lambda: output.stats().state == "refused", WAIT_S, "the refusal")
    assert output.stats().detail == "camera.no_device_linux"
    assert "No suitable device" in dict(output.stats().detail_params)["said"]
    output.stop(5.0)
    nowhere = made(_header(show), Told(), camera_python="/nowhere/python")
    wait_until(lambda: nowhere.stats().detail == "camera.no_python", WAIT_S, "the refusal")
    nowhere.stop(5.0)


def test_a_process_that_dies_is_started_again(camera, show):
    output = made(_header(show), Told())
    with Program(output, 320, 180):
        wait_until(lambda: output.stats().frames >= 3, WAIT_S, "pictures")
        assert output._process is not None
        output._process.kill()
        wait_until(lambda: output.stats().connects == 2 and output.stats().state == "live", WAIT_S, "the second start")
        before = output.stats().frames
        wait_until(lambda: output.stats().frames > before, WAIT_S, "pictures again")
    output.stop(5.0)


def test_a_device_that_hangs_holds_up_neither_the_show_nor_the_stop(camera, show):
    camera.with_name("frames.hang").touch()
    output = made(_header(show), Told())
    with Program(output, 320, 180) as program:
        wait_until(lambda: output.stats().state == "live", WAIT_S, "the camera")
        wait_until(lambda: output.stats().dropped > 20, WAIT_S, "pictures that are let go")
        process = output._process
        shown = len(program.shown)
        wait_until(lambda: len(program.shown) > shown + 5, WAIT_S, "the program goes on")
        output.stop(2.0)
    assert process is not None
    assert process.poll() is not None, "the process was ended"
    assert output.stats().state == "stopped"


@pytest.fixture
def sound_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    socket = tmp_path / "native"
    for name in ("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PULSE_SERVER", f"unix:{socket}")
    run_as = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]
    module = f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1"
    server = subprocess.Popen([*run_as, module], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: _pactl("info") or server.poll() is not None, WAIT_S, "the sound server")
    yield
    server.kill()
    server.wait(10)


def _pactl(*words: str) -> str:
    return subprocess.run(["pactl", *words], capture_output=True, text=True, check=False, timeout=20).stdout


def test_its_sound_is_a_microphone_of_its_own_whose_distance_from_the_picture_is_told(camera, show, sound_server):
    output = made(_header(show), Told(), name="直播 cam", camera_sound="auto")
    with Program(output, 320, 180), _Tone(output):
        wait_until(lambda: "_microphone" in _pactl("list", "short", "sources"), WAIT_S, "the microphone")
        assert 'device.description = "Encore 直播 cam"' in _pactl("list", "sources"), "by its name"
        source = next(line.split()[1] for line in _pactl("list", "short", "sources").splitlines() if "_microphone" in line)
        wait_until(lambda: output.stats().offset_ms, WAIT_S, "the offset")
        heard = _recorded(source)
        assert output.stats().detail == ""
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert abs(np.argmax(spectrum) * AUDIO_RATE_HZ / len(heard) - 700) < 5, "our tone, and no noise louder than it"
    output.stop(5.0)
    assert "encore_" not in _pactl("list", "short", "sinks") + _pactl("list", "short", "sources"), "the device goes with the show"


def test_without_a_sound_server_the_picture_goes_out_and_the_words_say_so(camera, show, tmp_path, monkeypatch):
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'nobody'}")
    output = made(_header(show), Told(), camera_sound="auto")
    with Program(output, 320, 180):
        wait_until(lambda: output.stats().frames >= 3, WAIT_S, "pictures")
    assert (output.stats().state, output.stats().detail) == ("live", "camera.no_sound_linux")
    output.stop(5.0)


class _Tone:
    """700 Hz into an output, in chunks of 20 ms."""

    def __init__(self, output: VirtualCameraOutput) -> None:
        self._output = output
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        begun_s, sent, count = time.monotonic(), 0, AUDIO_RATE_HZ // 50
        while not self._stopping.is_set():
            wave = np.sin(2 * np.pi * 700 * np.arange(sent, sent + count) / AUDIO_RATE_HZ).astype(np.float32) * 0.5
            self._output.put_sound(np.stack([wave, wave], axis=1), time.monotonic_ns())
            sent += count
            self._stopping.wait(max(0.0, begun_s + sent / AUDIO_RATE_HZ - time.monotonic()))


def _recorded(source: str) -> np.ndarray:
    """A second of a source, as any program would take it."""
    words = ["parec", f"--device={source}", "--format=float32le", "--rate=48000", "--channels=1"]
    reader = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert reader.stdout is not None
        reader.stdout.read(AUDIO_RATE_HZ * 4)  # what came before it was warm
        return np.frombuffer(reader.stdout.read(AUDIO_RATE_HZ * 4), np.float32)
    finally:
        reader.kill()
        reader.wait()
        if reader.stdout is not None:
            reader.stdout.close()


def _header(show, width: int = 320, height: int = 180):
    return replace(show.header, width=width, height=height)
