"""Where the overlays stand on a canvas: rectangles and safe areas as plain values, in design units and a scale.

It refuses to measure text and to know what is inside a card; a card says how high it is, this says how high it may be.
"""

from dataclasses import dataclass
from typing import Final

TALL_FROM: Final = 1.4
"""Height over width from which the tall layout is used; below it a draw would not fit under the board, and two columns still do."""
LEAST_SCALE: Final = 0.3
"""Below it (324 lines in landscape) the smallest text is under 7 pixels: the cards are hidden instead of smeared."""
_SAFE_TOP, _SAFE_BOTTOM, _SAFE_RIGHT = 0.08, 0.18, 0.14
_MARGIN, _COLUMN = 48, 420
_TALL_MARGIN, _TALL_COLUMN = 32, 880
_TICKER, _TALL_TICKER = 52, 76
_LEAST_MIDDLE = 560
"""Between the columns of a wide canvas: with less the ticker stands under the board."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in design units, origin top left."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The first unit to its right."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The first unit below it."""
        return self.y + self.height

    def holds(self, other: "Rect") -> bool:
        """Whether the other lies inside."""
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom

    def meets(self, other: "Rect") -> bool:
        """Whether the two share any place."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom


@dataclass(frozen=True, slots=True)
class AirLayout:
    """One canvas: `scale` pixels a unit, the safe area, and the room of each card (a card may be lower, never higher).

    A wide canvas is 1080 units high, a tall one 1080 units wide. The board hangs from the top of its room; the drop card hangs from
    `drop_top` and grows up from the bottom of its room once it would leave it. The ticker gives way to a drop card that reaches it.
    """

    width: int
    height: int
    scale: float
    is_tall: bool
    safe: Rect
    board: Rect
    drop: Rect
    ticker: Rect
    drop_top: float

    @property
    def has_room(self) -> bool:
        """Whether cards can be read on this canvas at all."""
        return self.scale >= LEAST_SCALE

    def drop_rect(self, height: float) -> Rect:
        """The drop card at a height: at its place, or higher when it would leave its room."""
        top = max(self.drop.y, min(self.drop_top, self.drop.bottom - height))
        return Rect(self.drop.x, top, self.drop.width, min(height, self.drop.bottom - top))

    def sign_rect(self, width: float, height: float) -> Rect:
        """The sign of true skin: at the foot between the cards, or under the board of a tall canvas, where no platform puts buttons."""
        if self.is_tall:
            return Rect(_TALL_MARGIN, self.board.bottom + 20, width, height)
        across, down = self.width / self.scale, self.height / self.scale
        return Rect((across - width) / 2, down - _MARGIN - height, width, height)

    def slate_room(self, above: Rect | None, drop: Rect | None) -> Rect:
        """Where something may be said while the picture is gone: between the cards.

        `above` is where board and ticker stand now, `drop` where a drop card does. On a wide canvas the room is in the middle as long as
        there is enough of it.
        """
        if self.is_tall:
            top = above.bottom + 24 if above is not None else self.board.y
            bottom = drop.y - 24 if drop is not None else self.safe.bottom
            return Rect(self.board.x, top, self.board.width, max(0.0, bottom - top))
        across, left = self.width / self.scale, self.board.right + 24
        middle = across - 2 * left
        end = drop.x - 24 if drop is not None else across - _MARGIN
        return Rect(left, self.safe.y, middle if middle >= _LEAST_MIDDLE else max(0.0, end - left), self.safe.height)


def air_layout(width: int, height: int) -> AirLayout:
    """The layout of a canvas, for any even size from 64 up."""
    if height >= width * TALL_FROM:
        return _tall(width, height)
    return _wide(width, height)


def _wide(width: int, height: int) -> AirLayout:
    scale = min(width, height) / 1080
    across, down = width / scale, height / scale
    safe = Rect(0, down * _SAFE_TOP, across, down * (1 - _SAFE_TOP - _SAFE_BOTTOM))
    board = Rect(_MARGIN, 130, _COLUMN, 708)
    drop = Rect(across - _MARGIN - _COLUMN, 130, _COLUMN, down - 130 - _MARGIN)
    middle = Rect(board.right + 24, round(safe.bottom) - _TICKER - 2, drop.x - board.right - 48, _TICKER)
    ticker = middle if middle.width >= _LEAST_MIDDLE else Rect(_MARGIN, board.bottom + 20, _COLUMN, _TICKER)
    return AirLayout(width, height, scale, is_tall=False, safe=safe, board=board, drop=drop, ticker=ticker, drop_top=216)


def _tall(width: int, height: int) -> AirLayout:
    scale = width / 1080
    down = height / scale
    top, bottom = round(down * _SAFE_TOP) + 12, round(down * (1 - _SAFE_BOTTOM)) - 6
    safe = Rect(0, down * _SAFE_TOP, 1080 * (1 - _SAFE_RIGHT), down * (1 - _SAFE_TOP - _SAFE_BOTTOM))
    board = Rect(_TALL_MARGIN, top, _TALL_COLUMN, 284)
    drop = Rect(_TALL_MARGIN, board.bottom + 20, _TALL_COLUMN, bottom - board.bottom - 20)
    # Under the sign of true skin, which has its place right below the board.
    ticker = Rect(_TALL_MARGIN, board.bottom + 124, _TALL_COLUMN, _TALL_TICKER)
    drop_top = round(down * 0.5604)
    return AirLayout(width, height, scale, is_tall=True, safe=safe, board=board, drop=drop, ticker=ticker, drop_top=drop_top)
