"""The local preview: the file that the engine maps, looked at every 33 ms while the window is visible.

It refuses to stretch a picture, to hold the engine up, and to trust a header that can't be true.
"""

import os
import struct
import time
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme
from ui.language import words
from ui.split_line import REACH_PX, paint_split

_HEADER = struct.Struct("<8sIIIIQQ")
_MAGIC = b"ENCPREV1"
_HEADER_BYTES = 64
_SLOTS = 3
_MAX_SIDE = 4096
PULL_MS = 33
STALE_S = 1.0
_LOOK_AGAIN_S = 0.5
"""How often the path is looked at for a file that replaced the mapped one; every pull would be 30 calls a second for nothing."""


@dataclass(frozen=True, slots=True)
class _Header:
    width: int
    height: int
    slot: int
    seq: int


class PreviewFile:
    """The reader of the preview's file: opens it again when it was replaced.

    It reads instead of mapping: a mapped file that is cut short under its reader kills it with SIGBUS, and a window must not die of
    its engine. The kernel's pages are the same, and the picture is copied once either way.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: FileIO | None = None
        self._inode = 0
        self._looked_at = 0.0

    def follow(self, path: Path | None) -> None:
        """Read another file from now on."""
        if path != self._path:
            self.close()
            self._path = path

    def newest(self, after_seq: int | None) -> tuple[int, QImage] | None:
        """The newest picture, copied, unless its number is `after_seq`; None also without a sound file."""
        self._refresh()
        if self._file is None:
            return None
        try:
            return self._read(self._file, after_seq)
        except OSError:
            self.close()
            return None

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
        self._file = None
        self._inode = 0
        self._looked_at = 0.0

    def _refresh(self) -> None:
        now = time.monotonic()
        if self._path is None or now - self._looked_at < _LOOK_AGAIN_S:
            return
        self._looked_at = now
        try:
            if self._file is not None and self._path.stat().st_ino == self._inode:
                return
            fresh = FileIO(self._path)
        except OSError:
            return
        self.close()
        self._file, self._inode, self._looked_at = fresh, os.fstat(fresh.fileno()).st_ino, now

    def _read(self, file: FileIO, after_seq: int | None) -> tuple[int, QImage] | None:
        header = _header(file)
        if header is None or header.seq in {after_seq, 0}:
            return None
        image = QImage(header.width, header.height, QImage.Format.Format_RGB32)
        file.seek(_HEADER_BYTES + header.slot * image.sizeInBytes())
        if file.readinto(image.bits()) != image.sizeInBytes():
            return None
        after = _header(file)
        is_torn = after is None or after.seq >= header.seq + _SLOTS - 1
        return None if is_torn else (header.seq, image)


def _header(file: FileIO) -> _Header | None:
    file.seek(0)
    head = file.read(_HEADER.size)
    if head is None or len(head) < _HEADER.size:
        return None
    magic, version, width, height, slot, seq, _time_ns = _HEADER.unpack(head)
    if magic != _MAGIC or version != 1 or not (0 < width <= _MAX_SIDE and 0 < height <= _MAX_SIDE) or slot >= _SLOTS:
        return None
    return _Header(width, height, slot, seq)


class Preview(QWidget):
    """The picture, letterboxed; `staleness_changed` tells when it stands still for over a second, and when it moves again."""

    staleness_changed = Signal(bool)
    touched = Signal(float, float)
    """A place of the picture that was pressed or dragged to, as shares of it, wherever it is mirrored."""

    def __init__(self, path: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file = PreviewFile(path)
        self._image = QImage()
        self._seq: int | None = None
        self._moved_at = time.monotonic()
        self._is_stale = False
        self._note = ""
        self._is_mirrored = False
        self._line: float | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(320, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)
        self._timer = QTimer(self)
        self._timer.setInterval(PULL_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.pull)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 - Qt's name
        return QSize(796, 448)

    def follow(self, path: Path | None) -> None:
        """Show another engine's preview."""
        self._file.follow(path)

    def close_file(self) -> None:
        """Stop looking and let go of the file; shown again, it begins anew."""
        self._timer.stop()
        self._file.close()

    def set_mirrored(self, *, is_mirrored: bool) -> None:
        """Left and right changed, for this window's eyes only."""
        self._is_mirrored = is_mirrored
        self.update()

    def show_line(self, at: float | None) -> None:
        """The line between before and after stands at this share of the picture; None where there is none."""
        self._line = at
        self.unsetCursor()
        self.update()

    def _line_x(self, at: float) -> float:
        place = self.picture_rect()
        return place.left() + (1 - at if self._is_mirrored else at) * place.width()

    def is_mirrored(self) -> bool:
        """Whether left and right are changed here."""
        return self._is_mirrored

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 - Qt's name
        place = self.picture_rect()
        if event.buttons() & Qt.MouseButton.LeftButton and place.contains(event.position()):
            x = (event.position().x() - place.left()) / place.width()
            y = (event.position().y() - place.top()) / place.height()
            self.touched.emit(1 - x if self._is_mirrored else x, y)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 - Qt's name
        if self._line is not None:
            is_near = abs(event.position().x() - self._line_x(self._line)) <= REACH_PX
            self.setCursor(Qt.CursorShape.SplitHCursor if is_near else Qt.CursorShape.ArrowCursor)
        self.mousePressEvent(event)

    def has_picture(self) -> bool:
        """Whether there ever was one."""
        return not self._image.isNull()

    def is_stale(self) -> bool:
        """Whether the picture stands still."""
        return self._is_stale

    def seq(self) -> int:
        """The number of the picture that is shown, 0 before the first."""
        return self._seq or 0

    def say(self, note: str) -> None:
        """Words over the lower edge of the picture, as "original"; empty for none."""
        if note != self._note:
            self._note = note
            self.update()

    def pull(self) -> None:
        """Look for a newer picture."""
        found = self._file.newest(self._seq)
        now = time.monotonic()
        if found is not None:
            self._seq, self._image = found
            self._moved_at = now
            self.update()
        is_stale = now - self._moved_at > STALE_S
        if is_stale != self._is_stale:
            self._is_stale = is_stale
            self.staleness_changed.emit(is_stale)
            self.update()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102 - Qt's name
        super().showEvent(event)
        self._moved_at = time.monotonic()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802, D102 - Qt's name
        super().hideEvent(event)
        self.close_file()

    def picture_rect(self) -> QRectF:
        """Where the picture lies: the largest rectangle of its shape, in the middle."""
        if self._image.isNull():
            return QRectF(self.rect())
        scale = min(self.width() / self._image.width(), self.height() / self._image.height())
        width, height = self._image.width() * scale, self._image.height() * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 - Qt's name
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(self.picture_rect(), 6, 6)
        painter.fillPath(shape, theme.colour("surface" if self._image.isNull() else "line"))
        if not self._image.isNull():
            painter.setClipPath(shape)
            painter.setOpacity(0.35 if self._is_stale else 1.0)
            picture = self._image.flipped(Qt.Orientation.Horizontal) if self._is_mirrored else self._image
            painter.drawImage(self.picture_rect(), picture)
            painter.setOpacity(1.0)
            painter.setClipping(False)
        if self._line is not None and self.has_picture():
            paint_split(painter, self.picture_rect(), self._line_x(self._line), is_mirrored=self._is_mirrored)
        note = self._note or ("" if self.has_picture() else words("preview.waiting"))
        if note:
            self._paint_note(painter, note)

    def _paint_note(self, painter: QPainter, note: str) -> None:
        painter.setFont(theme.font(15, 700))
        width = painter.fontMetrics().horizontalAdvance(note) + 32
        place = QRectF((self.width() - width) / 2, self.height() - 52, width, 36)
        ground = theme.colour("canvas")
        ground.setAlphaF(0.88)
        painter.setBrush(ground)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawRoundedRect(place, 8, 8)
        painter.setPen(theme.colour("text"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, note)
