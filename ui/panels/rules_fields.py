"""The fields of the loyalty rules: an amount, a number or a text that marks itself where it is wrong, and the rows of tiers and items.

They refuse to judge: what was typed goes into the tables as it is, and `studio.model.rules_file` finds the faults.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from studio.model.money import decimal, sign
from ui import badges
from ui.controls import Choice, icon_button, label, repolish
from ui.figures import minor_from_text
from ui.language import words

Kind: TypeAlias = Literal["whole", "money", "text", "list"]
_WIDTHS = {"whole": 64, "money": 92, "text": 110, "list": 150}
_KINDS = ("sample", "cash_off", "ticket")
_SEPARATORS = str.maketrans("，、；;", ",,,,")


class Entry(QLineEdit):
    """One field; `key` is its place in the tables, `typed` comes with each change by hand."""

    typed = Signal()

    def __init__(self, key: str, kind: Kind, name: str, width: int = 0, currency: str = "CNY") -> None:
        super().__init__()
        self._sign = label("", "small")
        self._sign.setParent(self)
        self.key, self._kind = key, kind
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFixedWidth(width or _WIDTHS[kind])
        if kind in {"whole", "money"}:
            self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.use(currency)
        self.textEdited.connect(lambda _: self.typed.emit())

    def use(self, currency: str) -> None:
        """Amounts are of this currency from now on; its sign stands before what is typed."""
        self._currency = currency
        if self._kind == "money":
            self._sign.setText(sign(currency).strip())
            self._sign.adjustSize()
            self._sign.move(8, (self.sizeHint().height() - self._sign.height()) // 2)

    def put(self, value: Any) -> None:
        """Show a value of the tables."""
        if self._kind == "money":
            self.setText(decimal(int(value), self._currency, is_short=True))
        else:
            self.setText(words("list.separator").join(value) if self._kind == "list" else str(value))
        self.mark(is_wrong=False)

    def value(self) -> Any:
        """What stands there for the tables; what is no number stays the text that it is."""
        text = self.text().strip()
        if self._kind == "list":
            return [part.strip() for part in text.translate(_SEPARATORS).split(",") if part.strip()]
        if self._kind == "text":
            return text
        if self._kind == "money":
            minor = minor_from_text(text, self._currency)
            return text if minor is None else minor
        return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else text

    def mark(self, *, is_wrong: bool) -> None:
        """Red where it is wrong."""
        repolish(self, "fault", "true" if is_wrong else "false")


class _Row(QWidget):
    """A line of fields that can be taken out."""

    typed = Signal()
    removed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(36)  # a field that is marked has a wider border
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(8)
        self.remove = icon_button("close", words("rules.remove"), self.removed.emit)

    def _add(self, *entries: Entry) -> None:
        for entry in entries:
            entry.typed.connect(self.typed)
            self._line.addWidget(entry)


class TierRow(_Row):
    """A tier: badge, name, from which spend, what it pays, its birthday gift, its rights."""

    def __init__(self, index: int, currency: str) -> None:
        super().__init__()
        where = f"tier[{index}]"
        badge = QLabel()
        badge.setPixmap(badges.pixmap(index + 1, 24, self.devicePixelRatioF()))
        self._line.addWidget(badge)
        self.name = Entry(f"{where}.name", "text", words("rules.tier_name"))
        self.bound = Entry(f"{where}.from_minor", "money", words("rules.tier_from"), currency=currency)
        self.percent = Entry(f"{where}.percent", "whole", words("rules.tier_percent"))
        self.gift = Entry(f"{where}.birthday_points", "whole", words("rules.tier_birthday"))
        self.rights = Entry(f"{where}.rights", "list", words("rules.tier_rights"))
        self.rights.setPlaceholderText(words("rules.tier_rights_hint"))
        self._add(self.name, self.bound, self.percent, self.gift, self.rights)
        self.bound.setEnabled(index > 0)
        self.rights.setMinimumWidth(110)
        self.rights.setMaximumWidth(1000)
        self._line.setStretch(self._line.count() - 1, 1)
        self._line.addWidget(self.remove)
        self.remove.setEnabled(index > 0)

    def entries(self) -> tuple[Entry, ...]:
        """Its fields."""
        return self.name, self.bound, self.percent, self.gift, self.rights

    def put(self, tier: Mapping[str, Any]) -> None:
        """Show one of the tables."""
        keys = ("name", "from_minor", "percent", "birthday_points", "rights")
        for entry, key in zip(self.entries(), keys, strict=True):
            entry.put(tier[key])

    def table(self) -> dict[str, Any]:
        """As typed."""
        keys = ("name", "from_minor", "percent", "birthday_points", "rights")
        return {key: entry.value() for key, entry in zip(keys, self.entries(), strict=True)}


class ItemRow(_Row):
    """Something to be had for points."""

    def __init__(self, index: int, item: str, currency: str) -> None:
        super().__init__()
        self._item = item
        where = f"redeem[{index}]"
        self.kind = Choice(words("rules.item_kind"))
        for kind in _KINDS:
            self.kind.addItem(words(f"rules.kind_{kind}"), kind)
        self.kind.setFixedWidth(120)
        self.name = Entry(f"{where}.name", "text", words("rules.item_name"))
        self.points = Entry(f"{where}.points", "whole", words("rules.item_points"), 80)
        self.worth = Entry(f"{where}.value_minor", "money", words("rules.item_value"), currency=currency)
        self._line.addWidget(self.kind)
        self._add(self.name, self.points)
        self._line.addWidget(label(words("rules.points_unit"), "small"))
        self._off = label(words("rules.takes_off"), "small")
        self._line.addWidget(self._off)
        self._add(self.worth)
        self._line.addStretch(1)
        self._line.addWidget(self.remove)
        self.kind.currentIndexChanged.connect(self._on_kind)
        self._show_worth()

    def entries(self) -> tuple[Entry, ...]:
        """Its fields."""
        return self.name, self.points, self.worth

    def put(self, item: Mapping[str, Any]) -> None:
        """Show one of the tables."""
        self.kind.blockSignals(True)
        self.kind.setCurrentIndex(_KINDS.index(item["kind"]))
        self.kind.blockSignals(False)
        self.name.put(item["name"])
        self.points.put(item["points"])
        self.worth.put(item["value_minor"])
        self._show_worth()

    def table(self) -> dict[str, Any]:
        """As typed; only a cash-off is worth an amount."""
        kind = str(self.kind.currentData())
        value = self.worth.value() if kind == "cash_off" else 0
        return {"item": self._item, "name": self.name.value(), "kind": kind, "points": self.points.value(), "value_minor": value}

    def _on_kind(self) -> None:
        self._show_worth()
        self.typed.emit()

    def _show_worth(self) -> None:
        for part in (self._off, self.worth):
            part.setVisible(self.kind.currentData() == "cash_off")


def sentence(msgid: str, *entries: Entry, on_typed: Callable[[], None]) -> QHBoxLayout:
    """A sentence with fields in it: `{1}`, `{2}` stand where they go, so that each language has its own order."""
    made = QHBoxLayout()
    made.setSpacing(6)
    rest = words(msgid)
    for number, entry in enumerate(entries, 1):
        before, _, rest = rest.partition(f"[{number}]")
        if before.strip():
            made.addWidget(label(before.strip()))
        made.addWidget(entry)
        entry.typed.connect(on_typed)
    if rest.strip():
        made.addWidget(label(rest.strip()))
    made.addStretch(1)
    return made
