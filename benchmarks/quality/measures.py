"""What quality is measured by: CIEDE2000, hue, gradients, injected spots, lips in a shade.

Pure functions of pictures; each says what its figure means.
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab

from benchmarks.quality.portraits import Mask, Rgb
from studio.model.frames import Plane


def delta_e(before: Rgb, after: Rgb, where: Mask) -> float:
    """The mean CIEDE2000 of the pixels inside a mask."""
    return float(deltaE_ciede2000(rgb2lab(before[where][None]), rgb2lab(after[where][None])).mean())


def mean_lab(rgb: Rgb, where: Mask) -> NDArray[np.float64]:
    """The mean colour inside a mask, L*a*b*."""
    return rgb2lab(rgb[where][None])[0].mean(axis=0)


def colours_apart(before: Rgb, after: Rgb, where: Mask) -> float:
    """CIEDE2000 between the mean colours inside a mask, before and after: noise of a camera or a codec is no colour."""
    return float(deltaE_ciede2000(mean_lab(before, where), mean_lab(after, where)))


def step(rgb: Rgb, one: Mask, other: Mask) -> float:
    """CIEDE2000 between the mean colours inside two masks."""
    return float(deltaE_ciede2000(mean_lab(rgb, one), mean_lab(rgb, other)))


def hue_turn(before: Rgb, after: Rgb, where: Mask) -> float:
    """Degrees between the hues of the mean colours."""
    one, other = (np.degrees(np.arctan2(lab[2], lab[1])) for lab in (mean_lab(before, where), mean_lab(after, where)))
    return float(abs((other - one + 180) % 360 - 180))


def gradient_kept(before: NDArray[np.uint8], after: NDArray[np.uint8], where: Mask) -> float:
    """The mean gradient of Y inside a mask, after over before."""

    def gradient(plane: NDArray[np.uint8]) -> float:
        luma = plane.astype(np.float32)
        return float(np.hypot(cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1))[where].mean())

    return gradient(after) / gradient(before)


def spots_in(where: Mask, count: int = 12, room: int = 7) -> list[tuple[int, int]]:
    """Places inside a mask, at least `room` pixels from its edge, spread by a fixed seed."""
    inner = cv2.erode(where.astype(np.uint8), np.ones((2 * room + 1, 2 * room + 1), np.uint8))
    rows, columns = np.nonzero(inner)
    chosen = np.random.default_rng(7).permutation(len(rows))[:count]
    return [(int(columns[index]), int(rows[index])) for index in chosen]


def with_spot(rgb: Rgb, place: tuple[int, int], radius: int, levels: float) -> Rgb:
    """A soft round spot, darker (or brighter) by `levels` on the 8-bit scale."""
    drawn = np.zeros(rgb.shape[:2], np.uint8)
    cv2.circle(drawn, place, radius, 255, -1, cv2.LINE_AA)
    share = cv2.GaussianBlur(drawn, (0, 0), 0.7).astype(np.float32)[..., None] / 255
    return np.rint((rgb + share * levels).clip(0, 255)).astype(np.uint8)


def left_of(pictures: tuple[Plane, Plane, Plane, Plane], place: tuple[int, int], reach: int) -> float:
    """How much of an injected spot is left within `reach` pixels: Y with less Y without it, after over before.

    `pictures`: before without it and with it, after without it and with it.
    """
    x, y = place
    box = (slice(max(y - reach, 0), y + reach + 1), slice(max(x - reach, 0), x + reach + 1))
    clean, spotted, clean_after, spotted_after = (picture[box].astype(int) for picture in pictures)
    return float(np.abs(spotted_after - clean_after).sum() / max(np.abs(spotted - clean).sum(), 1))


SHADES = {"classic red": (178, 26, 46), "nude": (196, 134, 116), "coral": (226, 96, 84), "plum": (110, 34, 66), "pink": (224, 110, 140)}


def with_lips(rgb: Rgb, where: Mask, shade: tuple[int, int, int]) -> Rgb:
    """Lips worn in a shade: the mean of L*a*b* inside the hand-drawn lips moved to it, texture kept."""
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    target = cv2.cvtColor(np.array([[shade]], np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0]
    share = cv2.GaussianBlur(where.astype(np.float32), (0, 0), 1.5)[..., None]
    moved = lab + share * (target - lab[where].mean(axis=0))
    return np.rint(cv2.cvtColor(moved, cv2.COLOR_LAB2RGB).clip(0, 1) * 255).astype(np.uint8)
