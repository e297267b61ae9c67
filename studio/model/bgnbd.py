"""BG/NBD: how many purchases somebody will still make, from how often and how lately they bought.

Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24 (2005), equations (6) and (10). Times are in one
unit of the caller's choice. It fits nothing: that needs scipy, in `studio.analysis.fit`.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_MAX_TERMS: Final = 20_000
_ENOUGH: Final = 1e-17
_LARGE: Final = 1e100
_STEEP: Final = 20.0


@dataclass(frozen=True, slots=True)
class Habits:
    """The fitted parameters: buying rates are gamma (r, alpha), the chance to drop out after a purchase is beta (a, b)."""

    r: float
    alpha: float
    a: float
    b: float


def expected_purchases(habits: Habits, frequency: Floats, recency: Floats, age: Floats, within: float) -> Floats:
    """Purchases to be expected of each buyer in the next `within`, given (frequency, recency, age): all of shape (N,), float64.

    Equation (10). After Euler's transformation its hypergeometric function converges fast, also for somebody who has just begun; where
    dropping out is nearly the same chance for everybody (a and b in the hundreds, as fitted to few buyers) that form grows beyond any
    float, and the paper's own converges.
    """
    r, alpha, b = habits.r, habits.alpha, habits.b
    a = habits.a if abs(habits.a - 1) > 1e-6 else 1 + 1e-6  # a pole of the formula, not of what it describes
    last = a + b + frequency - 1
    z = within / (alpha + age + within)
    if a <= _STEEP and a + b - 1 - r > -_STEEP:
        stays = (1 - z) ** (a - 1) * _hypergeometric(np.full_like(last, a + b - 1 - r), np.full_like(last, a - 1), last, z)
    else:
        stays = _hypergeometric(r + frequency, b + frequency, last, z, (r + frequency) * np.log1p(-z))
    bought = last / (a - 1) * (1 - stays)
    is_repeat = frequency > 0
    with np.errstate(over="ignore"):  # infinitely surely gone: nothing is expected
        silent = ((alpha + age) / (alpha + recency)) ** (r + frequency)
    gone = np.where(is_repeat, a / np.where(is_repeat, b + frequency - 1, 1) * silent, 0.0)
    return bought / (1 + gone)


def _hypergeometric(a: Floats, b: Floats, c: Floats, z: Floats, log_scale: Floats | float = 0.0) -> Floats:
    """exp(log_scale) · 2F1(a, b; c; z) for 0 ≤ z < 1 by its series, which may be far larger than a float holds where the scale is small.

    NaN where the terms don't come to an end.
    """
    term = np.ones_like(z)
    total, is_told = term.copy(), np.zeros(z.shape, bool)
    scale = np.zeros_like(z) + log_scale
    for n in range(_MAX_TERMS):
        term = term * (a + n) * (b + n) / ((c + n) * (n + 1)) * z
        total += term
        is_told = np.abs(term) <= _ENOUGH * np.abs(total)
        if np.all(is_told):
            break
        is_large = np.abs(total) > _LARGE
        if np.any(is_large):
            term, total = (np.where(is_large, value / _LARGE, value) for value in (term, total))
            scale = np.where(is_large, scale + np.log(_LARGE), scale)
    return np.where(is_told, np.sign(total) * np.exp(scale + np.log(np.abs(total))), np.nan)
