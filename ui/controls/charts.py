"""Figures to look at: bars of shares, and a heat map of cohorts. Painted with the theme's tokens.

They refuse to say anything by colour alone: each bar and cell bears its number.
"""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import badges, theme
from ui.figures import count

_ROW = 30
_CELL = 28


@dataclass(frozen=True, slots=True)
class Bar:
    """One share: what it is called, how many, the token that colours it, and the tier whose badge stands before it (0: none)."""

    name: str
    value: int
    colour: str = "focus"
    tier: int = 0


class Bars(QWidget):
    """Horizontal bars with name, number and share of all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, bars: tuple[Bar, ...]) -> None:
        """Show these."""
        self._bars = bars
        self.setFixedHeight(_ROW * max(1, len(bars)))
        self.setAccessibleName(", ".join(f"{bar.name} {count(bar.value)}" for bar in bars))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 - Qt's name
        return QSize(240, _ROW * max(1, len(self._bars)))

    def paintEvent(self, _event: object) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        total, most = sum(bar.value for bar in self._bars) or 1, max((bar.value for bar in self._bars), default=0) or 1
        for number, bar in enumerate(self._bars):
            self._paint(painter, number * _ROW, bar, bar.value / total, bar.value / most)

    def _paint(self, painter: QPainter, top: int, bar: Bar, share: float, length: float) -> None:
        left = 0.0
        if bar.tier:
            painter.drawPixmap(QPointF(0, top + 2), badges.pixmap(bar.tier, 18, self.devicePixelRatioF()))
            left = 26.0
        width = self.width()
        _write(painter, QRectF(left, top, width * 0.6, 20), bar.name, "text", Qt.AlignmentFlag.AlignLeft)
        told = f"{count(bar.value)} · {share:.0%}" if bar.value else "0"
        _write(painter, QRectF(width * 0.4, top, width * 0.6, 20), told, "muted", Qt.AlignmentFlag.AlignRight)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("track"))
        painter.drawRoundedRect(QRectF(left, top + 21, width - left, 5), 2.5, 2.5)
        if bar.value:
            painter.setBrush(theme.colour(bar.colour))
            painter.drawRoundedRect(QRectF(left, top + 21, max(5.0, (width - left) * length), 5), 2.5, 2.5)


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A cohort: its month, how many, and a share in each column (None: not known yet)."""

    name: str
    value: int
    shares: tuple[float | None, ...]


class HeatMap(QWidget):
    """Cohorts as rows; the fuller a cell, the more came back."""

    def __init__(self, columns: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._rows: tuple[HeatRow, ...] = ()

    def show_rows(self, rows: tuple[HeatRow, ...]) -> None:
        """Show these, the newest first."""
        self._rows = rows
        self.setFixedHeight(_CELL * (len(rows) + 1))
        told = (f"{row.name}: {', '.join('—' if one is None else f'{one:.0%}' for one in row.shares)}" for row in rows)
        self.setAccessibleName("; ".join(told))
        self.update()

    def paintEvent(self, _event: object) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = 132.0
        wide = (self.width() - left) / max(1, len(self._columns))
        for column, name in enumerate(self._columns):
            _write(painter, QRectF(left + column * wide, 0, wide, _CELL), name, "muted", Qt.AlignmentFlag.AlignHCenter)
        most = max((share for row in self._rows for share in row.shares if share), default=0.0) or 1.0
        for number, row in enumerate(self._rows, 1):
            top = number * _CELL
            _write(painter, QRectF(0, top, 70, _CELL), row.name, "text", Qt.AlignmentFlag.AlignLeft)
            _write(painter, QRectF(64, top, 60, _CELL), count(row.value), "muted", Qt.AlignmentFlag.AlignRight)
            for column, share in enumerate(row.shares):
                self._cell(painter, QRectF(left + column * wide + 2, top + 2, wide - 4, _CELL - 4), share, most)

    @staticmethod
    def _cell(painter: QPainter, area: QRectF, share: float | None, most: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        ground = QColor(theme.colour("focus"))
        # At 45 % the text keeps 4.5 : 1 on both themes.
        ground.setAlphaF(0.04 + 0.41 * (share or 0.0) / most)
        painter.setBrush(ground if share is not None else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, 4, 4)
        _write(painter, area, "—" if share is None else f"{share:.0%}", "muted" if not share else "text", Qt.AlignmentFlag.AlignHCenter)


def _write(painter: QPainter, area: QRectF, text: str, token: str, side: Qt.AlignmentFlag) -> None:
    painter.setFont(theme.font(12))
    painter.setPen(theme.colour(token))
    cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
    painter.drawText(area, int(side | Qt.AlignmentFlag.AlignVCenter) | Qt.TextFlag.TextSingleLine, cut)
