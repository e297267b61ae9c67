"""The colour-true assistant, in the palette's place: hold up the chart, measure, see each patch before and after, keep it for the light.

It refuses to keep what was not measured.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from ui import theme
from ui.bridge import Bridge
from ui.controls import button, label, row
from ui.language import words


class ChartPatches(QWidget):
    """24 patches in two rows: seen, corrected and wanted side by side, ΔE2000 before → after below."""

    def __init__(self) -> None:
        super().__init__()
        self._patches: list[Mapping[str, Any]] = []
        self.setMinimumHeight(72)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 - Qt's name
        return QSize(600, 84)

    def show_patches(self, patches: list[Mapping[str, Any]]) -> None:
        """As the engine read them."""
        self._patches = patches
        self.setAccessibleName("; ".join(f"{patch['name']} {patch['before']:.1f} → {patch['after']:.1f}" for patch in patches))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        painter.setFont(theme.font(12, 400))
        across, down = self.width() / 12, self.height() / 2
        for index, patch in enumerate(self._patches):
            left, top = index % 12 * across, index // 12 * down
            for part, key in enumerate(("seen", "corrected", "wanted")):
                width = (across - 6) / 3
                painter.fillRect(QRectF(left + part * width, top, width, down - 20), QColor(*patch[key]))
            painter.setPen(theme.colour("text" if patch["after"] <= 5 else "warn"))
            place = QRectF(left, top + down - 19, across - 6, 18)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{patch['before']:.0f}→{patch['after']:.1f}")


class ChartAssistant(QFrame):
    """`left` comes when it is done or given up."""

    left = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setProperty("part", "card")
        self._words: QLabel = label(words("chart.hint"), "small")
        self.patches = ChartPatches()
        self.light = QLineEdit()
        self.light.setPlaceholderText(words("chart.light"))
        self.light.setMaxLength(40)
        self.light.setFixedWidth(140)
        self.measure = button(words("chart.measure"), self._measure, size="small")
        self.keep = button(words("chart.keep"), self._keep, kind="main", size="small")
        self.off = button(words("chart.off"), self._off, kind="ghost", size="small")
        leave = button(words("spec.leave"), self.left.emit, kind="ghost", size="small")
        made = QVBoxLayout(self)
        made.setContentsMargins(12, 4, 12, 4)
        made.setSpacing(2)
        made.addLayout(row(label(words("chart.title"), "head"), self._words, None, leave, self.off, self.measure, self.light, self.keep))
        made.addWidget(self.patches, 1)

    def begin(self) -> None:
        """Afresh."""
        self._words.setText(words("chart.hint"))
        self.patches.show_patches([])
        self.keep.setEnabled(False)
        look = self._bridge.room.settings.get("look")
        self.off.setEnabled(isinstance(look, Mapping) and bool(look.get("colour_profile")))

    def _measure(self) -> None:
        self._words.setText(words("chart.looking"))
        self._bridge.ask(lambda client: client.read_chart(), self._show, self._words.setText)

    def _show(self, reading: Mapping[str, Any]) -> None:
        self.patches.show_patches(list(reading.get("patches") or ()))
        figures = {key: f"{float(reading.get(key) or 0):.1f}" for key in ("mean_before", "mean_after", "max_after")}
        self._words.setText(words("chart.result", before=figures["mean_before"], after=figures["mean_after"], worst=figures["max_after"]))
        self.keep.setEnabled(True)

    def _keep(self) -> None:
        light = self.light.text().strip() or words("chart.default_light")
        self._bridge.ask(lambda client: client.keep_colour_profile(light), self._kept, self._words.setText)

    def _off(self) -> None:
        self._bridge.ask(lambda client: client.patch_settings({"look": {"colour_profile": ""}}), self._kept, self._words.setText)

    def _kept(self, answer: object) -> None:
        self._bridge.room.take("settings", answer)
        self._bridge.changed.emit("settings")
        self.left.emit()
