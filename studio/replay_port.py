"""What the hub needs of a replay buffer. Nothing is implemented here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from studio.ports import Output


@dataclass(frozen=True, slots=True)
class SavedReplay:
    """Where the last minute of the show lies now, and how long it is."""

    path: str
    seconds: float


class Replay(Output, Protocol):
    """An Output that keeps the last stretch of the show in memory."""

    def save(self, wanted: Path) -> SavedReplay:
        """Write it to a new file; blocks. Raises Conflict while there is nothing, OutputFailed."""
        ...


OpenReplay: TypeAlias = Callable[[int], Replay]
"""(seconds) → the buffer."""
