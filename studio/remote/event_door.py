"""The door for fan events: how many a connector may bring at a time, before anything is read or parsed.

It holds nothing back and queues nothing: what doesn't fit is refused with the time to come again.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from studio.errors import TooManyRequests
from studio.remote.rate import TokenBucket
from studio.remote.roles import Principal


@dataclass(frozen=True, slots=True)
class EventLimits:
    """What one token may bring a second, with bursts of twice that, and what may be under way for all together.

    The store takes 17,700 lines a second (measured through SQLAlchemy Core on two cores) and says itself when it is behind; the room's
    peak in the plan is 5,000. This limit is for a feed gone wild: halved, it would slow an import down; doubled, it would never act.
    """

    lines_per_second: float = 20_000
    requests_per_second: float = 2_000
    max_under_way: int = 256
    max_bytes_under_way: int = 16 * 2**20


class EventDoor:
    """Counts what comes in; owned by the loop thread."""

    def __init__(self, limits: EventLimits, clock_s: Callable[[], float]) -> None:
        self._limits = limits
        self._lines = TokenBucket(limits.lines_per_second, 2 * limits.lines_per_second, clock_s)
        self._requests = TokenBucket(limits.requests_per_second, 2 * limits.requests_per_second, clock_s)
        self._under_way = 0
        self._bytes_under_way = 0

    @contextmanager
    def enter(self, principal: Principal, announced_bytes: int) -> Iterator[None]:
        """Let one request in for as long as it is under way. Raises TooManyRequests."""
        wait_s = max(self._lines.wait_s(principal.token_id), self._requests.wait_s(principal.token_id))
        if wait_s > 0:
            raise TooManyRequests("events.too_fast", retryable=True, retry_after_s=math.ceil(wait_s))
        if self._under_way >= self._limits.max_under_way or self._bytes_under_way + announced_bytes > self._limits.max_bytes_under_way:
            raise TooManyRequests("events.too_many_waiting", retryable=True, retry_after_s=1)
        self._requests.take(principal.token_id, 1)
        self._under_way += 1
        self._bytes_under_way += announced_bytes
        try:
            yield
        finally:
            self._under_way -= 1
            self._bytes_under_way -= announced_bytes

    def count(self, principal: Principal, lines: bytes) -> None:
        """Charge the lines of a body that was read."""
        self._lines.take(principal.token_id, lines.count(b"\n") + 1)
