"""How a picture of any size fills the canvas: scaled to cover it, the rest cut off evenly on both sides.

Pure geometry; it touches no pixels.
"""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of a source that the canvas shows, in source pixels; `x` and `y` are even, so that chroma stays in place."""

    x: int
    y: int
    width: int
    height: int


def cover(source: tuple[int, int], canvas: tuple[int, int], pixel_aspect: Fraction = Fraction(1)) -> Crop:
    """The centred part of `source` (width, height) with the shape of `canvas` (width, height).

    `pixel_aspect` is the width of a source pixel over its height. Sizes of the part are even where the source's are at least 2,
    which bends its shape by less than two source pixels.
    """
    source_width, source_height = source
    shape = Fraction(canvas[0], canvas[1]) / pixel_aspect
    width = min(source_width, _even(source_height * shape, source_width))
    height = min(source_height, _even(source_width / shape, source_height))
    return Crop((source_width - width) // 4 * 2, (source_height - height) // 4 * 2, width, height)


def _even(length: Fraction, limit: int) -> int:
    """`length` as an even number of pixels; a source that is used whole keeps its odd size."""
    rounded = max(2, round(length / 2) * 2)
    return limit if rounded >= limit - 1 else rounded
