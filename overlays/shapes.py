"""The icons of the cards as paths on a grid of 24, stroked with round ends: absolute M L H V C Z in the notation of SVG.

It refuses to draw; `raster` turns these into painter paths.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """A path on a square grid that begins at `origin` in both directions; stroked where `pen` > 0, else filled."""

    path: str
    grid: float = 24
    origin: float = 0
    pen: float = 0


def _disc(x: float, y: float, radius: float) -> str:
    bend = 0.5523 * radius
    left, right, top, bottom = x - radius, x + radius, y - radius, y + radius
    return (
        f"M{left} {y} C{left} {y - bend} {x - bend} {top} {x} {top} C{x + bend} {top} {right} {y - bend} {right} {y} "
        f"C{right} {y + bend} {x + bend} {bottom} {x} {bottom} C{x - bend} {bottom} {left} {y + bend} {left} {y} Z"
    )


DISC = Shape(_disc(12, 12, 12))
MARK = Shape(_disc(5, 8.5, 2.4) + _disc(5, 15.5, 2.4) + "M10.5 3 H12.9 V21 H10.5 Z M16 3 H21.5 V21 H16 Z")
"""The repeat sign of written music: once more."""

GIFT = Shape(
    "M4 11 H20 V20 H4 Z M3 7 H21 V11 H3 Z M12 7 V20 M12 7 C9 7 7 6 7 4.6 C7 3.2 9.4 2.6 12 7 C14.6 2.6 17 3.2 17 4.6 C17 6 15 7 12 7",
    pen=2,
)
TICKET = Shape(
    "M3 7 H21 V10.5 C19.8 11.2 19.8 12.8 21 13.5 V17 H3 V13.5 C4.2 12.8 4.2 11.2 3 10.5 Z M14.5 7.5 V9 M14.5 11.3 V12.8 M14.5 15 V16.5",
    pen=2,
)
LOCK = Shape("M5 11 H19 V20.5 H5 Z M8 11 V7.5 C8 5.29 9.79 3.5 12 3.5 C14.21 3.5 16 5.29 16 7.5 V11 M12 14.8 V16.8", pen=2)
SHIELD = Shape("M12 3 L20 6 V12 C20 17 16.5 19.7 12 21 C7.5 19.7 4 17 4 12 V6 Z M8.5 12 L11 14.5 L15.5 10", pen=2)
CROSS = Shape("M6 6 L18 18 M18 6 L6 18", pen=2)
ARROW_RIGHT = Shape("M2 0 L20 14 L2 28 Z", grid=28)
ARROW_LEFT = Shape("M26 0 L8 14 L26 28 Z", grid=28)
