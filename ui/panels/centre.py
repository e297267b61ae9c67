"""The middle of the host's window: band, tools, preview, the running drop, and the palette under it.

It refuses to cover the preview: editors open in the palette's place, and the preview takes what height is left.
"""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ui import preferences
from ui.bridge import Bridge
from ui.controls import button, row
from ui.edits import Edits
from ui.language import words
from ui.models.condition import lost_source
from ui.models.specs import Spec
from ui.panels.chart import ChartAssistant
from ui.panels.drop_editor import DropEditor
from ui.panels.drop_row import DropRow
from ui.panels.fault_band import FaultBand
from ui.panels.measure import MeasurePanel
from ui.panels.mixer import MixerPanel
from ui.panels.no_picture import NoPicture
from ui.panels.outputs_editor import OutputsEditor
from ui.panels.palette import Palette
from ui.panels.shown_product import ShownProduct
from ui.panels.slate_band import SlateBand, slate
from ui.panels.watching import Watching
from ui.preview import Preview

_TALL_PX = 776
"""Of the centre, at a window of 860: from here on the tiles have a second line and the past stands below them."""
_SHORT_PX = 660
_CHART_PX = 204
"""Two rows of patches with their figures; the preview gives what the palette has less."""


class Centre(Watching, QWidget):
    """At least half of the window's width."""

    def __init__(self, bridge: Bridge, edits: Edits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self._bridge = bridge
        self.preview = Preview(bridge.address.preview)
        self.band = FaultBand(bridge)
        self.slate_band = SlateBand(bridge)
        self.drop_row = DropRow(bridge)
        self.shown_product = ShownProduct(bridge)
        self.palette_panel = Palette(bridge)
        self.drop_editor = DropEditor()
        self.outputs_editor = OutputsEditor(bridge)
        self.chart = ChartAssistant(bridge)
        self.measure = MeasurePanel(bridge)
        self.mixer = MixerPanel(bridge, edits)
        self._picture = QStackedWidget()
        self._no_picture = NoPicture(bridge)
        self._below = QStackedWidget()
        self._build()
        self._connect()
        self.refresh()

    def _build(self) -> None:
        self.split: QPushButton = button(words("tools.compare"), size="small", icon="compare")
        self.split.setCheckable(True)
        self.mirror: QPushButton = button(words("tools.mirror"), size="small")
        self.mirror.setCheckable(True)
        self.mirror.toggled.connect(self._mirror)
        self.mirror.setChecked(preferences.text("mirror_preview", "") == "yes")
        self.close_up: QPushButton = button(words("tools.close_up"), lambda: self.toggle_shot("close_up"), size="small")
        self.true_skin: QPushButton = button(words("tools.true_skin"), lambda: self.toggle_shot("true_skin"), size="small")
        for made in (self.close_up, self.true_skin):
            made.setCheckable(True)
        self.board: QPushButton = button(words("tools.board"), self._toggle_board, size="small", icon="people")
        self.board.setCheckable(True)
        for page in (self.preview, self._no_picture):
            self._picture.addWidget(page)
        for page in (self.palette_panel, self.drop_editor, self.outputs_editor, self.measure, self.mixer, self.chart):
            self._below.addWidget(page)
        self._made = QVBoxLayout(self)
        self._made.setContentsMargins(12, 12, 12, 12)
        self._made.setSpacing(0)
        self._made.addWidget(self.band)
        self._made.addWidget(self.slate_band)
        tools = row(self.split, self.mirror, self.board, None, self.shown_product, self.close_up, self.true_skin)
        tools.setStretchFactor(self.shown_product, 1000)
        self._made.addLayout(tools)
        self._made.addSpacing(8)
        self._made.addWidget(self._picture, 1)
        self._made.addSpacing(8)
        self._made.addWidget(self.drop_row)
        self._made.addSpacing(4)
        self._made.addWidget(self._below)

    def _connect(self) -> None:
        for band in (self.band, self.slate_band):
            band.toggled.connect(lambda _: self._fit())
        self.slate_band.refused.connect(self.band.say)
        self.shown_product.refused.connect(self.band.say)
        self.palette_panel.edit_asked.connect(self._edit_drop)
        self.palette_panel.shown.connect(self.drop_row.show_drop)
        self.drop_editor.saved.connect(self._keep_drop)
        self.drop_editor.opened.connect(self._open_drop)
        self.drop_editor.left.connect(self._show_palette)
        self.outputs_editor.left.connect(self._show_palette)
        self.chart.left.connect(self._show_palette)
        self.measure.left.connect(self._show_palette)
        self.mixer.left.connect(self._show_palette)
        self._below.currentChanged.connect(lambda _: self._fit())
        self.watch(self._bridge, "live", "settings", "health", with_link=True)

    def has_picture(self) -> bool:
        """Whether the source is there, as far as the engine says, or the audience sees a slate in its place."""
        return lost_source(self._bridge.room) != "video" or bool(slate(self._bridge))

    def refresh(self) -> None:
        """Show what the room says."""
        self.preview.follow(self._bridge.address.preview)
        is_there = self.has_picture()
        self._picture.setCurrentWidget(self.preview if is_there else self._no_picture)
        self._no_picture.refresh()
        self.split.setEnabled(is_there)
        overlay = self._bridge.room.settings.get("overlay")
        is_on = bool(overlay.get("fan_board", True)) if isinstance(overlay, dict) else True
        self.board.setChecked(is_on)
        shot = self._bridge.room.settings.get("shot")
        for name, made in (("close_up", self.close_up), ("true_skin", self.true_skin)):
            made.setChecked(bool(shot.get(name)) if isinstance(shot, dict) else False)
            made.setEnabled(is_there)

    def _toggle_board(self) -> None:
        patch = {"overlay": {"fan_board": self.board.isChecked()}}
        self._bridge.ask(lambda client: client.patch_settings(patch), self._take_settings, self.band.say)

    def _take_settings(self, answer: object) -> None:
        self._bridge.room.take("settings", answer)
        self.refresh()

    def _mirror(self, is_on: bool) -> None:  # noqa: FBT001 - a signal's argument
        preferences.remember("mirror_preview", "yes" if is_on else "")
        self.preview.set_mirrored(is_mirrored=is_on)

    def toggle_shot(self, name: str) -> None:
        """One key for the close-up, one for true skin: the other way than the engine last said."""
        shot = self._bridge.room.settings.get("shot")
        is_on = bool(shot.get(name)) if isinstance(shot, dict) else False
        self._bridge.ask(lambda client: client.patch_settings({"shot": {name: not is_on}}), self._take_settings, self.band.say)

    def open_chart(self) -> None:
        """Open the colour-true assistant in the palette's place."""
        self._below.setCurrentWidget(self.chart)
        self.chart.begin()

    def _edit_drop(self, spec: Spec) -> None:
        self._below.setCurrentWidget(self.drop_editor)
        self.drop_editor.edit(spec, self._bridge.room, can_open=not self.palette_panel.why_not())

    def edit_output(self, name: str) -> None:
        """Change one output in the palette's place."""
        self._below.setCurrentWidget(self.outputs_editor)
        self.outputs_editor.edit(name)

    def add_output(self, kind: str) -> None:
        """A new server, recording ("file") or virtual camera ("camera"), likewise."""
        self._below.setCurrentWidget(self.outputs_editor)
        self.outputs_editor.add(kind)

    def open_measure(self) -> None:
        """Open what measures this computer in the palette's place."""
        self._below.setCurrentWidget(self.measure)
        self.measure.begin()

    def open_mixer(self) -> None:
        """Open the mixer in the palette's place."""
        self._below.setCurrentWidget(self.mixer)
        self.mixer.begin()

    def _keep_drop(self, spec: Spec) -> None:
        self.palette_panel.keep(spec)
        self._show_palette()

    def _open_drop(self, spec: Spec) -> None:
        self.palette_panel.open(spec)
        self._show_palette()

    def _show_palette(self) -> None:
        self._below.setCurrentWidget(self.palette_panel)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 - Qt's name
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The palette shrinks with the height, and with a band above the preview; the preview keeps its size."""
        height, has_band = self.height(), not (self.band.isHidden() and self.slate_band.isHidden())
        is_tall = height >= _TALL_PX
        is_short = height < _SHORT_PX
        tile = 96 if is_tall and not has_band else 92 if not (is_short and has_band) else 44
        has_past = is_tall and not has_band
        for band in (self.band.band, self.slate_band.band):
            band.set_compact(is_compact=is_short)
        self.palette_panel.set_height(tile, with_past=has_past)
        height_below = 32 + tile + (104 if has_past else 0)
        wanted = {self.chart: _CHART_PX, self.mixer: _CHART_PX, self.outputs_editor: self.outputs_editor.HEIGHT_PX}
        self._below.setFixedHeight(max(height_below, wanted.get(self._below.currentWidget(), 0)))
        margin = 8 if is_short else 12
        self._made.setContentsMargins(margin, margin, margin, margin)
