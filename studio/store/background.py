"""Worker processes and threads that nobody waits for: they take what the show leaves of the processor."""

import os
import sys
import threading
from contextlib import suppress
from typing import Final

import psutil

_NICE: Final = 15
_THREAD_NICE: Final = 10
"""A tenth of a share: whoever wakes up goes first, and the work still ends on a busy computer."""


def stand_back() -> None:
    """Lower the whole process, for good; nothing where the system doesn't allow it."""
    with suppress(OSError):
        if sys.platform == "win32":
            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            os.nice(_NICE)


def stand_back_here() -> None:
    """Lower the calling thread alone, for good; nothing but on Linux, where threads have a niceness of their own.

    Not for one that computes in Python: whoever needs the interpreter would wait for it while it waits for the processor.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _THREAD_NICE)
