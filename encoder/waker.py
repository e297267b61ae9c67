"""Wakes a thread that waits in `select`: the one thing that a condition variable can't do.

It carries no data; what there is to do stands elsewhere.
"""

import contextlib
import select
import socket
from typing import Protocol


class HasFileno(Protocol):
    """What `select` takes."""

    def fileno(self) -> int:
        """The descriptor."""
        ...


class Waker:
    """A pair of sockets. `wake` from any thread; `wait` and `close` from the one that is woken."""

    def __init__(self) -> None:
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)

    def wake(self) -> None:
        """Never blocks; waking twice is waking once."""
        with contextlib.suppress(OSError):
            self._far.send(b"\0")

    def wait(self, timeout_s: float, also: HasFileno | None = None, *, for_writing: bool = False) -> None:
        """Until woken, until `also` can be read (or written), or until the time is over."""
        readers: list[HasFileno] = [self._near] if also is None else [self._near, also]
        writers: list[HasFileno] = [also] if also is not None and for_writing else []
        ready, _, _ = select.select(readers, writers, [], timeout_s)
        if self._near in ready:
            with contextlib.suppress(BlockingIOError):
                self._near.recv(4096)

    def close(self) -> None:
        """Release both ends; `wake` does nothing from now on."""
        self._near.close()
        self._far.close()
