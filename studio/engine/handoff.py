"""Sideways, from one media thread to another: bounded, with a written policy for "full" and counters.

The only locks of the media path are in this file; nothing here ever waits for the event loop.
"""

import threading
import time
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Room for one: a new item replaces the old, which is counted as `overwritten`."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._item: T | None = None
        self._is_closed = False
        self.overwritten = 0
        self.total = 0
        self.put_ns = 0
        """When the newest item came (monotonic): what a tick's phase is locked to."""

    def put(self, item: T) -> None:
        """Never blocks."""
        with self._condition:
            if self._item is not None:
                self.overwritten += 1
            self._item = item
            self.total += 1
            self.put_ns = time.monotonic_ns()
            self._condition.notify()

    def take(self, timeout_s: float = 0.0) -> T | None:
        """The newest item, once; None when there is none within `timeout_s` or the hand-off is closed."""
        deadline = time.monotonic() + timeout_s
        with self._condition:
            while self._item is None and not self._is_closed:
                remaining = deadline - time.monotonic()
                if remaining <= 0 or not self._condition.wait(remaining):
                    break
            item, self._item = self._item, None
            return item

    def close(self) -> None:
        """Wake whoever waits; `take` answers at once from now on."""
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()


class Fifo(Generic[T]):
    """A bounded queue. When full the newest is refused, or with `drops_oldest` the oldest goes; both are counted as `lost`."""

    def __init__(self, capacity: int, *, drops_oldest: bool = False) -> None:
        self._condition = threading.Condition()
        self._items: deque[T] = deque()
        self._capacity = capacity
        self._drops_oldest = drops_oldest
        self._is_closed = False
        self.lost = 0
        self.total = 0

    def put(self, item: T) -> bool:
        """Whether it was taken; never blocks."""
        with self._condition:
            if self._is_closed:
                return False
            if len(self._items) >= self._capacity:
                self.lost += 1
                if not self._drops_oldest:
                    return False
                self._items.popleft()
            self._items.append(item)
            self.total += 1
            self._condition.notify()
            return True

    def take(self, timeout_s: float = 0.0) -> T | None:
        """The oldest item, or None when there is none within `timeout_s`; what was queued before `close` still comes."""
        deadline = time.monotonic() + timeout_s
        with self._condition:
            while not self._items and not self._is_closed:
                remaining = deadline - time.monotonic()
                if remaining <= 0 or not self._condition.wait(remaining):
                    break
            return self._items.popleft() if self._items else None

    def close(self) -> None:
        """Refuse what comes, give out what waits."""
        with self._condition:
            self._is_closed = True
            self._condition.notify_all()

    @property
    def is_drained(self) -> bool:
        """Closed, and nothing left."""
        with self._condition:
            return self._is_closed and not self._items

    def __len__(self) -> int:
        return len(self._items)
