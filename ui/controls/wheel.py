"""The wheel on a page that scrolls: what passes under the mouse meanwhile stays as it is.

It refuses nothing else: keys and clicks are the widget's own.
"""

from typing import TypeVar

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

Held = TypeVar("Held", bound=QWidget)


class _PassingOn(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def scrolled_past(widget: Held) -> Held:
    """Leave the wheel to the page on which a list or a number stands."""
    widget.installEventFilter(_PassingOn(widget))
    return widget
