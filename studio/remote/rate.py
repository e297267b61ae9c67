"""Limits of rate: a token bucket that may go into debt once, so that one large body is taken or refused as a whole.

It reads the clock that it is given and never waits.
"""

from collections.abc import Callable
from dataclasses import dataclass

_MAX_BUCKETS = 1_000
"""Callers remembered at a time. Tokens are few; when there are more, the one that was quiet for longest starts full again."""


@dataclass(slots=True)
class _Level:
    left: float
    at_s: float


class TokenBucket:
    """`per_second` units flow in up to `burst`; taking is allowed while anything is left, and what is taken beyond that is owed."""

    def __init__(self, per_second: float, burst: float, clock_s: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock_s = clock_s
        self._levels: dict[str, _Level] = {}

    def wait_s(self, caller: str) -> float:
        """0 when the caller may take, otherwise how long until they may."""
        left = self._refill(caller).left
        return 0.0 if left > 0 else -left / self._per_second + 1 / self._per_second

    def take(self, caller: str, units: float) -> None:
        """Take units, into debt if need be."""
        self._refill(caller).left -= units

    def _refill(self, caller: str) -> _Level:
        now_s = self._clock_s()
        level = self._levels.pop(caller, None) or _Level(self._burst, now_s)
        level.left = min(self._burst, level.left + (now_s - level.at_s) * self._per_second)
        level.at_s = now_s
        self._levels[caller] = level  # newest last: the first is the one that was quiet for longest
        if len(self._levels) > _MAX_BUCKETS:
            del self._levels[next(iter(self._levels))]
        return level
