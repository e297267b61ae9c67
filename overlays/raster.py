"""Text, badges, icons and codes onto a premultiplied BGRA array: the one place of the overlays that knows QtGui.

It refuses to know what a card is; it draws what it is told, literally, and cuts text that doesn't fit.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLoggingCategory, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPen,
)

from overlays.shapes import Shape
from overlays.theme import Theme
from overlays.tier_badge import BADGE_GRID, BADGE_ORIGIN, BADGES, HEART, HEART_MARGIN
from studio.model.layout import Rect
from studio.model.scene import Tier

Align: TypeAlias = Literal["left", "right", "centre"]
Weight: TypeAlias = Literal[400, 500, 700]

_FONTS = Path(__file__).resolve().parent.parent / "resources" / "fonts"
_FAMILIES = ("Noto Sans SC", "Noto Color Emoji")
_OPTICAL_MIDDLE = 0.375
"""Baseline below the middle of the line, in em: half way between the middles of an ideograph (.38) and of a capital or figure (.367)."""
_ROUND_CAP, _ROUND_JOIN = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
_PART = re.compile(r"([MLHVCZ])|(-?\d+(?:\.\d+)?)")


def ensure_gui_app() -> None:
    """Make the process's one QGuiApplication on the offscreen platform where there is none yet; the engine's main thread calls it.

    Painting on images needs it for the font database; it opens no window and no connection.
    """
    QLoggingCategory.setFilterRules("qt.text.font.db.warning=false")  # a name in a script that no font has would fill the log
    if QGuiApplication.instance() is None:
        _owned.append(QGuiApplication(["encore", "-platform", "offscreen"]))
    _load_fonts()


_owned: list[QGuiApplication] = []
"""Keeps the application alive; written once by the main thread."""


@cache
def _load_fonts() -> None:
    for path in sorted(_FONTS.glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(path))


@cache
def _font(size: float, weight: Weight, spacing: float = 0.0) -> QFont:
    """Shipped font with figures of equal width; unhinted, so that widths scale with the canvas."""
    font = QFont()
    font.setFamilies(list(_FAMILIES))
    font.setPixelSize(round(size))
    font.setWeight(QFont.Weight(weight))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setFeature(QFont.Tag("tnum"), 1)
    if spacing:
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, spacing)
    return font


@cache
def _metrics(size: float, weight: Weight) -> QFontMetricsF:
    return QFontMetricsF(_font(size, weight))


@lru_cache(maxsize=512)
def text_width(text: str, size: float, weight: Weight) -> float:
    """How wide the text stands, in units."""
    return _metrics(size, weight).horizontalAdvance(text)


@lru_cache(maxsize=512)
def fit_text(text: str, size: float, weight: Weight, width: float) -> str:
    """The text, or as much of its beginning as fits with an ellipsis; never wider than `width`, empty where nothing fits."""
    if text_width(text, size, weight) <= width:
        return text
    for slack in (0, 2, 4, 8):  # elidedText adds up signs without kerning: what it gives can be some pixels too wide
        cut = _metrics(size, weight).elidedText(text, Qt.TextElideMode.ElideRight, width - slack)
        if text_width(cut, size, weight) <= width:
            return cut
    return ""


@cache
def _path(source: str) -> QPainterPath:
    """A path in the notation of SVG: absolute M L H V C Z."""
    path, numbers, command = QPainterPath(), list[float](), ""
    path.setFillRule(Qt.FillRule.WindingFill)
    for letter, number in _PART.findall(source):
        if letter:
            command = letter
            if letter == "Z":
                path.closeSubpath()
            continue
        numbers.append(float(number))
        here = path.currentPosition()
        if command in "ML" and len(numbers) == 2:
            (path.moveTo if command == "M" else path.lineTo)(*numbers)
        elif command == "H":
            path.lineTo(numbers[0], here.y())
        elif command == "V":
            path.lineTo(here.x(), numbers[0])
        elif command == "C" and len(numbers) == 6:
            path.cubicTo(*numbers)
        else:
            continue
        numbers.clear()
    return path


def _stroked(path: QPainterPath, width: float) -> QPainterPath:
    stroker = QPainterPathStroker()
    stroker.setWidth(width)
    stroker.setCapStyle(_ROUND_CAP)
    stroker.setJoinStyle(_ROUND_JOIN)
    return stroker.createStroke(path)


@cache
def _badge_path(tier: Tier, *, is_devoted: bool) -> QPainterPath:
    """A tier's shape with its vein and the room of the heart cut out."""
    badge = BADGES[tier]
    path = _path(badge.path)
    if badge.cut:
        path = path.subtracted(_stroked(_path(badge.cut), badge.cut_width))
    if is_devoted:
        path = path.subtracted(_path(HEART).united(_stroked(_path(HEART), HEART_MARGIN)))
        path = path.subtracted(_path("M50 50 H74 V74 H50 Z"))
    return path


