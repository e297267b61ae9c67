"""Where picture and sound come from, each with its state, and a menu to take another.

It refuses to guess whether a device exists: the engine opens it and says.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QLabel, QMenu, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.controls import choose_file, head, label, section, show_menu
from ui.language import fault_words, words
from ui.panels.device_row import DeviceRow
from ui.panels.watching import Watching
from ui.plain import plain
from ui.shapes import State

_VIDEO_ICONS = {"camera": "camera", "file": "clip", "screen": "screen", "testcard": "card"}
_AUDIO_ICONS = {"none": "microphone_off", "tone": "tone"}
_CLIPS = "*.mp4 *.mkv *.mov *.webm *.avi *.flv *.ts"
SOUNDS = _CLIPS + " *.wav *.mp3 *.m4a *.flac *.ogg"


def source_words(source: str) -> str:
    """A source of the profile in words: "Camera 1", the file's name."""
    scheme, _, rest = source.partition(":")
    if scheme in {"camera", "screen"} and rest.isdecimal():
        return words(f"source.{scheme}", number=int(rest) + 1)
    if scheme in {"file", "music"}:
        return plain(Path(rest).name)
    if scheme == "system":
        return words("source.system")
    if scheme in {"device", "pulse"}:
        return words("source.device_default") if rest == "default" else plain(rest)
    return words(f"source.{scheme}")


class SourcesPanel(Watching, QWidget):
    """Picture and sound."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        frame, layout = section(bottom=8)
        layout.addWidget(head(words("sources.title")))
        self._video = DeviceRow("camera")
        self._audio = DeviceRow("microphone")
        for device, open_menu in ((self._video, self._show_video_menu), (self._audio, self._show_audio_menu)):
            device.make_choosable()
            device.clicked.connect(open_menu)
            layout.addWidget(device)
        self._fault: QLabel = label("", "fault")
        self._fault.setWordWrap(True)
        self._fault.hide()
        layout.addWidget(self._fault)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        self.watch(bridge, "settings", "health", "live")
        self.refresh()

    def refresh(self) -> None:
        """Show what the room says."""
        self._show(self._video, "video", _VIDEO_ICONS)
        self._show(self._audio, "audio", _AUDIO_ICONS)

    def _show(self, device: DeviceRow, part: str, known: Mapping[str, str]) -> None:
        table = self._bridge.room.settings.get(part)
        source = str(table.get("source") or "") if isinstance(table, Mapping) else ""
        if not source:
            device.show_row(words(f"sources.{part}"), words("sources.unknown"), "none")
            return
        device.set_icon(known.get(source.partition(":")[0], "camera" if part == "video" else "microphone"))
        state, line = source_state(part, source, self._bridge.room.source(part))
        device.show_row(source_words(source), line, state)

    def _show_video_menu(self) -> None:
        menu = QMenu(self)
        current = str((self._bridge.room.settings.get("video") or {}).get("source") or "")
        for source in ("camera:0", "camera:1", "screen:0", "testcard"):
            self._add(menu, source, current, lambda chosen=source: self._choose("video", chosen))
        menu.addSeparator()
        menu.addAction(words("sources.choose_clip"), lambda: self._choose_file("video", _CLIPS))
        show_menu(menu, self._video)

    def _show_audio_menu(self) -> None:
        menu = QMenu(self)
        current = str((self._bridge.room.settings.get("audio") or {}).get("source") or "")
        for source in ("device:default", "tone", "none"):
            self._add(menu, source, current, lambda chosen=source: self._choose("audio", chosen))
        menu.addSeparator()
        menu.addAction(words("sources.choose_sound"), lambda: self._choose_file("audio", SOUNDS))
        show_menu(menu, self._audio)

    @staticmethod
    def _add(menu: QMenu, source: str, current: str, choose: Callable[[], None]) -> None:
        action = menu.addAction(source_words(source), choose)
        action.setCheckable(True)
        action.setChecked(source == current)

    def _choose_file(self, part: str, kinds: str) -> None:
        title = words("sources.choose_clip" if part == "video" else "sources.choose_sound")
        choose_file(self, title, f"{words('sources.files')} ({kinds})", lambda path: self._choose(part, f"file:{path}"))

    def _choose(self, part: str, source: str) -> None:
        self._fault.hide()
        self._bridge.ask(lambda client: client.patch_settings({part: {"source": source}}), self._answered, self._refused)

    def _answered(self, answer: Mapping[str, Any]) -> None:
        self._bridge.room.take("settings", answer)
        self.refresh()

    def _refused(self, text: str) -> None:
        self._fault.setText(text)
        self._fault.show()


def source_state(part: str, source: str, row: Mapping[str, Any]) -> tuple[State, str]:
    """A source's state and line, from the profile's word and what the engine tells of it."""
    if part == "audio" and source == "none":
        return "none", words("sources.off")
    code = str(row.get("code") or "")
    if code:
        params = row.get("params")
        return "warn", plain(fault_words(code, **(params if isinstance(params, dict) else {})), 80)
    if row.get("state") != "open":
        return "none", words("sources.opening")
    if part == "audio" or not row.get("width"):
        return "good", words("sources.sound_on") if part == "audio" else words("sources.picture_on")
    fps = row.get("fps")
    return "good", words(
        "sources.canvas", width=row.get("width"), height=row.get("height"), fps=f"{fps:g}" if isinstance(fps, int | float) else "—"
    )
