"""The .cube table: none, one of those that are shipped, or a file; and how strong it is.

It refuses to read one: the engine does, and says by line what is wrong with it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from ui.controls import LookSlider, button, choose_file, show_menu
from ui.language import words
from ui.plain import plain

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "luts"
SHIPPED = ("clean", "soft-warm", "cool-night")


class TableChoice:
    """The button and its menu; `strength` is shown while there is a table."""

    def __init__(self, owner: QWidget, strength: LookSlider, edit: Callable[[str, Any], None], finish: Callable[[], None]) -> None:
        self._owner, self.strength = owner, strength
        self._edit, self._finish = edit, finish
        self.button: QPushButton = button(words("look.no_table"), self.open, size="small", icon="down")
        strength.hide()

    def open(self) -> None:
        """The menu below the button."""
        menu = QMenu(self._owner)
        menu.addAction(words("look.no_table"), lambda: self.use(""))
        for name in SHIPPED:
            menu.addAction(words(f"lut.{name}"), lambda chosen=name: self.use(str(FOLDER / f"{chosen}.cube")))
        menu.addSeparator()
        menu.addAction(words("look.choose_table"), self._choose)
        show_menu(menu, self.button)

    def use(self, path: str) -> None:
        """Another table, or none."""
        self._edit("lut", path)
        self._finish()

    def show_table(self, path: str) -> None:
        """What the engine says."""
        self.strength.setVisible(bool(path))
        stem = Path(path).stem
        name = words(f"lut.{stem}") if path == str(FOLDER / f"{stem}.cube") and stem in SHIPPED else plain(stem, 12)
        self.button.setText(name.replace("&", "&&") if path else words("look.no_table"))

    def _choose(self) -> None:
        choose_file(self._owner, words("look.choose_table"), f"{words('look.tables')} (*.cube)", self.use)
