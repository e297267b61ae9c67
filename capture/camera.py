"""A camera by OpenCV: MJPEG where it has it, converted once, stamped when it was grabbed.

A thread of its own waits for the driver, which takes no timeout; it never opens a lost camera again, that is the stage's part.
"""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.camera_controls import CameraControls
from capture.colour import EdgeConverter
from capture.power_line import PowerLine
from studio.engine.handoff import Latest
from studio.errors import InvalidInput, SourceUnavailable
from studio.model.camera import CameraOrder, CameraReport
from studio.model.frames import VideoFrame
from studio.model.settings import VideoSettings
from studio.ports import SourceInfo

_SILENT_S = 3.0
"""A camera that gave no picture for so long is gone: slow ones take 2 s to their first."""

_CLOSE_S = 0.3
"""How long closing waits for the driver: more than a picture takes in the dark (0.2 s). One that hangs ends when it returns."""

_SETTLE_S = 1.5
"""How long a camera that was just opened measures the light before anything is held: the first second of most is too dark."""

_API = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_MSMF}.get(sys.platform, cv2.CAP_ANY)


def camera_number(rest: str) -> int:
    """The N of camera:N. Raises InvalidInput."""
    if not rest.isdecimal() or len(rest) > 3:
        raise InvalidInput("source.number", source=f"camera:{rest}")
    return int(rest)


def quiet_opencv() -> None:
    """OpenCV tells standard error about each device that isn't there; our words say it better."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def open_capture(device: int | str) -> cv2.VideoCapture | None:
    """The device (or, for tests and demonstrations, a file in its place), or None. Quiet, and quick where there is none."""
    quiet_opencv()
    capture = cv2.VideoCapture(device, _API) if isinstance(device, int) else cv2.VideoCapture(device)
    if capture.isOpened():
        return capture
    capture.release()
    return None


class Camera:
    """Camera `device` on a canvas; all calls but `order` and `report` from one thread. What waits for the driver is `camera:grab`'s."""

    def __init__(self, device: int | str, settings: VideoSettings) -> None:
        self._device = device
        self._settings = settings
        self._grabber: _Grabber | None = None
        self._converter = EdgeConverter(settings.width, settings.height)
        self._newest_ns = 0
        self._seq = 0
        self._order = CameraOrder()

    def order(self, wanted: CameraOrder) -> None:
        """See `ControlledCamera`."""
        self._order = wanted

    def report(self) -> CameraReport | None:
        """See `ControlledCamera`."""
        grabber = self._grabber
        report = None if grabber is None else grabber.report
        return report if report is not None and report.order == self._order else None

    def open(self, epoch_ns: int) -> SourceInfo:  # noqa: ARG002 - a camera has a clock of its own
        """Open the camera at the canvas' size. Raises SourceUnavailable, retryable: it may be plugged in later."""
        self.close()
        capture = open_capture(self._device)
        if capture is None:
            raise SourceUnavailable("camera.missing", retryable=True, number=self._device)
        info = _configure(capture, self._device, self._settings)
        self._converter.warm()
        self._grabber = _Grabber(capture, CameraControls(capture, PowerLine(self._device).ask), lambda: self._order)
        self._newest_ns = time.monotonic_ns()
        return info

    def read(self, timeout_s: float) -> VideoFrame | None:
        """The newest picture, once, or None when none came in time. Raises SourceUnavailable when the camera went away."""
        if self._grabber is None:
            return None
        grab = self._grabber.pictures.take(timeout_s)
        if grab is not None:
            self._newest_ns, picture = grab
            self._seq += 1
            return self._converter.convert(picture, self._newest_ns, self._seq)
        if self._grabber.is_lost or time.monotonic_ns() - self._newest_ns > _SILENT_S * 1e9:
            raise SourceUnavailable("camera.lost", retryable=True, number=self._device)
        return None

    def close(self) -> None:
        """Let the camera go; idempotent, from any state."""
        if self._grabber is not None:
            self._grabber.stop()
        self._grabber = None


class _Grabber:
    """The thread that waits for the driver and owns the device. Its pictures: room for one, the newest; overwritten is *late*."""

    def __init__(self, capture: cv2.VideoCapture, controls: CameraControls, newest_order: Callable[[], CameraOrder]) -> None:
        self.pictures: Latest[tuple[int, NDArray[np.uint8]]] = Latest()
        self.is_lost = False
        self.report: CameraReport | None = None
        self._capture = capture
        self._controls = controls
        self._newest_order = newest_order
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="camera:grab", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_stopping = True
        self._thread.join(_CLOSE_S)

    def _run(self) -> None:
        settled_ns = time.monotonic_ns() + round(_SETTLE_S * 1e9)
        done: CameraOrder | None = None
        while not self._is_stopping and self._capture.grab():
            time_ns = time.monotonic_ns()
            is_good, picture = self._capture.retrieve()
            if is_good:
                self.pictures.put((time_ns, _as_bgr(np.asarray(picture, np.uint8))))
            order = self._newest_order()
            if order != done and time_ns >= settled_ns:
                self.report = self._controls.carry_out(order)
                done = order
        self._capture.release()
        self.is_lost = True
        self.pictures.close()


def _configure(capture: cv2.VideoCapture, device: int | str, settings: VideoSettings) -> SourceInfo:
    """Ask for MJPEG at the canvas' size (raw 1080p doesn't fit USB 2), and say what was given."""
    capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    wide, high = max(settings.width, settings.height), min(settings.width, settings.height)
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, wide)  # a camera lies on its side for nobody: portrait is cut from the middle
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, high)
    capture.set(cv2.CAP_PROP_FPS, settings.fps)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)
    width, height = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
    rate = capture.get(cv2.CAP_PROP_FPS)
    return SourceInfo(_name(device), width, height, rate if 0 < rate < 1000 else 0.0, is_live=True)


def _name(device: int | str) -> str:
    """The camera's own name where the system tells it: OpenCV doesn't."""
    try:
        return Path(f"/sys/class/video4linux/video{device}/name").read_text(errors="replace").strip() or f"camera:{device}"
    except OSError:
        return f"camera:{device}"


def _as_bgr(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey cameras (infrared ones) give one channel."""
    return picture if picture.ndim == 3 and picture.shape[2] >= 3 else np.repeat(picture.reshape(*picture.shape[:2], 1), 3, axis=2)
