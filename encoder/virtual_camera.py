"""An output that other programs see as a camera: finished pictures, not encoded, through a small process of its own.

pyvirtualcam (GPL-2.0-only) is never imported here: the process runs `virtual_camera_process.py` with the user's Python. It drops pictures
rather than let them grow old, and takes its sound to a device of its own (`encoder.virtual_sound`).
"""

import contextlib
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoder.standing import Standing
from encoder.virtual_sound import VirtualSound
from studio.engine.handoff import Latest
from studio.errors import KnownError, OutputFailed
from studio.model.frames import EncodedPacket, ProgramFrame, StreamHeader
from studio.model.settings import OutputSettings
from studio.ports import OutputStats

log = logging.getLogger(__name__)

_SCRIPT = Path(__file__).with_name("virtual_camera_process.py")
_READY_S = 15.0
"""To start a Python and open a device, on a slow disk."""
_WAIT_S = 0.2
_AGAIN_S = 2.0
_STOP_S = 1.0
"""For the process to end with its input; then it is killed."""
_SYSTEMS = {"win32": "windows", "darwin": "mac"}


@dataclass(slots=True)
class _Told:
    """What the process said last; written by the thread that reads it, read by the one that feeds it."""

    state: str = ""
    line: dict[str, Any] | None = None


