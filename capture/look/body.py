"""Whitens the neck and chest with the face, in place, so that the jaw shows no step.

It refuses to go by colour alone: what it changes must have this person's colour at this light and be joined to the neck without an edge,
so that a beige bottle or a lipstick held before it stays as it is.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.anatomy import CHIN, LEFT_SIDE, OVAL, RIGHT_SIDE, TOP
from capture.look.faces import Skin
from capture.look.mask import Region, Weights, fade_out, fill
from capture.look.one_euro import Points
from capture.look.skin import Quarter, SkinStrengths, shift_u, shift_v, whitened
from capture.look.step import Yuv, share_of
from studio.model.frames import VideoFrame

_SHRINK = 8
_LEAST_WIDTH = 48.0
"""Pixels: the neck of a smaller face is a handful of cells."""
_EVERY = 4
"""Frames from one look at the neck to the next: it costs half of what the face does."""
_RISING, _FALLING = 0.25, 0.95
"""Shares of the new weight each time: skin comes slowly, what is put before it goes at once."""
_LEARNING = 0.1
"""The share of a new tone: a neck's tone changes with the light over seconds, a bottle before it comes within one."""
_MOST_TURN, _LEAST_STRONG, _MOST_STRONG = 0.45, 0.5, 2.2
"""Radians of hue, and times the colourfulness, that a neck's tone may be from the face's: a neck is in shade, unpowdered, reddened."""
_UNSURE = 4.0
"""Levels of chroma by which a face's tone is uncertain: the hue of pale skin is hardly known."""
_FACE_TONE, _NECK_TONE = (6.0, 10.0), (7.5, 13.0)
"""Levels of chroma, at the face's light, from the face's tone and from the neck's: whole up to the first, nothing from the second."""
_FIRST_FINDS, _PATIENCE = 5, 30
"""Finds, of 7 a second: a neck's tone that wasn't learnt within the first is believed after so many in a row."""
_ADOPTING = 0.006
"""The share by which what could be neck comes to be known as such: 6 s, and a bottle before a scarf isn't held up so long."""
_LEAST_COLOUR = 9.0
"""Levels: skin with less colour than this (a grey picture, pale skin in blue light) can't be told from grey hair and cloth by its tone."""
_SEAM = 0.08
"""Face widths that skin reaches into an edge which was always there, as where a shadow of the jaw ends; a thing's edge is new."""
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_DARK = (0.09, 0.18)
"""Of the face's light: nothing is whitened below the first, all of it from the second on."""
_DEEPENING = 1.5
"""The power of the light that is missing by which a tone may be stronger in shade: 1 is a shadow that takes light and leaves colour;
light that comes to it from skin nearby adds some."""
_DEEPEST = 0.25
"""Of the face's light: below it chroma is noise."""
_RIM = 0.2
"""Face widths over which whitening ends where the neck and chest run on out of the region."""
_LEAST_CELLS = 12.0
"""Cells of 8 × 8 pixels: the mean of fewer is noise."""
_JAW = tuple(OVAL[12:25])
"""From corner to corner below."""

Tone = tuple[float, float]
"""Chroma over light, in levels at the light of the face: a shadow takes colour away as it takes light, for both scale with R'G'B'."""


