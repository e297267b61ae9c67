"""What the hub needs of a replay buffer, and of who cuts recordings. Nothing is implemented here."""

from collections.abc import Callable, Iterator
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


class Clip(Protocol):
    """A stretch of a recording in a file of its own."""

    @property
    def path(self) -> Path:
        """Where it lies."""
        ...

    @property
    def seconds(self) -> float:
        """How long it is."""
        ...


CutClips: TypeAlias = Callable[[Path, Path, float, float], Iterator[Clip]]
"""(closed recording, folder, seconds before each mark, seconds after it) → a clip for each mark, as it is made; blocks.

Raises InvalidInput for a file that can't be read, OutputFailed.
"""
OpenReplay: TypeAlias = Callable[[int], Replay]
"""(seconds) → the buffer."""
