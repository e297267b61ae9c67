"""Where an input of the mixer can come from, as a menu under its row: the engine's devices, or files.

It refuses to list devices by itself: they are those of the engine's machine.
"""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QMenu, QWidget

from ui.bridge import Bridge
from ui.controls import show_menu
from ui.language import words
from ui.panels.mixer_add import choose_music
from ui.panels.mixer_row import MixerRow
from ui.panels.sources import source_words
from ui.plain import plain


class SourceMenu:
    """`change` gets the input's name and its new keys, `refused` the words for what went wrong."""

    def __init__(
        self, bridge: Bridge, parent: QWidget, change: Callable[[str, dict[str, Any]], None], refused: Callable[[str], None]
    ) -> None:
        self._bridge = bridge
        self._parent = parent
        self._change = change
        self._refused = refused

    def ask(self, made: MixerRow, name: str) -> None:
        """Open it for the input of this row, once the engine has said what there is."""
        part = {"voice": "microphones", "other": "system"}.get(made.kind)
        if part is None:
            self._show(made, name, [])
            return
        self._bridge.ask(
            lambda client: client.sound_devices(), lambda answer: self._show(made, name, list(answer.get(part) or ())), self._refused
        )

    def _show(self, made: MixerRow, name: str, devices: list[Mapping[str, Any]]) -> None:
        menu = QMenu(self._parent)
        for found in devices:
            source = str(found.get("spec"))
            menu.addAction(plain(str(found.get("name")), 60), lambda chosen=source: self._change(name, {"source": chosen}))
        if made.kind == "voice":
            menu.addAction(source_words("none"), lambda: self._change(name, {"source": "none"}))
        if made.kind == "music":
            menu.addAction(words("sources.choose_sound"), lambda: self._choose_file(name))
        show_menu(menu, made.source)

    def _choose_file(self, name: str) -> None:
        choose_music(self._parent, lambda source: self._change(name, {"source": source}))