class Body:
    """The neck of one face from frame to frame, found in every fourth; owned by the `program` thread."""

    def __init__(self) -> None:
        self._weights: Weights | None = None
        self._region: Region | None = None
        self._light: Weights | None = None
        self._area: Weights | None = None
        self._edges: Weights | None = None
        self._core: Weights | None = None
        self._tone: Tone | None = None
        self._colours: tuple[Weights, Weights] | None = None
        self._share = 1.0
        self._calls = self._finds = self._in_a_row = 0

    def whiten(self, frame: VideoFrame, points: Points, quarter: Quarter, skin: Skin, wanted: SkinStrengths, weight: float) -> None:
        """In place, before the face itself, whose `quarter` says how it is going to change; `weight` 0..1 fades a face in and out."""
        self._calls += 1
        is_first = self._weights is None
        if is_first or self._calls % _EVERY == 1:
            self._find(frame, points, quarter.width, skin)
            if self._weights is not None:
                wish = self._hold(quarter, skin, wanted)
                self._share = wish if is_first else self._share + _RISING * (wish - self._share)
        if self._weights is not None and self._region is not None and self._light is not None:
            _apply(frame, self._region, self._light, self._weights * np.float32(weight * self._share), skin, wanted)

    def _hold(self, quarter: Quarter, skin: Skin, wanted: SkinStrengths) -> float:
        """The share of whitening that keeps the step to the face."""
        if self._light is None or self._colours is None or self._core is None or self._core.sum() < _LEAST_CELLS:
            return 1.0
        shifts = shift_u(skin, wanted), shift_v(skin, wanted)
        face, change = _meant((quarter.y, quarter.u, quarter.v), quarter.mask, shifts, wanted)
        neck, own_change = _meant((self._light, *self._colours), self._core, shifts, wanted)
        return share_of(face, (face[0] + change[0], face[1] + change[1], face[2] + change[2]), neck, own_change)

    def _find(self, frame: VideoFrame, points: Points, width: float, skin: Skin) -> None:
        region = _region(frame, points, width)
        if width < _LEAST_WIDTH or region.is_empty:
            self._weights = None
            return
        y, u, v = _cells(frame, region)
        drawn = _Drawn(points, width, region, y.shape)
        calm = _calm(y, u, v, skin)
        tones = _tones(y, u, v, skin)
        light = (y - 16) * np.float32(1 / max(skin.luma - 16, 8.0))
        new = _tone_of(tones, light, skin, drawn.seeds * (calm > 0.5))
        self._finds += 1
        self._in_a_row = self._in_a_row + 1 if new is not None else 0
        is_known = self._tone is not None or self._finds <= _FIRST_FINDS or self._in_a_row > _PATIENCE
        if new is not None and is_known:
            old = self._tone or new
            self._tone = (old[0] + _LEARNING * (new[0] - old[0]), old[1] + _LEARNING * (new[1] - old[1]))
        area = self._area = _shifted(self._area, self._region, region, y.shape)
        edges = self._edges = _shifted(self._edges, self._region, region, y.shape)
        gate, candidates = _candidates(light, tones, calm, skin, self._tone)
        joined = _joined(candidates, drawn, None if self._finds <= _FIRST_FINDS else area)
        area += np.float32(_ADOPTING) * (_joined(candidates, drawn, None) - area)
        np.maximum(area, joined, out=area)
        edges += (np.float32(1 / self._finds) if self._finds <= _FIRST_FINDS else np.float32(_ADOPTING)) * ((calm < 0.5) - edges)
        joined = _spread(joined, (gate > 0.5) & (edges > 0.5), round(width * _SEAM / _SHRINK))
        beyond = 1 - cv2.GaussianBlur(drawn.face, (0, 0), drawn.soft).astype(np.float32) * np.float32(1 / 255)
        fresh = cv2.GaussianBlur(joined, (0, 0), 0.7) * gate * beyond * _rim(frame, region, width, y.shape)
        old = _shifted(self._weights, self._region, region, y.shape) if self._weights is not None else fresh
        step = fresh - old
        self._weights = old + step * np.where(step > 0, np.float32(_RISING), np.float32(_FALLING))
        self._core = fresh * (calm > 0.5)
        self._light, self._colours, self._region = y, (u, v), region


def _meant(planes: tuple[Weights, Weights, Weights], mask: Weights, shifts: tuple[float, float], wanted: SkinStrengths) -> tuple[Yuv, Yuv]:
    """The mean colour of what a mask shows, and how whitening is going to move it."""
    total = float(mask.sum()) + 1e-3
    own = [float(np.vdot(mask, plane)) / total for plane in planes]
    square = mask * mask
    share = float(square.sum()) / total
    lift = float((square * whitened(planes[0], wanted)).sum()) / total
    return (own[0], own[1], own[2]), (lift, share * shifts[0], share * shifts[1])


