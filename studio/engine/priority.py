"""The show before other programs: its threads run at a higher priority while it is live, where the system lets us.

What may give way, a recording's own encoder, stands behind them. It never asks for real-time scheduling, which could freeze the
machine; the main thread stays as it is, since workers inherit from it.
"""

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil

from studio.engine.library_threads import thread_ids

NICE = -5
"""Three times the share of an ordinary thread that competes: -1 is lost in it, -15 starves the browser in which the host reads chat."""

BEHIND = 10
"""A tenth of the share of an ordinary thread that competes, a thirtieth of one of the show."""

_GROUP = Path("/proc/self/autogroup")


def renice_session(nice: int) -> None:
    """The place of our whole session (-20 to 19) among the others; nothing where the system has no such thing, or doesn't allow it.

    Linux gives each session the same share first, and only within it looks at nice values and SCHED_IDLE (sched(7), autogroup): a
    compiler with nice 19 in a terminal of its own takes as much from a show as one with 0, unless the session is told too.
    """
    with suppress(OSError):
        _GROUP.write_text(str(nice), encoding="ascii")


def raise_threads() -> bool:
    """Put all threads but the main one first; whether the system allowed it. Linux asks for root or `ulimit -e`, macOS has no such call."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.ABOVE_NORMAL_PRIORITY_CLASS)
        return True
    if sys.platform == "linux":
        renice_session(NICE)
        return _renice(NICE)
    return False


def lower_threads() -> None:
    """As they were."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.NORMAL_PRIORITY_CLASS)
    elif sys.platform == "linux":
        _renice(0)
        renice_session(0)


def stand_behind() -> None:
    """The calling thread, and those that it starts from now on, give way to the show and to other programs (Linux)."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)


def end_real_time() -> None:
    """SVT-AV1 (4.1) started by root makes its threads real-time ones, before which even the show would have to wait: no longer."""
    if sys.platform != "linux":
        return
    for thread in thread_ids():
        try:
            if os.sched_getscheduler(thread) == os.SCHED_FIFO:
                os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))
        except ProcessLookupError:  # it has just ended
            continue


def _renice(nice: int) -> bool:
    """All but the main thread, and but those that stand behind it; whether the system has such a thing and allowed it."""
    if sys.platform != "linux":
        return False
    usual = os.getpriority(os.PRIO_PROCESS, os.getpid())
    for thread in thread_ids() - {os.getpid()}:
        try:
            if os.getpriority(os.PRIO_PROCESS, thread) <= usual:
                os.setpriority(os.PRIO_PROCESS, thread, nice)
        except ProcessLookupError:  # it has just ended
            continue
        except PermissionError:
            return False
    return True
