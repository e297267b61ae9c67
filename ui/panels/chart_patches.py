"""The chart's patches as a picture: seen, corrected and wanted side by side, ΔE2000 before → after below each.

It refuses to tell by colour alone: each patch bears its figures.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui import theme

_ACROSS = 12
_LINE_PX = 17
_ONE_LINE_PX = 60
"""The width of "12.3 → 1.2"."""
_WORST = 5.0
"""The ΔE2000 that no patch should have afterwards."""


class ChartPatches(QWidget):
    """24 patches in two rows: seen, corrected and wanted side by side, ΔE2000 before → after below."""

    def __init__(self) -> None:
        super().__init__()
        self._patches: list[Mapping[str, Any]] = []
        self.setMinimumHeight(104)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 - Qt's name
        return QSize(600, 116)

    def show_patches(self, patches: list[Mapping[str, Any]]) -> None:
        """As the engine read them."""
        self._patches = patches
        self.setAccessibleName("; ".join(f"{patch['name']} {patch['before']:.1f} → {patch['after']:.1f}" for patch in patches))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        across, down = self.width() / _ACROSS, self.height() / 2
        for index, patch in enumerate(self._patches):
            self._paint(painter, QRectF(index % _ACROSS * across, index // _ACROSS * down, across - 4, down - 2), patch)

    @staticmethod
    def _paint(painter: QPainter, place: QRectF, patch: Mapping[str, Any]) -> None:
        """Where it is narrow the figures stand one below the other."""
        is_narrow = place.width() < _ONE_LINE_PX
        height = place.height() - (2 if is_narrow else 1) * _LINE_PX
        width = place.width() / 3
        for part, key in enumerate(("seen", "corrected", "wanted")):
            painter.fillRect(QRectF(place.left() + part * width, place.top(), width, height), QColor(*patch[key]))
        before, after = f"{patch['before']:.1f}", f"{patch['after']:.1f}"
        lines = ((before, "muted"), (after, "")) if is_narrow else ((f"{before} → {after}", ""),)
        for line, (text, token) in enumerate(lines):
            painter.setFont(theme.font(12, 400 if token else 500))
            painter.setPen(theme.colour(token or ("text" if patch["after"] <= _WORST else "warn")))
            painter.drawText(
                QRectF(place.left(), place.top() + height + line * _LINE_PX, place.width(), _LINE_PX), Qt.AlignmentFlag.AlignCenter, text
            )
