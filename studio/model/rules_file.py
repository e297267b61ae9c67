"""The loyalty rules as tables, for `loyalty.toml` and the control API: parsed and checked, and told back.

Every fault is found at once and named by its key; nothing is repaired. It opens no file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from studio.model.loyalty import DAY_MS, DEFAULT_TIERS, SECOND_TIERS, TICKET, ItemKind, RedeemItem, Rules, TierRule
from studio.model.rules import Fault, InvalidSettings

PRESETS: Final = {"first": DEFAULT_TIERS, "second": SECOND_TIERS}
MAX_TIERS: Final = 4
KINDS: Final = ("sample", "cash_off", "ticket")
_MAX_MINOR: Final = 10**12
_MAX_NAME: Final = 12
"""Signs of a tier's or item's name: longer ones don't fit a badge's tooltip or the member's card."""
_MAX_LIST: Final = 20
_MAX_STAFF: Final = 1_000
_MAX_POINTS: Final = 1_000_000
ALLOWED: Final = {
    "whole": "a whole number from {low} to {high}",
    "text": "a text of 1 to {limit} signs",
    "unknown": "unknown; the keys are {keys}",
    "tables": "must be a list of tables, [[{name}]]",
    "table": "must be a table, [{name}]",
    "one_of": "one of {names}",
    "tier_count": "1 to {most} tiers: more can't be told apart at a glance",
    "first_zero": "0: the first tier is everybody's",
    "above": "above {bound}, where the tier before it begins",
    "tier_taken": "a name that no other tier has",
    "texts": "a list of at most {most} texts",
    "item_count": "at most {most} items",
    "no_value": "leave it out: only a cash_off is worth an amount",
    "item_taken": "a name that no other item has",
    "ticket_name": '"{name}" names a lottery ticket: another name for this one',
    "staff_list": 'a list of at most {most} texts "platform:id"',
    "staff": 'a text "platform:id", as "douyin:123"',
}
"""What is allowed, by the kind of a fault; the catalogue `errors` says the same in each language under `rules.fault.KIND`."""


