"""A coupon as it is ordered, what one is worth at most, and its codes.

Pure but for the randomness of a code; who gets one is decided by the store.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from studio.model.drop_fields import MAX_MINOR, MAX_SECONDS, Fields, Who, named_tiers
from studio.model.loyalty import DEFAULT_NAMES

MAX_STOCK = 1_000_000
_MAX_PER_FAN = 100
_MAX_VALID_HOURS = 24 * 366
_VALID_HOURS = 24 * 7
_FULFILMENTS = ("manual", "code")
# Crockford's base 32: no I, L, O, U, so that a code survives being read aloud. 12 signs are 60 bits: with a million codes out,
# a million guesses hit one with a chance of 1 in a million.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_BITS = 60


@dataclass(frozen=True, slots=True)
class CouponSpec:
    """What was ordered: an amount off, or a percentage with a ceiling (the other is 0)."""

    title: str
    value_minor_each: int
    percent: int
    max_value_minor: int
    min_spend_minor: int
    stock: int
    per_fan: int
    budget_minor: int
    keyword: str
    seconds: int
    who: Who
    valid_hours: int
    fulfilment: str
    early_close: bool
    tiers: tuple[str, ...] = DEFAULT_NAMES
    """What the rules called the tiers when it was ordered."""

    @property
    def worth_minor(self) -> int:
        """What one coupon costs the house at most."""
        return self.max_value_minor if self.percent else self.value_minor_each

    @property
    def limit(self) -> int:
        """How many may be issued: the stock, or fewer when the budget ends first."""
        return min(self.stock, self.budget_minor // self.worth_minor) if self.budget_minor and self.worth_minor else self.stock

    @property
    def value_minor(self) -> int:
        """What is given away at most."""
        return self.limit * self.worth_minor

    def to_json(self) -> dict[str, Any]:
        """The fields as ordered, to be read back by `parse_coupon`."""
        amount = (
            {"percent": self.percent, "max_value_minor": self.max_value_minor} if self.percent else {"value_minor": self.value_minor_each}
        )
        budget = {"budget_minor": self.budget_minor} if self.budget_minor else {}
        return {
            "title": self.title,
            **amount,
            "min_spend_minor": self.min_spend_minor,
            "stock": self.stock,
            "per_fan": self.per_fan,
            **budget,
            "keyword": self.keyword,
            "seconds": self.seconds,
            "who": str(self.who),
            "valid_hours": self.valid_hours,
            "fulfilment": self.fulfilment,
            "early_close": self.early_close,
            **named_tiers(self.tiers),
        }


def new_code() -> str:
    """A code that can't be guessed, as K7QM-2XNP-4RTV."""
    number = secrets.randbits(_CODE_BITS)
    signs = "".join(_SIGNS[number >> shift & 31] for shift in range(0, _CODE_BITS, 5))
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:]}"


def parse_coupon(fields: Fields) -> CouponSpec:
    """Read a coupon; faults stay with `fields`."""
    value_minor, percent, max_value_minor = _amount(fields)
    if fields.value("fulfilment") == "shop":
        fields.fault("fulfilment", "shop", "not built yet: 'manual' or 'code'")
        fulfilment = _FULFILMENTS[0]
    else:
        fulfilment = fields.choice("fulfilment", _FULFILMENTS)
    stock = fields.integer("stock", 1, MAX_STOCK)
    spec = CouponSpec(
        title=fields.text("title", longest=60),
        value_minor_each=value_minor,
        percent=percent,
        max_value_minor=max_value_minor,
        min_spend_minor=fields.integer("min_spend_minor", 0, MAX_MINOR, 0),
        stock=stock,
        per_fan=fields.integer("per_fan", 1, _MAX_PER_FAN, 1),
        budget_minor=fields.integer("budget_minor", 1, MAX_MINOR) if fields.has("budget_minor") else 0,
        keyword=fields.keyword("领券"),
        seconds=fields.integer("seconds", 1, MAX_SECONDS, 60),
        who=fields.who(),
        valid_hours=fields.integer("valid_hours", 1, _MAX_VALID_HOURS, _VALID_HOURS),
        fulfilment=fulfilment,
        early_close=fields.flag("early_close", default=False),
        tiers=fields.tiers,
    )
    if spec.limit < 1:
        fields.fault("budget_minor", spec.budget_minor, f"at least one coupon's worth, {spec.worth_minor}")
    if spec.value_minor > MAX_MINOR:
        fields.fault("stock", spec.stock, f"stock × value of at most {MAX_MINOR}")
    return spec


def _amount(fields: Fields) -> tuple[int, int, int]:
    """(amount off, percent, ceiling): exactly one of the first two."""
    percent = fields.value("percent")
    if fields.has("value_minor") == (percent is not None):
        fields.fault("value_minor", fields.value("value_minor"), "exactly one of value_minor and percent")
        fields.value("max_value_minor")
        return 1, 0, 0
    if percent is None:
        if fields.value("max_value_minor") is not None:
            fields.fault("max_value_minor", fields.value("max_value_minor"), "only together with percent")
        return fields.integer("value_minor", 1, MAX_MINOR), 0, 0
    fields.value("value_minor")
    return 0, fields.integer("percent", 1, 90), fields.integer("max_value_minor", 1, MAX_MINOR)
