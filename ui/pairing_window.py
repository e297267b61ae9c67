"""Asks for the one-time code that the host reads out, and turns it into a token for this device.

It refuses to keep the code, and the token longer than this run.
"""

import asyncio
import getpass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from studio.errors import KnownError
from studio.remote.client import pair
from ui.controls import button, label, row
from ui.language import error_words, locale, words
from ui.shapes import Mark, window_icon

_DIGITS = 8


class PairingWindow(QWidget):
    """`paired` carries the token."""

    paired = Signal(str)
    closed = Signal()

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._task: asyncio.Task[None] | None = None
        self.setObjectName("canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(words("pair.title"))
        self.setWindowIcon(window_icon())
        self.setFixedSize(440, 264)
        self.code = QLineEdit()
        self.code.setMaxLength(_DIGITS + 2)
        self.code.setPlaceholderText("0000 0000")
        self.code.setAccessibleName(words("pair.code"))
        self.code.returnPressed.connect(self._send)
        self._fault = label("", "fault")
        self._fault.setWordWrap(True)
        hint = label(words("pair.hint"), "muted")
        hint.setWordWrap(True)
        self.send = button(words("pair.send"), self._send, kind="main")
        made = QVBoxLayout(self)
        made.setContentsMargins(24, 24, 24, 24)
        made.setSpacing(12)
        made.addLayout(row(Mark(), label(words("pair.title"), "large"), None, spacing=12))
        made.addWidget(hint)
        made.addWidget(self.code)
        made.addWidget(self._fault)
        made.addStretch(1)
        made.addLayout(row(None, self.send))

    def _send(self) -> None:
        code = "".join(sign for sign in self.code.text() if sign.isdecimal())
        if len(code) != _DIGITS:
            self._fault.setText(words("pair.need_digits"))
            return
        self.send.setEnabled(False)
        self._task = asyncio.get_event_loop().create_task(self._pair(code), name="pair")

    async def _pair(self, code: str) -> None:
        try:
            token, _ = await pair(self._url, code, getpass.getuser(), locale=locale())
        except KnownError as error:
            self._fault.setText(error_words(error))
            self.code.clear()
            self.code.setFocus()
            return
        finally:
            self.send.setEnabled(True)
        self.paired.emit(token)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802, D102 - Qt's name
        if self._task is not None:
            self._task.cancel()
        super().closeEvent(event)
        self.closed.emit()
