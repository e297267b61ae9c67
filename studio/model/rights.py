"""Which tier gets what: the rights of the rules as a matrix, one fan's rights, and what an item costs them.

Pure values; who is of which tier is `studio.model.loyalty`'s.
"""

from typing import Any

from studio.model.loyalty import Rules, tier_of, tier_price_minor
from studio.model.scene import Tier

ROUNDING = "floor((price_minor * percent + 50) / 100)"
"""How a tier price is rounded, as the contract states it: to the nearest minor unit, halves up."""


def rights_matrix(rules: Rules) -> dict[str, Any]:
    """{tiers: [name], rows: [{key: price|birthday|right, name, values: [one a tier]}]}: per cent, points, or whether the tier has it."""
    tiers = rules.tiers
    rows: list[dict[str, Any]] = [{"key": "price", "name": "", "values": [tier.percent for tier in tiers]}]
    if any(tier.birthday_points for tier in tiers):
        rows.append({"key": "birthday", "name": "", "values": [tier.birthday_points for tier in tiers]})
    named = dict.fromkeys(right for tier in tiers for right in tier.rights)
    rows += [{"key": "right", "name": right, "values": [right in tier.rights for tier in tiers]} for right in named]
    return {"tiers": [tier.name for tier in tiers], "rows": rows}


def rights_of(confirmed_minor: int, rules: Rules) -> dict[str, Any]:
    """{tier, percent, birthday_points, rights}: what has value follows confirmed spend."""
    tier = rules.tiers[tier_of(confirmed_minor, rules) - 1]
    return {"tier": tier.name, "percent": tier.percent, "birthday_points": tier.birthday_points, "rights": list(tier.rights)}


def prices(price_minor: int, rules: Rules) -> list[dict[str, Any]]:
    """[{tier, percent, price_minor}]: what an item costs each tier."""
    return [
        {"tier": tier.name, "percent": tier.percent, "price_minor": tier_price_minor(price_minor, Tier(rank), rules)}
        for rank, tier in enumerate(rules.tiers, 1)
    ]
