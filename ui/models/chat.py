"""What the audience says, line by line: at most 500 lines, taken in batches of whatever came since the last look.

It refuses to grow, and to tell a view about each line by itself: a thousand a second become twenty changes.
"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from ui import badges
from ui.figures import time_of_day
from ui.models.people import is_devoted
from ui.plain import CHAT_GRAPHEMES, plain

LINE_ROLE = Qt.ItemDataRole.UserRole + 2
LIMIT = 500
COLUMNS = 44
"""Half-width columns of the chat's text at its width of 444 pixels."""
MAX_LINES = 3
_WIDE = re.compile("[\u2e80-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class ChatLine:
    """One line: who, and what they said."""

    at: str
    platform: str
    fan: str
    name: str
    tier: int
    is_devoted: bool
    is_regular: bool
    text: str
    looks_like: str = ""
    """Whose name this one can be taken for."""
    lines: int = 0
    """Lines that the text takes below the name; 0 where it fits beside it. By counting signs: measuring each would cost more."""


def _columns(text: str) -> int:
    """The width in half-width columns: Chinese, Japanese, Korean and emoji take two."""
    return len(text) + len(_WIDE.findall(text))


def chat_line(item: Mapping[str, Any]) -> ChatLine:
    """An item of the stream's `chat` messages; what is missing reads as nothing."""
    name = plain(str(item.get("name") or ""))
    text = plain(str(item.get("text") or ""), CHAT_GRAPHEMES)
    columns = _columns(text)
    alike = plain(str(item.get("looks_like") or ""), 20)
    return ChatLine(
        at=time_of_day(item.get("at")),
        platform=str(item.get("platform") or ""),
        fan=str(item.get("id") or ""),
        name=name,
        tier=badges.rank_of(item),
        is_devoted=is_devoted(item.get("layer")),
        is_regular=bool(item.get("regular")),
        text=text,
        looks_like=alike,
        lines=0 if columns + _columns(name) + (_columns(alike) + 6 if alike else 0) < COLUMNS else min(MAX_LINES, 1 + columns // COLUMNS),
    )


class ChatModel(QAbstractListModel):
    """The newest 500 lines. `take` collects without telling anybody, `flush` shows what was collected as one change."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[ChatLine] = []
        self._waiting: deque[Mapping[str, Any]] = deque(maxlen=LIMIT)
        self.total = 0

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: N802, B008, D102 - Qt's name and default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The line, or its name and text for screen readers."""
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == LINE_ROLE:
            return row
        return f"{row.name} {row.text}" if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole} else None

    def clear(self) -> None:
        """Forget all: the engine tells from the beginning."""
        self._waiting.clear()
        self.beginResetModel()
        self._rows = []
        self.endResetModel()

    def take(self, item: Mapping[str, Any]) -> None:
        """Keep an item for the next flush; the oldest gives way, unread."""
        self._waiting.append(item)
        self.total += 1

    def flush(self) -> int:
        """Show what waits; the number of lines that were added."""
        fresh = [chat_line(item) for item in self._waiting]
        self._waiting.clear()
        if not fresh:
            return 0
        gone = min(len(self._rows) + len(fresh) - LIMIT, len(self._rows))
        if gone > 0:
            self.beginRemoveRows(QModelIndex(), 0, gone - 1)
            del self._rows[:gone]
            self.endRemoveRows()
        self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(fresh) - 1)
        self._rows.extend(fresh)
        self.endInsertRows()
        return len(fresh)
