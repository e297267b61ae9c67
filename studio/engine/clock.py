"""When the program's ticks are due: constant rate on the monotonic clock, its phase following a live source.

Pure arithmetic on nanoseconds; it never reads a clock or sleeps.
"""

from dataclasses import dataclass, replace

MAX_PULL = 0.005
"""The most that a tick moves towards the source, as a part of the period: a receiver sees the rate within 0.5 %."""

TARGET_LEAD_NS = 3_000_000
"""How long before its tick a frame should have arrived: below 1 ms jitter repeats frames, above 10 ms it is latency for nothing."""


@dataclass(frozen=True, slots=True)
class TickClock:
    """Tick n is due at `origin_ns` + n / fps. Frozen: a step of the phase makes a new clock."""

    fps: int
    origin_ns: int

    def due_ns(self, index: int) -> int:
        """When tick `index` is due, without accumulating rounding."""
        return self.origin_ns + index * 1_000_000_000 // self.fps

    def index_at(self, now_ns: int) -> int:
        """The newest tick that is due at `now_ns`."""
        return (now_ns - self.origin_ns) * self.fps // 1_000_000_000

    @property
    def period_ns(self) -> int:
        """The distance of two ticks."""
        return 1_000_000_000 // self.fps

    def pulled(self, lead_ns: int) -> "TickClock":
        """The clock after a frame arrived `lead_ns` before its tick (negative: after), moved by at most MAX_PULL of a period."""
        error_ns = TARGET_LEAD_NS - lead_ns
        limit_ns = int(self.period_ns * MAX_PULL)
        step_ns = max(-limit_ns, min(limit_ns, error_ns // 8))
        return replace(self, origin_ns=self.origin_ns + step_ns)


def is_lockable(source_fps: float, fps: int) -> bool:
    """Whether a source's rate is near enough (0.5 %) to the program's for the phase to follow it."""
    return source_fps > 0 and abs(source_fps / fps - 1) <= MAX_PULL
