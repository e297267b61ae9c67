"""A column that is made anew each time something is told.

It refuses to keep what was shown before.
"""

from PySide6.QtWidgets import QVBoxLayout, QWidget


class Body(QWidget):
    """Empty at first."""

    def __init__(self, spacing: int = 5) -> None:
        super().__init__()
        self._spacing = spacing
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._inside: QWidget | None = None

    def fill(self, *parts: QWidget) -> None:
        """Show these instead."""
        if self._inside is not None:
            self._column.removeWidget(self._inside)
            self._inside.hide()
            self._inside.deleteLater()
        self._inside = QWidget()
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(self._spacing)
        for part in parts:
            inside.addWidget(part)
        self._column.addWidget(self._inside)
        self._inside.show()
