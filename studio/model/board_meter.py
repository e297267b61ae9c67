"""How long an event takes from its receipt to the first encoded frame that shows it.

It measures only events that changed a drawn row, and reads no clock itself.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from studio.model.readings import Readings

_MAX_MEASURED: Final = 50_000
"""Latencies kept for the percentile: an hour of a busy board."""
_MAX_WAITING: Final = 1_000
"""Versions without a frame that are remembered: off air none is ever shown."""


class BoardMeter:
    """Versions of the board that wait for their first frame, and the latencies of those that had it (loop thread)."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[int, list[int]] = OrderedDict()
        self._measured_ms = Readings(_MAX_MEASURED)

    def published(self, version: int, received_ns: Iterable[int]) -> None:
        """A version is on its way, caused by events received at these moments (monotonic)."""
        self._waiting[version] = list(received_ns)
        if len(self._waiting) > _MAX_WAITING:
            self._waiting.popitem(last=False)

    def shown(self, version: int, at_ns: int) -> None:
        """The first encoded frame with this version left: it shows this and all earlier ones."""
        while self._waiting and next(iter(self._waiting)) <= version:
            _, received = self._waiting.popitem(last=False)
            for moment_ns in received:
                self._measured_ms.add((at_ns - moment_ns) / 1e6)

    def forget(self) -> None:
        """Nothing is encoded: what waits will never be measured."""
        self._waiting.clear()

    def p99_ms(self) -> float:
        """The 99th percentile; 0 when nothing was measured."""
        return self._measured_ms.percentile(99)

    def __len__(self) -> int:
        return self._measured_ms.count
