"""Bags, smile lines, teeth, eyes and sharpness of one face, in place, from the mesh.

It refuses to draw anything: it lifts what is darker than the skin around it and strengthens what is there.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from capture.look.anatomy import (
    LEFT_BAG,
    LEFT_EYE,
    LEFT_SMILE_LINE,
    MOUTH,
    RIGHT_BAG,
    RIGHT_EYE,
    RIGHT_SMILE_LINE,
)
from capture.look.faces import Skin
from capture.look.mask import Region, Weights, fade_out, features_mask, fill
from capture.look.one_euro import Points
from capture.look.skin import Quarter
from studio.model.frames import VideoFrame
from studio.model.look import LookSettings

_MOST_LIFTED = 26.0
"""Levels that a shadow under an eye is lifted by at most: more leaves a pale ring."""
_FILLED = 0.75
"""The share of a shadow that goes at 1: all of it takes the cheek's shape away."""
_SHARPER, _BRIGHTER = 0.7, 0.22
"""Gains about the local mean (sharpen) and about the pupil's black (eye_light) at 1."""
_TEETH_LUMA, _TEETH_CHROMA = 0.16, 0.65
"""The shares of the way to white, in light and in colour, at 1."""
_NO_SPARK = 1e6


@dataclass(frozen=True, slots=True)
class RetouchStrengths:
    """What the sliders ask for, each 0..1."""

    sharpen: float = 0.0
    eye_bags: float = 0.0
    smile_lines: float = 0.0
    teeth: float = 0.0
    eye_light: float = 0.0

    @property
    def is_off(self) -> bool:
        """Nothing to do."""
        return not (self.sharpen or self.eye_bags or self.smile_lines or self.teeth or self.eye_light)


def strengths(look: LookSettings) -> RetouchStrengths:
    """The sliders that concern single features."""
    return RetouchStrengths(look.sharpen, look.eye_bags, look.smile_lines, look.teeth, look.eye_light)


def retouch(frame: VideoFrame, quarter: Quarter, points: Points, skin: Skin, wanted: RetouchStrengths, weight: float) -> None:
    """One face, in place, `points` where it is now; `weight` 0..1 fades a face in and out."""
    from capture.look import face_kernels

    if wanted.is_off:
        return
    region, width = quarter.region, quarter.width
    slope, lift = np.zeros_like(quarter.y), np.zeros_like(quarter.y)
    if wanted.eye_bags or wanted.smile_lines:
        lift += _shadows(quarter, points, width, wanted)
    if wanted.sharpen:
        features = _soft(features_mask(points, region), width * 0.012) * np.float32(_SHARPER * wanted.sharpen)
        slope += features
        lift -= features * cv2.blur(quarter.y, (3, 3))
    if wanted.eye_light:
        eyes = _zone(region, width * 0.006, points, (RIGHT_EYE, LEFT_EYE)) * np.float32(_BRIGHTER * wanted.eye_light)
        slope += eyes
        lift -= eyes * np.float32(16 + 0.2 * (skin.luma - 16))
    if wanted.teeth:
        teeth = _teeth(quarter, points, width, skin) * np.float32(wanted.teeth)
        slope -= teeth * np.float32(_TEETH_LUMA)
        lift += teeth * np.float32(_TEETH_LUMA * 235)
        for plane, small in ((frame.u, quarter.u), (frame.v, quarter.v)):
            moved = teeth * np.float32(_TEETH_CHROMA * weight) * (128 - small)
            face_kernels.shift_chroma(plane, region.top // 2, region.left // 2, moved)
    share, nothing = np.float32(weight), np.zeros_like(quarter.y)
    face_kernels.adjust_luma(frame.y, region.top, region.left, slope * share, lift * share, nothing, _NO_SPARK)


def _shadows(quarter: Quarter, points: Points, width: float, wanted: RetouchStrengths) -> Weights:
    """Levels to lift: under the eyes and along the folds, where skin is darker than the skin around."""
    near = quarter.mean_on_skin(max(quarter.side // 2, 1) | 1)
    around = quarter.mean_on_skin(max(round(width * 0.26 / 4), 3) | 1)
    zones = np.zeros_like(quarter.y)
    if wanted.eye_bags:
        zones += _zone(quarter.region, width * 0.02, points, (RIGHT_BAG, LEFT_BAG)) * np.float32(wanted.eye_bags)
    if wanted.smile_lines:
        zones += _lines(quarter.region, width, points) * np.float32(wanted.smile_lines)
    return quarter.mask * zones.clip(0, 1) * ((around - near) * np.float32(_FILLED)).clip(0, _MOST_LIFTED)


def _teeth(quarter: Quarter, points: Points, width: float, skin: Skin) -> Weights:
    """What is bright and hardly red between the lips."""
    mouth = _zone(quarter.region, width * 0.004, points, (MOUTH,))
    light = (quarter.y - 16) * np.float32(1 / max(skin.luma - 16, 8.0))
    redness = (quarter.v - 128) * np.float32(1 / max(skin.v - 128, 6.0))
    return mouth * (1 - fade_out(light, 0.55, 0.85)) * fade_out(redness, 0.75, 1.25)


def _zone(region: Region, soft: float, points: Points, outlines: tuple[tuple[int, ...], ...]) -> Weights:
    drawn = np.zeros(((region.bottom - region.top) // 4, (region.right - region.left) // 4), np.uint8)
    for outline in outlines:
        fill(drawn, points[list(outline)], region, 255)
    return _soft(drawn, soft)


def _lines(region: Region, width: float, points: Points) -> Weights:
    drawn = np.zeros(((region.bottom - region.top) // 4, (region.right - region.left) // 4), np.uint8)
    corner = np.array([region.left, region.top], np.float32)
    for line in (RIGHT_SMILE_LINE, LEFT_SMILE_LINE):
        small = np.rint(((points[list(line)] - corner) / 4).clip(-4000, 4000)).astype(np.int32)
        cv2.polylines(drawn, [small], isClosed=False, color=255, thickness=max(round(width * 0.07 / 4), 1))
    return _soft(drawn, width * 0.02)


def _soft(drawn: np.ndarray, sigma: float) -> Weights:
    return cv2.GaussianBlur(drawn, (0, 0), max(sigma / 4, 0.5)).astype(np.float32) * np.float32(1 / 255)
