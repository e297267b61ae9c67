"""Icons of one family (qtawesome's Material Design) under our own names, cached by size and colour.

It refuses to know the theme: whoever draws says the colour.
"""

from functools import cache

import qtawesome
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPixmap

_GLYPHS = {
    "add": "plus",
    "assistant": "account-supervisor-outline",
    "bell": "bell-outline",
    "camera": "video-outline",
    "card": "television",
    "check": "check",
    "chat": "chat-outline",
    "clip": "file-video-outline",
    "close": "close",
    "compare": "compare",
    "copy": "content-copy",
    "crop": "crop",
    "coupon": "ticket-percent-outline",
    "disk": "harddisk",
    "down": "chevron-down",
    "edit": "pencil-outline",
    "gift": "gift-outline",
    "headphones": "headphones",
    "hide": "eye-off-outline",
    "key": "key-outline",
    "language": "translate",
    "mark": "bookmark-outline",
    "mixer": "tune-vertical",
    "more": "dots-horizontal",
    "next": "skip-next-outline",
    "pause": "pause",
    "plus": "plus",
    "microphone": "microphone",
    "microphone_off": "microphone-off",
    "show": "eye-outline",
    "picture": "image-outline",
    "people": "account-multiple-outline",
    "play": "play-outline",
    "redo": "redo",
    "replay": "history",
    "reset": "restore",
    "screen": "monitor",
    "stop": "square-outline",
    "theme": "theme-light-dark",
    "tone": "sine-wave",
    "undo": "undo",
    "unknown_person": "account-question-outline",
    "up": "chevron-up",
    "upload": "upload",
}

_SCALE = 1.15
"""qtawesome draws a glyph at 0.875 of its square; the design's icons fill theirs."""


def icon(name: str, colour: QColor, off: QColor | None = None) -> QIcon:
    """An icon for a button, `off` while it can't be pressed, else faded; a name that isn't in our list is our bug and raises KeyError."""
    return _icon(_GLYPHS[name], colour.name(QColor.NameFormat.HexArgb), (off or _faded(colour)).name(QColor.NameFormat.HexArgb))


def pixmap(name: str, size_px: int, colour: QColor, device_ratio: float = 1.0) -> QPixmap:
    """An icon as pixels for a painter, `size_px` in logical pixels."""
    return _pixmap(_GLYPHS[name], size_px, colour.name(QColor.NameFormat.HexArgb), device_ratio)


def _faded(colour: QColor) -> QColor:
    made = QColor(colour)
    made.setAlphaF(0.45)
    return made


@cache
def _icon(glyph: str, colour: str, off: str) -> QIcon:
    return qtawesome.icon(f"mdi6.{glyph}", color=QColor(colour), color_disabled=QColor(off), scale_factor=_SCALE)


@cache
def _pixmap(glyph: str, size_px: int, colour: str, device_ratio: float) -> QPixmap:
    return _icon(glyph, colour, colour).pixmap(QSize(size_px, size_px), device_ratio)