class VirtualCameraOutput:
    """An Output beside the encoder: `put_frame` and `put_sound` come from `program` and `mixer`. Everything else belongs to its thread."""

    def __init__(self, settings: OutputSettings, on_state: Callable[[OutputStats], None]) -> None:
        self._settings = settings
        self._standing = Standing(OutputStats(name=settings.name, kind="camera", state="idle"), on_state)
        self._frames: Latest[ProgramFrame] = Latest()
        self._sound = VirtualSound(settings.name, settings.camera_sound)
        self._is_stopping = threading.Event()
        self._is_retrying_now = threading.Event()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._settled = 0  # pictures let go of that are counted already

    def start(self, header: StreamHeader) -> None:
        """Start the thread; a second start does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, args=(header,), name=f"camera:{self._settings.name}", daemon=True)
            self._thread.start()

    def put(self, packet: EncodedPacket) -> None:
        """Nothing: a camera gives pictures, not packets."""

    def put_frame(self, frame: ProgramFrame, index: int) -> None:  # noqa: ARG002 - a camera has no times
        """The newest picture; one that waits is replaced and counted as dropped."""
        self._frames.put(frame)

    def put_sound(self, samples: NDArray[np.float32], time_ns: int) -> None:
        """(N, 2) float32 from `time_ns` on; never blocks."""
        self._sound.put(samples, time_ns)

    def mark(self, at_ms: float, title: str) -> None:
        """Nothing: a camera has no chapters."""

    def stats(self) -> OutputStats:
        """The counters; what the thread, held up by a device, hasn't taken is let go of all the same."""
        stats, waiting = self._standing.stats, self._frames.overwritten - self._settled
        is_live = stats.state == "live"
        return replace(stats, dropped=stats.dropped + waiting * is_live, missed=stats.missed + waiting * (not is_live))

    def retry_now(self) -> None:
        """Look for module and device again now."""
        self._is_retrying_now.set()

    def stop(self, deadline_s: float) -> None:
        """End the process and the thread; a process that hangs is killed."""
        self._is_stopping.set()
        self._frames.close()
        if self._thread is None:
            self._standing.change("stopped")
            return
        self._thread.join(max(0.1, deadline_s - _STOP_S))
        if self._thread.is_alive() and (process := self._process) is not None:
            process.kill()  # what it holds up is a write to it
        self._thread.join(_STOP_S)

    # From here on everything runs on the output's own thread.

    def _run(self, header: StreamHeader) -> None:
        try:
            while not self._is_stopping.is_set():
                self._is_retrying_now.clear()
                try:
                    self._serve(header)
                except OutputFailed as error:
                    self._standing.change("reconnecting" if error.retryable else "refused", error)
                    self._rest(_AGAIN_S if error.retryable else None)
        finally:
            self._sound.stop()
            self._standing.change("stopped" if self._is_stopping.is_set() else "failed")

    def _rest(self, seconds: float | None) -> None:
        until_s = time.monotonic() + seconds if seconds is not None else float("inf")
        while time.monotonic() < until_s and not (self._is_stopping.is_set() or self._is_retrying_now.is_set()):
            self._settle(missed=self._frames.take(_WAIT_S) is not None)

    def _serve(self, header: StreamHeader) -> None:
        """One run of the process. Raises OutputFailed."""
        self._standing.change("connecting")
        python = self._settings.camera_python or sys.executable
        device = [] if self._settings.camera == "auto" else [self._settings.camera]
        words = [python, "-u", str(_SCRIPT), str(header.width), str(header.height), str(header.fps), *device]
        try:
            process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        except OSError as error:
            raise OutputFailed("camera.no_python", python=python, reason=error.strerror or "") from error
        self._process = process
        told = _Told()
        reader = threading.Thread(target=_listen, args=(process.stdout, told), name=f"camera-says:{self._settings.name}", daemon=True)
        reader.start()
        try:
            self._await_ready(process, told, python)
            self._feed(process, told)
        finally:
            _end(process)
            reader.join(_STOP_S)
            self._process = None

    def _await_ready(self, process: subprocess.Popen[bytes], told: _Told, python: str) -> None:
        deadline_s = time.monotonic() + _READY_S
        while told.state == "" and time.monotonic() < deadline_s and not self._is_stopping.is_set():
            if process.poll() is not None and not told.state:
                time.sleep(_WAIT_S)  # its last words may still be on their way
                break
            self._settle(missed=self._frames.take(_WAIT_S / 4) is not None)
        if told.state == "failed":
            raise _failure(told.line or {}, python)
        if told.state == "" and not self._is_stopping.is_set():
            raise OutputFailed("camera.silent", retryable=True, python=python)
        facts = {name: str((told.line or {}).get(name) or "") for name in ("device", "backend")}
        trouble = self._sound.start()
        self._settle()
        self._standing.count(connects=self._standing.stats.connects + 1)
        self._standing.change("live", trouble, facts)

    def _feed(self, process: subprocess.Popen[bytes], told: _Told) -> None:
        stream = process.stdin
        frames = self._standing.stats.frames
        while not self._is_stopping.is_set():
            frame = self._frames.take(_WAIT_S)
            if frame is not None and stream is not None:
                try:
                    stream.write(frame.tick_ns.to_bytes(8, "little") + frame.frame.planes.tobytes())
                    stream.flush()
                except OSError as error:
                    raise OutputFailed("camera.ended", retryable=True) from error
                frames += 1
            elif process.poll() is not None:
                raise OutputFailed("camera.ended", retryable=True)
            late_ms = (told.line or {}).get("late_ms")
            offset_ms = self._sound.late_ms - float(late_ms) if late_ms is not None and self._sound.late_ms else 0.0
            self._settle()
            self._standing.count(frames=frames, offset_ms=round(offset_ms, 1))

    def _settle(self, *, missed: bool = False) -> None:
        """Count what was let go of since the last time: dropped while live, missed while not, and `missed` one that was taken out."""
        stats, gone = self._standing.stats, self._frames.overwritten
        new, self._settled = gone - self._settled, gone
        counted = {"dropped": stats.dropped + new} if stats.state == "live" else {"missed": stats.missed + new + missed}
        self._standing.count(**counted)


def _listen(said: Iterable[bytes] | None, told: _Told) -> None:
    for raw in said or ():
        try:
            line = json.loads(raw)
        except ValueError:
            continue
        if isinstance(line, dict):
            told.line = {**(told.line or {}), **line}
            told.state = str(line.get("state"))


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _failure(line: dict[str, Any], python: str) -> KnownError:
    """In words that tell how to install what is missing."""
    said = str(line.get("said") or "")
    if line.get("why") == "module":
        return OutputFailed("camera.no_module", python=python, said=said)
    return OutputFailed(f"camera.no_device_{_SYSTEMS.get(sys.platform, 'linux')}", said=said)
