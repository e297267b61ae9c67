"""What stands in the preview's place when there is no picture: what to do, with the buttons that do it.

It refuses to hide the reason that the engine gave.
"""

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui import theme
from ui.bridge import Bridge
from ui.controls import button, label, row
from ui.language import words
from ui.panels.sources import source_state

SAMPLE_CLIP = Path(__file__).resolve().parents[2] / "resources" / "sample" / "presenter.mp4"


class _Plug(QWidget):
    """A camera and a plug that isn't in."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(168, 104)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.colour("muted"), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(8, 20, 76, 60), 10, 10)
        painter.drawEllipse(QPointF(46, 50), 17, 17)
        for start, end in (((30, 96), (62, 96)), ((46, 80), (46, 96)), ((84, 50), (98, 50))):
            painter.drawLine(QPointF(*start), QPointF(*end))
        painter.drawRoundedRect(QRectF(98, 40, 18, 20), 6, 6)
        pen.setColor(theme.colour("text"))
        painter.setPen(pen)
        for start, end in (((160, 50), (144, 50)), ((144, 38), (144, 62)), ((144, 44), (136, 44)), ((144, 56), (136, 56))):
            painter.drawLine(QPointF(*start), QPointF(*end))
        pen.setColor(theme.colour("warn"))
        painter.setPen(pen)
        for start, end in (((124, 34), (127, 29)), ((127, 50), (130, 50)), ((124, 66), (127, 71))):
            painter.drawLine(QPointF(*start), QPointF(*end))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("muted"))
        painter.drawEllipse(QPointF(46, 50), 6, 6)


class NoPicture(QFrame):
    """Takes the preview's place."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setProperty("part", "empty")
        self._title = label("", "large")
        self._line = label("", "muted")
        self._line.setWordWrap(True)
        self._fault = label("", "fault")
        self.sample = button(words("empty.sample"), lambda: self._use(f"file:{SAMPLE_CLIP}"), kind="main", size="large", icon="play")
        self._screen = button(words("empty.screen"), lambda: self._use("screen:0"), size="large", icon="screen")
        self._camera = button(words("empty.camera"), lambda: self._use("camera:0"), size="large", icon="camera")
        self._note = label(words("empty.note"), "small")
        made = QVBoxLayout(self)
        made.setSpacing(6)
        made.addStretch(1)
        made.addWidget(_Plug(), 0, Qt.AlignmentFlag.AlignHCenter)
        made.addSpacing(10)
        for text in (self._title, self._line):
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            made.addWidget(text)
        made.addSpacing(14)
        made.addLayout(row(None, self.sample, self._screen, self._camera, None, spacing=12))
        made.addSpacing(8)
        for text in (self._note, self._fault):
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            made.addWidget(text)
        made.addStretch(1)
        self.sample.setVisible(SAMPLE_CLIP.is_file())
        self._note.setVisible(SAMPLE_CLIP.is_file())
        self.refresh()

    def refresh(self) -> None:
        """Say what is missing."""
        room = self._bridge.room
        spec = str(room.source("video").get("spec") or (room.settings.get("video") or {}).get("source") or "")
        scheme = spec.partition(":")[0]
        known = scheme if scheme in {"camera", "screen", "file"} else "other"
        self._title.setText(words(f"empty.no_{known}"))
        self._camera.setVisible(known != "camera")
        self._screen.setVisible(known != "screen")
        code = room.source("video").get("code")
        self._line.setText(
            words("empty.camera_hint")
            if known == "camera"
            else source_state("video", spec, room.source("video"))[1]
            if code
            else words("empty.hint")
        )

    def _use(self, source: str) -> None:
        self._fault.setText("")
        patch = {"video": {"source": source}}
        self._bridge.ask(lambda client: client.patch_settings(patch), self._answered, self._fault.setText)

    def _answered(self, answer: object) -> None:
        self._bridge.room.take("settings", answer)
        self._bridge.changed.emit("settings")
