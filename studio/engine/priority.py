"""The show before other programs: its threads run at a higher priority while it is live, where the system lets us.

It never asks for real-time scheduling, which could freeze the machine; the main thread stays as it is, since workers inherit from it.
"""

import os
import sys

import psutil

from studio.engine.library_threads import thread_ids

NICE = -5
"""Three times the share of an ordinary thread that competes: -1 is lost in it, -15 starves the browser in which the host reads chat."""


def raise_threads() -> bool:
    """Put all threads but the main one first; whether the system allowed it. Linux asks for root or `ulimit -e`, macOS has no such call."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.ABOVE_NORMAL_PRIORITY_CLASS)
        return True
    return sys.platform == "linux" and _renice(NICE)


def lower_threads() -> None:
    """As they were."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.NORMAL_PRIORITY_CLASS)
    elif sys.platform == "linux":
        _renice(0)


def _renice(nice: int) -> bool:
    for thread in thread_ids() - {os.getpid()}:
        try:
            os.setpriority(os.PRIO_PROCESS, thread, nice)
        except ProcessLookupError:  # it has just ended
            continue
        except PermissionError:
            return False
    return True
