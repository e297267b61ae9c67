"""Has the system read the fan file once after it was opened, so that no look-up of the first minutes waits for the disk.

A look-up touches some thirty scattered pages. Each that the system hasn't read yet waits behind the writer's commits, on an ordinary disk
several milliseconds. It keeps nothing itself: the system drops what it needs the memory for.
"""

import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import IO, Final

import psutil

_PIECE_BYTES: Final = 1 << 20
_PAUSE_S: Final = 0.004
"""Between two pieces: at most 250 MB/s, and a recording's writing comes in between."""
_SHARE: Final = 4
"""A file of more than a fourth of the memory that is free is left alone: it would push out what others need."""


class Warming:
    """The `store-warm` thread; `start` and `stop` belong to whoever opens the file.

    `stop` comes after the last connection was closed: POSIX takes all locks of a process on a file from it, SQLite's too, when the
    process closes any handle of that file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-warm", daemon=True)

    def start(self) -> None:
        """Start the thread, which ends by itself."""
        with contextlib.suppress(OSError):  # who really needs the file will say what is wrong with it
            self._file = self._path.open("rb", buffering=0)
            self._thread.start()

    def stop(self) -> None:
        """End it, early if need be, and close the file; idempotent."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._file is not None:
            self._file.close()

    def _run(self) -> None:
        assert self._file is not None  # noqa: S101 - `start` opened it
        file = self._file.fileno()
        size = os.fstat(file).st_size
        if size > psutil.virtual_memory().available // _SHARE:
            return
        with contextlib.suppress(OSError):
            for start in range(0, size, _PIECE_BYTES):
                _ask_for(file, start)
                if self._is_over.wait(_PAUSE_S):
                    return


def _ask_for(file: int, start: int) -> None:
    if sys.platform == "linux":
        os.posix_fadvise(file, start, _PIECE_BYTES, os.POSIX_FADV_WILLNEED)
    else:
        os.lseek(file, start, os.SEEK_SET)
        os.read(file, _PIECE_BYTES)
