"""What a card hands over to be drawn: rectangles with a key, so that what hasn't changed is not painted again.

It refuses to paint by itself.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from overlays.phrases import Piece
from overlays.raster import Paint, Pen, Weight, text_width
from studio.model.layout import AirLayout, Rect

CARD_RADIUS, CARD_LINE = 16, 2


@dataclass(frozen=True, slots=True)
class Look:
    """What every card is drawn with."""

    layout: AirLayout
    locale: str
    theme: str
    with_amounts: bool = False


@dataclass(frozen=True, slots=True)
class Sprite:
    """A rectangle in design units; `paint` draws it with its top left at 0, 0. `key` is equal only for equal pixels."""

    key: Hashable
    rect: Rect
    paint: Paint
    opacity: int = 255


def box_around(sprites: tuple[Sprite, ...]) -> Rect | None:
    """The rectangle around all of them, None for none."""
    if not sprites:
        return None
    x, y = min(sprite.rect.x for sprite in sprites), min(sprite.rect.y for sprite in sprites)
    return Rect(x, y, max(sprite.rect.right for sprite in sprites) - x, max(sprite.rect.bottom for sprite in sprites) - y)


def card(pen: Pen, width: float, height: float, content: Paint, *, line: str = "air-line") -> None:
    """A flat card with its content clipped inside the line; `content` draws in the card's own units."""
    outer = Rect(0, 0, width, height)
    inner = Rect(CARD_LINE, CARD_LINE, width - 2 * CARD_LINE, height - 2 * CARD_LINE)
    pen.box(outer, "air-card", CARD_RADIUS)
    with pen.saved(clip=inner, radius=CARD_RADIUS - CARD_LINE):
        content(pen)
    pen.frame(outer, CARD_RADIUS, line, CARD_LINE)


def sentence(
    pen: Pen,
    x: float,
    middle: float,
    parts: tuple[Piece, ...],
    size: float,
    *,
    words: tuple[Weight, str],
    values: tuple[Weight, str],
    width: float,
) -> float:
    """One line in pieces, from `x`; where it is too wide the values (a name) are cut, not the words. Its width."""
    room = width - sum(text_width(part.text, size, words[0]) for part in parts if not part.is_value)
    left = x
    for part in parts:
        weight, token = values if part.is_value else words
        limit = max(0.0, room) if part.is_value else x + width - left
        taken = pen.text(left, middle, part.text, size, weight, token, width=limit)
        left += taken
        room -= taken if part.is_value else 0
    return left - x


def sentence_width(parts: tuple[Piece, ...], size: float, words: Weight, values: Weight) -> float:
    """How wide it stands when nothing is cut."""
    return sum(text_width(part.text, size, values if part.is_value else words) for part in parts)
