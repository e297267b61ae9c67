"""What the audience does, line by line: at most 500 lines, taken in batches of whatever came since the last look.

It refuses to grow, and to tell a view about each line by itself: a thousand a second become twenty batches.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from ui import badges
from ui.figures import time_of_day
from ui.models.people import is_devoted
from ui.plain import CHAT_GRAPHEMES, plain

LINE_ROLE = Qt.ItemDataRole.UserRole + 2
LIMIT = 500

Kind: TypeAlias = Literal["chat", "enter", "follow", "share", "gift", "order", "refund", "checkin", "member", "paid_chat", "other"]
_KINDS = {"chat", "enter", "follow", "share", "gift", "refund", "checkin", "member", "paid_chat"}
_ORDERS = {"order", "order_placed"}


@dataclass(frozen=True, slots=True)
class ChatLine:
    """One line: who, and what they said or did."""

    id: str
    kind: Kind
    at: str
    platform: str
    fan: str
    name: str
    tier: int
    is_devoted: bool
    is_regular: bool
    text: str
    count: int = 0
    amount_minor: int = 0
    currency: str = "CNY"


def chat_line(data: Mapping[str, Any]) -> ChatLine:
    """A `chat` message of the stream; an event of the contract, or the same flattened, with tier and layer beside it."""
    fan = data.get("fan")
    who: Mapping[str, Any] = fan if isinstance(fan, Mapping) else {"id": fan or data.get("id"), "name": data.get("name")}
    kind = str(data.get("type") or data.get("kind") or "chat")
    amount = data.get("amount_minor") or data.get("paid_minor") or 0
    return ChatLine(
        id=str(data.get("event") or data.get("id") or ""),
        kind="order" if kind in _ORDERS else kind if kind in _KINDS else "other",  # type: ignore[arg-type]
        at=time_of_day(data.get("at")),
        platform=str(data.get("platform") or ""),
        fan=str(who.get("id") or ""),
        name=plain(str(who.get("name") or "")),
        tier=badges.rank(data.get("tier") or who.get("tier")),
        is_devoted=is_devoted(data.get("layer") or who.get("layer")),
        is_regular=bool(data.get("regular") or who.get("regular")),
        text=plain(str(data.get("text") or data.get("gift") or ""), CHAT_GRAPHEMES),
        count=data["count"] if isinstance(data.get("count"), int) else 0,
        amount_minor=amount if isinstance(amount, int) else 0,
        currency=str(data.get("currency") or "CNY"),
    )


class ChatModel(QAbstractListModel):
    """The newest 500 lines. `take` collects without telling anybody, `flush` shows what was collected as one change."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[ChatLine] = []
        self._waiting: deque[ChatLine] = deque(maxlen=LIMIT)
        self.total = 0

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's name and default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == LINE_ROLE:
            return row
        return f"{row.name} {row.text}" if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole} else None

    def take(self, line: ChatLine) -> None:
        """Keep a line for the next flush; the oldest gives way."""
        self._waiting.append(line)
        self.total += 1

    def flush(self) -> int:
        """Show what waits; the number of lines that were added."""
        fresh = list(self._waiting)
        self._waiting.clear()
        if not fresh:
            return 0
        too_many = len(self._rows) + len(fresh) - LIMIT
        if too_many > 0:
            gone = min(too_many, len(self._rows))
            if gone:
                self.beginRemoveRows(QModelIndex(), 0, gone - 1)
                del self._rows[:gone]
                self.endRemoveRows()
        self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(fresh) - 1)
        self._rows.extend(fresh)
        self.endInsertRows()
        return len(fresh)
