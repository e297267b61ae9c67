"""Whitens the neck and chest with the face, in place, so that the jaw shows no step.

It refuses to go by colour alone: what it changes must have this person's colour at this light and be joined to the neck without an edge,
so that a beige bottle or a lipstick held before it stays as it is.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look import neck_tone
from capture.look.anatomy import CHIN, LEFT_SIDE, OVAL, RIGHT_SIDE, TOP
from capture.look.faces import Skin
from capture.look.mask import Region, Weights, fade_out, fill
from capture.look.neck_tone import SHRINK, Tone
from capture.look.one_euro import Points
from capture.look.skin import Quarter
from capture.look.skin_tone import SkinStrengths, lit, shift_u, shift_v, tint, white_levels, whitened
from capture.look.step import Yuv, share_of
from studio.model.frames import VideoFrame

_LEAST_WIDTH = 48.0
"""Pixels: the neck of a smaller face is a handful of cells."""
_EVERY = 4
"""Frames from one look at the neck to the next: it costs half of what the face does. In a crowd each waits twice as long."""
_CROWD = 3
"""Faces at once."""
_HOLD_EVERY, _HOLDING = 8, 0.45
"""Finds from one look at the step to the next, a second, and the share of the new one: it changes with the light."""
_RISING, _FALLING = 0.25, 0.95
"""Shares of the new weight each time: skin comes slowly, what is put before it goes at once."""
_LEARNING = 0.1
"""The share of a new tone: a neck's tone changes with the light over seconds, a bottle before it comes within one."""
_FIRST_FINDS, _PATIENCE = 5, 30
"""Finds, of 7 a second: a neck's tone that wasn't learnt within the first is believed after so many in a row."""
_ADOPTING = 0.006
"""The share by which what could be neck comes to be known as such: 6 s, and a bottle before a scarf isn't held up so long."""
_SEAM = 0.08
"""Face widths that skin reaches into an edge which was always there, as where a shadow of the jaw ends; a thing's edge is new."""
_DRAWN_FOR = 1.0
"""Pixels that a landmark may be from where it was drawn: an eighth of a cell."""
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_RIM = 0.2
"""Face widths over which whitening ends where the neck and chest run on out of the region."""
_LEAST = 1e-3
"""Of the weight: what is left of a neck that is gone."""
_LARGE_PIECE, _LEAST_PIECE, _ALWAYS_APART = 0.3, 0.12, 0.8
"""Of the largest piece. A chin parts a neck in two, one in shade and small; what is smaller is a thing, and so is what lies between these
but for a piece of whose rim so much was always an edge: a thing's is new.
"""
_LEAST_CELLS = 12.0
"""Cells of 8 × 8 pixels: the mean of fewer is noise."""
_JAW = tuple(OVAL[12:25])
"""From corner to corner below."""


