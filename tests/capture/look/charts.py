"""A colour chart rendered under any light, held at an angle, and read back from frames."""

import cv2
import numpy as np

from capture.look.chart import WANTED
from capture.look.delta_e import ciede2000, lab_of
from capture.look.still import to_frame

SIZE = (1280, 720)


def to_light(values):
    """sRGB to linear light (IEC 61966-2-1)."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def to_srgb(light):
    light = np.maximum(light, 0)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def flat_chart(side=60, gap=10, border=25):
    """(RGB 0..1, the patches' corners (24, 4, 2))."""
    picture = np.full((4 * side + 3 * gap + 2 * border, 6 * side + 5 * gap + 2 * border, 3), 0.08)
    squares = []
    for index, colour in enumerate(WANTED):
        row, column = divmod(index, 6)
        top, left = border + row * (side + gap), border + column * (side + gap)
        picture[top : top + side, left : left + side] = colour
        squares.append([(left, top), (left + side, top), (left + side, top + side), (left, top + side)])
    return picture, np.array(squares, np.float64)


def scene(angle=6.0, share=0.6, light=(1, 1, 1), mixing=None, noise=0.0, size=SIZE):
    """(RGB uint8 of the chart before a wall with things on it, the patches' corners in it), seen under a light by a camera."""
    chart, squares = flat_chart()
    height, width = chart.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, size[1] * share / height)
    turn[:, 2] += np.array([size[0] / 2 - width / 2, size[1] / 2 - height / 2])
    picture = np.full((size[1], size[0], 3), (0.62, 0.58, 0.54))
    picture[: size[1] // 3, : size[0] // 5] = (0.2, 0.35, 0.6)
    picture[-size[1] // 4 :, -size[0] // 4 :] = (0.7, 0.3, 0.3)
    shown = cv2.warpAffine(chart, turn, size, flags=cv2.INTER_AREA)
    mask = cv2.warpAffine(np.ones((height, width)), turn, size, flags=cv2.INTER_NEAREST) > 0.5
    picture[mask] = shown[mask]
    lit = to_light(picture) @ (np.eye(3) if mixing is None else np.array(mixing)).T * np.array(light)
    seen = to_srgb(lit).clip(0, 1) * 255
    if noise:
        seen += np.random.default_rng(1).normal(0, noise, seen.shape)
    corners = squares @ turn[:, :2].T + turn[:, 2]
    return np.rint(seen.clip(0, 255)).astype(np.uint8), corners


def frame_of(**light):
    picture, corners = scene(**light)
    return to_frame(picture), corners


def apart(colours):
    """ΔE2000 of 24 sRGB colours 0..1 from what they should be."""
    return ciede2000(lab_of(np.clip(colours, 0, 1)), lab_of(WANTED))
