"""The fields of the loyalty rules in cards: tiers, points, what they buy, who works here; filled from tables, and told as tables again.

It refuses to judge what is typed; it marks what somebody else found wrong.
"""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from studio.model.rules_file import MAX_TIERS, PRESETS
from ui.controls import button, label, row
from ui.language import words
from ui.panels.rules_fields import Entry, ItemRow, TierRow, sentence
from ui.panels.rules_staff import KEY as STAFF
from ui.panels.rules_staff import StaffField
from ui.panels.rules_told import card

_WHOLES = (
    ("points", "checkin"), ("points", "watched_minutes"), ("points", "watched"), ("points", "share"), ("points", "shares_a_week"),
    ("streak", "ticket_every"), ("regular", "followed_days"), ("confirm", "after_delivery_days"), ("confirm", "after_payment_days"),
    ("birthday", "days"),
)  # fmt: skip
_AMOUNTS = (("points", "minor_per_point"), ("regular", "spent_minor"))
_SENTENCES = (
    ("rules.say_order", ("points.minor_per_point",)),
    ("rules.say_checkin", ("points.checkin",)),
    ("rules.say_watched", ("points.watched_minutes", "points.watched")),
    ("rules.say_share", ("points.share", "points.shares_a_week")),
    ("rules.say_streak", ("streak.ticket_every",)),
    ("rules.say_regular", ("regular.followed_days", "regular.spent_minor")),
    ("rules.say_confirm", ("confirm.after_delivery_days", "confirm.after_payment_days")),
    ("rules.say_birthday", ("birthday.days",)),
)


