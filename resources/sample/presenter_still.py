"""Draws the parts of the sample presenter: the person cut out of a public-domain portrait, a plain studio wall, a counter with goods.

It refuses to smooth the portrait: the small picture is enlarged, and skin gets back a texture such as a camera would see.
"""  # noqa: INP001 - scripts beside the pictures that they make

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

Picture = NDArray[np.float32]
"""(H, W, 3), RGB as displayed (gamma), 0..255."""

PORTRAIT_ROWS = 300
"""Below this row the portrait shows a helmet; the counter hides it."""

# Drawn by hand on the 512 x 512 portrait: surely the person, and what may be her (hair and cloth edges are found in between).
_SURELY_PERSON = (
    [
        (165, 70),
        (180, 38),
        (215, 24),
        (255, 28),
        (285, 55),
        (290, 90),
        (280, 115),
        (268, 134),
        (262, 145),
        (254, 160),
        (252, 172),
        (268, 188),
    ],
    [(290, 216), (300, 245), (335, 262), (352, 300), (35, 300), (50, 272), (75, 250), (125, 225), (120, 195), (135, 170), (175, 158)],
    [(186, 150), (184, 125), (168, 105)],
)
_MAYBE_PERSON = (
    [(144, 75), (146, 42), (168, 21), (200, 7), (240, 6), (275, 18), (305, 42), (311, 90), (304, 122), (284, 140), (264, 150), (259, 160)],
    [(259, 170), (290, 199), (308, 234), (352, 247), (374, 300), (8, 300), (25, 267), (52, 236), (104, 214), (102, 186), (122, 160)],
    [(162, 147), (175, 130), (152, 117)],
)


@dataclass(frozen=True, slots=True)
class Person:
    """The presenter at her size on the canvas: colour, coverage 0..1 (H, W), and where skin is, 0..1."""

    colour: Picture
    coverage: NDArray[np.float32]
    skin: NDArray[np.float32]


def cut_out(scale: float, seed: int) -> Person:
    """The portrait enlarged by `scale`, without its background, with skin texture."""
    portrait = np.ascontiguousarray(data.astronaut()[:PORTRAIT_ROWS])
    size = (round(portrait.shape[1] * scale), round(PORTRAIT_ROWS * scale))
    coverage = cv2.resize(_coverage(portrait), size, interpolation=cv2.INTER_CUBIC).clip(0, 1)
    colour = cv2.resize(_spread_foreground(portrait), size, interpolation=cv2.INTER_LANCZOS4).astype(np.float32)
    colour += 0.6 * (colour - cv2.GaussianBlur(colour, (0, 0), scale * 0.8))
    skin = _skin(colour.clip(0, 255))
    return Person(_with_texture(colour, skin, seed).clip(0, 255), coverage.astype(np.float32), skin)


def _polygon(parts: tuple[list[tuple[int, int]], ...], zoom: int) -> NDArray[np.int32]:
    return (np.array([point for part in parts for point in part]) * zoom).astype(np.int32)


