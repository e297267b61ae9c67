"""What a hand does in a window."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget


def press(widget: QWidget) -> None:
    """A click into its middle."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def press_named(parent: QWidget, text: str) -> None:
    """The button below `parent` that bears this text, or is called so where it bears a sign alone."""
    next(found for found in parent.findChildren(QPushButton) if text in (found.text(), found.accessibleName())).click()