class _Drawn:
    """Where the neck begins, where the face is, and what lies along the jaw, at 1/8 of the size."""

    def __init__(self, points: Points, width: float, region: Region, shape: tuple[int, ...]) -> None:
        down = points[CHIN] - points[TOP]
        down = down / max(float(np.hypot(*down)), 1.0) * np.float32(width)
        jaw = points[list(_JAW)]
        self.seeds, self.face, self.below = (np.zeros(shape, np.uint8) for _ in range(3))
        fill(self.seeds, np.concatenate([jaw + down * np.float32(0.06), jaw[::-1] + down * np.float32(0.34)]), region, 1, _SHRINK)
        fill(self.face, points[list(OVAL)], region, 255, _SHRINK)
        fill(self.below, np.concatenate([jaw, jaw[::-1] + down * np.float32(0.12)]), region, 1, _SHRINK)
        self.soft = max(width * 0.012 / _SHRINK, 0.5)


def _candidates(
    light: Weights, tones: tuple[Weights, Weights], calm: Weights, skin: Skin, tone: Tone | None
) -> tuple[Weights, NDArray[np.uint8]]:
    """How much each cell has this person's tone (0..1), and where that runs on without an edge (0 or 1)."""
    face, gate = (skin.u - 128, skin.v - 128), np.zeros_like(light)
    if np.hypot(*face) >= _LEAST_COLOUR:
        gate = _near(tones, light, face, _FACE_TONE)
    if tone is not None:
        gate = np.maximum(gate, _near(tones, light, tone, _NECK_TONE))
    gate *= (1 - fade_out(light, *_DARK)) * fade_out(light, 1.3, 1.6)
    return gate, ((gate > 0.5) & (calm > 0.5)).astype(np.uint8)


def _joined(candidates: NDArray[np.uint8], drawn: _Drawn, known: Weights | None) -> Weights:
    """The pieces that begin below the jaw, 0 or 1: the largest and what isn't much smaller; of these none that is new to `known`."""
    count, labels = cv2.connectedComponents(candidates, connectivity=4)
    flat = labels.ravel()
    inside = np.bincount(labels[(drawn.seeds > 0) & (candidates > 0)], minlength=count)
    sizes = np.bincount(flat, minlength=count)
    sizes[0] = 0
    is_neck = (inside >= 4) & (sizes >= 0.3 * sizes[inside >= 4].max(initial=1))
    if known is not None:
        is_neck &= np.bincount(flat, known.ravel(), count) >= 0.25 * sizes
    is_neck[0] = False
    joined = is_neck[labels].astype(np.uint8)
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
    dx, dy = (new.left - old.left) // _SHRINK, (new.top - old.top) // _SHRINK
    top, left = max(-dy, 0), max(-dx, 0)
    part = before[max(dy, 0) :, max(dx, 0) :][: max(shape[0] - top, 0), : max(shape[1] - left, 0)]
    result[top : top + part.shape[0], left : left + part.shape[1]] = part
    return result


def _tones(y: Weights, u: Weights, v: Weights, skin: Skin) -> tuple[Weights, Weights]:
    scale = np.float32(max(skin.luma - 16, 8.0)) / np.maximum(y - 16, 12)
    return (u - 128) * scale, (v - 128) * scale


def _near(tones: tuple[Weights, Weights], light: Weights, tone: Tone, reach: tuple[float, float]) -> Weights:
    """1 where a tone is the given one; in shade it may be stronger."""
    strength = float(np.hypot(*tone))
    along = (tones[0] * np.float32(tone[0]) + tones[1] * np.float32(tone[1])) * np.float32(1 / max(strength, 1.0) ** 2)
    scale = 1 / np.clip(along, 1, light.clip(_DEEPEST, 1) ** -_DEEPENING)
    du, dv = tones[0] * scale - np.float32(tone[0]), tones[1] * scale - np.float32(tone[1])
    return fade_out(du * du + dv * dv, reach[0] ** 2, reach[1] ** 2)


def _tone_of(tones: tuple[Weights, Weights], light: Weights, skin: Skin, seeds: Weights) -> Tone | None:
    """The neck's own tone: the median of what lies below the jaw and could be this person's skin in another light."""
    there = (seeds > 0) & (light > _DARK[1])
    u, v = tones[0][there], tones[1][there]
    face_u, face_v = skin.u - 128, skin.v - 128
    colour = float(np.hypot(face_u, face_v))
    turn = np.abs(np.angle((u + 1j * v) * complex(face_u, -face_v)))
    strong = np.hypot(u, v)
    own = (turn < _MOST_TURN + _UNSURE / max(colour, _UNSURE)) & (strong > max(_LEAST_STRONG * colour, _LEAST_COLOUR))
    own &= strong * light[there].clip(0, 1) < _MOST_STRONG * max(colour, _LEAST_COLOUR)
    if np.count_nonzero(own) < max(8, 0.3 * own.size):
        return None
    return float(np.median(u[own])), float(np.median(v[own]))


