"""Holds a camera's exposure, white balance and focus still, and lets them go again, by OpenCV's properties.

It refuses to believe a driver's yes: what counts is what it answers when it is asked afterwards.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import cv2

from studio.model.camera import HELD, CameraOrder, CameraReport, CameraValues


class Properties(Protocol):
    """As cv2.VideoCapture has them: a property that a driver doesn't know is read as -1 (V4L2, MSMF) or 0, and can't be set."""

    def get(self, prop: int, /) -> float:
        """Its value now."""
        ...

    def set(self, prop: int, value: float, /) -> bool:
        """Whether the driver says that it took it."""
        ...


@dataclass(frozen=True, slots=True)
class _Control:
    automatic: int
    value: int
    manual: float = 0.0
    """What the automatic's property is when it is off."""


_CONTROLS = {
    # V4L2 gives its menu as it is, and V4L2_EXPOSURE_MANUAL is 1; the others know yes and no.
    "exposure": _Control(cv2.CAP_PROP_AUTO_EXPOSURE, cv2.CAP_PROP_EXPOSURE, 1.0 if sys.platform.startswith("linux") else 0.0),
    "white_balance": _Control(cv2.CAP_PROP_AUTO_WB, cv2.CAP_PROP_WB_TEMPERATURE),
    "focus": _Control(cv2.CAP_PROP_AUTOFOCUS, cv2.CAP_PROP_FOCUS),
}
_NEAR = 0.02
"""A driver rounds to steps of its own; by more than this share of the value another picture comes out."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a driver made of one control: whether it took the step from automatic to manual, and what it says of both afterwards."""

    is_taken: bool
    automatic: float
    value: float
    wanted: float | None


def is_held(answer: Answer, manual: float) -> bool:
    """Whether the control stands still where it was wanted."""
    if not answer.is_taken or answer.automatic != manual:
        return False
    return answer.wanted is None or abs(answer.value - answer.wanted) <= max(1.0, abs(answer.wanted) * _NEAR)


def judged(answers: dict[str, Answer]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(what is held, what can't be) of an answer for each of `HELD`.

    A focus that the driver doesn't know is a fixed lens where the rest can be held; where nothing can, nothing is known of the lens either.
    """
    held = tuple(name for name in HELD if is_held(answers[name], _CONTROLS[name].manual))
    refused = tuple(name for name in HELD if name not in held)
    focus = answers["focus"]
    if held and "focus" in refused and focus.automatic < 0 and focus.value < 0:
        refused = tuple(name for name in refused if name != "focus")
    return held, refused


class CameraControls:
    """One open camera's. Its calls take as long as the driver does: only the thread that owns the device makes them."""

    def __init__(self, camera: Properties, ask_power_line: Callable[[int], bool]) -> None:
        self._camera = camera
        self._ask_power_line = ask_power_line
        self._automatic: dict[str, float] = {}

    def carry_out(self, order: CameraOrder) -> CameraReport:
        """Do it, and say what became of it."""
        held: tuple[str, ...] = ()
        refused: tuple[str, ...] = ()
        if order.is_locked:
            held, refused = judged({name: self._hold(name, getattr(order.values, name)) for name in HELD})
        else:
            self._let_go()
        is_set = self._ask_power_line(order.power_line_hz)
        power_line = "refused" if not is_set else "set" if order.power_line_hz else "as_is"
        return CameraReport(order, held, refused, power_line, self._values())

    def _hold(self, name: str, wanted: float | None) -> Answer:
        control = _CONTROLS[name]
        self._automatic.setdefault(name, self._camera.get(control.automatic))
        if wanted is None:
            wanted = self._known(control.value)
        is_taken = self._camera.set(control.automatic, control.manual)
        if is_taken and wanted is not None:
            # Off, some drivers fall back to the last value set by hand: it must be set even where it seems to stand already.
            self._camera.set(control.value, wanted)
        return Answer(is_taken, self._camera.get(control.automatic), self._camera.get(control.value), wanted)

    def _let_go(self) -> None:
        for name, before in self._automatic.items():
            self._camera.set(_CONTROLS[name].automatic, before)
        self._automatic.clear()

    def _values(self) -> CameraValues:
        return CameraValues(**{name: self._known(control.value) for name, control in _CONTROLS.items()})

    def _known(self, prop: int) -> float | None:
        """MSMF's exposure is a power of two and below zero: only -1 exactly, which V4L2 says of what it hasn't, counts as unknown there."""
        value = self._camera.get(prop)
        return None if value == -1 or (value == 0 and prop != cv2.CAP_PROP_FOCUS) else value
