"""Everything on air keeps 4.5 : 1 over pure white, pure black and noise: measured on the pixels of blended frames."""

from functools import cache

import cv2
import numpy as np
import pytest

from overlays import AirOverlays
from overlays.raster import Pen, text_width
from studio.model.scene import AirBoard, AirDrop, AirView
from studio.model.settings import VideoSettings
from studio.ports import Layers
from tests.overlays.air_samples import BOARDS, CANVASES, MOMENTS, NOW, box_of, colours, ground, overlays

NEEDED = 4.5
CARDS: dict[str, tuple[AirBoard | None, AirDrop | None, int]] = {
    **{f"board {name}": (board, None, elapsed) for name, (board, elapsed) in BOARDS.items()},
    **{f"drop {name}": (None, drop, elapsed) for name, (drop, elapsed) in MOMENTS.items()},
}


@cache
def silent(width: int, height: int) -> AirOverlays:
    """A renderer of its own, whose cache holds cards without any text."""
    return AirOverlays(VideoSettings(width=width, height=height))


def luminance(picture: np.ndarray) -> np.ndarray:
    """Relative luminance (WCAG 2) of BGR pixels."""
    linear = np.array([v / 3294.6 if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in range(256)])
    shares = np.stack([linear * share for share in (0.0722, 0.7152, 0.2126)], axis=1).astype(np.float32)
    return cv2.LUT(np.ascontiguousarray(picture), shares[None]).sum(axis=2)


def seen(layers: Layers, kind: str, size: tuple[int, int], box: tuple[int, int, int, int]) -> np.ndarray:
    """Luminance of the layers over a ground, inside the box."""
    frame = ground(kind, *size)
    overlays(*size).blend(frame, layers)
    return luminance(colours(frame)[box[1] : box[3], box[0] : box[2]])


def contrasts(with_text: np.ndarray, without: np.ndarray) -> list[float]:
    """Of each sign or word: its strokes against the ground behind them.

    Anti-aliased edges are no colour of their own: the pixels count that differ from the ground nearly as much as any of the word.
    """
    difference = np.abs(with_text - without)
    joined = cv2.dilate((difference > 0.02).astype(np.uint8), np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    found: list[float] = []
    for label in range(1, count):
        left, top, width, height, _ = stats[label]
        part = slice(top, top + height), slice(left, left + width)
        own = np.where(labels[part] == label, difference[part], 0)
        solid = own >= 0.9 * own.max()
        strokes, behind = np.median(with_text[part][solid]), np.median(without[part][solid])
        found.append((max(strokes, behind) + 0.05) / (min(strokes, behind) + 0.05))
    return found


@pytest.mark.parametrize("size", CANVASES)
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("name", CARDS)
def test_all_text_can_be_read_over_white_black_and_noise(name, theme, size, monkeypatch):
    board, drop, elapsed = CARDS[name]
    air = AirView(board=board, drop=drop, theme=theme, show_amounts=True)
    layers = overlays(*size).draw(air, NOW + elapsed)
    monkeypatch.setattr(Pen, "text", lambda _self, _x, _middle, text, size, weight, *_rest, **_more: text_width(text, size, weight))
    quiet = silent(*size).draw(air, NOW + elapsed)
    box = box_of(layers)
    for kind in ("white", "black", "noise"):
        found = contrasts(seen(layers, kind, size, box), seen(quiet, kind, size, box))
        assert len(found) >= 3
        assert min(found) >= NEEDED, (kind, sorted(found)[:5])
