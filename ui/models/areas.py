"""A rectangle in a picture under a hand: which part of it is gripped, and where it goes when it is drawn or nudged.

Pure: it knows shares of a picture, no widget and no mouse.
"""

from studio.model.shot import LEAST_SIDE, WHOLE, Area

GRIPS = {
    "nw": (0.0, 0.0),
    "n": (0.5, 0.0),
    "ne": (1.0, 0.0),
    "w": (0.0, 0.5),
    "e": (1.0, 0.5),
    "sw": (0.0, 1.0),
    "s": (0.5, 1.0),
    "se": (1.0, 1.0),
}
"""Each handle's place on the rectangle."""
CORNERS = ("nw", "ne", "sw", "se")
INSIDE = "inside"
Place = tuple[float, float]
_NEARLY_WHOLE = 0.99


def grips(*, keeps_shape: bool) -> tuple[str, ...]:
    """The handles there are: a rectangle that keeps its shape has those at its corners alone."""
    return CORNERS if keeps_shape else tuple(GRIPS)


def grip_at(area: Area, place: Place, reach: Place, *, keeps_shape: bool) -> str:
    """The handle within reach of a place, `INSIDE`, or nothing. `reach` is across and down."""
    for name in grips(keeps_shape=keeps_shape):
        across, down = GRIPS[name]
        x, y = area.x + across * area.width, area.y + down * area.height
        if abs(place[0] - x) <= reach[0] and abs(place[1] - y) <= reach[1]:
            return name
    is_inside = area.x <= place[0] <= area.x + area.width and area.y <= place[1] <= area.y + area.height
    return INSIDE if is_inside else ""


def drawn(area: Area, grip: str, by: Place, ratio: float | None = None) -> Area:
    """The rectangle after its grip went so far; `ratio` keeps width : height, both as shares."""
    if grip == INSIDE:
        return _moved(area, by)
    if grip not in GRIPS:
        return area
    across, down = GRIPS[grip]
    left, top, right, bottom = area.x, area.y, area.x + area.width, area.y + area.height
    left, right = _side(left, right, across, by[0])
    top, bottom = _side(top, bottom, down, by[1])
    if ratio is None:
        return Area(left, top, right - left, bottom - top)
    width = (right - left + (bottom - top) * ratio) / 2
    room = (right if across == 0 else 1 - left, bottom if down == 0 else 1 - top)
    width = min(max(width, _least(ratio)), room[0], room[1] * ratio)
    return Area(right - width if across == 0 else left, bottom - width / ratio if down == 0 else top, width, width / ratio)


def _side(low: float, high: float, grip: float, by: float) -> tuple[float, float]:
    if grip == 0:
        return min(max(low + by, 0.0), high - LEAST_SIDE), high
    return (low, max(min(high + by, 1.0), low + LEAST_SIDE)) if grip == 1 else (low, high)


def _moved(area: Area, by: Place) -> Area:
    x = min(max(area.x + by[0], 0.0), 1 - area.width)
    y = min(max(area.y + by[1], 0.0), 1 - area.height)
    return area._replace(x=x, y=y)


def grown(area: Area, by: float, ratio: float | None = None) -> Area:
    """Larger or smaller about its middle by a share of the picture's width."""
    wanted = area.width + by
    width = min(max(wanted, _least(ratio or area.width / area.height)), 1.0)
    height = width / (ratio or area.width / area.height)
    if height > 1:
        width, height = width / height, 1.0
    middle = (area.x + area.width / 2, area.y + area.height / 2)
    return _moved(Area(middle[0] - width / 2, middle[1] - height / 2, width, height), (0.0, 0.0))


def shaped(area: Area, ratio: float) -> Area:
    """The largest rectangle of a shape inside the area, in its middle: what is really shown of it."""
    width = min(area.width, area.height * ratio)
    return Area(area.x + (area.width - width) / 2, area.y + (area.height - width / ratio) / 2, width, width / ratio)


def settled(area: Area) -> Area:
    """As it is kept, in four digits and still inside; one that leaves out hardly anything is the whole picture."""
    if area.width >= _NEARLY_WHOLE and area.height >= _NEARLY_WHOLE:
        return WHOLE
    x, y = max(round(area.x, 4), 0.0), max(round(area.y, 4), 0.0)
    return Area(x, y, min(round(area.width, 4), round(1 - x, 4)), min(round(area.height, 4), round(1 - y, 4)))


def _least(ratio: float) -> float:
    """The width at which neither side is too small."""
    return LEAST_SIDE * max(1.0, ratio)
