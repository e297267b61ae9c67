"""Wakes a thread that waits for a socket: the one thing that a condition variable can't do.

It carries no data; what there is to do stands elsewhere.
"""

import contextlib
import selectors
import socket
from typing import Protocol


class HasFileno(Protocol):
    """What a selector takes."""

    def fileno(self) -> int:
        """The descriptor."""
        ...


class Waker:
    """A pair of sockets. `wake` from any thread; `wait` and `close` from the one that is woken."""

    def __init__(self) -> None:
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)
        # Not select.select: it fails for descriptors from 1024 on, which an engine with many clients reaches.
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._near, selectors.EVENT_READ)
        self._also: tuple[HasFileno, int] | None = None

    def wake(self) -> None:
        """Never blocks; waking twice is waking once."""
        with contextlib.suppress(OSError):
            self._far.send(b"\0")

    def wait(self, timeout_s: float, also: HasFileno | None = None, *, for_writing: bool = False) -> None:
        """Until woken, until `also` can be read (or written), or until the time is over."""
        self._watch(also, selectors.EVENT_READ | (selectors.EVENT_WRITE if for_writing else 0))
        ready = self._selector.select(timeout_s)
        if any(key.fileobj is self._near for key, _ in ready):
            with contextlib.suppress(BlockingIOError):
                self._near.recv(4096)

    def _watch(self, also: HasFileno | None, events: int) -> None:
        """Told to the kernel only when it changes: thirty times a second it doesn't."""
        known, self._also = self._also, None if also is None else (also, events)
        if known is not None and (also is None or known[0] is not also):
            self._selector.unregister(known[0])
            known = None
        if also is not None and known is None:
            self._selector.register(also, events)
        elif also is not None and known is not None and known[1] != events:
            self._selector.modify(also, events)

    def close(self) -> None:
        """Release everything; `wake` does nothing from now on."""
        self._selector.close()
        self._near.close()
        self._far.close()
