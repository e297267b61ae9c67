"""What of the camera's picture is shown, and with how much of the look: cut, turned, mirrored, following the face, close to a product.

Pure values and geometry; no pixel is touched here.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from studio.model.rules import Rule, flag, key, number, scheme, text

LEAST_SIDE: Final = 0.1
"""Of a cut, as a share of the picture: a tenth of a 1080p picture is 192 pixels wide; less shows nothing but its pixels."""
AREA_ALLOWED = f"empty, or x,y,width,height as shares of the picture from 0 to 1, sides of at least {LEAST_SIDE:g}, as 0.25,0.25,0.5,0.5"
_TURNS = (0, 90, 180, 270)


class Area(NamedTuple):
    """A part of a picture: left, top, width and height as shares of it."""

    x: float
    y: float
    width: float
    height: float


WHOLE: Final = Area(0.0, 0.0, 1.0, 1.0)


def parse_area(written: str) -> Area:
    """The area of "0.25,0.25,0.5,0.5"; the whole picture of an empty text. Raises ValueError."""
    if not written.strip():
        return WHOLE
    x, y, width, height = (float(word) for word in written.split(","))
    area = Area(x, y, width, height)
    is_inside = x >= 0 and y >= 0 and x + width <= 1 + 1e-6 and y + height <= 1 + 1e-6
    if not (is_inside and width >= LEAST_SIDE and height >= LEAST_SIDE):
        raise ValueError(AREA_ALLOWED)
    return area


def area_text(area: Area) -> str:
    """As it stands in the profile; the whole picture is an empty text."""
    return "" if area == WHOLE else ",".join(f"{value:.4g}" for value in area)


def check_area(written: str) -> str:
    """The profile's rule."""
    try:
        parse_area(written)
    except ValueError:
        return AREA_ALLOWED
    return ""


def _check_second(source: str) -> str:
    allowed = scheme("testcard", "camera:N", "file:PATH", "screen:N")
    return "" if not source else allowed(source)


@dataclass(frozen=True, slots=True)
class ShotSettings:
    """Off in every key is the camera's picture as it fills the canvas."""

    true_skin: bool = flag(False)
    close_up: bool = flag(False)
    second: str = text("", "capture", _check_second)
    close_up_area: str = text("0.25,0.5,0.5,0.5", "hot", check_area)
    """Below the middle, where goods are held: a face stands above it."""
    follow: bool = flag(False)
    follow_zoom: float = number(0, 1, 0.4)
    crop: str = text("", "hot", check_area)
    mirror: bool = flag(False)
    rotate: int = key(0, Rule(int, lambda value: "" if value in _TURNS else "0, 90, 180 or 270", "capture"))
    wide: bool = flag(False, "capture")

    @property
    def is_bare(self) -> bool:
        """Whether skin, shape and make-up are off."""
        return self.true_skin or self.close_up


def source_canvas(canvas: tuple[int, int], shot: ShotSettings) -> tuple[int, int]:
    """The size (width, height) that a source should fill: lying for a wide upright shot, and as the camera lies when it is turned."""
    width, height = canvas
    if shot.wide and height > width:
        width, height = height, width
    return (height, width) if shot.rotate in {90, 270} else (width, height)


class View(NamedTuple):
    """A rectangle of the source in its pixels, which fills the canvas, mirrored or not."""

    x: float
    y: float
    width: float
    height: float
    is_mirrored: bool = False


def fitted(area: Area, source: tuple[int, int], canvas: tuple[int, int]) -> View:
    """The largest rectangle with the canvas' shape inside an area of the source, in its middle. Sizes are (width, height)."""
    left, top = area.x * source[0], area.y * source[1]
    across, down = area.width * source[0], area.height * source[1]
    shape = canvas[0] / canvas[1]
    width = min(across, down * shape)
    height = width / shape
    return View(left + (across - width) / 2, top + (down - height) / 2, width, height)


def within(view: View, bounds: View) -> View:
    """The view, moved and if need be shrunk, inside the bounds (both have the canvas' shape)."""
    width = min(view.width, bounds.width)
    height = min(view.height, bounds.height)
    x = min(max(view.x, bounds.x), bounds.x + bounds.width - width)
    y = min(max(view.y, bounds.y), bounds.y + bounds.height - height)
    return View(x, y, width, height, view.is_mirrored)


def to_source(view: View, place: tuple[float, float]) -> tuple[float, float]:
    """A place of the canvas (shares of it) in pixels of the source."""
    across = 1 - place[0] if view.is_mirrored else place[0]
    return view.x + across * view.width, view.y + place[1] * view.height