def _cells(frame: VideoFrame, region: Region) -> tuple[Weights, Weights, Weights]:
    """Y, U, V at 1/8 of the size, float32: every second or fourth pixel is read, the rest is noise that the mean takes out."""
    size = ((region.right - region.left) // _SHRINK, (region.bottom - region.top) // _SHRINK)
    box = (slice(region.top, region.bottom, 4), slice(region.left, region.right, 4))
    half = (slice(region.top // 2, region.bottom // 2, 2), slice(region.left // 2, region.right // 2, 2))
    planes = (frame.y[box], frame.u[half], frame.v[half])
    y, u, v = (cv2.resize(np.ascontiguousarray(plane), size, interpolation=cv2.INTER_AREA).astype(np.float32) for plane in planes)
    return y, u, v


def _calm(y: Weights, u: Weights, v: Weights, skin: Skin) -> Weights:
    """1 where light and colour run on, 0 at the edge of a thing."""
    scale = np.float32(1 / 8)
    edges = []
    for plane in (y, u, v):
        across, down = cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1)
        edges.append(cv2.magnitude(across, down) * scale)
    most = 18.0 * max(skin.luma - 16, 30.0) / 130
    return fade_out(edges[0], most, most * 1.5) * fade_out(edges[1] + edges[2], 3.0, 5.0)


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
    left, top, right, bottom = (int(min(max(value, low), high)) // _SHRINK * _SHRINK for value, low, high in cells)
    return Region(left, top, right, bottom)


def _rim(frame: VideoFrame, region: Region, width: float, shape: tuple[int, ...]) -> Weights:
    """1 within the region, falling to 0 at its sides but for those that are the frame's: what it ends in must not be a line."""
    soft = max(width * _RIM / _SHRINK, 1.0)
    across, down = np.arange(shape[1], dtype=np.float32), np.arange(shape[0], dtype=np.float32)
    inside = (
        across[None] if region.left > 0 else np.float32(soft),
        across[None, ::-1] if region.right < frame.width - _SHRINK else np.float32(soft),
        down[:, None] if region.top > 0 else np.float32(soft),
        down[::-1, None] if region.bottom < frame.height - _SHRINK else np.float32(soft),
    )
    result = np.ones(shape, np.float32)
    for distance in inside:
        result = result * (1 - fade_out(distance, 0, soft))
    return result


def _apply(frame: VideoFrame, region: Region, y: Weights, weights: Weights, skin: Skin, wanted: SkinStrengths) -> None:
    from capture.look import face_kernels

    rows, columns = np.nonzero(weights.max(axis=1) > 1e-3)[0], np.nonzero(weights.max(axis=0) > 1e-3)[0]
    if not rows.size or not columns.size:
        return
    box = (slice(max(rows[0] - 1, 0), rows[-1] + 2), slice(max(columns[0] - 1, 0), columns[-1] + 2))
    part = np.where(weights[box] > 1e-3, weights[box], np.float32(0))
    size = (part.shape[1] * 2, part.shape[0] * 2)
    top, left = region.top + box[0].start * _SHRINK, region.left + box[1].start * _SHRINK
    extra = cv2.resize(part * whitened(y[box], wanted), size, interpolation=cv2.INTER_LINEAR)
    nothing = np.zeros_like(extra)
    face_kernels.adjust_luma(frame.y, top, left, nothing, nothing, extra, 1e6)
    for plane, shift in ((frame.u, shift_u(skin, wanted)), (frame.v, shift_v(skin, wanted))):
        moved = cv2.resize(part * np.float32(shift), size, interpolation=cv2.INTER_LINEAR)
        face_kernels.shift_chroma(plane, top // 2, left // 2, moved)
