"""Microphones and the computer's own sound by PulseAudio, or PipeWire in its place: named by the server's stable ids.

The server's own recorder brings the samples through a pipe, so that a server that hangs holds up nobody and a device comes and goes
without a word to any other. It follows the device's drift in its stamps but never bends the sound.
"""

import json
import os
import select
import shutil
import subprocess
import time
from typing import Any, NamedTuple

import numpy as np

from capture.drift_clock import DriftClock
from capture.pacing import NS, deadline_ns
from studio.errors import InvalidInput, SourceUnavailable
from studio.model.frames import AUDIO_RATE_HZ, AudioBlock
from studio.ports import SourceInfo

_BLOCK = 960
_BLOCK_BYTES = _BLOCK * 8
_LATENCY_MS = 20
"""Asked of the server; the stamps assume that so much waits in it."""
_SILENT_NS = 2 * NS
"""A recorder that brings nothing for so long hangs, or its device does."""
_ANSWER_S = 2.0
_QUIET = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class PulseSource(NamedTuple):
    """A source of the server: its stable id, its name for people, and the sink that it listens to, if it is a monitor."""

    id: str
    name: str
    monitor_of: str


def has_pulse() -> bool:
    """Whether the tools of the server are here."""
    return shutil.which("pactl") is not None and shutil.which("parec") is not None


def sources() -> list[PulseSource]:
    """What the server has. Raises SourceUnavailable without one."""
    listed = json.loads(_asked("--format=json", "list", "sources") or "[]")
    return [PulseSource(found["name"], found.get("description") or found["name"], found.get("monitor_source") or "") for found in listed]


class PulseInput:
    """One source. All calls from one thread."""

    def __init__(self, name: str, *, is_system: bool = False) -> None:
        if not name.strip():
            raise InvalidInput("source.unknown", source="system:" if is_system else "pulse:")
        self._name = name.strip()
        self._is_system = is_system
        self._recorder: subprocess.Popen[bytes] | None = None
        self._news: subprocess.Popen[bytes] | None = None

    def open(self, epoch_ns: int) -> SourceInfo:  # noqa: ARG002 - a device has a clock of its own
        """Begin to record. Raises SourceUnavailable, retryable: it may be plugged in later."""
        self.close()
        if not has_pulse():
            raise SourceUnavailable("pulse.missing", name=self._name)
        found = self._found()
        self._id = found.id
        self._clock = DriftClock(AUDIO_RATE_HZ)
        self._waiting = b""
        self._heard_ns = time.monotonic_ns()
        wanted = [f"--device={found.id}", "--format=float32le", f"--rate={AUDIO_RATE_HZ}", "--channels=2", f"--latency-msec={_LATENCY_MS}"]
        self._news = subprocess.Popen(["pactl", "subscribe"], stdout=subprocess.PIPE, env=_plain(), **_QUIET)
        self._recorder = subprocess.Popen(["parec", "--raw", "--client-name=Encore Studio", *wanted], stdout=subprocess.PIPE, **_QUIET)
        return SourceInfo(found.name, is_live=True)

    def read(self, timeout_s: float) -> AudioBlock | None:
        """The next 20 ms, (960, 2) float32, or None when none came in time. Raises SourceUnavailable when it went away."""
        limit_ns = deadline_ns(timeout_s)
        while self._recorder is not None and self._news is not None:
            if len(self._waiting) >= _BLOCK_BYTES:
                return self._block()
            now_ns = time.monotonic_ns()
            if now_ns >= limit_ns:
                return None
            if not self._took(self._recorder, self._news, (limit_ns - now_ns) / NS) and now_ns - self._heard_ns > _SILENT_NS:
                raise SourceUnavailable("microphone.lost", retryable=True, name=self._name)
        return None

    def close(self) -> None:
        """End the recorder; idempotent, from any state."""
        for process in (self._recorder, self._news):
            if process is not None:
                process.kill()
                process.wait()
                if process.stdout is not None:
                    process.stdout.close()
        self._recorder = self._news = None

    def _took(self, recorder: subprocess.Popen[bytes], news: subprocess.Popen[bytes], timeout_s: float) -> bool:
        """Take what comes next from either pipe; False when nothing came."""
        pipes = [process.stdout for process in (recorder, news) if process.stdout is not None]
        ready, _, _ = select.select(pipes, [], [], timeout_s)
        for pipe in ready:
            data = os.read(pipe.fileno(), 1 << 16)
            if not data:
                raise SourceUnavailable("microphone.lost", retryable=True, name=self._name)
            if pipe is recorder.stdout:
                self._waiting += data
                self._heard_ns = time.monotonic_ns()
            elif b"'remove' on source #" in data and self._id not in {found.id for found in sources()}:
                # The server would go on with another microphone in its place: nobody asked for that one.
                raise SourceUnavailable("microphone.lost", retryable=True, name=self._name)
        return bool(ready)

    def _block(self) -> AudioBlock:
        behind = len(self._waiting) // 8
        samples = np.frombuffer(self._waiting[:_BLOCK_BYTES], np.float32).reshape(-1, 2)
        self._waiting = self._waiting[_BLOCK_BYTES:]
        measured_ns = self._heard_ns - behind * NS // AUDIO_RATE_HZ - _LATENCY_MS * 1_000_000
        return AudioBlock(np.clip(samples, -1, 1), self._clock.stamp(measured_ns, _BLOCK))

    def _found(self) -> PulseSource:
        wanted = self._name
        if wanted == "default":
            wanted = _asked("get-default-sink" if self._is_system else "get-default-source").strip()
        for found in sources():
            if wanted == (found.monitor_of if self._is_system else found.id):
                return found
        raise SourceUnavailable("microphone.missing", retryable=True, name=self._name)


def _asked(*words: str) -> str:
    """The server's answer. Raises SourceUnavailable."""
    try:
        done = subprocess.run(["pactl", *words], stdout=subprocess.PIPE, timeout=_ANSWER_S, check=True, env=_plain(), **_QUIET)
    except (OSError, subprocess.SubprocessError) as error:
        raise SourceUnavailable("pulse.no_server", retryable=True) from error
    return done.stdout.decode("utf-8", "replace")


def _plain() -> dict[str, Any]:
    """The environment, with the tools' answers in English."""
    return {**os.environ, "LC_ALL": "C.UTF-8"}
