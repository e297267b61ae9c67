"""A lottery as it is ordered, its rules as they are hashed, and who gets which prize.

Pure: the draw itself is in `draw.py`; nothing here knows the seed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.model.draw import MAX_TICKETS
from studio.model.drop_fields import ALL, MAX_MINOR, MAX_SECONDS, Fields, Who, named_tiers
from studio.model.loyalty import DEFAULT_NAMES
from studio.model.scene import Tier

MAX_PRIZES = 1000
MAX_RESERVES = 1000
_CLAIM_HOURS = 72
_MAX_CLAIM_HOURS = 24 * 90


@dataclass(frozen=True, slots=True)
class Prize:
    """One thing to be won by one person."""

    name: str
    value_minor: int
    currency: str

    def to_json(self) -> dict[str, Any]:
        """As in the rules."""
        return {"name": self.name, "value_minor": self.value_minor, "currency": self.currency}


@dataclass(frozen=True, slots=True)
class LotterySpec:
    """What was ordered; a tier without a weight has one ticket."""

    title: str
    prizes: tuple[Prize, ...]
    reserves: int = 0
    keyword: str = "想要"
    seconds: int = 60
    who: Who = ALL
    weights: tuple[tuple[Tier, int], ...] = ()
    early_close: bool = False
    organiser: str = ""
    contact: str = ""
    claim_hours: int = _CLAIM_HOURS
    tiers: tuple[str, ...] = DEFAULT_NAMES
    """What the rules called the tiers when it was ordered."""

    @property
    def value_minor(self) -> int:
        """What is given away."""
        return sum(prize.value_minor for prize in self.prizes)

    @property
    def ranks(self) -> int:
        """How many are drawn."""
        return len(self.prizes) + self.reserves

    def tickets_of(self, tier: Tier) -> int:
        """Tickets of a fan of this tier."""
        return dict(self.weights).get(tier, 1)

    def to_json(self) -> dict[str, Any]:
        """The fields as ordered, to be read back by `parse_lottery`."""
        return {
            "title": self.title,
            "prizes": [prize.to_json() for prize in self.prizes],
            "reserves": self.reserves,
            "keyword": self.keyword,
            "seconds": self.seconds,
            "who": str(self.who),
            "weights": self.weights_json(),
            "early_close": self.early_close,
            "beacon": "none",
            "organiser": self.organiser,
            "contact": self.contact,
            "claim_hours": self.claim_hours,
            **named_tiers(self.tiers),
        }

    def weights_json(self) -> dict[str, int]:
        """Tickets by the tier's name."""
        return {self.tiers[tier - 1]: tickets for tier, tickets in self.weights}


def rules_of(spec: LotterySpec, *, drop: str, room: str, number: int, prev: str, opens_at: str, closes_at: str) -> dict[str, Any]:
    """The rules that the opening hash binds."""
    return {
        "drop": drop,
        "room": room,
        "number": number,
        "prev": prev,
        "organiser": spec.organiser,
        "contact": spec.contact,
        "title": spec.title,
        "prizes": [prize.to_json() for prize in spec.prizes],
        "reserves": spec.reserves,
        "keyword": spec.keyword,
        "opens_at": opens_at,
        "closes_at": closes_at,
        "early_close": spec.early_close,
        "who": str(spec.who),
        "weights": spec.weights_json(),
        "excluded": ["staff"],
        "claim_hours": spec.claim_hours,
        "beacon": "none",
    }


def prize_ranks(ranks: Sequence[int], passed_over: frozenset[int], prizes: int) -> list[int | None]:
    """For each prize the entry that has it: the one drawn for it or, if passed over, the next reserve in order; None when none is left."""
    drawn: list[int | None] = [*ranks[:prizes], *[None] * max(0, prizes - len(ranks))]
    reserves = iter([n for n in ranks[prizes:] if n not in passed_over])
    return [next(reserves, None) if n in passed_over else n for n in drawn]


def parse_lottery(fields: Fields, currency: str) -> LotterySpec:
    """Read a lottery; faults stay with `fields`."""
    beacon = fields.value("beacon")
    if beacon not in (None, "none"):
        fields.fault("beacon", beacon, "not built yet, leave it at 'none'")
    return LotterySpec(
        title=fields.text("title", longest=60),
        prizes=_prizes(fields, currency),
        reserves=fields.integer("reserves", 0, MAX_RESERVES, 0),
        keyword=fields.keyword("想要"),
        seconds=fields.integer("seconds", 1, MAX_SECONDS, 60),
        who=fields.who(),
        weights=_weights(fields),
        tiers=fields.tiers,
        early_close=fields.flag("early_close", default=False),
        organiser=fields.text("organiser", longest=100, default=""),
        contact=fields.text("contact", longest=100, default=""),
        claim_hours=fields.integer("claim_hours", 1, _MAX_CLAIM_HOURS, _CLAIM_HOURS),
    )


def _prizes(fields: Fields, currency: str) -> tuple[Prize, ...]:
    value = fields.value("prizes")
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_PRIZES:
        fields.fault("prizes", value, f"a list of 1 to {MAX_PRIZES} prizes")
        return ()
    prizes: list[Prize] = []
    for index, item in enumerate(value):
        where = f"prizes[{index}]"
        if not isinstance(item, Mapping):
            fields.fault(where, item, "an object with name, value_minor and currency")
            continue
        inner = Fields(item)
        prize = Prize(inner.text("name", longest=60), inner.integer("value_minor", 0, MAX_MINOR, 0), inner.choice("currency", (currency,)))
        inner.refuse_unknown()
        fields.adopt(inner, where)
        prizes.append(prize)
    return tuple(prizes)


def _weights(fields: Fields) -> tuple[tuple[Tier, int], ...]:
    value = fields.value("weights")
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        fields.fault("weights", value, "an object {tier: tickets}")
        return ()
    weights: dict[Tier, int] = {}
    for name, tickets in value.items():
        tier = fields.tier_named(name)
        if tier is None or tier in weights:
            fields.fault(f"weights.{str(name)[:40]}", tickets, "each tier at most once: " + ", ".join(fields.tiers))
        elif type(tickets) is not int or not 1 <= tickets <= MAX_TICKETS:
            fields.fault(f"weights.{name}", tickets, f"a whole number from 1 to {MAX_TICKETS}")
        else:
            weights[tier] = tickets
    return tuple(sorted(weights.items()))