def _coverage(portrait: NDArray[np.uint8]) -> NDArray[np.float32]:
    zoom = 3
    large = cv2.resize(portrait, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
    mask = np.full(large.shape[:2], cv2.GC_BGD, np.uint8)
    cv2.fillPoly(mask, [_polygon(_MAYBE_PERSON, zoom)], cv2.GC_PR_FGD)
    cv2.fillPoly(mask, [_polygon(_SURELY_PERSON, zoom)], cv2.GC_FGD)
    cv2.setRNGSeed(1)
    cv2.grabCut(large, mask, None, np.zeros((1, 65)), np.zeros((1, 65)), 6, cv2.GC_INIT_WITH_MASK)
    hard = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    hard = cv2.erode(hard, np.ones((3, 3), np.uint8)).astype(np.float32)
    soft = cv2.GaussianBlur(hard, (0, 0), 1.6)
    return cv2.resize(soft, (portrait.shape[1], portrait.shape[0]), interpolation=cv2.INTER_AREA)


def _spread_foreground(portrait: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The person's colours carried outwards over her edge, so that no old background shines through soft hair."""
    inside = (_coverage(portrait) > 0.97).astype(np.float32)
    colour = portrait.astype(np.float32)
    spread = colour * inside[..., None]
    weight = inside.copy()
    for radius in (1.5, 3.0, 6.0, 12.0):
        blurred, total = cv2.GaussianBlur(spread, (0, 0), radius), cv2.GaussianBlur(weight, (0, 0), radius)
        fill = (weight < 0.5) & (total > 0.02)
        spread[fill] = blurred[fill] / total[fill][:, None]
        weight[fill] = 1.0
    return spread


def _skin(colour: Picture) -> NDArray[np.float32]:
    """Where this portrait shows skin: its own range of colour, nothing more general."""
    lab = cv2.cvtColor(colour / 255, cv2.COLOR_RGB2LAB)
    distance = ((lab[..., 1] - 14) / 9) ** 2 + ((lab[..., 2] - 20) / 12) ** 2 + np.maximum(0, (48 - lab[..., 0]) / 12) ** 2
    height, width = colour.shape[:2]
    face = np.zeros((height, width), np.float32)
    centre = (round(width * 225 / 512), round(height * 132 / PORTRAIT_ROWS))
    cv2.ellipse(face, centre, (round(width * 56 / 512), round(height * 62 / PORTRAIT_ROWS)), 0, 0, 360, 1, -1)
    return cv2.GaussianBlur(np.exp(-distance).astype(np.float32) * face, (0, 0), 3)


def _with_texture(colour: Picture, skin: NDArray[np.float32], seed: int) -> Picture:
    """Pores, fine unevenness and a few spots: what a portrait 108 pixels wide in the face has lost."""
    random = np.random.default_rng(seed)
    shape = skin.shape
    pores = _band(random, shape, 0.8, 2.0)
    pores = np.where(pores > 0, 0.6 * pores, 1.3 * pores) * 4.6
    uneven = _band(random, shape, 2.5, 6.0) * 2.2 + _band(random, shape, 6, 14) * 1.4
    spots = np.zeros(shape, np.float32)
    for _ in range(220):
        x, y = random.uniform(0, shape[1]), random.uniform(0, shape[0])
        cv2.circle(
            spots, (round(x * 16), round(y * 16)), round(random.uniform(1.0, 2.6) * 16), random.uniform(0.3, 1.0), -1, cv2.LINE_AA, 4
        )
    spots = cv2.GaussianBlur(spots, (0, 0), 1.3)
    light = (pores + uneven)[..., None] * np.array([1.0, 1.0, 1.0], np.float32)
    blemish = spots[..., None] * np.array([-7.0, -16.0, -15.0], np.float32)
    redness = _band(random, shape, 5, 12)[..., None] * np.array([1.2, -0.8, -0.6], np.float32)
    return colour + (light + blemish + redness) * skin[..., None]


def _band(random: np.random.Generator, shape: tuple[int, ...], fine: float, coarse: float) -> NDArray[np.float32]:
    """Noise between two scales (sigmas in pixels), with standard deviation 1."""
    noise = random.standard_normal(shape).astype(np.float32)
    band = cv2.GaussianBlur(noise, (0, 0), fine) - cv2.GaussianBlur(noise, (0, 0), coarse)
    return band / band.std()


def wall(width: int, height: int, glow: tuple[float, float], seed: int) -> Picture:
    """A plain warm wall with two arches and the glow of a ring light around `glow`."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    unit = min(width, height) / 1080
    top, bottom = np.array([226.0, 206.0, 192.0], np.float32), np.array([205.0, 176.0, 160.0], np.float32)
    picture = top + (bottom - top) * (rows / height)[..., None] ** 1.3
    for centre in (glow[0] - 720 * unit, glow[0] + 720 * unit):
        distance = _arch(columns, rows, centre, glow[1] + 40 * unit, 235 * unit)
        inside = 1 / (1 + np.exp((distance / (5 * unit)).clip(-40, 40)))
        edge = np.exp(-((distance / (7 * unit)) ** 2))
        picture -= inside[..., None] * np.array([9.0, 14.0, 15.0]) + edge[..., None] * np.array([20.0, 27.0, 28.0])
    radius = np.hypot(columns - glow[0], rows - glow[1])
    picture += (np.exp(-((radius / (620 * unit)) ** 2)) * 20)[..., None]
    picture += (np.exp(-(((radius - 372 * unit) / (13 * unit)) ** 2)) * 34 + np.exp(-(((radius - 372 * unit) / (60 * unit)) ** 2)) * 9)[
        ..., None
    ]
    random = np.random.default_rng(seed)
    plaster = _band(random, (height, width), 30 * unit, 120 * unit) * 1.6 + _band(random, (height, width), 3 * unit, 9 * unit) * 0.5
    return cv2.GaussianBlur((picture + plaster[..., None]).astype(np.float32), (0, 0), 2.2 * unit).clip(0, 255)


def _arch(columns: NDArray[np.float32], rows: NDArray[np.float32], centre: float, top: float, radius: float) -> NDArray[np.float32]:
    """Signed distance to an arch: a half circle on two straight sides."""
    across = np.abs(columns - centre)
    return np.where(rows < top, np.hypot(across, rows - top), across) - radius
