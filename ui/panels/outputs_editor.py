"""Where the show goes, edited in place: a server with its key, and a file to record to.

It refuses to show a key: one that is set reads as dots and is sent back untouched unless something new is typed.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIntValidator, QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.model.platforms import PLATFORMS, Platform, platform_of
from studio.model.settings import VideoSettings
from ui.bridge import Bridge
from ui.controls import Choice, Elided, button, label, row
from ui.figures import count
from ui.language import words
from ui.panels.drop_editor import EDITOR_PX

_MASK = "***"
_NUMBER_PX = 88


def limits_words(platform: Platform, video: VideoSettings) -> str:
    """What a platform publishes for this picture, with page and day; where its address comes from."""
    if not platform.source:
        return words("outputs.own_address", platform=platform.name) + words("outputs.not_published")
    most_kbps = platform.most_kbps(video)
    parts = [
        words("outputs.limit", kbps=count(most_kbps)) if most_kbps else "",
        words("outputs.keyframes", seconds=platform.keyframe_s) if platform.keyframe_s else "",
    ]
    return "".join(parts) + f" {urlsplit(platform.source).hostname}, {platform.as_of}"


class OutputsEditor(QFrame):
    """`left` comes when it is done or given up. Other outputs of the profile stay as they are."""

    left = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setProperty("part", "card")
        self.setMaximumHeight(EDITOR_PX)
        self._outputs: list[dict[str, Any]] = []
        self._fault: QLabel = label("", "fault")
        self.server, self.key, self.path = QLineEdit(), QLineEdit(), QLineEdit()
        self.split, self.replay = _number(1440, words("outputs.split.off")), _number(120, words("outputs.replay.off"))
        self.server.setPlaceholderText("rtmp://")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.path.setPlaceholderText("show.mp4")
        self._save = button(words("spec.save"), self._send, kind="main")
        cancel = button(words("spec.leave"), self.left.emit, kind="ghost")
        made = QVBoxLayout(self)
        made.setContentsMargins(12, 6, 12, 8)
        made.setSpacing(6)
        self.platform = Choice(words("outputs.platform"))
        self.platform.addItem(words("outputs.any_platform"))
        self.platform.addItems([platform.name for platform in PLATFORMS])
        self.platform.setMinimumContentsLength(8)
        self.platform.activated.connect(self._on_platform)
        self._limits = Elided("", "small")
        top = row(label(words("outputs.title"), "head"), self.platform, self._limits, self._fault, cancel, self._save)
        top.setStretchFactor(self._limits, 1)
        made.addLayout(top)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        fields = {"server": self.server, "key": self.key, "path": self.path, "split": self.split, "replay": self.replay}
        for column, (name, field) in enumerate(fields.items()):
            field.setAccessibleName(words(f"outputs.{name}"))
            grid.addWidget(label(words(f"outputs.{name}"), "small"), 0, column)
            grid.addWidget(field, 1, column)
        made.addLayout(grid)
        made.addStretch(1)

    def edit(self) -> None:
        """Begin with the profile's first server and first file."""
        self._fault.setText("")
        self._outputs = [dict(table) for table in self._bridge.room.settings.get("output") or () if isinstance(table, Mapping)]
        server, file = self._first(is_file=False), self._first(is_file=True)
        address, key = _split(server)
        self.server.setText(address)
        self.server.setCursorPosition(0)
        self.key.setText("")
        self.key.setPlaceholderText("••••••••" if key else "")
        self.path.setText(str(file.get("path") or ""))
        self.split.setText(_typed(file.get("split_minutes")))
        replay = self._bridge.room.settings.get("replay")
        self.replay.setText(_typed(replay.get("seconds") if isinstance(replay, Mapping) else 0))
        self._save.setEnabled(not self._bridge.room.is_on_air)
        if self._bridge.room.is_on_air:
            self._fault.setText(words("outputs.not_on_air"))
        self._show_limits(platform_of(urlsplit(address).hostname or "") if "://" in address else None)
        self.server.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_platform(self, index: int) -> None:
        """Fill in its address where it is the same for everybody, and say what it publishes of its limits."""
        platform = PLATFORMS[index - 1] if index else None
        if platform is not None and platform.server:
            self.server.setText(platform.server)
        self._show_limits(platform)

    def _show_limits(self, platform: Platform | None) -> None:
        self.platform.setCurrentIndex(0 if platform is None else PLATFORMS.index(platform) + 1)
        told = "" if platform is None else limits_words(platform, self._video())
        self._limits.setText(told)
        self._limits.setToolTip(told)

    def _video(self) -> VideoSettings:
        table = self._bridge.room.settings.get("video")
        table = table if isinstance(table, Mapping) else {}
        return VideoSettings(**{name: table[name] for name in ("width", "height", "fps") if isinstance(table.get(name), int)})

    def _first(self, *, is_file: bool) -> dict[str, Any]:
        return next((table for table in self._outputs if bool(table.get("path")) == is_file), {})

    def outputs(self) -> list[dict[str, Any]]:
        """The profile's outputs as typed."""
        server, file = self._first(is_file=False), self._first(is_file=True)
        others = [table for table in self._outputs if table is not server and table is not file]
        typed: list[dict[str, Any]] = []
        if self.server.text().strip():
            typed.append(self._server_table(server))
        if self.path.text().strip():
            split = {"split_minutes": int(self.split.text() or 0)}
            typed.append({**file, "name": file.get("name") or "archive", "path": self.path.text().strip(), **split})
        return [*typed, *others]

    def _server_table(self, before: dict[str, Any]) -> dict[str, Any]:
        name, address, fresh = before.get("name") or "main", self.server.text().strip(), self.key.text().strip()
        if not fresh and address == _split(before)[0] and before:
            return before
        if fresh:
            return {"name": name, "server": address, "key": fresh}
        kept = {key: before[key] for key in ("key", "key_secret") if before.get(key)}
        return {"name": name, "server": address, **kept}

    def _send(self) -> None:
        patch = {"output": self.outputs(), "replay": {"seconds": int(self.replay.text() or 0)}}
        self._bridge.ask(lambda client: client.patch_settings(patch), self._answered, self._fault.setText)

    def _answered(self, answer: object) -> None:
        self.key.clear()
        self._bridge.room.take("settings", answer)
        self._bridge.changed.emit("settings")
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 - Qt's name
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._save.isEnabled():
            self._send()
        else:
            super().keyPressEvent(event)


def _number(most: int, placeholder: str) -> QLineEdit:
    made = QLineEdit()
    made.setValidator(QIntValidator(0, most, made))
    made.setPlaceholderText(placeholder)
    made.setMaximumWidth(_NUMBER_PX)
    return made


def _typed(value: object) -> str:
    return str(value) if isinstance(value, int) and value else ""


def _split(table: Mapping[str, Any]) -> tuple[str, str]:
    """(server, key) of an output's table, whichever way it is written."""
    url = str(table.get("url") or "")
    if url:
        server, _, key = url.rpartition("/")
        return (server, key) if key == _MASK else (url, "")
    return str(table.get("server") or ""), str(table.get("key") or table.get("key_secret") or "")
