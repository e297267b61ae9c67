"""Measuring this computer, in the palette's place: how many pictures a second each preset manages with the look on, and which to take.

It refuses to change the profile by itself: the host presses the button.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import Elided, button, label, row
from ui.language import words
from ui.models.outputs import CODEC_NAMES
from ui.panels.watching import Watching
from ui.shapes import State, StateShape

_COLUMNS = 3


class MeasurePanel(Watching, QFrame):
    """`left` comes when it is done or given up."""

    left = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._told: Mapping[str, Any] = {}
        self.setProperty("part", "card")
        self._words: QLabel = Elided(words("measure.hint"), "small")
        self.start = button(words("measure.start"), self._start, size="small")
        self.use = button(words("measure.use"), self._use, kind="main", size="small")
        leave = button(words("measure.leave"), self.left.emit, kind="ghost", size="small")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(4)
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(24)
        self._rows.setVerticalSpacing(0)
        made = QVBoxLayout(self)
        made.setContentsMargins(12, 4, 12, 6)
        made.setSpacing(2)
        head = row(label(words("measure.title"), "head"), self._words, self.start, self.use, leave)
        head.setStretch(1, 1)
        made.addLayout(head)
        made.addWidget(self._bar)
        made.addLayout(self._rows)
        made.addStretch(1)
        self.watch(bridge, "live", "measure", with_link=True)
        self.refresh()

    def begin(self) -> None:
        """Show what was measured last, or that nothing was."""
        self._bridge.ask(lambda client: client.measured(), self._take, self._words.setText)

    def refresh(self) -> None:
        """Show what was measured. Measuring and changing the preset are for before the show."""
        if self._bridge.room.measured is not self._told:
            self._show(self._bridge.room.measured)
        is_free = self._bridge.link == "on" and not self._bridge.room.is_on_air
        self.start.setEnabled(is_free and self._told.get("state") != "running")
        self.use.setEnabled(is_free and self._told.get("state") == "done" and bool(self._told.get("picked")))

    def lines(self) -> list[str]:
        """What is shown, a line a preset."""
        texts = [self._rows.itemAt(place).widget() for place in range(self._rows.count())]
        return [str(made.property("line")) for made in texts if made is not None]

    def _take(self, answer: object) -> None:
        self._bridge.room.take("measure", answer)
        self.refresh()

    def _start(self) -> None:
        self._bridge.ask(lambda client: client.measure(), self._take, self._words.setText)

    def _use(self) -> None:
        picked = self._told.get("picked")
        if isinstance(picked, Mapping):
            patch = {"encoder": {"codec": picked.get("codec"), "preset": picked.get("preset")}}
            self._bridge.ask(lambda client: client.patch_settings(patch), self._used, self._words.setText)

    def _used(self, answer: object) -> None:
        self._bridge.room.take("settings", answer)
        self._bridge.changed.emit("settings")
        self._words.setText(words("measure.used"))

    def _show(self, told: Mapping[str, Any]) -> None:
        self._told = told
        state, picked = told.get("state", "idle"), told.get("picked")
        self._bar.setMaximum(max(1, int(told.get("of") or 1)))
        self._bar.setValue(int(told.get("done") or 0) if state == "running" else 0)
        self._bar.setVisible(state == "running")
        while (item := self._rows.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        beside = [{**line, "preset": words("measure.recording")} for line in told.get("recording") or () if isinstance(line, Mapping)]
        rows = [line for line in told.get("rows") or () if isinstance(line, Mapping)] + beside
        for number, line in enumerate(rows):
            is_picked = isinstance(picked, Mapping) and (line.get("codec"), line.get("preset")) == (
                picked.get("codec"),
                picked.get("preset"),
            )
            self._rows.addWidget(_line(line, is_picked=is_picked), number // _COLUMNS, number % _COLUMNS)
        self._words.setText(_summary(str(state), told))


def _summary(state: str, told: Mapping[str, Any]) -> str:
    picked = told.get("picked")
    if state == "done" and isinstance(picked, Mapping):
        msgid = "measure.picked" if told.get("has_room") else "measure.no_room"
        return words(msgid, codec=_codec(str(picked.get("codec"))), preset=picked.get("preset"))
    return words({"running": "measure.running", "failed": "measure.failed"}.get(state, "measure.hint"))


def _line(line: Mapping[str, Any], *, is_picked: bool) -> QWidget:
    fps = float(line.get("fps") or 0)
    state: State = "good" if line.get("fits") else "warn"
    name = f"{_codec(str(line.get('codec')))} {line.get('preset')}"
    shape = StateShape(state, 14)
    made = QWidget()
    made.setFixedHeight(24)
    made.setProperty("line", f"{name} {fps:.0f} fps")
    made.setLayout(row(shape, label(name, "strong" if is_picked else ""), None, label(f"{fps:.0f} fps", "value"), spacing=8))
    made.setAccessibleName(f"{name} {fps:.0f} fps")
    for child in made.findChildren(QLabel):
        child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return made


def _codec(codec: str) -> str:
    """A codec by the name that is on the box of the graphics card."""
    known = {"libx264": "x264", "h264_nvenc": "NVENC", "h264_qsv": "Quick Sync", "h264_amf": "AMF", "h264_videotoolbox": "VideoToolbox"}
    return known.get(codec) or CODEC_NAMES.get(codec, codec)
