"""Presets and presenters behind one button: shipped looks, the user's own, and one click that hands over.

It refuses to keep anything itself: each choice is a call, and the list is asked for when it is opened.
"""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtWidgets import QInputDialog, QMenu, QPushButton, QWidget

from ui.bridge import Bridge
from ui.controls import button, show_menu
from ui.language import words
from ui.plain import plain


class PresetButton:
    """The button and its menu; `taken` gets the engine's answer, `refused` its words."""

    def __init__(self, bridge: Bridge, owner: QWidget, taken: Callable[[Any], None], refused: Callable[[str], None]) -> None:
        self._bridge, self._owner = bridge, owner
        self._taken, self._refused = taken, refused
        self.button: QPushButton = button(words("preset.title"), self.open, size="small", icon="down")

    def open(self) -> None:
        """Ask for the list, then show it."""
        self._bridge.ask(lambda client: client.looks(), self.show_menu, self._refused)

    def show_menu(self, shelf: Mapping[str, Any]) -> None:
        """The menu for a list."""
        menu = QMenu(self._owner)
        for name in shelf.get("shipped") or ():
            menu.addAction(words(f"preset.{name}"), lambda chosen=name: self._use(chosen))
        own = [str(entry.get("name")) for entry in shelf.get("looks") or () if isinstance(entry, Mapping)]
        if own:
            menu.addSeparator()
        for name in own:
            menu.addAction(plain(name, 24).replace("&", "&&"), lambda chosen=name: self._use(chosen))
        menu.addSeparator()
        menu.addAction(words("preset.keep"), self._ask_keep)
        if own:
            away = menu.addMenu(words("preset.forget"))
            for name in own:
                away.addAction(plain(name, 24).replace("&", "&&"), lambda chosen=name: self._forget(chosen))
        menu.addSeparator()
        for name in shelf.get("presenters") or ():
            action = menu.addAction(
                words("preset.hand_over", name=plain(str(name), 24)).replace("&", "&&"), lambda to=name: self._hand_over(to)
            )
            action.setCheckable(True)
            action.setChecked(name == shelf.get("current"))
        menu.addAction(words("preset.new_presenter"), self._ask_presenter)
        show_menu(menu, self.button)

    def _use(self, name: str) -> None:
        self._bridge.ask(lambda client: client.use_look(name), self._taken, self._refused)

    def _keep(self, name: str) -> None:
        self._bridge.ask(lambda client: client.keep_look(name), None, self._refused)

    def _forget(self, name: str) -> None:
        self._bridge.ask(lambda client: client.forget_look(name), None, self._refused)

    def _hand_over(self, name: str) -> None:
        self._bridge.ask(lambda client: client.hand_over(name), self._taken, self._refused)

    def _ask_keep(self) -> None:
        self._ask_name(words("preset.keep"), self._keep)

    def _ask_presenter(self) -> None:
        self._ask_name(words("preset.new_presenter"), self._hand_over)

    def _ask_name(self, title: str, done: Callable[[str], None]) -> None:
        """Without an event loop of its own: the show's news keep coming."""
        dialog = QInputDialog(self._owner)
        dialog.setWindowTitle(title)
        dialog.setLabelText(words("preset.name"))
        dialog.textValueSelected.connect(done)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
