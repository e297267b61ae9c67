"""Notices entries that come faster than people write: many at once, or one fan again and again.

It refuses nobody: it raises a flag for a person to look at.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

RateFlag: TypeAlias = Literal["rush", "repeats"]

WINDOW_S = 10.0
MANY_FANS = 300
"""Different fans in one window. A room of 2,000 viewers that answers a call spreads over half a minute; 500 made-up accounts don't."""
MANY_WISHES = 50
"""Wishes of one fan in one window: five a second is more than thumbs do."""


@dataclass(slots=True)
class Rates:
    """Counts by windows of ten seconds; holds the fans of one window only."""

    _window: int = -1
    _wishes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def note(self, fan: tuple[str, str], moment_s: float) -> RateFlag | None:
        """Count a wish; what it gives reason to look at."""
        window = int(moment_s // WINDOW_S)
        if window != self._window:
            self._window = window
            self._wishes.clear()
        self._wishes[fan] += 1
        if self._wishes[fan] == MANY_WISHES:
            return "repeats"
        return "rush" if len(self._wishes) == MANY_FANS and self._wishes[fan] == 1 else None
