"""The cards against pictures that somebody has looked at. `ENCORE_GOLDEN=write` draws the pictures anew: look at them before committing."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from overlays import ConvertTools
from studio.model.scene import AirSlate, AirView
from tests.overlays.air_samples import BOARDS, CANVASES, MOMENTS, NOW, TICKERS, box_of, colours, drawn, ground, overlays

FOLDER = Path(__file__).parent / "golden"
WIDE, TALL = CANVASES
PICTURES = {
    "board-greeting-wide": ("greeting", None, WIDE, "zh_CN", "dark"),
    "board-settled-wide-light-en": ("settled", None, WIDE, "en", "light"),
    "board-many-wide": ("many", None, WIDE, "zh_CN", "dark"),
    "board-nobody-wide": ("nobody", None, WIDE, "zh_CN", "dark"),
    "board-greeting-tall": ("greeting", None, TALL, "zh_CN", "dark"),
    "board-greeting-tall-light-en": ("greeting", None, TALL, "en", "light"),
    "open-wide": (None, "open", WIDE, "zh_CN", "dark"),
    "open-wide-light-en": (None, "open", WIDE, "en", "light"),
    "last-wide": (None, "last", WIDE, "zh_CN", "dark"),
    "closing-wide": (None, "closing", WIDE, "zh_CN", "dark"),
    "stopped-wide": (None, "stopped", WIDE, "zh_CN", "dark"),
    "many-winners-wide": (None, "many_winners", WIDE, "zh_CN", "dark"),
    "coupon-wide": (None, "coupon", WIDE, "zh_CN", "dark"),
    "cancelled-wide-en": (None, "cancelled", WIDE, "en", "dark"),
    "open-tall": (None, "open", TALL, "zh_CN", "dark"),
    "closing-tall-light-en": (None, "closing", TALL, "en", "light"),
    "stopped-tall": (None, "stopped", TALL, "zh_CN", "dark"),
    "coupon-tall": (None, "coupon", TALL, "zh_CN", "dark"),
    "ticker-points-wide": (None, None, WIDE, "zh_CN", "dark", "points"),
    "ticker-checkin-wide-light-en": (None, None, WIDE, "en", "light", "checkin"),
    "ticker-points-tall": (None, None, TALL, "zh_CN", "dark", "points"),
    "ticker-checkin-tall": (None, None, TALL, "zh_CN", "dark", "checkin"),
    "ticker-checkin-square": (None, None, (1080, 1080), "zh_CN", "dark", "checkin"),
}
SIGNS = {"true-skin-wide": (WIDE, "zh_CN", "dark"), "true-skin-tall-light-en": (TALL, "en", "light")}
SLATES = {"slate-wide": (WIDE, "zh_CN", None), "slate-wide-en-drop": (WIDE, "en", "open"), "slate-tall-drop": (TALL, "zh_CN", "open")}
MEAN_LEVELS, STRAY_LEVELS, STRAY_SHARE = 0.6, 48, 0.002
"""Another build of FreeType moves edges by a few levels; a sign that moved by one pixel exceeds each of these in its line."""


def picture(board: str | None, drop: str | None, size: tuple[int, int], locale: str, theme: str, ticker: str = "") -> np.ndarray:
    """The card alone, on grey, with a margin of eight pixels."""
    shown, elapsed = BOARDS[board] if board else (None, MOMENTS[drop][1] if drop else 1000)
    parts = {"board": shown, "drop": MOMENTS[drop][0] if drop else None, "ticker": TICKERS.get(ticker)}
    view = AirView(**parts, locale=locale, theme=theme, show_amounts=True)
    frame, layers = drawn(view, NOW + elapsed, "grey", size)
    left, top, right, bottom = box_of(layers)
    return colours(frame)[top - 8 : bottom + 8, left - 8 : right + 8]


def sign(size: tuple[int, int], locale: str, theme: str) -> np.ndarray:
    """The sign of true skin alone, on grey."""
    tool, frame = overlays(*size), ground("grey", *size)
    layers = tool.draw(AirView(locale=locale, theme=theme), NOW).signed
    tool.blend(frame, layers)
    left, top, right, bottom = box_of(layers)
    return colours(frame)[top - 8 : bottom + 8, left - 8 : right + 8]


def slate(size: tuple[int, int], locale: str, drop: str | None) -> np.ndarray:
    """What is said while the picture is gone, on the dimmed grey, at half the size."""
    view = AirView(drop=MOMENTS[drop][0] if drop else None, slate=AirSlate(NOW, 8 * 3600), locale=locale, theme="light" if drop else "dark")
    frame = ConvertTools().dimmed(ground("white", *size), 1.0)
    tool = overlays(*size)
    tool.blend(frame, tool.draw(view, NOW + 18_500))
    return cv2.resize(colours(frame), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def drawn_as(name: str) -> np.ndarray:
    """The picture of that name, drawn now."""
    if name in PICTURES:
        return picture(*PICTURES[name])
    return sign(*SIGNS[name]) if name in SIGNS else slate(*SLATES[name])


@pytest.mark.parametrize("name", [*PICTURES, *SIGNS, *SLATES])
def test_a_card_looks_like_its_golden_picture(name):
    found = drawn_as(name)
    path = FOLDER / f"{name}.png"
    if os.environ.get("ENCORE_GOLDEN") == "write":
        cv2.imwrite(str(path), found, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    golden = cv2.imread(str(path))
    assert golden is not None, f"{path.name} is missing"
    assert found.shape == golden.shape
    apart = np.abs(found.astype(int) - golden.astype(int))
    assert apart.mean() <= MEAN_LEVELS
    assert (apart.max(axis=2) > STRAY_LEVELS).mean() <= STRAY_SHARE


def test_the_comparison_sees_a_single_sign_that_moved():
    golden = cv2.imread(str(FOLDER / "open-wide.png")).astype(int)
    moved = golden.copy()
    moved[130:250, 60:120] = golden[130:250, 62:122]
    assert (np.abs(moved - golden).max(axis=2) > STRAY_LEVELS).mean() > STRAY_SHARE


def test_every_golden_picture_is_used():
    assert {path.stem for path in FOLDER.glob("*.png")} == {*PICTURES, *SIGNS, *SLATES}
