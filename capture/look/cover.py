"""Remembers the skin under each landmark, and so notices what is held before it: a hand, a brush, a bottle nearly of the skin's colour.

It refuses to go by a shadow: shadows wander over a face that turns, its colour stays.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.cut import Cut
from capture.look.faces import Cover, Skin
from capture.look.mask import LIGHT_COUNTS, Weights, fade_out, residual
from capture.look.one_euro import Points

_FIRST = 6
"""Meshes whose mean is the memory; from then on it drifts."""
_LEAST_CHOSEN = 40
"""Landmarks on open skin: fewer say nothing about the rest."""
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
_EDGE = 0.12
"""Of the width of all landmarks: so near to a landmark that is surely hidden another is that only seems so."""
_MOST_SHARE = 0.6
"""Of all: when more has changed it is the light."""


@dataclass(slots=True)
class Memory:
    """One face's; belongs to the `look` thread."""

    chosen: NDArray[np.intp] | None = None
    colours: NDArray[np.float32] | None = None
    """Y, U, V of the skin at each chosen landmark: what a camera gives, for what is taken for skin changes while it is learnt."""
    seen: int = 0
    uncovered: Points | None = None
    """Where the landmarks were when nothing covered the face, in pixels of the frame."""

    @property
    def is_known(self) -> bool:
        """Whether a thing before the face would be noticed, or the face shows too little skin for that."""
        return self.seen >= _FIRST or (self.chosen is not None and self.chosen.size < _LEAST_CHOSEN)

    def look(self, cut: Cut, points: Points, skin: Skin) -> Cover | None:
        """What covers the face whose landmarks are at `points`, in pixels of the frame.

        The mesh of a half covered face is drawn out of its place, all of it: a landmark is hidden only where its skin is neither where
        the mesh now has it nor where it was before, at rest or moved on with the face.
        """
        if self.chosen is None or self.colours is None:
            self.chosen = np.nonzero(_at(cut.open_skin, cut.at(points)) > 0.6)[0]
            self.colours = np.zeros((3, self.chosen.size), np.float32)
        if self.chosen.size < _LEAST_CHOSEN:
            return None
        planes = tuple(cv2.blur(plane, (3, 3)) for plane in cut.planes)
        now = _seen_at(planes, cut.at(points[self.chosen]))
        self.seen += 1
        if self.seen <= _FIRST:
            self.colours += (now - self.colours) / np.float32(self.seen)
            self.uncovered = points
            return None
        matched, other = now, _otherness(now, self.colours, skin)
        there = other > 0.5
        if self.uncovered is not None and np.count_nonzero(there) >= _LEAST:
            for places in (self.uncovered, _moved_on(self.uncovered, points, self.chosen[~there])):
                held = _seen_at(planes, cut.at(places[self.chosen]))
                instead = _otherness(held, self.colours, skin)
                matched, other = np.where(instead < other, held, matched), np.minimum(instead, other)
            there &= _is_near(points[self.chosen], other > 0.5)
        cover = self._cover(now, there, skin)
        self.colours += (_DRIFT + (_DRIFT_COVERED - _DRIFT) * np.maximum(other, there)) * (matched - self.colours)
        if np.count_nonzero(there) < _LEAST:
            self.uncovered = points
        return cover

    def _cover(self, now: NDArray[np.float32], there: NDArray[np.bool_], skin: Skin) -> Cover | None:
        """What is seen where landmarks are hidden, unless they are too few to be a thing's or so many that it is the light."""
        if self.chosen is None or self.colours is None or not _LEAST <= np.count_nonzero(there) <= _MOST_SHARE * there.size:
            return None
        own = np.median(_apart(self.colours[:, there], skin), axis=1)
        return Cover(tuple(int(index) for index in self.chosen[there]), _colours(_apart(now[:, there], skin)), tuple(map(float, own)))


def _seen_at(planes: tuple[Weights, ...], places: Points) -> NDArray[np.float32]:
    """Y, U, V in (n, 2) places, (3, n)."""
    return np.stack([_at(plane, places) for plane in planes])


def _apart(colours: NDArray[np.float32], skin: Skin) -> NDArray[np.float32]:
    """Y, and U and V less what this person's skin has at that light."""
    return np.stack([colours[0], *residual(colours[0], colours[1], colours[2], skin)])


def _otherness(now: NDArray[np.float32], before: NDArray[np.float32], skin: Skin) -> NDArray[np.float32]:
    """0..1: how much what is seen at each landmark is something else than what is remembered; a change of all of them is the light's."""
    step = _apart(now, skin) - _apart(before, skin)
    middle = step.shape[1] // 2
    step -= np.partition(step, middle, axis=1)[:, middle : middle + 1]
    far = np.hypot(step[1], step[2]) + np.float32(_LIGHT_COUNTS) * (np.abs(step[0]) - _LIGHT_MOVES).clip(0)
    return np.maximum(1 - fade_out(far, _START, _END), 1 - fade_out(step[0], _BRIGHT_START, _BRIGHT_END))


def _is_near(places: Points, sure: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which places are no further than a thing's edge from one that surely is hidden."""
    width = float(np.ptp(places[:, 0]))
    apart = places[:, None] - places[sure][None]
    return (np.hypot(apart[..., 0], apart[..., 1]) < _EDGE * width).any(axis=1)


def _moved_on(before: Points, now: Points, trusted: NDArray[np.intp]) -> Points:
    """All of `before` shifted, turned and scaled as those landmarks were that can be trusted (Umeyama 1991)."""
    if trusted.size < _LEAST:
        return before
    one, other = before[:, 0] + 1j * before[:, 1], now[:, 0] + 1j * now[:, 1]
    own, new = one[trusted].mean(), other[trusted].mean()
    away = one[trusted] - own
    turn = np.vdot(away, other[trusted] - new) / max(float(np.vdot(away, away).real), 1.0)
    moved = new + turn * (one - own)
    return np.stack([moved.real, moved.imag], axis=1).astype(np.float32)


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