class RulesEditor(QWidget):
    """`typed` comes with each change by hand."""

    typed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("scrolled")
        self._tables: dict[str, Any] = {}
        self._currency = "CNY"
        self.tiers: list[TierRow] = []
        self.items: list[ItemRow] = []
        self.fields = {f"{table}.{key}": Entry(f"{table}.{key}", "whole", words(f"rules.field_{key}")) for table, key in _WHOLES}
        self.fields |= {f"{table}.{key}": Entry(f"{table}.{key}", "money", words(f"rules.field_{key}")) for table, key in _AMOUNTS}
        self.staff = StaffField()
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(12)
        tiers, inside = card(words("rules.tiers"))
        presets = [button(words(f"rules.preset_{name}"), lambda chosen=name: self._take_preset(chosen), size="small") for name in PRESETS]
        inside.addLayout(row(label(words("rules.presets"), "small"), *presets, None))
        inside.addLayout(_heads())
        self._tier_rows = QVBoxLayout()
        self._tier_rows.setSpacing(6)
        inside.addLayout(self._tier_rows)
        self.add_tier = button(words("rules.add_tier"), self._add_tier, size="small")
        inside.addLayout(row(self.add_tier, None))
        points, inside = card(words("rules.points"))
        for msgid, keys in _SENTENCES:
            inside.addLayout(sentence(msgid, *(self.fields[key] for key in keys), on_typed=self.typed.emit))
        redeem, inside = card(words("rules.redeem"))
        self._item_rows = QVBoxLayout()
        self._item_rows.setSpacing(6)
        inside.addWidget(label(words("rules.redeem_hint"), "small"))
        inside.addLayout(self._item_rows)
        inside.addLayout(row(button(words("rules.add_item"), self._add_item, size="small"), None))
        staff, inside = card(words("rules.staff"))
        inside.addWidget(self.staff)
        self.staff.typed.connect(self.typed)
        for part in (tiers, points, redeem, staff):
            column.addWidget(part)
        column.addStretch(1)

    def put(self, tables: Mapping[str, Any], currency: str) -> None:
        """Show these, amounts in the room's currency."""
        self._tables, self._currency = dict(tables), currency
        for key, entry in self.fields.items():
            table, _, name = key.partition(".")
            entry.use(currency)
            entry.put(tables[table][name])
        self._put_tiers(tables["tier"])
        self._put_items(tables["redeem"])
        self.staff.put(tables[STAFF])

    def mark(self, wrong: set[str]) -> dict[str, str]:
        """Red at these places of the tables; what each place is called."""
        entries = [*self.fields.values(), *(entry for line in (*self.tiers, *self.items) for entry in line.entries())]
        for entry in entries:
            entry.mark(is_wrong=entry.key in wrong)
        return {entry.key: entry.accessibleName() for entry in entries} | self.staff.mark(wrong)

    def tables(self) -> dict[str, Any]:
        """The rules as typed, faults and all."""
        typed = {name: dict(table) for name, table in self._tables.items() if isinstance(table, Mapping)}
        for key, entry in self.fields.items():
            table, _, name = key.partition(".")
            typed[table][name] = entry.value()
        rows = {"tier": [tier.table() for tier in self.tiers], "redeem": [item.table() for item in self.items], STAFF: self.staff.value()}
        return {**self._tables, **typed, **rows}

    def _put_tiers(self, tiers: list[Mapping[str, Any]]) -> None:
        _empty(self._tier_rows)
        self.tiers = []
        for index, tier in enumerate(tiers):
            made = TierRow(index, self._currency)
            made.put(tier)
            made.typed.connect(self.typed)
            made.removed.connect(lambda gone=index: self._remove_tier(gone))
            self._tier_rows.addWidget(made)
            self.tiers.append(made)
        self.add_tier.setEnabled(len(tiers) < MAX_TIERS)
        self.add_tier.setToolTip("" if len(tiers) < MAX_TIERS else words("rules.four_at_most"))

    def _put_items(self, items: list[Mapping[str, Any]]) -> None:
        _empty(self._item_rows)
        self.items = []
        for index, item in enumerate(items):
            made = ItemRow(index, item["item"], self._currency)
            made.put(item)
            made.typed.connect(self.typed)
            made.removed.connect(lambda gone=index: self._remove_item(gone))
            self._item_rows.addWidget(made)
            self.items.append(made)

    def _take_preset(self, name: str) -> None:
        """Its names, bounds and prices; the gifts and rights that stand here stay with their tier."""
        kept = [{"birthday_points": tier["birthday_points"], "rights": tier["rights"]} for tier in _shown(self.tables()["tier"])]
        kept += [{"birthday_points": 0, "rights": []}] * MAX_TIERS
        fresh = ({"name": tier.name, "from_minor": tier.from_minor, "percent": tier.percent} for tier in PRESETS[name])
        self._put_tiers([{**tier, **gifts} for tier, gifts in zip(fresh, kept, strict=False)])
        self.typed.emit()

    def _add_tier(self) -> None:
        tiers = self.tables()["tier"]
        last = tiers[-1]["from_minor"]
        bound = max(last * 2, last + 100_00) if isinstance(last, int) else 100_00
        self._put_tiers([*_shown(tiers), {"name": "", "from_minor": bound, "percent": 100, "birthday_points": 0, "rights": []}])
        self.tiers[-1].name.setFocus()
        self.typed.emit()

    def _remove_tier(self, index: int) -> None:
        tiers = _shown(self.tables()["tier"])
        del tiers[index]
        self._put_tiers(tiers)
        self.typed.emit()

    def _add_item(self) -> None:
        items = self.tables()["redeem"]
        taken = {item["item"] for item in items}
        name = next(name for number in range(1, 99) if (name := f"item-{number}") not in taken)
        self._put_items([*_shown(items), {"item": name, "name": "", "kind": "sample", "points": 100, "value_minor": 0}])
        self.items[-1].name.setFocus()
        self.typed.emit()

    def _remove_item(self, index: int) -> None:
        items = _shown(self.tables()["redeem"])
        del items[index]
        self._put_items(items)
        self.typed.emit()


def _heads() -> QGridLayout:
    made = QGridLayout()
    made.setContentsMargins(32, 0, 44, 0)
    made.setHorizontalSpacing(8)
    for column, (name, width) in enumerate((("name", 110), ("from", 92), ("percent", 64), ("birthday", 64), ("rights", 0))):
        head = label(words(f"rules.tier_{name}"), "small")
        if width:
            head.setFixedWidth(width)
        made.addWidget(head, 0, column)
    made.setColumnStretch(4, 1)
    return made


def _shown(tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as typed, with nothing where a number is none."""
    texts = {"name", "rights", "item", "kind"}
    return [{key: value if key in texts or isinstance(value, int) else 0 for key, value in table.items()} for table in tables]


def _empty(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (gone := item.widget()) is not None:
            gone.hide()
            gone.deleteLater()
