"""The pictures of products, asked for once and remembered as they are drawn.

It refuses to hold a list up: a picture comes into its place when it is there.
"""

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel
from shiboken6 import isValid

from ui import icons, theme
from ui.bridge import Bridge

_SIDE_PX = 40


class ProductPictures:
    """By the hash of their bytes."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self.known: dict[str, QPixmap] = {}

    def label(self, digest: str, ratio: float) -> QLabel:
        """A place for a picture; an empty hash is a product without one."""
        made = QLabel()
        made.setFixedSize(_SIDE_PX, _SIDE_PX)
        made.setAlignment(Qt.AlignmentFlag.AlignCenter)
        if not digest:
            made.setPixmap(icons.pixmap("picture", 24, theme.colour("muted"), ratio))
        elif digest in self.known:
            made.setPixmap(self.known[digest])
        else:
            self._bridge.ask(lambda client: client.picture(digest), lambda data: self._draw(made, digest, data, ratio))
        return made

    def _draw(self, place: QLabel, digest: str, data: Any, ratio: float) -> None:
        found = QPixmap()
        if not isinstance(data, bytes) or not found.loadFromData(data):
            return
        side = round(_SIDE_PX * ratio)
        small = found.scaled(QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        small.setDevicePixelRatio(ratio)
        self.known[digest] = small
        if isValid(place):
            place.setPixmap(small)
