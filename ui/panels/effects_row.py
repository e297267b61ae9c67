"""The sound effects, a button each with its key; beside it a menu for key, occasion and removal.

It refuses to play anything itself: it asks the engine.
"""

from collections.abc import Mapping
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from ui.bridge import Bridge
from ui.controls import button, choose_file, icon_button, show_menu
from ui.language import words
from ui.panels.sources import SOUNDS
from ui.panels.watching import Watching
from ui.plain import plain

KEYS = "1234567890"
OCCASIONS = ("none", "drop", "winner", "gift", "order")


class EffectsRow(Watching, QWidget):
    """`refused` carries the words for what went wrong."""

    refused = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._tables: list[dict[str, Any]] = []
        self.buttons: dict[str, QPushButton] = {}
        self._across = QHBoxLayout(self)
        self._across.setContentsMargins(0, 4, 0, 0)
        self._across.setSpacing(4)
        self.hide()
        self.watch(bridge, "settings")
        self.refresh()

    def refresh(self) -> None:
        """Show what the profile says."""
        fresh = [dict(table) for table in self._bridge.room.settings.get("effect") or () if isinstance(table, Mapping)]
        if fresh == self._tables:
            return
        self._tables = fresh
        self.buttons = {}
        while (item := self._across.takeAt(0)) is not None:
            if (gone := item.widget()) is not None:
                gone.deleteLater()
        for table in fresh:
            self._add(str(table.get("name")), str(table.get("key") or ""))
        self._across.addStretch(1)
        self.setVisible(bool(fresh))

    def press(self, key: str) -> None:
        """Play the effect on a key, if there is one."""
        name = self.by_key(key)
        if name:
            self.play(name)

    def play(self, name: str) -> None:
        """Once."""
        self._bridge.ask(lambda client: client.play_effect(name), None, self.refused.emit)

    def choose(self) -> None:
        """Ask for a file and add it, on the first digit that is free."""
        choose_file(self, words("effects.add"), f"{words('sources.files')} ({SOUNDS})", self.add)

    def add(self, path: str) -> None:
        """A file as an effect, called like the file."""
        name = free_name(Path(path).stem.strip()[:20] or words("effects.add"), {str(table.get("name")) for table in self._tables})
        self._put([*self._tables, {"name": name, "path": path, "key": self.free_key()}])

    def _put(self, tables: list[dict[str, Any]]) -> None:
        self._bridge.ask(lambda client: client.patch_settings({"effect": tables}), self._answered, self.refused.emit)

    def _answered(self, answer: Mapping[str, Any]) -> None:
        self._bridge.room.take("settings", answer)
        self._bridge.changed.emit("settings")

    def by_key(self, key: str) -> str:
        """The name of the effect on this key, or nothing."""
        return next((str(table.get("name")) for table in self._tables if key and table.get("key") == key), "")

    def free_key(self) -> str:
        """The first digit that plays nothing yet."""
        return next((key for key in KEYS if not self.by_key(key)), "")

    def _add(self, name: str, key: str) -> None:
        made: QPushButton = button(f"{key}  {plain(name, 12)}" if key else plain(name, 12), partial(self.play, name), size="small")
        made.setToolTip(words("effects.play"))
        self.buttons[name] = made
        self._across.addWidget(made)
        more = icon_button("more", words("effects.edit", name=plain(name)))
        more.setFixedWidth(24)
        more.clicked.connect(lambda: self._show_menu(name, more))
        self._across.addWidget(more)

    def _show_menu(self, name: str, below: QWidget) -> None:
        table = next(table for table in self._tables if table.get("name") == name)
        menu = QMenu(self)
        occasions = menu.addMenu(words("effects.on"))
        for on in OCCASIONS:
            self._choice(occasions, words(f"effects.on_{on}"), name, {"on": on}, is_on=table.get("on", "none") == on)
        keys = menu.addMenu(words("effects.key"))
        for key in ("", *KEYS):
            if not key or self.by_key(key) in {"", name}:
                self._choice(keys, key or words("effects.no_key"), name, {"key": key}, is_on=table.get("key", "") == key)
        menu.addSeparator()
        menu.addAction(words("mixer.remove"), lambda: self._put([row for row in self._tables if row.get("name") != name]))
        show_menu(menu, below)

    def _choice(self, menu: QMenu, text: str, name: str, values: dict[str, Any], *, is_on: bool) -> None:
        action = menu.addAction(text, lambda: self._put([{**row, **values} if row.get("name") == name else row for row in self._tables]))
        action.setCheckable(True)
        action.setChecked(is_on)


def free_name(wanted: str, taken: set[str]) -> str:
    """The name itself, or with the first number that nothing else has."""
    return wanted if wanted not in taken else next(free for number in count(2) if (free := f"{wanted} {number}") not in taken)
