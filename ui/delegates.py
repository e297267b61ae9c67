"""How lines of lists are drawn: who is here, and the chat. Badges and whole lines are cached as pixmaps.

Colour emoji drawn anew made scrolling seven times slower, so a line is drawn once; it refuses rich text by never using any.
"""

from abc import abstractmethod
from collections import OrderedDict
from datetime import UTC, datetime

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui import badges, theme
from ui.figures import moment, money
from ui.language import words
from ui.models.chat import LINE_ROLE, ChatLine
from ui.models.people import PERSON_ROLE, Person, tier_words

PERSON_HEIGHT = 56
CHAT_HEIGHT = 32
_CACHED = 600


class _Cached(QStyledItemDelegate):
    """Draws an item into a pixmap once, and the pixmap from then on."""

    def __init__(self, height: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._height = height
        self._drawn: OrderedDict[object, QPixmap] = OrderedDict()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802 - Qt's name
        return QSize(100, self._height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        area = QRectF(option.rect)  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.colour("select"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.colour("hover"))
        item = self.item(index)
        if item is None:
            return
        ratio = painter.device().devicePixelRatioF()
        key = (item, round(area.width()), ratio, theme.current().name, words("language.code"))
        drawn = self._drawn.get(key)
        if drawn is None:
            drawn = self._draw(item, area, ratio)
            self._drawn[key] = drawn
            if len(self._drawn) > _CACHED:
                self._drawn.popitem(last=False)
        painter.drawPixmap(area.topLeft(), drawn)

    def _draw(self, item: object, area: QRectF, ratio: float) -> QPixmap:
        drawn = QPixmap(round(area.width() * ratio), round(area.height() * ratio))
        drawn.setDevicePixelRatio(ratio)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, item, QRectF(0, 0, area.width(), area.height()), ratio)
        painter.end()
        return drawn

    @abstractmethod
    def item(self, index: QModelIndex | QPersistentModelIndex) -> object:
        """What is to be drawn; hashable, equal only where it looks the same."""

    @abstractmethod
    def draw(self, painter: QPainter, item: object, area: QRectF, ratio: float) -> None:
        """Draw it."""


def _text(
    painter: QPainter, area: QRectF, text: str, size_px: int, weight: int, token: str, flags: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft
) -> float:
    """One line of plain text, cut with an ellipsis; the width that it took."""
    painter.setFont(theme.font(size_px, weight))
    painter.setPen(theme.colour(token))
    cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
    painter.drawText(area, int(flags | Qt.AlignmentFlag.AlignVCenter) | Qt.TextFlag.TextSingleLine, cut)
    return float(painter.fontMetrics().horizontalAdvance(cut))


class PersonDelegate(_Cached):
    """Badge, name, visits; below what the host may say."""

    def __init__(self, currency: str = "CNY") -> None:
        super().__init__(PERSON_HEIGHT)
        self.currency = currency

    def item(self, index: QModelIndex | QPersistentModelIndex) -> Person | None:  # noqa: D102 - as above
        return index.data(PERSON_ROLE)

    def draw(self, painter: QPainter, item: object, area: QRectF, ratio: float) -> None:  # noqa: D102 - as above
        if not isinstance(item, Person):
            return
        painter.fillRect(QRectF(12, area.height() - 1, area.width() - 24, 1), theme.colour("line"))
        painter.drawPixmap(QPointF(12, 12), badges.pixmap(item.tier, 32, ratio, is_devoted=item.is_devoted))
        left, right = 56.0, area.width() - 12
        fact = words("person.visits", count=item.visits) if item.visits > 1 else words("person.first_visit")
        taken = _text(painter, QRectF(right - 100, 8, 100, 20), fact, 12, 400, "muted", Qt.AlignmentFlag.AlignRight)
        _text(painter, QRectF(left, 7, right - left - taken - 12, 22), item.name, 15, 700, "text")
        if item.looks_like:
            _text(painter, QRectF(left, 30, right - left, 18), "⚠ " + words("fan.looks_like", name=item.looks_like), 12, 700, "warn")
            return
        _text(painter, QRectF(left, 30, right - left, 18), self._fact(item), 12, 400, "muted")

    def _fact(self, item: Person) -> str:
        parts = []
        days = _days_since(item.last_order_at)
        if days is not None:
            parts.append(words({0: "person.bought_today", 1: "person.bought_yesterday"}.get(days, "person.bought"), count=days))
        elif item.streak_days > 1:
            parts.append(words("person.streak", count=item.streak_days))
        if item.to_next_minor is None:
            parts.append(words("person.top"))
        elif item.to_next_minor > 1:
            tier = tier_words(item.next_tier, min(4, item.tier + 1))
            parts.append(words("person.to_next", tier=tier, money=money(item.to_next_minor, self.currency)))
        if not parts:
            parts.append(words("person.regular") if item.is_regular else words("person.new"))
        return " · ".join(parts)


def _days_since(text: str) -> int | None:
    found = moment(text)
    return None if found is None else max(0, (datetime.now(UTC) - found).days)


class ChatDelegate(_Cached):
    """Time, badge, name and what was said: beside the name where it fits, else below it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(CHAT_HEIGHT, parent)

    def item(self, index: QModelIndex | QPersistentModelIndex) -> ChatLine | None:  # noqa: D102 - as above
        return index.data(LINE_ROLE)

    def draw(self, painter: QPainter, item: object, area: QRectF, ratio: float) -> None:  # noqa: D102 - as above
        if not isinstance(item, ChatLine):
            return
        _text(painter, QRectF(16, 0, 40, CHAT_HEIGHT), item.at, 12, 400, "muted")
        painter.drawPixmap(QPointF(60, 6), badges.pixmap(item.tier, 20, ratio, is_devoted=item.is_devoted))
        left, right = 90.0, area.width() - 16
        share = 1.0 if item.lines else 0.5
        taken = _text(painter, QRectF(left, 0, (right - left) * share, CHAT_HEIGHT), item.name, 13, 700, "text")
        if item.looks_like:
            warned = QRectF(left + taken + 8, 0, right - left - taken - 8, CHAT_HEIGHT)
            taken += 8 + _text(painter, warned, "⚠ " + words("chat.looks_like", name=item.looks_like), 12, 700, "warn")
        if not item.lines:
            _text(painter, QRectF(left + taken + 12, 0, right - left - taken - 12, CHAT_HEIGHT), item.text, 13, 400, "text")
            return
        painter.setFont(theme.font(13))
        painter.setPen(theme.colour("text"))
        room = QRectF(left, CHAT_HEIGHT - 5, right - left, area.height() - CHAT_HEIGHT)
        cut = painter.fontMetrics().elidedText(item.text, Qt.TextElideMode.ElideRight, int(room.width() * item.lines * 0.94))
        painter.drawText(room, Qt.TextFlag.TextWrapAnywhere | Qt.TextFlag.TextIncludeTrailingSpaces, cut)

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802, D102 - Qt's name
        item = index.data(LINE_ROLE)
        return QSize(100, CHAT_HEIGHT + (18 * item.lines if isinstance(item, ChatLine) else 0))
