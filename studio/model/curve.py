"""A tone curve as a few points that a hand can drag: its text in the profile, and its course between the points.

Pure; the picture and the drawn widget use the same course.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Points = tuple[tuple[float, float], ...]
STRAIGHT: Points = ((0.0, 0.0), (1.0, 1.0))
MOST_POINTS = 16
LEAST_STEP = 0.01
"""Points nearer to each other than this can't be told apart by a hand, and make the course as steep as a step."""
ALLOWED = f"empty, or 2 to {MOST_POINTS} points x,y between blanks, 0 to 1, x rising by {LEAST_STEP:g} at least, as 0,0 0.5,0.6 1,1"


def parse_curve(text: str) -> Points:
    """The points of "0,0 0.5,0.6 1,1"; an empty text is the straight line. Raises ValueError."""
    if not text.strip():
        return STRAIGHT
    points: list[tuple[float, float]] = []
    for word in text.split():
        x, comma, y = word.partition(",")
        if not comma:
            raise ValueError(ALLOWED)
        points.append((float(x), float(y)))
    is_inside = all(0 <= x <= 1 and 0 <= y <= 1 for x, y in points)
    is_rising = all(after[0] - before[0] >= LEAST_STEP - 1e-9 for before, after in pairwise(points))
    if not (2 <= len(points) <= MOST_POINTS and is_inside and is_rising):
        raise ValueError(ALLOWED)
    return tuple(points)


def curve_text(points: Points) -> str:
    """As it stands in the profile; the straight line is an empty text."""
    if points == STRAIGHT:
        return ""
    return " ".join(f"{x:.4g},{y:.4g}" for x, y in points)


def check_curve(text: str) -> str:
    """The profile's rule."""
    try:
        parse_curve(text)
    except ValueError:
        return ALLOWED
    return ""


def evaluate(points: Points, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The course through the points: cubic, never beyond two neighbours' heights (Fritsch, Carlson 1980), level before the first
    and after the last point within 0..1; outside 0..1 it goes on with slope 1, so that what a camera holds above white keeps its order.
    """
    if points == STRAIGHT:
        return inputs.copy()
    x, y = (np.array(column) for column in zip(*points, strict=True))
    steps, rises = np.diff(x), np.diff(y)
    slopes = _slopes(steps, rises / steps)
    inside = inputs.clip(x[0], x[-1])
    index = np.clip(np.searchsorted(x, inside, "right") - 1, 0, len(x) - 2)
    part = (inside - x[index]) / steps[index]
    start = (1 + 2 * part) * (1 - part) ** 2 * y[index] + part * (1 - part) ** 2 * steps[index] * slopes[index]
    end = part**2 * (3 - 2 * part) * y[index + 1] + part**2 * (part - 1) * steps[index] * slopes[index + 1]
    return start + end + (inputs - inputs.clip(0, 1))


def _slopes(steps: NDArray[np.float64], secants: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weighted harmonic mean of the neighbours' slopes, 0 at a turn; at the ends by three points."""
    if len(secants) == 1:
        return np.repeat(secants, 2)
    slopes = np.zeros(len(secants) + 1)
    slopes[0] = _end_slope(steps[0], steps[1], secants[0], secants[1])
    slopes[-1] = _end_slope(steps[-1], steps[-2], secants[-1], secants[-2])
    before, after = secants[:-1], secants[1:]
    is_going_on = before * after > 0
    first, second = 2 * steps[1:] + steps[:-1], steps[1:] + 2 * steps[:-1]
    with np.errstate(all="ignore"):
        mean = (first + second) / (first / before + second / after)
    slopes[1:-1] = np.where(is_going_on, mean, 0.0)
    return slopes


def _end_slope(step: float, next_step: float, secant: float, next_secant: float) -> float:
    slope = ((2 * step + next_step) * secant - step * next_secant) / (step + next_step)
    if slope * secant <= 0:
        return 0.0
    if secant * next_secant <= 0 and abs(slope) > 3 * abs(secant):
        return 3 * secant
    return slope
