"""Everything on air keeps 4.5 : 1 over pure white, pure black and noise: measured on the pixels of blended frames."""

from dataclasses import dataclass

import numpy as np
import pytest

from overlays import AirOverlays
from overlays.raster import Pen, text_width
from studio.model.scene import AirBoard, AirDrop, AirView
from studio.model.settings import VideoSettings
from tests.overlays.air_samples import BOARDS, CANVASES, MOMENTS, NOW, colours, ground

NEEDED = 4.5


@dataclass(frozen=True, slots=True)
class Written:
    """Where a text stands in the pixels of its layer's sprite, and what it says."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def luminance(picture: np.ndarray) -> np.ndarray:
    """Relative luminance (WCAG 2) of BGR pixels."""
    linear = np.where(picture <= 10.31, picture / 3294.6, ((picture / 255 + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.0722, 0.7152, 0.2126])


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def pictures(air: AirView, now_ms: int, kind: str, size: tuple[int, int], monkeypatch) -> tuple[np.ndarray, np.ndarray]:
    """Luminance of the frame with its text, and of the same frame without any."""
    found = []
    for is_silent in (False, True):
        with monkeypatch.context() as patch:
            if is_silent:
                patch.setattr(Pen, "text", lambda _self, _x, _middle, text, size, weight, *_rest, **_more: text_width(text, size, weight))
            tool, frame = AirOverlays(VideoSettings(width=size[0], height=size[1])), ground(kind, *size)
            tool.blend(frame, tool.draw(air, now_ms))
            found.append(luminance(colours(frame).astype(float)))
    return found[0], found[1]


def worst(with_text: np.ndarray, without: np.ndarray, reach: int = 3) -> float:
    """The least contrast of any stretch of text: where strokes are solid, against the ground around them.

    Anti-aliased edges are no colour of their own: of each patch of 8 × 8 pixels with text the pixels that differ most from the
    ground count, and only patches whose strokes are thick enough to show the colour itself.
    """
    height, width = (side // 8 * 8 for side in with_text.shape)
    difference = np.abs(with_text - without)[:height, :width]
    tiles = difference.reshape(height // 8, 8, width // 8, 8).swapaxes(1, 2).reshape(height // 8, width // 8, 64)
    least = float("inf")
    around = np.sort(tiles, axis=2)[:, :, -6]
    for row, column in zip(*np.nonzero(around > 0.02), strict=True):
        rows = slice(max(0, row - reach) * 8, (row + 1 + reach) * 8)
        columns = slice(max(0, column - reach) * 8, (column + 1 + reach) * 8)
        nearby = difference[rows, columns]
        solid = nearby >= 0.9 * nearby.max()
        strokes = np.median(with_text[rows, columns][: nearby.shape[0], : nearby.shape[1]][solid])
        behind = np.median(without[rows, columns][: nearby.shape[0], : nearby.shape[1]][solid])
        least = min(least, contrast(float(strokes), float(behind)))
    return least


CARDS: dict[str, tuple[AirBoard | None, AirDrop | None, int]] = {
    **{f"board {name}": (board, None, elapsed) for name, (board, elapsed) in BOARDS.items()},
    **{f"drop {name}": (None, drop, elapsed) for name, (drop, elapsed) in MOMENTS.items()},
}


@pytest.mark.parametrize("size", CANVASES)
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("name", CARDS)
def test_all_text_can_be_read_over_white_black_and_noise(name, theme, size, monkeypatch):
    board, drop, elapsed = CARDS[name]
    air = AirView(board=board, drop=drop, theme=theme)
    for kind in ("white", "black", "noise"):
        with_text, without = pictures(air, NOW + elapsed, kind, size, monkeypatch)
        assert np.abs(with_text - without).max() > 0.1
        assert worst(with_text, without) >= NEEDED, kind
