"""How long an event takes from its receipt to the first encoded frame that shows it.

It measures only events that changed a drawn row, and reads no clock itself.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import Final

_MAX_MEASURED: Final = 50_000
"""Latencies kept for the percentile: an hour of a busy board."""
_MAX_WAITING: Final = 1_000
"""Versions without a frame that are remembered: off air none is ever shown."""


class BoardMeter:
    """Versions of the board that wait for their first frame, and the latencies of those that had it (loop thread)."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[int, list[int]] = OrderedDict()
        self._measured_ms: deque[float] = deque(maxlen=_MAX_MEASURED)

    def published(self, version: int, received_ns: Iterable[int]) -> None:
        """A version is on its way, caused by events received at these moments (monotonic)."""
        self._waiting[version] = list(received_ns)
        if len(self._waiting) > _MAX_WAITING:
            self._waiting.popitem(last=False)

    def shown(self, version: int, at_ns: int) -> None:
        """The first encoded frame with this version left: it shows this and all earlier ones."""
        while self._waiting and next(iter(self._waiting)) <= version:
            _, received = self._waiting.popitem(last=False)
            self._measured_ms.extend((at_ns - moment_ns) / 1e6 for moment_ns in received)

    def forget(self) -> None:
        """Nothing is encoded: what waits will never be measured."""
        self._waiting.clear()

    def p99_ms(self) -> float:
        """The 99th percentile; 0 when nothing was measured."""
        ordered = sorted(self._measured_ms)
        return ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] if ordered else 0.0

    def __len__(self) -> int:
        return len(self._measured_ms)
