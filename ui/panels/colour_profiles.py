"""The stored colour profiles: camera, light, date, each patch before and after; used or deleted.

It refuses to delete at one click.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import button, label, row
from ui.language import words
from ui.panels.chart_patches import ChartPatches
from ui.plain import plain

_SURE_MS = 3000


class ColourProfiles(QWidget):
    """`used` carries the engine's answer to another choice; `refused` its words."""

    used = Signal(object)
    refused = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._rows: list[Mapping[str, Any]] = []
        self.list = QListWidget()
        self.list.setAccessibleName(words("chart.profiles"))
        self.list.setFixedWidth(196)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(lambda _: self._show_chosen())
        self.patches = ChartPatches()
        self._figures: QLabel = label("", "small")
        self.use = button(words("chart.use"), self._use, kind="main", size="small")
        self.delete = button(words("chart.delete"), self._delete, kind="ghost", size="small")
        self._sure = QTimer(self)
        self._sure.setSingleShot(True)
        self._sure.setInterval(_SURE_MS)
        self._sure.timeout.connect(self._show_chosen)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addLayout(row(self._figures, None, self.delete, self.use))
        right.addWidget(self.patches, 1)
        made = QHBoxLayout(self)
        made.setContentsMargins(0, 0, 0, 0)
        made.setSpacing(12)
        made.addWidget(self.list)
        made.addLayout(right, 1)

    def open(self) -> None:
        """Ask the engine for them."""
        self._bridge.ask(lambda client: client.colour_profiles(), self.show_profiles, self.refused.emit)

    def show_profiles(self, rows: list[Mapping[str, Any]]) -> None:
        """As the engine told them."""
        kept = self._chosen().get("name")
        self._rows = sorted(rows, key=lambda one: str(one.get("made_at")), reverse=True)
        self.list.clear()
        for one in self._rows:
            text = words("chart.row", light=plain(str(one.get("light")), 24), camera=plain(str(one.get("camera")), 24))
            item = QListWidgetItem(("● " if self._is_used(one) else "") + text)
            item.setToolTip(text)
            self.list.addItem(item)
        names = [one.get("name") for one in self._rows]
        used = next((place for place, one in enumerate(self._rows) if self._is_used(one)), 0)
        self.list.setCurrentRow(names.index(kept) if kept in names else used if self._rows else -1)
        self._show_chosen()

    def _chosen(self) -> Mapping[str, Any]:
        place = self.list.currentRow()
        return self._rows[place] if 0 <= place < len(self._rows) else {}

    def _is_used(self, one: Mapping[str, Any]) -> bool:
        look = self._bridge.room.settings.get("look")
        return bool(one) and isinstance(look, Mapping) and look.get("colour_profile") == one.get("path")

    def _show_chosen(self) -> None:
        self._sure.stop()
        one = self._chosen()
        patches = one.get("patches")
        self.patches.show_patches(list(patches) if isinstance(patches, list | tuple) else [])
        self._figures.setText(self._figures_of(one) if one else words("chart.profiles_none"))
        self.use.setText(words("chart.using") if self._is_used(one) else words("chart.use"))
        self.use.setEnabled(bool(one) and not self._is_used(one))
        self.delete.setText(words("chart.delete"))
        self.delete.setEnabled(bool(one))

    @staticmethod
    def _figures_of(one: Mapping[str, Any]) -> str:
        figures = {key: f"{float(one.get(key) or 0):.1f}" for key in ("mean_before", "mean_after", "max_after")}
        date = plain(str(one.get("made_at")), 40)[:10]
        told = words("chart.row_small", date=date, before=figures["mean_before"], after=figures["mean_after"], worst=figures["max_after"])
        return told if one.get("patches") else f"{told} · {words('chart.no_patches')}"

    def _use(self) -> None:
        patch = {"look": {"colour_profile": str(self._chosen().get("path")), "white_balance": ""}}
        self._bridge.ask(lambda client: client.patch_settings(patch), self._answered, self.refused.emit)

    def _answered(self, answer: object) -> None:
        self.used.emit(answer)
        self.show_profiles(self._rows)

    def _delete(self) -> None:
        if not self._sure.isActive():
            self.delete.setText(words("chart.delete_asked"))
            self._sure.start()
            return
        name = str(self._chosen().get("name"))
        self._bridge.ask(
            lambda client: client.forget_colour_profile(name), lambda answer: self.show_profiles(answer["profiles"]), self.refused.emit
        )
