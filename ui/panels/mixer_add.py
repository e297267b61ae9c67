"""What can be added to the mixer: another microphone, music, the computer's own sound, an effect.

It refuses to name or to add anything: it says what was chosen.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from ui.controls import button, choose_file, show_menu
from ui.language import words
from ui.panels.sources import SOUNDS


def choose_music(parent: QWidget, chosen: Callable[[str], None]) -> None:
    """Ask for a file of music; `chosen` gets it as the profile says it."""
    choose_file(parent, words("sources.choose_sound"), f"{words('sources.files')} ({SOUNDS})", lambda path: chosen(f"music:{path}"))


class AddMenu(QObject):
    """`chosen` carries kind, name and source of an input."""

    chosen = Signal(str, str, str)
    effect_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.button: QPushButton = button(words("mixer.add"), self._show, size="small", icon="plus")

    def _show(self) -> None:
        menu = QMenu(self.button)
        menu.addAction(words("mixer.add_voice"), lambda: self.chosen.emit("voice", words("mixer.second_voice"), "device:default"))
        menu.addAction(words("mixer.add_music_folder"), self._choose_folder)
        menu.addAction(words("mixer.add_music_file"), lambda: choose_music(self.button, self._choose))
        menu.addAction(words("mixer.add_system"), lambda: self.chosen.emit("other", words("source.system"), "system:default"))
        menu.addSeparator()
        menu.addAction(words("effects.add"), self.effect_asked.emit)
        show_menu(menu, self.button)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self.button, words("mixer.add_music_folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda path: self._choose(f"music:{path}"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _choose(self, source: str) -> None:
        self.chosen.emit("music", words("mixer.music"), source)
