"""One of a few, chosen from a list that opens; with the family's arrow on any theme.

It refuses to be as wide as its longest line: a column decides how wide it is.
"""

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox

from ui import icons, theme
from ui.controls.wheel import scrolled_past

_ARROW_PX = 16


class Choice(QComboBox):
    """Styled by the sheet, which leaves room for the arrow."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        scrolled_past(self)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, D102 - Qt's name
        super().paintEvent(event)
        ink = theme.colour("text" if self.isEnabled() else "muted")
        arrow = icons.pixmap("down", _ARROW_PX, ink, self.devicePixelRatioF())
        QPainter(self).drawPixmap(self.width() - _ARROW_PX - 6, (self.height() - _ARROW_PX) // 2, arrow)
