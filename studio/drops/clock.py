"""Two clocks: the wall's, for what is stored and shown, and one that never jumps, for how long a drop is open.

It sleeps for nobody.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

_OLDEST_RECEIPT_S = 60.0
"""A receipt that claims to be older than this comes from a clock that was set, not from a slow loop."""


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """Both clocks; tests give their own."""

    wall_ms: Callable[[], int] = _wall_ms
    monotonic_s: Callable[[], float] = time.monotonic

    def receipt_s(self, received_at_ms: int) -> float:
        """A wall-clock stamp of just now on the clock that never jumps."""
        age_s = (self.wall_ms() - received_at_ms) / 1000
        return self.monotonic_s() - (age_s if 0 <= age_s <= _OLDEST_RECEIPT_S else 0.0)

    def deadline_s(self, opened_at_ms: int, closes_at_ms: int, not_before_ms: int = 0) -> float:
        """When a stored drop ends on the clock that never jumps.

        A wall clock that was set back can't give it more than its whole time, nor more than what was left at `not_before_ms`.
        """
        now_ms = max(self.wall_ms(), opened_at_ms, not_before_ms)
        return self.monotonic_s() + (closes_at_ms - now_ms) / 1000
