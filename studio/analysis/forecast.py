"""What will be bought: BG/NBD fitted to a sample of the buyers, and what it expects of one of them and of all.

Times are show days. Where it can't be said, it says why instead of a number.
"""

import math
from array import array
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from studio.analysis import fit
from studio.errors import Conflict, Param
from studio.model.bgnbd import Habits, expected_purchases
from studio.model.repurchase import COHORT_DAYS, buying_of

SAMPLE: Final = 20_000
"""Buyers that are fitted to: four parameters are known to a percent from these, in a few seconds; all of a million would take minutes."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The fitted habits, or the code and params of why there are none."""

    habits: Habits | None = None
    buyers: int = 0
    log_likelihood: float = 0.0
    expected: tuple[tuple[int, float], ...] = ()
    """(days, purchases that all buyers together will make in them)."""
    code: str = "analysis.few_buyers"
    params: tuple[tuple[str, Param], ...] = (("buyers", fit.MIN_BUYERS), ("again", fit.MIN_REPEAT))

    def expected_of(self, days: list[int], today: int, within: int) -> float | None:
        """Purchases to be expected in the next `within` days of somebody who bought on these days."""
        if self.habits is None or not days:
            return None
        buying = buying_of(days, today)
        frequency, recency, age = (np.array([float(value)]) for value in (buying.frequency, buying.recency, buying.age))
        expected = float(expected_purchases(self.habits, frequency, recency, age, float(within))[0])
        return expected if math.isfinite(expected) else None


@dataclass(slots=True)
class Buyers:
    """A sample of the buyers, the same for the same file: every k-th by number, k doubled whenever they become too many."""

    every: int = 1
    count: int = 0
    _persons: "array[int]" = field(default_factory=lambda: array("q"))
    _figures: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, person_id: int, days: list[int], today: int) -> None:
        """A buyer."""
        self.count += 1
        if person_id % self.every:
            return
        buying = buying_of(days, today)
        self._persons.append(person_id)
        self._figures.extend((buying.frequency, buying.recency, buying.age))
        while len(self._persons) > SAMPLE:
            self.every *= 2
            kept = [number for number, person in enumerate(self._persons) if person % self.every == 0]
            rows = np.array(self._figures).reshape(-1, 3)[kept]
            self._persons = array("q", (self._persons[number] for number in kept))
            self._figures = array("d", rows.ravel().tolist())

    def forecast(self) -> Forecast:
        """Fit, and sum up what is expected of everybody."""
        x, recency, age = np.array(self._figures, np.float64).reshape(-1, 3).T
        try:
            habits, likelihood = fit.fit(x, recency, age)
        except Conflict as refused:
            return Forecast(code=refused.code, params=tuple(refused.params.items()))
        share = self.count / len(x)
        sums = tuple((days, share * float(expected_purchases(habits, x, recency, age, days).sum())) for days in COHORT_DAYS)
        if not all(math.isfinite(count) for _, count in sums):
            return Forecast(code="analysis.no_fit", params=())
        return Forecast(habits, self.count, likelihood, sums, "", ())
