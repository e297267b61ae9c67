"""Remembers the skin under each landmark, and so notices what is held before it: a hand, a brush, a bottle nearly of the skin's colour.

It refuses to go by a shadow: shadows wander over a face that turns, its colour stays.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.faces import Cover, Skin
from capture.look.mask import LIGHT_COUNTS, Weights, fade_out, residual
from capture.look.one_euro import Points

_FIRST = 6
"""Meshes whose mean is the memory; from then on it drifts."""
_DRIFT, _DRIFT_COVERED = 0.03, 0.0015
"""Shares of what is seen now: 2 s for make-up being put on, 45 s for a new lamp that colours one cheek."""
_START, _END = 3.0, 5.0
"""Levels of chroma from what is remembered: noise and the turning of a head stay below 2, a beige bottle before a cheek is 5 to 10 away."""
_BRIGHT_START, _BRIGHT_END = 24.0, 40.0
"""Levels of light above what is remembered: white goods before pale skin; a glint that is taken for one is left alone, and should be."""
_LIGHT_COUNTS, _LIGHT_MOVES = 0.05, 8.0
"""Levels of chroma for one of light beyond what a turning head changes: a shadow alone, of 40 levels, isn't enough."""
_LEAST = 3
"""Landmarks: one or two are a landmark that slipped."""
_MOST_COLOURS, _ONE_COLOUR = 4, 3.0
"""Of a thing, and the levels of chroma between its landmarks within which it is of one colour."""
_COUNTS = np.array([LIGHT_COUNTS, 1.0, 1.0], np.float32)
_MOST_SHARE = 0.6
"""Of all: when more has changed it is the light."""


@dataclass(slots=True)
class Memory:
    """One face's; belongs to the `look` thread."""

    chosen: NDArray[np.intp] | None = None
    colours: NDArray[np.float32] | None = None
    seen: int = 0

    def look(self, planes: tuple[Weights, ...], points: Points, open_skin: Callable[[], Weights], skin: Skin) -> Cover | None:
        """What covers the face. `planes` Y, U, V of the cut and `open_skin`, which draws its mask, of one size; `points` in their
        pixels.
        """
        if self.chosen is None or self.colours is None:
            self.chosen = np.nonzero(_at(open_skin(), points) > 0.6)[0]
            self.colours = np.zeros((3, self.chosen.size), np.float32)
        if self.chosen.size < 40:
            return None
        places = points[self.chosen]
        y, u, v = (_at(cv2.blur(plane, (3, 3)), places) for plane in planes)
        now = np.stack([y, *residual(y, u, v, skin)])
        self.seen += 1
        if self.seen <= _FIRST:
            self.colours += (now - self.colours) / np.float32(self.seen)
            return None
        before = self.colours.copy()
        step = now - before
        middle = step.shape[1] // 2
        step -= np.partition(step, middle, axis=1)[:, middle : middle + 1]
        far = np.hypot(step[1], step[2]) + np.float32(_LIGHT_COUNTS) * (np.abs(step[0]) - _LIGHT_MOVES).clip(0)
        other = np.maximum(1 - fade_out(far, _START, _END), 1 - fade_out(step[0], _BRIGHT_START, _BRIGHT_END))
        self.colours += (_DRIFT + (_DRIFT_COVERED - _DRIFT) * other) * (now - before)
        there = other > 0.5
        if not _LEAST <= np.count_nonzero(there) <= _MOST_SHARE * there.size:
            return None
        own = np.median(before[:, there], axis=1)
        return Cover(tuple(int(index) for index in self.chosen[there]), _colours(now[:, there]), tuple(map(float, own)))


def _colours(seen: NDArray[np.float32]) -> tuple[tuple[float, ...], ...]:
    """A thing's few colours, as of a body, its cap and a label: what is seen, parted where it is widest until each part is of one."""
    parts = [seen]
    while len(parts) < _MOST_COLOURS:
        wide = [np.ptp(np.percentile(part, (10, 90), axis=1), axis=0) * _COUNTS for part in parts]
        widest = max(range(len(parts)), key=lambda index: float(wide[index].max()))
        if wide[widest].max() < _ONE_COLOUR:
            break
        part = parts.pop(widest)
        axis = part[int(wide[widest].argmax())]
        low, high = np.percentile(axis, (10, 90))
        parts += [part[:, axis > (low + high) / 2], part[:, axis <= (low + high) / 2]]
    return tuple(tuple(map(float, np.median(part, axis=1))) for part in parts)


def _at(plane: Weights, places: Points) -> NDArray[np.float32]:
    """A plane's values at (n, 2) places, bilinear."""
    x, y = np.ascontiguousarray(places[:, 0])[None], np.ascontiguousarray(places[:, 1])[None]
    return cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0]
