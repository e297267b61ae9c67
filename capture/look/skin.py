"""Smooths, whitens and warms the skin of one face, in place, by a fast guided filter on Y.

It refuses to touch what isn't skin: outside the mask the coefficients are 1 and 0, and no bit changes.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from capture.look.faces import Skin
from capture.look.mask import Region, Weights, forehead_height, region_of, shape_mask, skin_gate
from capture.look.one_euro import Points
from studio.model.frames import VideoFrame
from studio.model.settings import LookSettings

_LEAST_EDGE, _MOST_EDGE = 0.04, 0.10
"""The guided filter's √eps at the ends of the slider, on a scale where white is 1: edges above it stay. At .14 faces look like plastic."""
_MOST_SMOOTH = 0.84
"""The rest of the texture always stays."""
_WHITEN_LUMA, _WHITEN_CHROMA = 26.0, 0.16
"""Levels that a middle grey is raised by, and the share of colour taken out, with whiten at 1."""
_ROSY_U, _ROSY_V = 1.0, 5.0
"""Levels towards rose, with rosy at 1."""


@dataclass(frozen=True, slots=True)
class SkinStrengths:
    """What the sliders ask for, each 0..1."""

    smooth: float
    whiten: float
    rosy: float

    @property
    def is_off(self) -> bool:
        """Nothing to do."""
        return not (self.smooth or self.whiten or self.rosy)


def strengths(look: LookSettings) -> SkinStrengths:
    """The sliders that concern skin."""
    return SkinStrengths(look.smooth, look.whiten, look.rosy)


@dataclass(frozen=True, slots=True)
class Quarter:
    """A region at a quarter of its size, float32 on the 8-bit scale, and the mask in it."""

    y: Weights
    u: Weights
    v: Weights
    mask: Weights


def quarter_of(frame: VideoFrame, region: Region, points: Points, width: float, skin: Skin) -> Quarter:
    """Shrink the region and find the skin in it."""
    size = ((region.right - region.left) // 4, (region.bottom - region.top) // 4)
    half = (slice(region.top // 2, region.bottom // 2), slice(region.left // 2, region.right // 2))
    y = cv2.resize(frame.y[region.top : region.bottom, region.left : region.right], size, interpolation=cv2.INTER_AREA).astype(np.float32)
    u = cv2.resize(frame.u[half], size, interpolation=cv2.INTER_AREA).astype(np.float32)
    v = cv2.resize(frame.v[half], size, interpolation=cv2.INTER_AREA).astype(np.float32)
    soft = max(width * 0.006 / 4, 0.6)
    blurred = (cv2.GaussianBlur(plane, (0, 0), soft) for plane in (y, u, v))
    gate = skin_gate(*blurred, skin, forehead_height(points, region))
    return Quarter(y, u, v, shape_mask(points, width, region) * cv2.GaussianBlur(gate, (0, 0), soft))


def beautify(frame: VideoFrame, points: Points, width: float, skin: Skin, wanted: SkinStrengths, weight: float) -> None:
    """One face, in place; `weight` 0..1 fades a face in and out. Landmarks that can't be a face's change nothing."""
    if not np.isfinite(points).all() or not 8 <= width <= 2 * max(frame.width, frame.height):
        return
    region = region_of(points, width, frame.width, frame.height)
    if region.is_empty:
        return
    from capture.look import kernels

    quarter = quarter_of(frame, region, points, width, skin)
    mask = quarter.mask * np.float32(weight)
    gain, lift = _luma(quarter.y, mask, width, wanted)
    kernels.scale_luma(frame.y[region.top : region.bottom, region.left : region.right], gain, lift)
    if wanted.whiten or wanted.rosy:
        half = (slice(region.top // 2, region.bottom // 2), slice(region.left // 2, region.right // 2))
        for plane, shift in ((frame.u, _shift_u(skin, wanted)), (frame.v, _shift_v(skin, wanted))):
            kernels.shift_chroma(plane[half], np.rint(mask * np.float32(shift * 256)).astype(np.int32))


def _shift_u(skin: Skin, wanted: SkinStrengths) -> float:
    return wanted.rosy * _ROSY_U + wanted.whiten * _WHITEN_CHROMA * (128 - skin.u)


def _shift_v(skin: Skin, wanted: SkinStrengths) -> float:
    return wanted.rosy * _ROSY_V + wanted.whiten * _WHITEN_CHROMA * (128 - skin.v) * 0.5


def _luma(y: Weights, mask: Weights, width: float, wanted: SkinStrengths) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The guided filter's a and b (He, Sun, Tang 2013; fast form 2015), skin alone counted, mixed with 1 and 0 by the mask, in 1/256.

    The window is about 1/12 of the face: half as wide leaves blotches, twice as wide flattens cheeks.
    """
    side = 2 * max(round(width * 0.04 / 4), 1) + 1
    share = mask + np.float32(0.002)
    total = _box(share, side)
    mean = _box(share * y, side) / total
    variance = np.maximum(_box(share * y * y, side) / total - mean * mean, 0)
    edge = 255 * (_LEAST_EDGE + (_MOST_EDGE - _LEAST_EDGE) * wanted.smooth)
    slope = variance / (variance + np.float32(edge * edge))
    offset = mean * (1 - slope)
    slope, offset = _box(share * slope, side) / total, _box(share * offset, side) / total
    mix = mask * np.float32(_MOST_SMOOTH * wanted.smooth**0.5)
    gain = 1 - mix * (1 - slope)
    lift = mix * offset
    if wanted.whiten:
        light = mean.clip(16, 235)
        lift = lift + mask * (light - 16) * (235 - light) * np.float32(wanted.whiten * _WHITEN_LUMA / 109.5**2)
    return np.rint(gain * 256).astype(np.int32), np.rint(lift * 256).astype(np.int32)


def _box(values: Weights, side: int) -> Weights:
    return cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE)
