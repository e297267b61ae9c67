"""What threads cost that a library started for us and that Python doesn't know, as an encoder's.

It counts processor time; it can't tell whose threads are whose but by when they appeared.
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
        self._before = before
        self._ids = self._found()
        self._seconds = 0.0
        self._ended_s = 0.0

    def renew(self) -> None:
        """The library ended its threads and started others; what the old ones cost was read the last time that somebody asked."""
        self._ended_s += self._seconds
        self._seconds = 0.0
        self._ids = self._found()

    def seconds(self) -> float:
        """Processor time so far, of threads that ended too."""
        times = psutil.Process(os.getpid()).threads()
        self._seconds = sum(thread.user_time + thread.system_time for thread in times if thread.id in self._ids)
        return self._ended_s + self._seconds

    def _found(self) -> set[int]:
        return thread_ids() - self._before - {thread.native_id for thread in threading.enumerate() if thread.native_id is not None}
