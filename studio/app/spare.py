"""A second engine that waits beside the one on air: everything loaded, nothing open, in the other's place within a moment of its death.

It never goes on air where the show ended as somebody wished, and takes no processor time from the show while it loads.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from studio.engine.library_threads import thread_ids
from studio.engine.priority import renice_session
from studio.engine.runtime import RuntimeFolder, default_folder, is_held
from studio.errors import EncoderUnavailable, RuntimeInUse
from studio.model.settings import Settings
from studio.registry import Registry

LOCK = "spare.lock"
_LOOK_S = 0.03
_BEHIND = 5
"""Of a session's places: a tenth of what a show gets that may come first. At 19, a seventieth of any other, it never comes to wait on a
machine with too much to do, and an engine that dies there has no spare."""
_CLAIM_S = 1.0
"""A window that looks whether a spare waits holds its lock for a moment."""


def keep_spare(words: list[str]) -> None:
    """Start one in a session of its own, unless one waits already; returns at once."""
    folder = default_folder()
    if is_held(folder, LOCK):
        return
    main = Path(__file__).resolve().parents[2] / "main.py"
    detach: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        detach = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
    with (folder / "engine.log").open("ab") as output:
        command = [sys.executable, str(main), "engine", "--spare", *words]
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **detach)


def is_about(folder: Path) -> bool:
    """Whether a spare is there to take the place of an engine that has just died."""
    return is_held(folder, LOCK)


def wait_for_turn(runtime: RuntimeFolder, profile: Path) -> bool:
    """Until the runtime folder is free, and then ours; False, and freed, where no show was broken off. Raises RuntimeInUse: unusable."""
    while True:
        try:
            runtime.acquire()
        except RuntimeInUse as error:
            if error.code != "runtime.in_use":
                raise
            time.sleep(_LOOK_S)
        else:
            break
    if runtime.was_on_air(profile) is None:
        runtime.leave()
        return False
    return True


def claim(runtime: RuntimeFolder) -> bool:
    """Become the one spare of the folder; False where another waits. Raises RuntimeInUse."""
    deadline_s = time.monotonic() + _CLAIM_S
    while not runtime.claim(LOCK):
        if time.monotonic() > deadline_s:
            return False
        time.sleep(_LOOK_S)
    return True


@contextlib.contextmanager
def in_idle_time() -> Iterator[None]:
    """Only processor time that nobody else wants, where the system has such a thing; threads that begin meanwhile are set back too."""
    is_own_session = sys.platform == "linux" and os.getsid(0) == os.getpid()
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        if is_own_session:  # the others of a terminal are not ours to hold up
            renice_session(_BEHIND)
    elif sys.platform == "win32":
        psutil.Process().nice(psutil.IDLE_PRIORITY_CLASS)
    try:
        yield
    finally:
        if sys.platform == "linux":
            for thread in thread_ids():
                with contextlib.suppress(ProcessLookupError):
                    os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))
            if is_own_session:
                renice_session(0)
        elif sys.platform == "win32":
            psutil.Process().nice(psutil.NORMAL_PRIORITY_CLASS)


def warm(make: Callable[[], Registry], settings: Settings) -> Registry:
    """Load what a show of these settings needs, by making it once: libraries, weights, the encoder's choice."""
    registry = make()
    registry.new_look(settings.video).configure(settings.look)
    registry.new_sound_chain().configure(settings.audio)
    registry.new_overlays(settings.video)
    with contextlib.suppress(EncoderUnavailable):
        registry.encoders.open(settings.video, settings.encoder)
    return registry
