"""Who is here: the board's rows as frozen values, and a model that tells a view only of the rows that differ.

It refuses to sort: the engine's order is the order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from studio.model.loyalty import DEFAULT_NAMES
from ui import badges
from ui.language import words
from ui.plain import plain

PERSON_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the board."""

    platform: str
    id: str
    name: str
    tier: int
    is_devoted: bool
    is_regular: bool
    visits: int
    streak_days: int
    points: int
    spent_minor: int
    to_next_minor: int | None
    last_order_at: str
    looks_like: str = ""
    next_tier: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Who it is, whatever the name."""
        return self.platform, self.id


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


_LAYERS = {"新用户": "newcomer", "活跃": "active", "核心": "core", "铁杆": "devoted"}
_SEGMENTS = {"沉默": "silent", "高价值忠诚": "loyal", "价格敏感": "price_sensitive", "潜力首购": "first_purchase", "其他": "other"}


_ERASED = "erased:"
"""How the engine calls an account that was erased, where something of it stays: an entry of a draw, a prize."""


def name_of(row: Mapping[str, Any], most: int = 40) -> str:
    """What a person is called: by their name, else their id; who was erased has neither."""
    told = str(row.get("name") or row.get("id") or "")
    return words("person.erased") if told.startswith(_ERASED) else plain(told, most)


def tier_words(name: Any, rank: int) -> str:
    """A tier in the window's language where the rules call it as the defaults do; one that the host named stays as it is."""
    if not name or str(name) == DEFAULT_NAMES[rank - 1]:
        return words(f"tier.{rank}")
    return plain(str(name), 20)


def layer_words(layer: Any) -> str:
    """A growth layer of the API (a name of the contract) in the window's language."""
    found = _LAYERS.get(str(layer or ""))
    return words(f"layer.{found}") if found else plain(str(layer or ""), 20)


def segment_words(segment: Any) -> str:
    """A segment of the API in the window's language."""
    found = _SEGMENTS.get(str(segment or ""))
    return words(f"segment.{found}") if found else plain(str(segment or ""), 20)


def is_devoted(layer: Any) -> bool:
    """Whether the growth layer is the highest."""
    return str(layer).lower() in {"devoted", "铁杆"}


def person(row: Mapping[str, Any]) -> Person:
    """A board row of the API; what is missing or of another type reads as nothing."""
    to_next = row.get("to_next_minor")
    return Person(
        platform=str(row.get("platform") or ""),
        id=str(row.get("id") or ""),
        name=plain(str(row.get("name") or "")),
        tier=badges.rank_of(row),
        is_devoted=is_devoted(row.get("layer")),
        is_regular=bool(row.get("regular")),
        visits=_whole(row.get("visits")),
        streak_days=_whole(row.get("streak_days")),
        points=_whole(row.get("points")),
        spent_minor=_whole(row.get("spent_minor")),
        to_next_minor=_whole(to_next) if to_next is not None else None,
        last_order_at=str(row.get("last_order_at") or ""),
        looks_like=plain(str(row.get("looks_like") or ""), 20),
        next_tier=plain(str(row.get("next_tier") or ""), 20),
    )


class PeopleModel(QAbstractListModel):
    """At most 200 rows; a changed row is told alone, rows that come and go are told in runs."""

    LIMIT = 200

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Person] = []

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: N802, B008, D102 - Qt's name and default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The person, or the name for screen readers."""
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == PERSON_ROLE:
            return row
        return row.name if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole} else None

    def rows(self) -> tuple[Person, ...]:
        """What is shown."""
        return tuple(self._rows)

    def show(self, rows: Iterable[Person]) -> None:
        """Show these instead, keeping selection and scroll position of those that stay."""
        wanted = list(rows)[: self.LIMIT]
        keys = {row.key for row in wanted}
        for at in range(len(self._rows) - 1, -1, -1):
            if self._rows[at].key not in keys:
                self.beginRemoveRows(QModelIndex(), at, at)
                del self._rows[at]
                self.endRemoveRows()
        for at, row in enumerate(wanted):
            self._place(at, row)

    def _place(self, at: int, row: Person) -> None:
        if at < len(self._rows) and self._rows[at].key == row.key:
            if self._rows[at] != row:
                self._rows[at] = row
                self.dataChanged.emit(self.index(at), self.index(at))
            return
        for old in range(at + 1, len(self._rows)):
            if self._rows[old].key == row.key:
                self.beginMoveRows(QModelIndex(), old, old, QModelIndex(), at)
                del self._rows[old]
                self._rows.insert(at, row)
                self.endMoveRows()
                self.dataChanged.emit(self.index(at), self.index(at))
                return
        self.beginInsertRows(QModelIndex(), at, at)
        self._rows.insert(at, row)
        self.endInsertRows()
