"""Tier badges drawn as vectors on a grid of 64: a leaf, one chevron, two chevrons, a crown, and a small heart for the devoted.

It refuses to judge who has which tier, and keeps each drawn badge as a pixmap so that lists scroll without drawing paths.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen, QPixmap

from ui import theme

_HEART = (
    "M50 62 C38 54 35 49 35 44 C35 38.5 39 35 43 35 C46.2 35 48.6 36.8 50 39.4"
    " C51.4 36.8 53.8 35 57 35 C61 35 65 38.5 65 44 C65 49 62 54 50 62 Z"
)
_LEAF_VEIN = "M10 58 C19 42 29 31 43 21"
_SHAPES = {
    1: ("leaf", "M9 57 C3 30 18 7 58 5 C61 38 44 60 18 54 Z"),
    2: ("bronze", "M32 9 L60 32 V58 L32 35 L4 58 V32 Z"),
    3: ("silver", "M32 3 L59 22 V38 L32 19 L5 38 V22 Z M32 28 L59 47 V63 L32 44 L5 63 V47 Z"),
    4: ("gold", "M5 17 L19.5 28.5 L32 7 L44.5 28.5 L59 17 L54 43 H10 Z M10.5 48.5 H53.5 V57 H10.5 Z"),
}
_TIER_WORDS = {"new": 1, "junior": 2, "middle": 3, "senior": 4, "新朋友": 1, "初级": 2, "中级": 3, "高级": 4}
_PART = re.compile(r"([MLCHVZ])|(-?\d+(?:\.\d+)?)")


def rank(tier: object) -> int:
    """A tier of the API (its name, its Chinese name or its rank) as 1 to 4; what isn't known is 1."""
    if isinstance(tier, int) and tier in _SHAPES:
        return tier
    return _TIER_WORDS.get(str(tier).lower(), 1)


def rank_of(row: Mapping[str, Any]) -> int:
    """The tier of a row of the API: by its rank, for the rules may call it anything; 1 where there is none."""
    known = row.get("tier_rank")
    return rank(known if isinstance(known, int) else row.get("tier"))


def path(source: str) -> QPainterPath:
    """A path in the notation of SVG, absolute M L C H V Z only."""
    drawn, command, numbers = QPainterPath(), "", []
    for letter, number in _PART.findall(source):
        if letter:
            command, numbers = letter, []
            if letter == "Z":
                drawn.closeSubpath()
            continue
        numbers.append(float(number))
        if len(numbers) == {"C": 6, "H": 1, "V": 1}.get(command, 2):
            _step(drawn, command, numbers)
            numbers = []
    return drawn


def _step(drawn: QPainterPath, command: str, numbers: list[float]) -> None:
    here = drawn.currentPosition()
    if command == "M":
        drawn.moveTo(*numbers)
    elif command == "L":
        drawn.lineTo(*numbers)
    elif command == "H":
        drawn.lineTo(numbers[0], here.y())
    elif command == "V":
        drawn.lineTo(here.x(), numbers[0])
    else:
        drawn.cubicTo(*(QPointF(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)))


@cache
def _parts(tier: int, is_devoted: bool) -> tuple[QPainterPath, QPainterPath]:  # noqa: FBT001 - a key of the cache
    """The badge's body with its gaps cut out, and the heart (empty without one)."""
    body = path(_SHAPES[tier][1])
    body.setFillRule(Qt.FillRule.WindingFill)
    if tier == 1:
        body = body.subtracted(_stroked(path(_LEAF_VEIN), 5.5))
    heart = QPainterPath()
    if is_devoted:
        heart = path(_HEART)
        corner = QPainterPath()
        corner.addRect(50, 50, 24, 24)
        body = body.subtracted(heart.united(_stroked(heart, 9)).united(corner))
    return body, heart


def _stroked(line: QPainterPath, width: float) -> QPainterPath:
    stroker = QPainterPathStroker()
    stroker.setWidth(width)
    stroker.setCapStyle(Qt.PenCapStyle.RoundCap)
    stroker.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return stroker.createStroke(line)


def paint(painter: QPainter, rect: QRectF, tier: int, *, is_devoted: bool = False, is_grey: bool = False) -> None:
    """Draw a badge into a square in the theme's colours; on light ground it has an outline."""
    body, heart = _parts(tier, is_devoted)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 70, rect.height() / 70)
    painter.translate(2, 2)
    outline = theme.current().tokens["badge-outline"]
    width = 4 if rect.width() < 28 else 3
    for shape, paint_name, pen_width in ((body, _SHAPES[tier][0], width), (heart, "heart", 2.5)):
        if shape.isEmpty():
            continue
        if outline != "none":
            painter.setPen(QPen(QColor(outline), pen_width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(shape)
        fill = _heart_colour() if paint_name == "heart" else theme.colour(paint_name)
        painter.fillPath(shape, _grey(fill) if is_grey else fill)
    painter.restore()


def _heart_colour() -> QColor:
    return theme.load("dark").colour("brand")


def _grey(colour: QColor) -> QColor:
    level = round(0.299 * colour.red() + 0.587 * colour.green() + 0.114 * colour.blue())
    return QColor(level, level, level)


def pixmap(tier: int, size_px: int, device_ratio: float = 1.0, *, is_devoted: bool = False, is_grey: bool = False) -> QPixmap:
    """The badge as pixels, drawn once for each size, theme and screen."""
    return _pixmap(theme.current().name, tier, size_px, device_ratio, is_devoted, is_grey)


@cache
def _pixmap(_theme: str, tier: int, size_px: int, device_ratio: float, is_devoted: bool, is_grey: bool) -> QPixmap:  # noqa: FBT001
    drawn = QPixmap(round(size_px * device_ratio), round(size_px * device_ratio))
    drawn.setDevicePixelRatio(device_ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    paint(painter, QRectF(0, 0, size_px, size_px), tier, is_devoted=is_devoted, is_grey=is_grey)
    painter.end()
    return drawn
