"""A list of the engine's that somebody works off, as its stream tells it.

Pure: what is missing or of another type reads as nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Queue:
    """The first rows, as the API gives them, and how many there are in all."""

    rows: tuple[Mapping[str, Any], ...] = ()
    waiting: int = 0


NOTHING_WAITS = Queue()


def queue(data: Any) -> Queue:
    """{waiting, rows} of the stream."""
    told = data if isinstance(data, dict) else {}
    rows = tuple(item for item in told.get("rows") or () if isinstance(item, dict))
    waiting = told.get("waiting")
    return Queue(rows, waiting if isinstance(waiting, int) else len(rows))