@dataclass(frozen=True, slots=True)
class _Coat:
    """What is added to the planes until the neck is found again: levels at a quarter of the size, from a corner in pixels on."""

    top: int
    left: int
    luma: Weights
    u: Weights
    v: Weights

    def lay(self, frame: VideoFrame) -> None:
        """In place."""
        from capture.look import face_kernels

        face_kernels.lift_luma(frame.y, self.top, self.left, self.luma)
        face_kernels.shift_chroma(frame.u, self.top // 2, self.left // 2, self.u)
        face_kernels.shift_chroma(frame.v, self.top // 2, self.left // 2, self.v)


class Body:
    """The neck of one face from frame to frame, found in every fourth; owned by the `program` thread."""

    def __init__(self) -> None:
        self._weights: Weights | None = None
        self._region: Region | None = None
        self._seen: Weights | None = None
        self._drawn: _Drawn | None = None
        self._area: Weights | None = None
        self._edges: Weights | None = None
        self._rim: Weights | None = None
        self._core: Weights | None = None
        self._tone: Tone | None = None
        self._share = 1.0
        self._coat: _Coat | None = None
        self._coated: tuple[int, SkinStrengths, float] | None = None
        self._calls = self._finds = self._in_a_row = 0
        self.company = 1
        """How many faces are on the picture; set by whoever knows them all."""

    def whiten(self, frame: VideoFrame, points: Points, quarter: Quarter, skin: Skin, wanted: SkinStrengths, weight: float) -> None:
        """In place, before the face itself, whose `quarter` says how it is going to change; `weight` 0..1 fades a face in and out."""
        self._calls += 1
        is_first = self._weights is None
        every = _EVERY if self.company < _CROWD else 2 * _EVERY
        if is_first or self._calls % every == 1:
            self._find(frame, points, quarter.width, skin)
            if self._finds % _HOLD_EVERY == 1:
                wish = self._hold(quarter, skin, wanted)
                self._share = wish if is_first else self._share + _HOLDING * (wish - self._share)
        if self._coated != (self._finds, wanted, weight):
            self._coated = self._finds, wanted, weight
            self._coat = self._mixed(skin, wanted, weight)
        if self._coat is not None:
            self._coat.lay(frame)

    def _hold(self, quarter: Quarter, skin: Skin, wanted: SkinStrengths) -> float:
        """The share of whitening that keeps the step to the face."""
        if self._seen is None or self._core is None or self._core.sum() < _LEAST_CELLS:
            return 1.0
        face, change = _meant((quarter.y, quarter.u, quarter.v), quarter.mask, skin, wanted)
        neck, own_change = _meant((self._seen[0], self._seen[1], self._seen[2]), self._core, skin, wanted)
        return share_of(face, (face[0] + change[0], face[1] + change[1], face[2] + change[2]), neck, own_change)

    def _mixed(self, skin: Skin, wanted: SkinStrengths, weight: float) -> "_Coat | None":
        """What whitening adds where the neck was found last."""
        from capture.look import neck_kernels

        if self._weights is None or self._region is None or self._seen is None:
            return None
        is_there = self._weights > _LEAST
        rows, columns = np.nonzero(is_there.any(axis=1))[0], np.nonzero(is_there.any(axis=0))[0]
        if not rows.size:
            return None
        first, start = max(int(rows[0]) - 1, 0), max(int(columns[0]) - 1, 0)
        size = (min(int(columns[-1]) + 2, is_there.shape[1]) - start, min(int(rows[-1]) + 2, is_there.shape[0]) - first)
        levels = np.empty((3, size[1], size[0]), np.float32)
        tone = (weight, white_levels(wanted), self._share, lit(skin), shift_u(skin, wanted), shift_v(skin, wanted))
        neck_kernels.coat(self._weights, self._seen, first, start, np.array(tone, np.float32), levels)
        top, left = self._region.top + first * SHRINK, self._region.left + start * SHRINK
        return _Coat(top, left, *(cv2.resize(values, (size[0] * 2, size[1] * 2)) for values in levels))

    def _find(self, frame: VideoFrame, points: Points, width: float, skin: Skin) -> None:
        before = self._drawn_at(frame, points)
        region = before.region if before is not None else _region(frame, points, width)
        self._finds += 1
        if width < _LEAST_WIDTH or region.is_empty:
            self._weights = None
            return
        seen, rough = neck_tone.cells(frame, region, width)
        shape = rough.shape
        drawn = self._drawn = before or _Drawn(points, width, region, (frame.width, frame.height))
        calm = neck_tone.calm(seen, skin)
        new = neck_tone.tone_of(seen, skin, (drawn.seeds > 0) & (calm > 0.5))
        self._in_a_row = self._in_a_row + 1 if new is not None else 0
        is_known = self._tone is not None or self._finds <= _FIRST_FINDS or self._in_a_row > _PATIENCE
        if new is not None and is_known:
            old = self._tone or new
            self._tone = (old[0] + _LEARNING * (new[0] - old[0]), old[1] + _LEARNING * (new[1] - old[1]))
        area = self._area = _shifted(self._area, self._region, region, shape)
        edges = self._edges = _shifted(self._edges, self._region, region, shape)
        gate = neck_tone.gate(seen, rough, skin, self._tone)
        candidates = ((gate > 0.5) & (calm > 0.5)).astype(np.uint8)
        joined, possible = _joined(candidates, drawn, None if self._finds <= _FIRST_FINDS else area, edges)
        area += np.float32(_ADOPTING) * (possible - area)
        np.maximum(area, joined, out=area)
        edges += (np.float32(1 / self._finds) if self._finds <= _FIRST_FINDS else np.float32(_ADOPTING)) * ((calm < 0.5) - edges)
        joined = _spread(joined, (gate > 0.5) & (edges > 0.5), round(width * _SEAM / SHRINK))
        if region != self._region or self._rim is None:
            self._rim = _rim(frame, region, width, shape)
        beyond = 1 - cv2.GaussianBlur(drawn.face, (0, 0), drawn.soft).astype(np.float32) * np.float32(1 / 255)
        fresh = cv2.GaussianBlur(joined, (0, 0), 0.7) * gate * beyond * self._rim
        old = _shifted(self._weights, self._region, region, shape) if self._weights is not None else fresh
        step = fresh - old
        self._weights = old + step * np.where(step > 0, np.float32(_RISING), np.float32(_FALLING))
        self._core = fresh * (calm > 0.5)
        self._seen, self._region = seen, region

    def _drawn_at(self, frame: VideoFrame, points: Points) -> "_Drawn | None":
        """What was drawn last, while the face rests."""
        last = self._drawn
        if last is None or last.size != (frame.width, frame.height) or float(np.abs(points - last.points).max()) >= _DRAWN_FOR:
            return None
        return last


def _meant(planes: tuple[Weights, Weights, Weights], mask: Weights, skin: Skin, wanted: SkinStrengths) -> tuple[Yuv, Yuv]:
    """The mean colour of what a mask shows, and how whitening is going to move it."""
    total = float(mask.sum()) + 1e-3
    own = [float(np.vdot(mask, plane)) / total for plane in planes]
    square = mask * mask
    share = float(np.vdot(square, tint(planes[0], skin))) / total
    lift = float((square * whitened(planes[0], wanted)).sum()) / total
    return (own[0], own[1], own[2]), (lift, share * shift_u(skin, wanted), share * shift_v(skin, wanted))


class _Drawn:
    """Where the neck begins, where the face is, and what lies along the jaw, at 1/8 of the size."""

    def __init__(self, points: Points, width: float, region: Region, size: tuple[int, int]) -> None:
        self.points, self.region, self.size = points, region, size
        shape = ((region.bottom - region.top) // SHRINK, (region.right - region.left) // SHRINK)
        down = points[CHIN] - points[TOP]
        down = down / max(float(np.hypot(*down)), 1.0) * np.float32(width)
        jaw = points[list(_JAW)]
        self.seeds, self.face, self.below = (np.zeros(shape, np.uint8) for _ in range(3))
        fill(self.seeds, np.concatenate([jaw + down * np.float32(0.06), jaw[::-1] + down * np.float32(0.34)]), region, 1, SHRINK)
        fill(self.face, points[list(OVAL)], region, 255, SHRINK)
        fill(self.below, np.concatenate([jaw, jaw[::-1] + down * np.float32(0.12)]), region, 1, SHRINK)
        self.soft = max(width * 0.012 / SHRINK, 0.5)


def _joined(candidates: NDArray[np.uint8], drawn: _Drawn, known: Weights | None, edges: Weights) -> tuple[Weights, Weights]:
    """The pieces that begin below the jaw, 0 or 1: the largest and what isn't much smaller. Of these what isn't new to `known`, and all."""
    count, labels = cv2.connectedComponents(candidates, connectivity=4)
    flat = labels.ravel()
    inside = np.bincount(labels[(drawn.seeds > 0) & (candidates > 0)], minlength=count)
    sizes = np.bincount(flat, minlength=count)
    sizes[0] = 0
    largest = sizes[inside >= 4].max(initial=1)
    is_neck = (inside >= 4) & (sizes >= _LEAST_PIECE * largest)
    is_neck[0] = False
    if known is None:
        every = _with_jaw(is_neck[labels].astype(np.uint8), drawn)
        return every, every
    for label in np.nonzero(is_neck & (sizes < _LARGE_PIECE * largest))[0]:
        is_neck[label] = _was_apart(labels == label, edges)
    every = _with_jaw(is_neck[labels].astype(np.uint8), drawn)
    is_neck &= np.bincount(flat, known.ravel(), count) >= 0.25 * sizes
    return _with_jaw(is_neck[labels].astype(np.uint8), drawn), every


def _was_apart(piece: NDArray[np.bool_], edges: Weights) -> bool:
    """Whether a piece's rim was an edge before."""
    inside = piece.astype(np.uint8)
    rim = cv2.dilate(inside, _CROSS) > inside
    return bool((edges[rim] > 0.5).mean() > _ALWAYS_APART)


def _with_jaw(joined: NDArray[np.uint8], drawn: _Drawn) -> Weights:
    return np.maximum(joined, cv2.dilate(joined, np.ones((3, 3), np.uint8)) * drawn.below).astype(np.float32)


def _spread(joined: Weights, seams: NDArray[np.bool_], times: int) -> Weights:
    """What is joined, and the seams beside it as far as so many cells."""
    for _ in range(times):
        joined = np.maximum(joined, cv2.dilate(joined, _CROSS) * seams)
    return joined


def _shifted(before: Weights | None, old: Region | None, new: Region, shape: tuple[int, ...]) -> Weights:
    """What was known of one region, in another."""
    result = np.zeros(shape, np.float32)
    if before is None or old is None:
        return result
    dx, dy = (new.left - old.left) // SHRINK, (new.top - old.top) // SHRINK
    top, left = max(-dy, 0), max(-dx, 0)
    part = before[max(dy, 0) :, max(dx, 0) :][: max(shape[0] - top, 0), : max(shape[1] - left, 0)]
    result[top : top + part.shape[0], left : left + part.shape[1]] = part
    return result


def _region(frame: VideoFrame, points: Points, width: float) -> Region:
    """From the height of the mouth down to the chest, two and a half faces wide; corners at multiples of 8."""
    middle = (points[RIGHT_SIDE] + points[LEFT_SIDE]) / 2
    chin = float(points[CHIN][1])
    high = min(chin - 0.35 * width, float(points[list(_JAW), 1].min()) - 0.1 * width)
    cells = (
        (float(middle[0]) - 1.2 * width, 0, frame.width),
        (high, 0, frame.height),
        (float(middle[0]) + 1.2 * width, 0, frame.width),
        (chin + 1.2 * width, 0, frame.height),
    )
    left, top, right, bottom = (int(min(max(value, low), high)) // SHRINK * SHRINK for value, low, high in cells)
    return Region(left, top, right, bottom)


def _rim(frame: VideoFrame, region: Region, width: float, shape: tuple[int, ...]) -> Weights:
    """1 within the region, falling to 0 at its sides but for those that are the frame's: what it ends in must not be a line."""
    soft = max(width * _RIM / SHRINK, 1.0)
    across, down = np.arange(shape[1], dtype=np.float32), np.arange(shape[0], dtype=np.float32)
    inside = (
        across[None] if region.left > 0 else np.float32(soft),
        across[None, ::-1] if region.right < frame.width - SHRINK else np.float32(soft),
        down[:, None] if region.top > 0 else np.float32(soft),
        down[::-1, None] if region.bottom < frame.height - SHRINK else np.float32(soft),
    )
    result = np.ones(shape, np.float32)
    for distance in inside:
        result = result * (1 - fade_out(distance, 0, soft))
    return result
