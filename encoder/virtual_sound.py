"""The virtual camera's sound: into a device that other programs see as a microphone.

On Linux it makes that device itself, by PulseAudio or PipeWire's pulse server (`pactl`, `pacat`); elsewhere it plays to one that the user
installed and named. It waits for nobody: what can't be played in time is forgotten, and trouble with it costs no picture.
"""

import contextlib
import json
import logging
import os
import re
import subprocess
import sys
import threading
import time

import numpy as np
from numpy.typing import NDArray

from studio.engine.handoff import Fifo
from studio.errors import OutputFailed

log = logging.getLogger(__name__)

_QUEUED = 25
"""Chunks of 20 ms, half a second."""
_WAIT_S = 0.2
_ASK_EVERY_S = 5.0
_FIRST_ASK_S = 1.0
"""Until the server's buffer has settled."""
_CALL_S = 5.0
_LATENCY_MS = 40
"""What the player holds back: at 20 a busy machine was heard to crackle, more only makes the sound later."""
_PIPE_BYTES = 4096
_F_SETPIPE_SZ = 1031
"""Linux only; a full pipe of 64 KiB would be 170 ms of sound."""


class VirtualSound:
    """`put` is for the `mixer` thread; `start` and `stop` for the output's. `device` is "auto", "none", or a device's name."""

    def __init__(self, name: str, device: str) -> None:
        self._name = name
        self._device = device
        self._queue: Fifo[tuple[NDArray[np.float32], int]] = Fifo(_QUEUED, drops_oldest=True)
        self._modules: list[str] = []
        self._player: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._is_stopping = threading.Event()
        self.late_ms = 0.0
        """From a sample's time to where it can be heard at the device; 0 until it is known."""

    def put(self, samples: NDArray[np.float32], time_ns: int) -> None:
        """Queue (N, 2) float32; never blocks, forgets the oldest."""
        if self._thread is not None:
            self._queue.put((samples, time_ns))

    def start(self) -> OutputFailed | None:
        """Make or find the device and begin to play; what went wrong, if anything: the picture goes on without sound."""
        if self._device == "none" or self._thread is not None:
            return None
        try:
            words = self._open_sink() if self._is_automatic else self._named()
            self._player = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, bufsize=0)
        except (OSError, subprocess.SubprocessError) as error:
            self._unload()
            return OutputFailed(_NO_SOUND.get(sys.platform, "camera.no_sound_linux"), said=str(error)[:200])
        _shorten_pipe(self._player)
        self._is_stopping.clear()
        self._thread = threading.Thread(target=self._play, args=(self._player,), name=f"camera-sound:{self._name}", daemon=True)
        self._thread.start()
        return None

    def stop(self) -> None:
        """End the player and take the device away again; idempotent."""
        self._is_stopping.set()
        if self._player is not None:
            self._player.kill()
            self._player.wait()
        if self._thread is not None:
            self._thread.join(_CALL_S)
            self._thread = None
        if self._player is not None and self._player.stdin is not None:
            with contextlib.suppress(OSError):
                self._player.stdin.close()
        self._player = None
        self._unload()

    @property
    def _is_automatic(self) -> bool:
        return self._device == "auto" and sys.platform.startswith("linux")

    def _named(self) -> list[str]:
        """A device that is there already, by name; without a name the one that the documentation tells to install."""
        device = _USUAL.get(sys.platform, "") if self._device == "auto" else self._device
        if sys.platform.startswith("linux"):
            return _pacat(device)
        return [sys.executable, "-m", "capture.sound_player", device]

    def _open_sink(self) -> list[str]:
        """A sink of our own, and its monitor as a microphone. Raises OSError, SubprocessError."""
        sink = "encore_" + (re.sub("[^a-z0-9]+", "_", self._name.lower()).strip("_") or "camera") + f"_{os.getpid()}"
        shown = "Encore " + re.sub("['\"\\\\\\s]+", " ", self._name).strip()
        self._load("module-null-sink", f"sink_name={sink}", "rate=48000", f"sink_properties='device.description=\"{shown} (sound)\"'")
        source = (f"master={sink}.monitor", f"source_name={sink}_microphone", f"source_properties='device.description=\"{shown}\"'")
        self._load("module-remap-source", *source)
        return _pacat(sink)

    def _load(self, *words: str) -> None:
        done = subprocess.run(["pactl", "load-module", *words], capture_output=True, text=True, timeout=_CALL_S, check=True)
        self._modules.append(done.stdout.strip())

    def _unload(self) -> None:
        for number in reversed(self._modules):
            try:
                subprocess.run(["pactl", "unload-module", number], capture_output=True, timeout=_CALL_S, check=True)
            except (OSError, subprocess.SubprocessError) as error:
                log.warning("The virtual microphone stays until the sound server ends: %s", error)
        self._modules.clear()

    # The thread `camera-sound:<name>`.

    def _play(self, player: subprocess.Popen[bytes]) -> None:
        stream = player.stdin
        asked_s = time.monotonic() - _ASK_EVERY_S + _FIRST_ASK_S
        while not self._is_stopping.is_set():
            chunk = self._queue.take(_WAIT_S)
            if chunk is None or stream is None:
                continue
            samples, time_ns = chunk
            waited_ms = (time.monotonic_ns() - time_ns) / 1e6
            try:
                stream.write(np.ascontiguousarray(samples, np.float32).tobytes())
            except OSError:
                log.warning("The player of the virtual camera's sound ended")
                return
            if time.monotonic() - asked_s > _ASK_EVERY_S:
                asked_s = time.monotonic()
                held_ms = _held_ms(player.pid)
                self.late_ms = waited_ms + held_ms if held_ms else 0.0


_USUAL = {"win32": "CABLE Input", "darwin": "BlackHole 2ch"}
_NO_SOUND = {"win32": "camera.no_sound_windows", "darwin": "camera.no_sound_mac"}


def _pacat(sink: str) -> list[str]:
    shape = ["--format=float32le", "--rate=48000", "--channels=2", f"--latency-msec={_LATENCY_MS}"]
    return ["pacat", "--playback", f"--device={sink}", *shape, "--client-name=Encore Studio"]


def _held_ms(player_pid: int) -> float:
    """What the sound server holds back of a player's sound, by its own word; 0 where it doesn't say."""
    try:
        done = subprocess.run(["pactl", "-f", "json", "list", "sink-inputs"], capture_output=True, timeout=_CALL_S, check=True)
        rows = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return 0.0
    for row in rows if isinstance(rows, list) else ():
        if str(row.get("properties", {}).get("application.process.id")) == str(player_pid):
            return (float(row.get("buffer_latency_usec") or 0) + float(row.get("sink_latency_usec") or 0)) / 1000
    return 0.0


def _shorten_pipe(player: subprocess.Popen[bytes]) -> None:
    if sys.platform.startswith("linux") and player.stdin is not None:
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(player.stdin.fileno(), _F_SETPIPE_SZ, _PIPE_BYTES)
