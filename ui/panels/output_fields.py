"""The fields of one output: name, server and key of a server; name, file, parts, replay, codec of a recording; a virtual camera's device.

It refuses to show a key: one that is kept reads as dots.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from studio.model.output_edit import server_host
from studio.model.settings import SECRET_MASK
from ui.controls import Choice, choose_new_file, icon_button, label, repolish, row
from ui.language import words
from ui.models.outputs import CODEC_NAMES

_NUMBER_PX = 72
_NAME_PX = 92
_OF = {
    "server": ("name", "server", "key"),
    "file": ("name", "path", "split", "split_mb", "replay"),
    "camera": ("name", "camera", "camera_python"),
}
_FIRST = {"server": "server", "file": "path", "camera": "name"}
_STRETCH = {"server": 3, "path": 3, "key": 2, "name": 1, "camera": 2, "camera_python": 2}
_AUTOMATIC = "auto"
_KINDS = ("mp4", "mkv", "flv", "ts")


def typed_fault(fields: Mapping[str, Any], others: set[str]) -> tuple[str, str]:
    """(field, words) for what can be seen to be wrong before the engine is asked; both empty when nothing is."""
    if not fields["name"] or fields["name"] in others:
        return "name", words("outputs.fault.name_taken" if fields["name"] else "outputs.fault.name")
    if "camera" in fields:
        return "", ""
    if "path" in fields:
        is_known = str(fields["path"]).rpartition(".")[2].lower() in _KINDS
        return ("", "") if is_known else ("path", words("outputs.fault.path"))
    server = str(fields["server"])
    if not server.startswith(("rtmp://", "rtmps://")) or not server_host(server) or not urlsplit(server).path.strip("/"):
        return "server", words("outputs.fault.server")
    has_blank = any(sign.isspace() or not sign.isprintable() for sign in str(fields.get("key", "")))
    return ("key", words("outputs.fault.key")) if has_blank else ("", "")


class OutputFields(QWidget):
    """One line of them, each under its name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table: Mapping[str, Any] = {}
        self._kind = "server"
        self.inputs = {name: QLineEdit() for names in _OF.values() for name in names}
        self._labels = {name: label(words(f"outputs.{name}"), "small") for name in self.inputs}
        self.choose = icon_button("disk", words("outputs.choose"), self._choose)
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        for column, (name, field) in enumerate(self.inputs.items()):
            field.setAccessibleName(words(f"outputs.{name}"))
            field.textEdited.connect(lambda _, made=field: repolish(made, "fault", "false"))
            grid.addWidget(self._labels[name], 0, column)
            if name == "path":
                grid.addLayout(row(field, self.choose, spacing=4), 1, column)
            else:
                grid.addWidget(field, 1, column)
        self.codec = Choice(words("outputs.codec"))
        self.codec.addItems(list(CODEC_NAMES.values()))
        self.codec.setMinimumContentsLength(5)
        self._codec_label = label(words("outputs.codec"), "small")
        grid.addWidget(self._codec_label, 0, len(self.inputs))
        grid.addWidget(self.codec, 1, len(self.inputs))
        self.inputs["name"].setMinimumWidth(_NAME_PX)
        self.inputs["server"].setPlaceholderText("rtmp://")
        self.inputs["server"].textChanged.connect(lambda _: self._show_key())
        self.inputs["key"].setEchoMode(QLineEdit.EchoMode.Password)
        self.inputs["path"].setPlaceholderText("show.mp4")
        self.inputs["camera"].setPlaceholderText(words("outputs.camera.any"))
        self.inputs["camera_python"].setPlaceholderText(words("outputs.camera_python.own"))
        for name, most in (("split", 1440), ("split_mb", 1_000_000), ("replay", 120)):
            self.inputs[name].setValidator(QIntValidator(0, most, self.inputs[name]))
            self.inputs[name].setPlaceholderText(words(f"outputs.{name}.off"))
            self.inputs[name].setMaximumWidth(_NUMBER_PX)

    def begin(self, table: Mapping[str, Any], name: str, kind: str, *, replay_s: object, can_replay: bool) -> None:
        """Begin with an output's table, an empty one for a new output, called `name`; `kind` is "server", "file" or "camera"."""
        self._table, self._kind = table, kind
        shown = _OF[kind]
        for column, (known, field) in enumerate(self.inputs.items()):
            self._grid.setColumnStretch(column, _STRETCH.get(known, 0) if known in shown else 0)
            field.setVisible(known in shown)
            self._labels[known].setVisible(known in shown)
            repolish(field, "fault", "false")
        for made in (self.choose, self.codec, self._codec_label):
            made.setVisible(kind == "file")
        self.codec.setCurrentIndex(list(CODEC_NAMES).index(str(table.get("codec") or "h264")))
        given = {"name": name, "server": server_of(table), "path": str(table.get("path") or ""), "key": ""}
        given |= {"split": _typed(table.get("split_minutes")), "split_mb": _typed(table.get("split_mb")), "replay": _typed(replay_s)}
        device = str(table.get("camera") or "")
        given |= {"camera": "" if device == _AUTOMATIC else device, "camera_python": str(table.get("camera_python") or "")}
        for known, text in given.items():
            self.inputs[known].setText(text)
            self.inputs[known].setCursorPosition(0)
        self.inputs["replay"].setEnabled(can_replay)
        self._show_key()
        self.inputs["name" if table else _FIRST[kind]].setFocus(Qt.FocusReason.OtherFocusReason)

    def typed(self) -> dict[str, Any]:
        """What stands in the fields, as the engine takes it; a key only when one was typed."""
        text = {name: field.text().strip() for name, field in self.inputs.items()}
        if self._kind == "camera":
            return {"name": text["name"], "camera": text["camera"] or _AUTOMATIC, "camera_python": text["camera_python"]}
        if self._kind == "file":
            parts = {"split_minutes": int(text["split"] or 0), "split_mb": int(text["split_mb"] or 0), "codec": self.chosen_codec()}
            return {"name": text["name"], "path": text["path"], **parts}
        return {"name": text["name"], "server": text["server"], **({"key": text["key"]} if text["key"] else {})}

    def chosen_codec(self) -> str:
        """Of a recording."""
        return list(CODEC_NAMES)[self.codec.currentIndex()]

    def replay_s(self) -> int | None:
        """Seconds of the replay buffer, None where they can't change now."""
        field = self.inputs["replay"]
        return int(field.text() or 0) if self._kind == "file" and field.isEnabled() else None

    def mark_wrong(self, name: str) -> None:
        """Show which field is wrong."""
        repolish(self.inputs[name], "fault", "true")
        self.inputs[name].setFocus()

    def _show_key(self) -> None:
        """Dots for a key that stays; to another host it doesn't follow."""
        kept = self._table.get("key") or self._table.get("key_secret") or str(self._table.get("url") or "").endswith("/" + SECRET_MASK)
        stays = kept and server_host(self.inputs["server"].text()) == server_host(server_of(self._table))
        self.inputs["key"].setPlaceholderText("••••••••" if stays else words("outputs.key.paste"))

    def _choose(self) -> None:
        kinds = " ".join(f"*.{kind}" for kind in _KINDS)
        choose_new_file(self, words("outputs.choose"), self.inputs["path"].text() or "show.mp4", kinds, self.inputs["path"].setText)


def _typed(value: object) -> str:
    return str(value) if isinstance(value, int) and value else ""


def server_of(table: Mapping[str, Any]) -> str:
    """A server's address, whichever way the output is written."""
    url = str(table.get("url") or "")
    return url.removesuffix("/" + SECRET_MASK) if url else str(table.get("server") or "")
