"""BG/NBD: how many purchases somebody will still make, from how often and how lately they bought.

Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24 (2005), equations (6) and (10). Times are in one
unit of the caller's choice. It fits nothing: that needs scipy, in `studio.analysis.fit`.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_MAX_TERMS: Final = 5_000
_ENOUGH: Final = 1e-17


@dataclass(frozen=True, slots=True)
class Habits:
    """The fitted parameters: buying rates are gamma (r, alpha), the chance to drop out after a purchase is beta (a, b)."""

    r: float
    alpha: float
    a: float
    b: float


def expected_purchases(habits: Habits, frequency: Floats, recency: Floats, age: Floats, within: float) -> Floats:
    """Purchases to be expected of each buyer in the next `within`, given (frequency, recency, age): all of shape (N,), float64.

    Equation (10) after Euler's transformation of its hypergeometric function, which converges fast and cannot overflow.
    """
    r, alpha, b = habits.r, habits.alpha, habits.b
    a = habits.a if abs(habits.a - 1) > 1e-6 else 1 + 1e-6  # a pole of the formula, not of what it describes
    last = a + b + frequency - 1
    z = within / (alpha + age + within)
    series = _hypergeometric(np.full_like(last, a + b - 1 - r), np.full_like(last, a - 1), last, z)
    bought = last / (a - 1) * (1 - (1 - z) ** (a - 1) * series)
    is_repeat = frequency > 0
    gone = np.where(is_repeat, a / np.where(is_repeat, b + frequency - 1, 1) * ((alpha + age) / (alpha + recency)) ** (r + frequency), 0.0)
    return bought / (1 + gone)


def _hypergeometric(a: Floats, b: Floats, c: Floats, z: Floats) -> Floats:
    """2F1(a, b; c; z) for 0 ≤ z < 1 by its series."""
    term = np.ones_like(z)
    total = term.copy()
    for n in range(_MAX_TERMS):
        term = term * (a + n) * (b + n) / ((c + n) * (n + 1)) * z
        total += term
        if np.all(np.abs(term) <= _ENOUGH * np.abs(total)):
            break
    return total