class Pen:
    """Draws in design units with tokens of one theme; every method leaves the painter as it was."""

    def __init__(self, painter: QPainter, theme: Theme) -> None:
        self._painter = painter
        self._theme = theme

    def box(self, rect: Rect, token: str, radius: float = 0) -> None:
        """A filled rectangle with round corners."""
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(self._colour(token))
        self._painter.drawRoundedRect(_qrect(rect), radius, radius)

    def frame(self, rect: Rect, radius: float, token: str, width: float) -> None:
        """A line inside the edge of a rectangle with round corners."""
        inset = width / 2
        self._painter.setPen(QPen(self._colour(token), width))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawRoundedRect(_qrect(rect).adjusted(inset, inset, -inset, -inset), radius - inset, radius - inset)

    def gradient(self, rect: Rect, start: str, end: str) -> None:
        """A rectangle filled from left to right."""
        fill = QLinearGradient(rect.x, 0, rect.right, 0)
        fill.setColorAt(0, self._colour(start))
        fill.setColorAt(1, self._colour(end))
        self._painter.fillRect(_qrect(rect), fill)

    def text(  # noqa: PLR0913 - a line of text has this many sides
        self,
        x: float,
        middle: float,
        text: str,
        size: float,
        weight: Weight,
        token: str,
        *,
        width: float = float("inf"),
        align: Align = "left",
        spacing: float = 0.0,
    ) -> float:
        """One line, its optical middle at `middle`, cut with an ellipsis at `width`; `x` is its left, right or centre. Its width."""
        shown = fit_text(text, size, weight, width)
        taken = text_width(shown, size, weight) + spacing * len(shown)
        left = x - {"left": 0.0, "right": taken, "centre": taken / 2}[align]
        self._painter.setPen(self._colour(token))
        self._painter.setFont(_font(size, weight, spacing))
        self._painter.drawText(QPointF(left, middle + _OPTICAL_MIDDLE * size), shown)
        return taken

    def shape(self, shape: Shape, x: float, y: float, size: float, token: str) -> None:
        """An icon in the square at `x`, `y`."""
        path = _stroked(_path(shape.path), shape.pen) if shape.pen else _path(shape.path)
        with self._square(x, y, size, shape.grid, shape.origin):
            self._painter.fillPath(path, self._colour(token))

    def badge(self, tier: Tier, x: float, y: float, size: float, *, is_devoted: bool) -> None:
        """A tier's badge in the square at `x`, `y`, with the theme's outline."""
        parts = [(_badge_path(tier, is_devoted=is_devoted), BADGES[tier].token)]
        parts += [(_path(HEART), "air-heart")] if is_devoted else []
        outline = self._theme.outline()
        with self._square(x, y, size, BADGE_GRID, BADGE_ORIGIN):
            for path, token in parts:
                if outline:
                    width = 4 if size < 28 else 3
                    self._painter.strokePath(path, QPen(QColor(*outline), width, Qt.PenStyle.SolidLine, _ROUND_CAP, _ROUND_JOIN))
                self._painter.fillPath(path, self._colour(token))

    def code(self, matrix: Sequence[Sequence[int]], x: float, y: float, size: float) -> None:
        """A QR code with four modules of quiet zone in the square at `x`, `y`; modules end on whole pixels."""
        transform = self._painter.transform()
        left, top = transform.map(QPointF(x, y)).toTuple()
        edges = [round(index * size * transform.m11() / (len(matrix) + 8)) for index in range(len(matrix) + 9)]
        with self.saved():
            self._painter.resetTransform()
            self._painter.translate(round(left), round(top))
            self._painter.setPen(Qt.PenStyle.NoPen)
            self._painter.setBrush(self._colour("air-qr-light"))
            self._painter.drawRoundedRect(QRectF(0, 0, edges[-1], edges[-1]), edges[2], edges[2])
            dark = self._colour("air-qr-dark")
            for row, line in enumerate(matrix, 4):
                for column, is_dark in enumerate(line, 4):
                    if is_dark:
                        side = QRect(edges[column], edges[row], edges[column + 1] - edges[column], edges[row + 1] - edges[row])
                        self._painter.fillRect(side, dark)

    @contextmanager
    def saved(self, *, clip: Rect | None = None, radius: float = 0, opacity: float = 1.0, down: float = 0.0) -> Iterator[None]:
        """Whatever is drawn inside: moved down, clipped to a rectangle (with round corners), fainter; then all as before."""
        self._painter.save()
        self._painter.translate(0, down)
        if clip and not radius:
            self._painter.setClipRect(_qrect(clip), Qt.ClipOperation.IntersectClip)
        elif clip:
            shape = QPainterPath()
            shape.addRoundedRect(_qrect(clip), radius, radius)
            self._painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
        self._painter.setOpacity(self._painter.opacity() * opacity)
        try:
            yield
        finally:
            self._painter.restore()

    @contextmanager
    def _square(self, x: float, y: float, size: float, grid: float, origin: float) -> Iterator[None]:
        with self.saved():
            self._painter.translate(x, y)
            self._painter.scale(size / grid, size / grid)
            self._painter.translate(-origin, -origin)
            yield

    def _colour(self, token: str) -> QColor:
        return QColor(*self._theme.colour(token))


Paint: TypeAlias = Callable[[Pen], None]


def paint(width: int, height: int, scale: float, theme: Theme, draw: Paint) -> NDArray[np.uint8]:
    """What `draw` paints, as premultiplied BGRA, (height, width, 4) uint8; `scale` pixels a unit, transparent where nothing is."""
    pixels = np.zeros((height, width, 4), np.uint8)
    image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing | QPainter.RenderHint.SmoothPixmapTransform
    )
    painter.scale(scale, scale)
    try:
        draw(Pen(painter, theme))
    finally:
        painter.end()
    return pixels


def _qrect(rect: Rect) -> QRectF:
    return QRectF(rect.x, rect.y, rect.width, rect.height)
