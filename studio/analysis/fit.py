"""Fits BG/NBD to buyers by maximum likelihood: the one home of scipy, which is an extra (`pip install encore-studio[analysis]`).

It runs in a worker process only: scipy takes a third of a second to import, and no show waits for it.
"""

import importlib.util
from typing import Any, Final

import numpy as np

from studio.errors import Conflict
from studio.model.bgnbd import Floats, Habits

MIN_BUYERS: Final = 50
MIN_REPEAT: Final = 20
"""Fewer than twenty fans who bought again don't tell four parameters apart: the fit would follow single orders."""
_STARTS: Final = ((1.0, 1.0, 1.0, 1.0), (0.25, 0.1, 0.8, 2.5), (2.0, 0.5, 0.2, 1.0))
"""(r, alpha as a share of the longest age, a, b): the likelihood is flat in places, so three ways in and the best of them."""


def is_installed() -> bool:
    """Whether scipy is there."""
    return importlib.util.find_spec("scipy") is not None


def fit(frequency: Floats, recency: Floats, age: Floats) -> tuple[Habits, float]:
    """(parameters, log-likelihood) for buyers with these purchases after the first, recency and age: shape (N,), float64, one unit.

    Raises Conflict: scipy isn't installed, there are too few buyers, or nothing fits.
    """
    if not is_installed():
        raise Conflict("analysis.no_scipy")
    if len(frequency) < MIN_BUYERS or int(np.count_nonzero(frequency)) < MIN_REPEAT:
        raise Conflict("analysis.few_buyers", buyers=MIN_BUYERS, again=MIN_REPEAT)
    unit = max(float(age.max()), 1.0)
    rows, weights = np.unique(np.column_stack([frequency, recency / unit, age / unit]), axis=0, return_counts=True)
    found = min((_descend(rows, weights, np.log(start)) for start in _STARTS), key=lambda one: one.fun)
    if not np.isfinite(found.fun):
        raise Conflict("analysis.no_fit")
    r, alpha, a, b = (float(value) for value in np.exp(found.x))
    # Times were divided by `unit`; each purchase after the first is a density over time.
    return Habits(r, alpha * unit, a, b), -float(found.fun) - float(frequency.sum()) * float(np.log(unit))


def _descend(rows: Floats, weights: Any, start: Floats) -> Any:
    from scipy.optimize import minimize

    bounds = [(-9.0, 9.0)] * 4
    found = minimize(_loss, start, args=(rows, weights), method="L-BFGS-B", bounds=bounds)
    options = {"xatol": 1e-6, "fatol": 1e-6, "maxiter": 4_000}
    return minimize(_loss, found.x, args=(rows, weights), method="Nelder-Mead", bounds=bounds, options=options)


def _loss(logs: Floats, rows: Floats, weights: Any) -> float:
    """The negative log-likelihood, equation (6), of the parameters whose logarithms are given."""
    from scipy.special import betaln, gammaln

    r, alpha, a, b = np.exp(logs)
    x, recency, age = rows.T
    is_repeat = x > 0
    before = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    alive = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
    gone = np.where(is_repeat, betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + recency), -np.inf)
    return -float(np.sum(weights * (before + np.logaddexp(alive, gone))))
