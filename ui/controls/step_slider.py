"""A slider over a list of values that people would write down themselves: 80 ms, 0.4 s, −12 dB.

It refuses to change a value that stands between two of the list: it shows it as it is until a hand moves the knob.
"""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from ui.controls.slider import LookSlider


class StepSlider(LookSlider):
    """Over `values`, ascending, at most 101 of them; a double click goes to `rest`, one of them."""

    def __init__(
        self, name: str, values: Sequence[int], say: Callable[[float], str], *, rest: int, name_width: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(name, name_width=name_width, parent=parent)
        self._values = values
        self._spacing = 100 // (len(values) - 1)
        self._told: float = rest
        self.setRange(0, self._spacing * (len(values) - 1))
        self.setSingleStep(self._spacing)
        self.setPageStep(2 * self._spacing)
        self.rest = self._step_of(rest)
        self.setValue(self.rest)
        self.show_as(lambda _: say(self.chosen()))

    def chosen(self) -> float:
        """The value that the knob stands for."""
        place = round(self.value() / self._spacing)
        return self._told if place * self._spacing == self._step_of(self._told) else self._values[place]

    def show_told(self, value: float) -> None:
        """What the engine says; while a hand is on the knob it is left alone."""
        if not self.isSliderDown():
            self._told = value
            self.setValue(self._step_of(value))
            self.update()

    def _step_of(self, value: float) -> int:
        nearest = min(range(len(self._values)), key=lambda place: abs(self._values[place] - value))
        return nearest * self._spacing
