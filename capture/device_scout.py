"""Which sound inputs are plugged in now, seen by a process of its own: in ours PortAudio lists those of its start while a stream is open.

    python -m capture.device_scout

It lists them every two seconds, a line of JSON each, until standard input ends; it opens nothing and changes nothing in the engine.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

LOOK_S = 2.0
"""A microphone that is plugged in again is heard some three seconds later; a look costs about 30 ms of a core that nobody else wants."""
_REST_S = 5.0
"""Without a question for so long it ends."""
_BEHIND = 10


@dataclass(slots=True)
class _Scout:
    """The process, if it runs, and what it saw; changed under `_lock`."""

    process: "subprocess.Popen[str] | None" = None
    names: tuple[str, ...] = ()
    asked_s: float = 0.0


_scout = _Scout()
_lock = threading.Lock()


def seen() -> tuple[str, ...]:
    """The names of the inputs that are there, as far as is known: none before the first look, which this begins."""
    with _lock:
        _scout.asked_s = time.monotonic()
        if _scout.process is None:
            _scout.names = ()
            _begin()
        return _scout.names


def _begin() -> None:
    words = [sys.executable, "-m", "capture.device_scout"]
    quiet = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with contextlib.suppress(OSError):  # no process to be had: then it is asked again in a moment
        _scout.process = subprocess.Popen(words, text=True, encoding="utf-8", **quiet)
        threading.Thread(target=_follow, args=(_scout.process,), name="device-scout", daemon=True).start()


def _follow(process: "subprocess.Popen[str]") -> None:
    """Its looks, until it ends or nobody has asked for a while."""
    with process:
        for line in process.stdout or ():
            with _lock:
                _scout.names = tuple(json.loads(line))
                if time.monotonic() - _scout.asked_s > _REST_S:
                    break
        process.kill()
    with _lock:
        _scout.process = None


def _looks() -> None:
    """The process itself."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_BEHIND)
    from capture import portaudio
    from studio.errors import SourceUnavailable

    while True:
        portaudio.look_again()
        try:
            names = [device["name"] for device in portaudio.inputs()]
        except SourceUnavailable:
            names = []
        sys.stdout.write(json.dumps(names) + "\n")
        sys.stdout.flush()
        time.sleep(LOOK_S)


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        _looks()
