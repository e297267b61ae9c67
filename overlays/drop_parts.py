"""The pieces that the wide and the tall drop card share: bars, the keyword, codes with their QR, the reel.

It refuses to know where on a canvas it is: every piece draws into the rectangle that it is given.
"""

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import segno

from overlays.drop_moment import reel_names
from overlays.phrases import pieces, shown
from overlays.raster import Pen, Weight, text_width
from overlays.shapes import ARROW_LEFT, ARROW_RIGHT, CROSS, GIFT, TICKET, Shape
from studio.model.layout import Rect
from studio.model.scene import AirDrop

Draw: TypeAlias = Callable[[Pen, Rect], None]

_TOKENS = re.compile(r"[!-~]+\s*|.[，。、！？：；]*\s*")
"""What may not be parted by a line break: a word, or an ideograph with the punctuation behind it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A full-width part of a card. `key` is equal only for an equal still drawing; `live_key` the same for what changes on its own."""

    height: float
    key: Hashable = None
    draw: Draw | None = None
    live_key: Hashable = None
    live: Draw | None = None


def ending(drop: AirDrop) -> tuple[Shape, str, str]:
    """Icon, title and sentence of a drop that ended without winners to show."""
    if drop.kind == "coupon":
        return (CROSS, "drop.cancelled", "cancelled.coupon") if drop.state == "cancelled" else (TICKET, "drop.over", "over.coupon")
    if drop.state == "cancelled":
        return CROSS, "drop.cancelled", "cancelled.line"
    if drop.state == "expired":
        return CROSS, "drop.expired", "expired.line"
    return GIFT, "drop.over", "winners.left_none" if drop.entries else "winners.none"


def wrapped(text: str, size: float, weight: Weight, width: float, most: int) -> tuple[str, ...]:
    """The text in lines of at most `width`, as even as they can be; what doesn't fit into `most` lines stays on the last, to be cut."""
    lines = _filled(text, size, weight, width, most)
    for share in range(95, 45, -5):
        evener = _filled(text, size, weight, width * share / 100, most + 1)
        if len(evener) != len(lines):
            break
        lines = evener
    return lines


def _filled(text: str, size: float, weight: Weight, width: float, most: int) -> tuple[str, ...]:
    """Each line as full as it gets."""
    lines = [""]
    for token in _TOKENS.findall(text):
        if lines[-1] and len(lines) < most and _seen_width((lines[-1] + token).rstrip(), size, weight) > width:
            lines.append("")
        lines[-1] += token
    return tuple(line.rstrip() for line in lines)


def _seen_width(line: str, size: float, weight: Weight) -> float:
    """Its width; the right half of Chinese punctuation is blank and may hang over the edge."""
    return text_width(line, size, weight) - (size / 2 if line.endswith(tuple("，。、！？：；")) else 0)


def bar(pen: Pen, rect: Rect, share: float, token: str) -> None:
    """A track with its filled share, at least a dot of it as long as anything is left."""
    radius = rect.height / 2
    pen.box(rect, "air-track", radius)
    if share > 0:
        pen.box(Rect(rect.x, rect.y, max(rect.height, rect.width * min(1.0, share)), rect.height), token, radius)


def join_line(pen: Pen, rect: Rect, locale: str, msgid: str, keyword: str, size: float, *, pill: float, at_right: bool = False) -> None:
    """How to take part: the keyword on its coral pill among the words; the pill's text is cut where the line is too long."""
    parts = [piece for piece in pieces(locale, msgid, keyword=shown(keyword)) if piece.text.strip()]
    gap, pad = size * 0.4, pill / 3
    words = sum(text_width(piece.text.strip(), size, 500) for piece in parts if not piece.is_value)
    room = rect.width - words - gap * (len(parts) - 1) - 2 * pad
    inside = min(room, text_width(shown(keyword), size, 700))
    left = rect.right - (rect.width - room + inside) if at_right else rect.x
    middle = rect.y + rect.height / 2
    for piece in parts:
        if piece.is_value:
            pen.box(Rect(left, middle - pill / 2, inside + 2 * pad, pill), "air-keyword", pill / 5)
            pen.text(left + pad, middle, piece.text, size, 700, "air-on-keyword", width=inside + 0.5)
            left += inside + 2 * pad + gap
        else:
            left += pen.text(left, middle, piece.text.strip(), size, 500, "air-text") + gap


@lru_cache(maxsize=8)
def qr_matrix(code: str) -> tuple[bytes, ...]:
    """The modules of a QR code of the text; 64 hex signs make 33 × 33 at level L, which 4 pixels a module carry through an encoder."""
    return tuple(bytes(row) for row in segno.make(code, error="l", micro=False, boost_error=True).matrix)


def qr_code(pen: Pen, code: str, x: float, y: float, size: float) -> None:
    """The code's QR with its quiet zone in a white square."""
    pen.code(qr_matrix(code), x, y, size)


def hash_line(pen: Pen, x: float, middle: float, signs: str, size: float, width: float) -> None:
    """A line of signs in groups of four, apart as far as there is room, every second group fainter; never wider than `width`."""
    groups = [signs[start : start + 4] for start in range(0, len(signs), 4)]
    room = width - sum(text_width(group, size, 500) for group in groups)
    gap = max(0.0, min(size / 3, room / max(1, len(groups) - 1)))
    spacing = min(0.0, room / max(1, len(signs)))
    for index, group in enumerate(groups):
        token = "air-muted" if index % 2 else "air-text"
        x += pen.text(x, middle, group, size, 500, token, spacing=spacing) + gap


def grouped_hash(code: str) -> tuple[str, ...]:
    """The same 32 signs in three lines of at most three groups of four, where a QR stands beside them."""
    return code[:12], code[12:24], code[24:32]


def short_hash(code: str) -> tuple[str, str]:
    """The 32 signs that the picture shows, in two lines."""
    return code[:16], code[16:32]


@dataclass(frozen=True, slots=True)
class ReelSizes:
    """Measures of a reel: height of the window in the middle, distance of the rows, text and badge in the middle and beside it."""

    window: float
    step: float
    large: float
    small: float
    inset: float


def draw_reel(pen: Pen, rect: Rect, drop: AirDrop, reel: int, turned: float, sizes: ReelSizes) -> None:
    """The names going by, the one in the middle large."""
    middle = rect.y + rect.height / 2
    window = Rect(rect.x + sizes.inset, middle - sizes.window / 2, rect.width - 2 * sizes.inset, sizes.window)
    pen.box(rect, "air-reel")
    pen.box(window, "air-reel-window", 10)
    for distance, entrant in reel_names(drop, reel, turned):
        nearness = max(0.0, 1 - abs(distance))
        size = round(sizes.small + (sizes.large - sizes.small) * nearness)
        badge, weight = size * 1.2, 700 if nearness > 0.5 else 400
        name = shown(entrant.name)
        width = min(text_width(name, size, weight), window.width - badge - 3 * size)
        left = rect.x + (rect.width - badge - size / 3 - width) / 2
        line = middle + distance * sizes.step
        with pen.saved(clip=rect, opacity=0.62 + 0.38 * nearness):
            pen.badge(entrant.tier, left, line - badge / 2, badge, is_devoted=entrant.is_devoted)
            pen.text(left + badge + size / 3, line, name, size, weight, "air-text", width=width + 0.5)
    pen.frame(window, 10, "air-accent", 3)
    arrow = sizes.window * 0.37
    pen.shape(ARROW_RIGHT, rect.x, middle - arrow / 2, arrow, "air-accent")
    pen.shape(ARROW_LEFT, rect.right - arrow, middle - arrow / 2, arrow, "air-accent")
