"""Lips in a shade given by hex, blush and brows of one face, in place, from the mesh.

It refuses to paint over texture: a shade moves the mean of what is there, and highlights stay on top.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.anatomy import LEFT_BROW, LEFT_CHEEK, LIPS, MOUTH, RIGHT_BROW, RIGHT_CHEEK
from capture.look.mask import Region, Weights, fade_out, fill
from capture.look.one_euro import Points
from capture.look.skin import Quarter
from studio.model.frames import VideoFrame
from studio.model.look import LookSettings

Yuv = tuple[float, float, float]

_BLUSH = 0.45
"""The share of the way to the shade in the middle of a cheek at 1."""
_BROW = 0.45
"""The share of light that brows lose at 1."""
_KNEE = 1.12
"""Times the lips' mean light: what is brighter is a highlight and keeps its distance."""
_LEAST_GAIN, _MOST_GAIN = 0.42, 1.5
"""Of the lips' light: a black or white shade would leave nothing of their form."""
_OTHER_START, _OTHER_END = 16.0, 30.0
"""Levels of chroma from the lips' own: a finger or a brush before them fades out."""


@dataclass(frozen=True, slots=True)
class MakeUp:
    """Strengths 0..1, shades as Y, U, V on the 8-bit scale."""

    lips: float = 0.0
    lip_colour: Yuv = (16.0, 128.0, 128.0)
    blush: float = 0.0
    blush_colour: Yuv = (16.0, 128.0, 128.0)
    brows: float = 0.0

    @property
    def is_off(self) -> bool:
        """Nothing to do."""
        return not (self.lips or self.blush or self.brows)


def make_up(look: LookSettings) -> MakeUp:
    """The sliders and shades that concern make-up."""
    return MakeUp(look.lips, to_yuv(look.lip_colour), look.blush, to_yuv(look.blush_colour), look.brows)


def to_yuv(shade: str) -> Yuv:
    """#rrggbb as Y, U, V (ITU-R BT.709-6, item 3, limited range)."""
    red, green, blue = (int(shade[start : start + 2], 16) / 255 for start in (1, 3, 5))
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748


def paint(frame: VideoFrame, quarter: Quarter, points: Points, width: float, wanted: MakeUp, weight: float) -> None:
    """One face, in place; `weight` 0..1 fades a face in and out."""
    if wanted.blush:
        _blush(frame, quarter, points, width, wanted, weight)
    if wanted.brows:
        for brow in (RIGHT_BROW, LEFT_BROW):
            _brow(frame, points[list(brow)], width, wanted.brows * weight)
    if wanted.lips:
        _lips(frame, points, width, wanted, weight)


def _blush(frame: VideoFrame, quarter: Quarter, points: Points, width: float, wanted: MakeUp, weight: float) -> None:
    from capture.look import face_kernels

    region = quarter.region
    rows = np.arange(quarter.y.shape[0], dtype=np.float32)[:, None] * 4 + np.float32(region.top + 1.5)
    columns = np.arange(quarter.y.shape[1], dtype=np.float32) * 4 + np.float32(region.left + 1.5)
    glow = np.zeros_like(quarter.y)
    for cheek in (RIGHT_CHEEK, LEFT_CHEEK):
        x, y = points[list(cheek)].mean(axis=0)
        far = ((columns - x) / (0.15 * width)) ** 2 + ((rows - y) / (0.11 * width)) ** 2
        glow = np.maximum(glow, np.exp(-far))
    glow *= quarter.mask * np.float32(_BLUSH * wanted.blush * weight)
    luma, u, v = wanted.blush_colour
    darker = glow * (np.float32(luma) - quarter.y).clip(-40, 0) * np.float32(0.5)
    face_kernels.lift_luma(frame.y, region.top, region.left, darker)
    face_kernels.shift_chroma(frame.u, region.top // 2, region.left // 2, glow * (np.float32(u) - quarter.u))
    face_kernels.shift_chroma(frame.v, region.top // 2, region.left // 2, glow * (np.float32(v) - quarter.v))


def _brow(frame: VideoFrame, outline: Points, width: float, strength: float) -> None:
    region = _around(frame, outline, width * 0.03 + 2)
    if region.is_empty:
        return
    drawn = _drawn(region, width * 0.01, outline)
    part = frame.y[region.top : region.bottom, region.left : region.right]
    luma = part.astype(np.float32)
    part[:] = np.rint(luma - drawn * np.float32(_BROW * strength) * (luma - 16).clip(0)).astype(np.uint8)


def _lips(frame: VideoFrame, points: Points, width: float, wanted: MakeUp, weight: float) -> None:
    outer, inner = points[list(LIPS)], points[list(MOUTH)]
    region = _around(frame, outer, width * 0.02 + 2)
    if region.is_empty:
        return
    mask = _drawn(region, width * 0.008, outer, inner)
    y = frame.y[region.top : region.bottom, region.left : region.right]
    half = (slice(region.top // 2, region.bottom // 2), slice(region.left // 2, region.right // 2))
    u, v = frame.u[half], frame.v[half]
    small = cv2.resize(mask, (u.shape[1], u.shape[0]), interpolation=cv2.INTER_AREA)
    own = small > 0.6
    if np.count_nonzero(own) < 12:
        return
    own_u, own_v = float(np.median(u[own])), float(np.median(v[own]))
    du, dv = u.astype(np.float32) - np.float32(own_u), v.astype(np.float32) - np.float32(own_v)
    small = small * fade_out(cv2.magnitude(du, dv), _OTHER_START, _OTHER_END) * np.float32(wanted.lips * weight)
    mask = mask * np.float32(wanted.lips * weight)
    luma = y.astype(np.float32)
    mean = float(np.average(luma, weights=mask))
    gain = min(max((wanted.lip_colour[0] - 16) / max(mean - 16, 4.0), _LEAST_GAIN), _MOST_GAIN)
    body = np.minimum(luma, np.float32(16 + _KNEE * (mean - 16))) - 16
    mask = np.minimum(mask, cv2.resize(small, (mask.shape[1], mask.shape[0])) + np.float32(0.15) * mask)
    y[:] = np.rint((luma + mask * body * np.float32(gain - 1)).clip(0, 255)).astype(np.uint8)
    for plane, shade, middle in ((u, wanted.lip_colour[1], own_u), (v, wanted.lip_colour[2], own_v)):
        plane[:] = np.rint((plane + small * np.float32(shade - middle)).clip(0, 255)).astype(np.uint8)


def _around(frame: VideoFrame, outline: Points, margin: float) -> Region:
    """The outline's box in the frame, corners even."""
    low, high = outline.min(axis=0) - margin, outline.max(axis=0) + margin
    left, top = (int(min(max(value, 0), 8192)) // 2 * 2 for value in low)
    right = min(int(min(max(high[0], 0), 8192)) // 2 * 2 + 2, frame.width)
    bottom = min(int(min(max(high[1], 0), 8192)) // 2 * 2 + 2, frame.height)
    return Region(left, top, max(right, left), max(bottom, top))


def _drawn(region: Region, soft: float, outline: Points, hole: Points | None = None) -> Weights:
    """The outline less the hole, soft, at full size."""
    drawn: NDArray[np.uint8] = np.zeros((region.bottom - region.top, region.right - region.left), np.uint8)
    fill(drawn, outline, region, 255, 1)
    if hole is not None:
        fill(drawn, hole, region, 0, 1)
    return cv2.GaussianBlur(drawn, (0, 0), max(soft, 0.6)).astype(np.float32) * np.float32(1 / 255)
