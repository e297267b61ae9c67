"""Who waits for an answer of the store goes first: the writer stands aside, and the interpreter's turns are short meanwhile.

A look-up lets go of the interpreter lock at every step of the database and in each of the two threads that it passes through, some ten
times in all. Beside a writer that computes it waits a whole turn each time: the half millisecond that suits pictures makes several of
them. The interpreter has one switch interval: this changes it, and puts back what it found.
"""

import asyncio
import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import Final

_SHORT_S: Final = 0.00005
"""Below this the system's own timers are coarser."""
_LOOK_UP_S: Final = 0.02
"""What takes longer is a list, not a look-up, and must not cost everybody else."""
_PATIENCE_S: Final = 0.003
_WORK_AGAIN: Final = 2.0
"""After standing aside the writer works at least so many times as long, however many look-ups come."""


class Turns:
    """The process's, for there is one interpreter: any number of answers are waited for, and count as one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting = 0
        self._usual_s = 0.0
        self._nobody_waits = threading.Event()
        self._again_at = 0.0

    @contextlib.contextmanager
    def going_first(self) -> Iterator[None]:
        """While an answer is waited for, on a running loop."""
        has_left = False

        def leave() -> None:
            nonlocal has_left
            if not has_left:
                has_left = True
                self._leave()

        self._enter()
        timer = asyncio.get_running_loop().call_later(_LOOK_UP_S, leave)
        try:
            yield
        finally:
            timer.cancel()
            leave()

    def give_way(self) -> None:
        """For a writer, wherever it may pause: stand aside while an answer is waited for, but never for most of the time."""
        if not self._waiting:
            return
        now = time.monotonic()
        if now >= self._again_at:
            self._nobody_waits.wait(_PATIENCE_S)
            then = time.monotonic()
            self._again_at = then + _WORK_AGAIN * (then - now)

    def _enter(self) -> None:
        with self._lock:
            self._waiting += 1
            if self._waiting == 1:
                self._nobody_waits.clear()
                self._usual_s = sys.getswitchinterval()
                sys.setswitchinterval(min(_SHORT_S, self._usual_s))

    def _leave(self) -> None:
        with self._lock:
            self._waiting -= 1
            if not self._waiting:
                sys.setswitchinterval(self._usual_s)
                self._nobody_waits.set()


turns: Final = Turns()
