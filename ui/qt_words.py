"""Qt's own words (the file dialog, the menu of a text field) in the window's language, from what PySide6 ships.

It refuses to fall back to the desktop's language: one that isn't shipped leaves Qt's English.
"""

from PySide6.QtCore import QLibraryInfo, QTranslator
from PySide6.QtWidgets import QApplication

_speaker: QTranslator | None = None


def speak(app: QApplication, locale: str) -> None:
    """From now on; what stands there already keeps its words."""
    global _speaker  # noqa: PLW0603 - one language a process, written on the window's thread only
    if _speaker is not None:
        app.removeTranslator(_speaker)
    _speaker = QTranslator(app)
    if _speaker.load(f"qtbase_{locale}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(_speaker)
