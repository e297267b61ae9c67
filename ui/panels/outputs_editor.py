"""One output, added, changed or taken out in place, below the preview; others of the profile stay as they are.

It refuses to change what is running: the engine says so, and so does the menu that leads here.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.model.output_edit import server_host
from studio.model.platforms import PLATFORMS, Platform, platform_of
from studio.model.settings import VideoSettings
from studio.remote.client import StudioClient
from ui.bridge import Bridge
from ui.controls import Choice, Elided, HoldButton, button, label, repolish, row
from ui.figures import count
from ui.language import words
from ui.models.outputs import codec_words, kind_of
from ui.panels.output_fields import OutputFields, server_of, typed_fault
from ui.plain import plain


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
    """`left` comes when it is done or given up."""

    left = Signal()
    HEIGHT_PX = 148

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.setProperty("part", "card")
        self._name = ""
        self._title: QLabel = label("", "head")
        self._hint = Elided("", "small")
        self.inputs = OutputFields()
        self.platform = Choice(words("outputs.platform"))
        self.platform.addItem(words("outputs.any_platform"))
        self.platform.addItems([platform.name for platform in PLATFORMS])
        self.platform.setMinimumContentsLength(8)
        self.platform.activated.connect(self._on_platform)
        self.inputs.codec.activated.connect(lambda _: self._show_cost())
        self.enabled: QPushButton = button(words("outputs.enabled"), size="small")
        self.enabled.setCheckable(True)
        self.tracks: QPushButton = button(words("outputs.tracks"), size="small")
        self.tracks.setCheckable(True)
        self.tracks.setToolTip(words("outputs.tracks_tip"))
        self.remove = HoldButton(words("outputs.remove"), icon="close")
        self.remove.held.connect(self._remove)
        self.save = button(words("spec.save"), self._save, kind="main")
        cancel = button(words("spec.leave"), self.left.emit, kind="ghost")
        made = QVBoxLayout(self)
        made.setContentsMargins(12, 6, 12, 8)
        made.setSpacing(6)
        made.addLayout(row(self._title, self.platform, None, self.tracks, self.enabled, self.remove, cancel, self.save))
        made.addWidget(self.inputs)
        made.addWidget(self._hint)
        made.addStretch(1)

    def add(self, kind: str) -> None:
        """Begin with a new server, recording ("file") or virtual camera ("camera")."""
        word = words(f"outputs.{kind}_name")
        names = [word, *(f"{word} {number}" for number in range(2, 1000))]
        self._begin({}, next(name for name in names if name not in self._tables()), kind)

    def edit(self, name: str) -> None:
        """Begin with one of the profile's."""
        table = self._tables().get(name)
        if table is None:
            self.left.emit()
        else:
            known = kind_of(table)
            self._begin(table, name, known if known in {"file", "camera"} else "server")

    def _begin(self, table: Mapping[str, Any], name: str, kind: str) -> None:
        self._name = name if table else ""
        self._title.setText(words("outputs.edit_title" if table else f"outputs.new_{kind}"))
        self.platform.setVisible(kind == "server")
        self.tracks.setVisible(kind == "file")
        self.tracks.setChecked(table.get("tracks") == "separate")
        self.remove.setVisible(bool(table))
        self.enabled.setChecked(bool(table.get("enabled", True)))
        self.save.setEnabled(True)
        replay = self._bridge.room.settings.get("replay")
        replay_s = replay.get("seconds") if isinstance(replay, Mapping) else 0
        self.inputs.begin(table, name, kind, replay_s=replay_s, can_replay=not self._bridge.room.is_on_air)
        self._show_limits(platform_of(server_host(server_of(table))) if kind == "server" else None)
        if kind == "file":
            self._show_cost()
        if kind == "camera":
            self._hint.setText(words("outputs.camera_hint"))
        if kind == "server":
            self._bridge.ask(lambda client: client.list_outputs(), self._tell_place)

    def _tell_place(self, answer: Mapping[str, Any]) -> None:
        """Where there is no keyring, keys lie in a file: nobody should have to guess that."""
        keys = answer.get("keys")
        if isinstance(keys, Mapping) and keys.get("is_in_file") and not self._hint.text():
            self._hint.setText(words("outputs.key.in_file", place=plain(str(keys.get("place") or ""), 200)))
            self._hint.setToolTip(self._hint.text())

    def _save(self) -> None:
        fields = {**self.inputs.typed(), "enabled": self.enabled.isChecked()}
        if not self.tracks.isHidden():
            fields["tracks"] = "separate" if self.tracks.isChecked() else "mix"
        wrong, told = typed_fault(fields, set(self._tables()) - {self._name})
        if wrong:
            self.inputs.mark_wrong(wrong)
            self._say(told)
            return
        self.save.setEnabled(False)
        name, replay_s = self._name or str(fields["name"]), self.inputs.replay_s()
        self._bridge.ask(lambda client: self._put(client, name, fields, replay_s), lambda _: self._done(), self._refused)

    @staticmethod
    async def _put(client: StudioClient, name: str, fields: dict[str, Any], replay_s: int | None) -> None:
        await client.put_output(name, fields)
        if replay_s is not None:
            await client.patch_settings({"replay": {"seconds": replay_s}})

    def _remove(self) -> None:
        name = self._name
        self._bridge.ask(lambda client: client.remove_output(name), lambda _: self._done(), self._refused)

    def _done(self) -> None:
        self.inputs.inputs["key"].clear()
        self.left.emit()

    def _refused(self, text: str) -> None:
        self.save.setEnabled(True)
        self._say(text)

    def _say(self, text: str) -> None:
        repolish(self._hint, "role", "fault")
        self._hint.setText(plain(text, 400))
        self._hint.setToolTip(plain(text, 400))

    def _on_platform(self, index: int) -> None:
        """Fill in its address where it is the same for everybody, and say what it publishes of its limits."""
        platform, server = PLATFORMS[index - 1] if index else None, self.inputs.inputs["server"]
        is_theirs = server.text() in {known.server for known in PLATFORMS}
        if platform is not None and (platform.server or is_theirs):
            server.setText(platform.server)
        if platform is not None and not self._name and platform.name not in self._tables():
            self.inputs.inputs["name"].setText(platform.name)
        self._show_limits(platform)

    def _show_cost(self) -> None:
        repolish(self._hint, "role", "small")
        self._hint.setText(codec_words(self.inputs.chosen_codec(), self._bridge.room.measured))
        self._hint.setToolTip(self._hint.text())

    def _show_limits(self, platform: Platform | None) -> None:
        self.platform.setCurrentIndex(0 if platform is None else PLATFORMS.index(platform) + 1)
        repolish(self._hint, "role", "small")
        self._hint.setText("" if platform is None else limits_words(platform, self._video()))
        self._hint.setToolTip(self._hint.text())

    def _video(self) -> VideoSettings:
        table = self._bridge.room.settings.get("video")
        table = table if isinstance(table, Mapping) else {}
        return VideoSettings(**{name: table[name] for name in ("width", "height", "fps") if isinstance(table.get(name), int)})

    def _tables(self) -> dict[str, Mapping[str, Any]]:
        tables = [table for table in self._bridge.room.settings.get("output") or () if isinstance(table, Mapping)]
        return {str(table.get("name") or ""): table for table in tables}

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 - Qt's name
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.save.isEnabled():
            self._save()
        else:
            super().keyPressEvent(event)
