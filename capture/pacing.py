"""Waiting for the moment at which something is due, on the monotonic clock.

It owns no thread and never waits past the caller's deadline.
"""

import time

NS = 1_000_000_000
"""Nanoseconds in a second."""


def deadline_ns(timeout_s: float) -> int:
    """The monotonic time at which `timeout_s` from now is over."""
    return time.monotonic_ns() + int(timeout_s * NS)


def sleep_until(due_ns: int, limit_ns: int) -> bool:
    """Sleep until `due_ns`, at most until `limit_ns`; whether it is due now.

    One sleep wakes 0.06 to 0.1 ms late on Linux, where a spin would take the interpreter lock from the other threads.
    """
    while (now := time.monotonic_ns()) < due_ns:
        if now >= limit_ns:
            return False
        time.sleep((min(due_ns, limit_ns) - now) / NS)
    return True
