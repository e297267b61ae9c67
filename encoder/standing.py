"""How an output stands: its counters and its state, and who is told when that changes.

It keeps no history, and forms no words: a KnownError's code and params say what is wrong.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from studio.errors import KnownError, Param
from studio.ports import OutputState, OutputStats


class Standing:
    """Written by the output's own thread; `stats` is a frozen value that any thread may read."""

    def __init__(self, stats: OutputStats, on_state: Callable[[OutputStats], None]) -> None:
        self.stats = stats
        self._on_state = on_state

    def count(self, **counters: float) -> None:
        """Set counters; nobody is told."""
        self.stats = replace(self.stats, **counters)

    def change(self, state: OutputState, error: KnownError | None = None, facts: Mapping[str, Param] | None = None) -> None:
        """Another state, or another reason for it; `facts` are shown where there is no error."""
        params = error.params if error else facts or {}
        shown = tuple((name, str(value)) for name, value in params.items())
        detail = error.code if error else ""
        if (state, detail, shown) != (self.stats.state, self.stats.detail, self.stats.detail_params):
            self.stats = replace(self.stats, state=state, detail=detail, detail_params=shown)
            self._on_state(self.stats)