class InvalidRules(InvalidSettings):
    """One or more wrong rules; nothing was applied."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(faults)
        self.code = "rules.invalid"


@dataclass(frozen=True, slots=True)
class _Number:
    """A whole number of the file, and the field that it fills (times `unit`)."""

    name: str
    low: int
    high: int
    unit: int = 1


_NUMBERS: Final[dict[str, dict[str, _Number]]] = {
    "points": {
        "minor_per_point": _Number("minor_per_point", 1, 10**9),
        "checkin": _Number("checkin_points", 0, _MAX_POINTS),
        "watched": _Number("watched_points", 0, _MAX_POINTS),
        "watched_minutes": _Number("watched_ms", 1, 1_440, 60_000),
        "share": _Number("share_points", 0, _MAX_POINTS),
        "shares_a_week": _Number("shares_a_week", 0, 7),
    },
    "streak": {"ticket_every": _Number("ticket_every", 2, 365)},
    "regular": {
        "followed_days": _Number("regular_followed_ms", 0, 3_650, DAY_MS),
        "spent_minor": _Number("regular_minor", 1, _MAX_MINOR),
    },
    "confirm": {
        "after_delivery_days": _Number("confirm_after_delivery_ms", 0, 365, DAY_MS),
        "after_payment_days": _Number("confirm_after_payment_ms", 0, 365, DAY_MS),
    },
    "birthday": {"days": _Number("birthday_days", 1, 31)},
}
_LISTS: Final = ("tier", "redeem")
_TABLES: Final = ("preset", *_LISTS, *_NUMBERS, "staff")


@dataclass(slots=True)
class _Reader:
    faults: list[Fault] = field(default_factory=list)

    def fault(self, key: str, value: object, kind: str, **params: object) -> None:
        """`kind` is one of `ALLOWED`, which `params` fill."""
        shown = repr(value)
        filled = tuple((name, str(given)) for name, given in params.items())
        allowed = ALLOWED[kind].format(**dict(filled))
        self.faults.append(Fault(key, shown if len(shown) <= 60 else shown[:57] + "...", allowed, f"rules.fault.{kind}", filled))

    def whole(self, table: Mapping[str, Any], key: str, low: int, high: int, where: str, default: int | None = None) -> int:
        value = table.get(key, default)
        if type(value) is not int or not low <= value <= high:
            self.fault(f"{where}.{key}", value, "whole", low=low, high=high)
            return low
        return value

    def text(self, table: Mapping[str, Any], key: str, where: str, limit: int = _MAX_NAME) -> str:
        value = table.get(key)
        if type(value) is not str or not 0 < len(value.strip()) <= limit or not value.isprintable():
            self.fault(f"{where}.{key}", value, "text", limit=limit)
            return ""
        return value.strip()

    def known(self, table: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in keys:
                self.fault(f"{where}.{key}" if where else str(key), table[key], "unknown", keys=", ".join(keys))

    def tables(self, value: Any, where: str) -> list[Mapping[str, Any]]:
        if not isinstance(value, list) or not all(isinstance(table, Mapping) for table in value):
            self.fault(where, value, "tables", name=where)
            return []
        return value


def parse_rules(document: Mapping[str, Any]) -> Rules:
    """The rules that a file or a call gives; what it leaves out is the default. Raises InvalidRules with every fault found."""
    reader = _Reader()
    reader.known(document, _TABLES, "")
    values: dict[str, Any] = {"tiers": _preset(document, reader)}
    if "tier" in document:
        values["tiers"] = _tiers(reader.tables(document["tier"], "tier"), reader)
    if "redeem" in document:
        values["items"] = _items(reader.tables(document["redeem"], "redeem"), reader)
    if "staff" in document:
        values["staff"] = _staff(document["staff"], reader)
    for name, numbers in _NUMBERS.items():
        values |= _section(document.get(name, {}), name, numbers, reader)
    if reader.faults:
        raise InvalidRules(tuple(reader.faults))
    return Rules(**values)


def _preset(document: Mapping[str, Any], reader: _Reader) -> tuple[TierRule, ...]:
    name = document.get("preset", "first")
    if not isinstance(name, str) or name not in PRESETS:
        reader.fault("preset", name, "one_of", names=_quoted(PRESETS))
        return DEFAULT_TIERS
    return PRESETS[name]


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _section(table: Any, name: str, numbers: dict[str, _Number], reader: _Reader) -> dict[str, int]:
    if not isinstance(table, Mapping):
        reader.fault(name, table, "table", name=name)
        return {}
    reader.known(table, tuple(numbers), name)
    return {
        number.name: reader.whole(table, key, number.low, number.high, name) * number.unit
        for key, number in numbers.items()
        if key in table
    }


def _tiers(tables: list[Mapping[str, Any]], reader: _Reader) -> tuple[TierRule, ...]:
    if not 1 <= len(tables) <= MAX_TIERS:
        reader.fault("tier", len(tables), "tier_count", most=MAX_TIERS)
        return ()
    tiers: list[TierRule] = []
    for number, table in enumerate(tables):
        where = f"tier[{number}]"
        reader.known(table, ("name", "from_minor", "percent", "birthday_points", "rights"), where)
        tier = TierRule(
            reader.text(table, "name", where),
            reader.whole(table, "from_minor", 0, _MAX_MINOR, where),
            reader.whole(table, "percent", 1, 100, where, 100),
            reader.whole(table, "birthday_points", 0, _MAX_POINTS, where, 0),
            _rights(table.get("rights", []), f"{where}.rights", reader),
        )
        if not tiers and tier.from_minor != 0:
            reader.fault(f"{where}.from_minor", tier.from_minor, "first_zero")
        elif tiers and tier.from_minor <= tiers[-1].from_minor:
            reader.fault(f"{where}.from_minor", tier.from_minor, "above", bound=tiers[-1].from_minor)
        if tier.name and tier.name.casefold() in {other.name.casefold() for other in tiers}:
            reader.fault(f"{where}.name", tier.name, "tier_taken")
        tiers.append(tier)
    return tuple(tiers)


def _rights(value: Any, where: str, reader: _Reader) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MAX_LIST:
        reader.fault(where, value, "texts", most=_MAX_LIST)
        return ()
    return tuple(dict.fromkeys(reader.text({"right": right}, "right", where, 20) for right in value))


def _items(tables: list[Mapping[str, Any]], reader: _Reader) -> tuple[RedeemItem, ...]:
    if len(tables) > _MAX_LIST:
        reader.fault("redeem", len(tables), "item_count", most=_MAX_LIST)
        return ()
    items: list[RedeemItem] = []
    for number, table in enumerate(tables):
        where = f"redeem[{number}]"
        reader.known(table, ("item", "name", "kind", "points", "value_minor"), where)
        kind = table.get("kind")
        if kind not in KINDS:
            reader.fault(f"{where}.kind", kind, "one_of", names=_quoted(KINDS))
        is_cash = kind == "cash_off"
        item = RedeemItem(
            reader.text(table, "item", where, 40),
            reader.text(table, "name", where),
            cast("ItemKind", kind),
            reader.whole(table, "points", 1, 10**9, where),
            reader.whole(table, "value_minor", 1, _MAX_MINOR, where) if is_cash else 0,
        )
        if not is_cash and table.get("value_minor", 0) != 0:
            reader.fault(f"{where}.value_minor", table["value_minor"], "no_value")
        if item.item and item.item in {other.item for other in items}:
            reader.fault(f"{where}.item", item.item, "item_taken")
        if item.item == TICKET and kind != "ticket":
            reader.fault(f"{where}.item", item.item, "ticket_name", name=TICKET)
        items.append(item)
    return tuple(items)


def _staff(value: Any, reader: _Reader) -> frozenset[tuple[str, str]]:
    if not isinstance(value, list) or len(value) > _MAX_STAFF:
        reader.fault("staff", value, "staff_list", most=_MAX_STAFF)
        return frozenset()
    found: set[tuple[str, str]] = set()
    for number, one in enumerate(value):
        platform, colon, fan_id = one.partition(":") if isinstance(one, str) else ("", "", "")
        if not (platform and colon and fan_id and len(one) <= 300 and one.isprintable()):
            reader.fault(f"staff[{number}]", one, "staff")
        found.add((platform, fan_id))
    return frozenset(found)


def to_tables(rules: Rules) -> dict[str, Any]:
    """The rules as `parse_rules` reads them, nothing left out."""
    return {
        "tier": [
            {
                "name": tier.name,
                "from_minor": tier.from_minor,
                "percent": tier.percent,
                "birthday_points": tier.birthday_points,
                "rights": list(tier.rights),
            }
            for tier in rules.tiers
        ],
        **{
            name: {key: getattr(rules, number.name) // number.unit for key, number in numbers.items()} for name, numbers in _NUMBERS.items()
        },
        "redeem": [
            {"item": item.item, "name": item.name, "kind": item.kind, "points": item.points, "value_minor": item.value_minor}
            for item in rules.items
        ],
        "staff": sorted(":".join(one) for one in rules.staff),
    }
