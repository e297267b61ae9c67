"""The last readings of one figure, so that a percentile of them costs the same however many there are.

It sorts nothing: a report asks for some twenty percentiles on the engine's loop thread, and sorting 20,000 readings takes 2 ms with the
interpreter's lock held. It takes all of its memory at the start: filled as they come, the readings of a rare figure looked like a leak
for hours.
"""

import math
from array import array
from bisect import bisect_right
from itertools import accumulate

_REMEMBERED = 20_000
"""Readings kept for the percentiles: eleven minutes at 30 a second; halved, a five-minute show would lose its start."""
_LEAST_MS = 0.001
_WIDTH = math.log(1.01)
"""Two readings in one bucket differ by at most a percent, less than two runs of anything do; halved, a percentile costs twice as much."""
_BUCKETS = 2 + int(math.log(1e6 / _LEAST_MS) / _WIDTH)
"""From a microsecond to a quarter of an hour; what is beyond stands in the last bucket."""


def _bucket(value_ms: float) -> int:
    if value_ms <= _LEAST_MS:
        return 0
    return min(_BUCKETS - 1, 1 + int(math.log(value_ms / _LEAST_MS) / _WIDTH))


class Readings:
    """The last readings of one figure in ms, for percentiles, and the greatest of all. Written by one thread, read by any."""

    def __init__(self, remembered: int = _REMEMBERED) -> None:
        self._places = array("H", [0]) * remembered
        """The bucket of each reading; the next one takes the place of the oldest."""
        self._counts = array("L", [0]) * _BUCKETS
        self._newest = array("d", [0.0]) * _BUCKETS
        self.max = 0.0
        self.count = 0
        self.total_ms = 0.0

    def add(self, value_ms: float) -> None:
        """Note a reading."""
        oldest = self.count % len(self._places)
        if self.count >= len(self._places):
            self._counts[self._places[oldest]] -= 1
        place = _bucket(value_ms)
        self._places[oldest] = place
        self._newest[place] = value_ms
        self._counts[place] += 1
        self.count += 1
        self.total_ms += value_ms
        self.max = max(self.max, value_ms)

    def percentile(self, percent: float) -> float:
        """A reading within a percent of the nearest-rank percentile of what is remembered, 0 when there is nothing."""
        up_to = list(accumulate(self._counts))
        if not up_to[-1]:
            return 0.0
        rank = min(up_to[-1] - 1, int(up_to[-1] * percent / 100))
        return round(self._newest[bisect_right(up_to, rank)], 3)
