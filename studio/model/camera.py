"""A camera's own automatics: what they should do, and what the camera made of that.

Pure values; `capture.camera_controls` carries them out, `studio.app.camera_desk` says them in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final, Literal, TypeAlias

HELD: Final = ("exposure", "white_balance", "focus")
"""What a colour profile needs to stand still, in the order in which it is told."""
POWER_LINES: Final = (0, 50, 60)

PowerLine: TypeAlias = Literal["as_is", "set", "refused"]


@dataclass(frozen=True, slots=True)
class CameraValues:
    """Where the automatics stand, each in the driver's own unit; None where the camera doesn't tell."""

    exposure: float | None = None
    white_balance: float | None = None
    focus: float | None = None


@dataclass(frozen=True, slots=True)
class CameraOrder:
    """`is_locked` holds the three at `values`, or where they are for those that are None; `power_line_hz` 0 is the camera's own choice.

    Another `reading` asks for the values anew.
    """

    is_locked: bool = False
    values: CameraValues = field(default_factory=CameraValues)
    power_line_hz: int = 0
    reading: int = 0


@dataclass(frozen=True, slots=True)
class CameraReport:
    """What became of an order: which of `HELD` stand still and which can't, what lights' flicker got, and the values as they are.

    A lens that can't be focused at all is in neither.
    """

    order: CameraOrder
    held: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    power_line: PowerLine = "as_is"
    values: CameraValues = field(default_factory=CameraValues)


def values_of(document: Any) -> CameraValues:
    """The values of their JSON; of none, nothing is known. Raises ValueError or TypeError for anything else."""
    if document is None:
        return CameraValues()
    if not isinstance(document, Mapping):
        raise TypeError("a camera's values are a table")
    values = {name: None if document.get(name) is None else float(document[name]) for name in HELD}
    if not all(value is None or isfinite(value) for value in values.values()):
        raise ValueError("a camera's values are finite")
    return CameraValues(**values)
