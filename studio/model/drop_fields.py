"""Reads the fields of a drop from the body of a call and collects everything that is wrong with them.

It invents no value: what is missing without a default, of another type or out of bounds is a fault by name.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from studio.errors import InvalidInput
from studio.model.events import matches_keyword
from studio.model.loyalty import DEFAULT_NAMES, TIER_NAMES
from studio.model.rules import Fault
from studio.model.scene import Tier

MAX_MINOR = 10**12
"""The largest amount of money: ten thousand million yuan; beyond it a typo is surer than a gift."""
MAX_SECONDS = 24 * 3600

_MISSING = object()
# Controls, lone surrogates, unassigned and direction marks: none may stand in a text that is burned into the picture.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})
_REFUSED_SIGNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")

_MASKED_SIGNS = frozenset("*＊•●")


class InvalidDrop(InvalidInput):
    """One or more wrong fields; nothing was done."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("drops.invalid", count=len(faults), first=str(faults[0]) if faults else "")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Who:
    """Who may enter: all, regulars, buyers, or a tier and those above it."""

    group: str = "all"
    tier: Tier = Tier.NEW
    name: str = field(default="", compare=False)
    """What the rules called the tier when the drop was ordered."""

    def __str__(self) -> str:
        return f"tier:{self.name or TIER_NAMES[self.tier]}" if self.group == "tier" else self.group


ALL = Who()


def named_tiers(tiers: tuple[str, ...]) -> dict[str, list[str]]:
    """What a stored order keeps of the tiers' names, so that it reads back under other rules; nothing for the default ones."""
    return {} if tiers == DEFAULT_NAMES else {"tiers": list(tiers)}


class Fields:
    """One body; each reader notes a fault and gives a harmless value instead of raising, so that all faults are told at once."""

    def __init__(self, body: Mapping[str, Any], tiers: Sequence[str] = DEFAULT_NAMES) -> None:
        self._body = body
        self.tiers = tuple(tiers)
        """What the rules call the tiers."""
        self._known: set[str] = set()
        self._faults: list[Fault] = []

    @classmethod
    def of(cls, body: Any, tiers: Sequence[str] = DEFAULT_NAMES) -> "Fields":
        """Raises InvalidDrop unless it is a JSON object."""
        if not isinstance(body, Mapping):
            raise InvalidDrop((Fault("body", _shown(body), "a JSON object"),))
        return cls(body, tiers)

    def fault(self, key: str, value: Any, allowed: str) -> None:
        """Note a fault."""
        self._faults.append(Fault(key, _shown(value), allowed))

    def has(self, key: str) -> bool:
        """Whether it was given, null counting as not."""
        return self._body.get(key) is not None

    def value(self, key: str) -> Any:
        """As it was given; None when it wasn't."""
        self._known.add(key)
        return self._body.get(key)

    def text(self, key: str, *, longest: int, default: str | None = None) -> str:
        """A text that may be shown to people, 1 to `longest` signs after trimming; empty only when that is the default."""
        value = self._take(key, default)
        if value is _MISSING or (value == "" and default == ""):
            return ""
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= longest:
            self.fault(key, value, f"a text of 1 to {longest} signs")
            return ""
        text = unicodedata.normalize("NFC", value.strip())
        if any(map(_is_refused, text)):
            self.fault(key, value, "a text without control or direction signs")
            return ""
        return text

    def identifier(self, key: str, *, longest: int) -> str:
        """What names something in another system: kept sign by sign, without controls."""
        value = self._take(key, None)
        if value is _MISSING:
            return ""
        if not isinstance(value, str) or not 1 <= len(value.strip()) <= longest or any(map(_is_refused, value)):
            self.fault(key, value, f"a text of 1 to {longest} signs without controls")
            return ""
        return value.strip()

    def fan_id(self) -> str:
        """The `id` of a fan whom the platform identifies: 0 and masked ids stand for anybody."""
        fan_id = self.identifier("id", longest=200)
        if fan_id == "0" or _MASKED_SIGNS.intersection(fan_id):
            self.fault("id", fan_id, "the id of an identified fan")
        return fan_id

    def integer(self, key: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number within bounds; never a bool, never a float."""
        value = self._take(key, default)
        if value is _MISSING:
            return low
        if type(value) is not int or not low <= value <= high:
            self.fault(key, value, f"a whole number from {low} to {high}")
            return low
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._take(key, default)
        if not isinstance(value, bool):
            self.fault(key, value, "true or false")
            return default
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """One of these words; the first is the default."""
        value = self._take(key, choices[0])
        if not isinstance(value, str) or value not in choices:
            self.fault(key, value, "one of " + ", ".join(repr(choice) for choice in choices))
            return choices[0]
        return value

    def keyword(self, default: str | None) -> str:
        """What the audience sends: something of it must be left when blanks, signs and emoji are gone."""
        word = self.text("keyword", longest=20, default=default)
        if word and not matches_keyword(word, word):
            self.fault("keyword", word, "a word with letters, figures or 汉字")
        return word

    def tier_named(self, name: Any) -> Tier | None:
        """The tier that the rules call so, else the one of that English name; None when there is none."""
        if not isinstance(name, str):
            return None
        wanted = name.strip().casefold()
        ranks = {tier.name.casefold(): tier for tier in Tier if tier <= len(self.tiers)}
        ranks |= {called.casefold(): Tier(rank) for rank, called in enumerate(self.tiers, 1)}
        return ranks.get(wanted)

    def who(self) -> Who:
        """`all`, `regulars`, `buyers` or `tier:NAME`."""
        value = self._take("who", "all")
        if value in ("all", "regulars", "buyers"):
            return Who(value)
        group, _, name = value.partition(":") if isinstance(value, str) else ("", "", "")
        tier = self.tier_named(name)
        if group != "tier" or tier is None:
            self.fault("who", value, "all, regulars, buyers or tier:NAME with " + ", ".join(self.tiers))
            return ALL
        return Who("tier", tier, self.tiers[tier - 1])

    def refuse_unknown(self) -> None:
        """Note a fault for each key that nobody asked for."""
        for key in self._body:
            if key not in self._known:
                self.fault(str(key)[:80], self._body[key], "unknown; the keys are " + ", ".join(sorted(self._known)))

    def adopt(self, inner: "Fields", where: str) -> None:
        """Take over the faults of an object inside this one."""
        self._faults.extend(Fault(f"{where}.{fault.key}", fault.value, fault.allowed) for fault in inner._faults)  # noqa: SLF001 - its own kind

    def raise_faults(self) -> None:
        """Raises InvalidDrop when there is any."""
        if self._faults:
            self._raise()

    def _raise(self) -> NoReturn:
        raise InvalidDrop(tuple(self._faults))

    def _take(self, key: str, default: Any) -> Any:
        self._known.add(key)
        value = self._body.get(key)
        if value is not None:
            return value
        if default is None:
            self.fault(key, None, "is needed")
            return _MISSING
        return default


def _is_refused(sign: str) -> bool:
    return unicodedata.category(sign) in _REFUSED_CATEGORIES or sign in _REFUSED_SIGNS


def _shown(value: Any) -> str:
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
