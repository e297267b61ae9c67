"""How often somebody may say a wrong code: five times an hour, and a thousand times an hour for everybody together.

It remembers no code, only who tried and when (monotonic seconds).
"""

from collections import OrderedDict, deque
from typing import Final

WRONG_TRIES: Final = 5
"""A mistyped code is tried again twice or three times; guessing one of 40 bits takes some billions."""
_WINDOW_S: Final = 3600.0
_MAX_FANS: Final = 10_000
MAX_ALL: Final = 1_000


class Tries:
    """Wrong tries of the last hour; loop thread only."""

    def __init__(self) -> None:
        self._by_fan: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._all: deque[float] = deque(maxlen=MAX_ALL)

    def is_locked(self, fan: tuple[str, str], now_s: float) -> bool:
        """Whether what this fan says is not even looked at."""
        if len(self._all) == MAX_ALL and now_s - self._all[0] < _WINDOW_S:
            return True
        wrong = self._by_fan.get(fan)
        return wrong is not None and len(wrong) == WRONG_TRIES and now_s - wrong[0] < _WINDOW_S

    def note_wrong(self, fan: tuple[str, str], now_s: float) -> bool:
        """Count a wrong code; whether this one locks the fan out."""
        self._all.append(now_s)
        wrong = self._by_fan.pop(fan, None) or deque(maxlen=WRONG_TRIES)
        wrong.append(now_s)
        self._by_fan[fan] = wrong
        if len(self._by_fan) > _MAX_FANS:
            self._by_fan.popitem(last=False)
        return self.is_locked(fan, now_s)
