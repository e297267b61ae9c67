"""What threads cost that a library started for us and that Python doesn't know, as an encoder's.

It counts processor time; it can't tell whose threads are whose but by when they appeared. Where the system tells it by files, a look
opens one for each thread: never on the loop thread.
"""

import os
import threading

import psutil


def thread_ids() -> set[int]:
    """All threads of this process, by the system's ids."""
    return {thread.id for thread in psutil.Process(os.getpid()).threads()}


class LibraryThreads:
    """The threads that appeared since `before`, less Python's own."""

    def __init__(self, before: set[int]) -> None:
        self.ms_a_frame = 0.0
        """Processor time for each frame that was encoded up to the last look."""
        self._before = before
        self._ids = self._found()
        self._seconds: dict[int, float] = {}
        self._ended_s = 0.0

    def renew(self) -> None:
        """The library ended its threads and started others; what the old ones cost is what the last look found."""
        self._ended_s += sum(self._seconds.values())
        self._seconds = {}
        self._ids = self._found()

    def look(self, frames: int) -> None:
        """Read what they cost so far, those that ended since the last look too. Blocks for some ms."""
        ids = self._ids
        found = {thread.id: thread.user_time + thread.system_time for thread in psutil.Process(os.getpid()).threads() if thread.id in ids}
        if ids is self._ids:  # else they were renewed meanwhile
            self._seconds = {**self._seconds, **found}
        self.ms_a_frame = (self._ended_s + sum(self._seconds.values())) * 1000 / max(1, frames)

    def _found(self) -> set[int]:
        return thread_ids() - self._before - {thread.native_id for thread in threading.enumerate() if thread.native_id is not None}
