"""What was counted as the control API tells it: JSON-ready, the contract's names beside stable keys, reasons in words.

It counts nothing; names of fans are asked for when they are told, and never kept with the figures.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from studio.analysis.forecast import Forecast
from studio.analysis.overview import DueFan, Overview
from studio.model.fans import Fan
from studio.model.loyalty import Rules, tier_of
from studio.model.repurchase import COHORT_DAYS
from studio.model.room_clock import date_of
from studio.model.segments import LAYER_NAMES, SEGMENT_NAMES
from studio.words import say

Body = dict[str, Any]
MAX_CATEGORIES = 20


def segments(overview: Overview, rules: Rules, noted: Iterable[tuple[int, str, str, int]]) -> Body:
    """Who stands where now, and at the end of the show days that were noted."""
    return {
        "fans": overview.fans,
        "segments": [_part(key, name, overview.segments.get(key)) for key, name in SEGMENT_NAMES.items()],
        "layers": [_part(key, name, overview.layers.get(key)) for key, name in LAYER_NAMES.items()],
        "tiers": [
            _part(str(rank), rule.name, overview.tiers.get(rank)) | {"from_minor": rule.from_minor}
            for rank, rule in enumerate(rules.tiers, 1)
        ],
        "both": [{"segment": segment, "layer": layer, "fans": fans} for (segment, layer), fans in sorted(overview.both.items())],
        "history": _history(noted),
    }


def _part(key: str, name: str, sums: Sequence[int] | None) -> Body:
    fans, spent_minor = sums or (0, 0)
    return {"key": key, "name": name, "fans": fans, "spent_minor": spent_minor}


def _history(noted: Iterable[tuple[int, str, str, int]]) -> list[Body]:
    days: dict[int, Body] = {}
    for day, segment, layer, fans in noted:
        told = days.setdefault(day, {"day": date_of(day), "segments": {}, "layers": {}})
        for name, key in (("segments", segment), ("layers", layer)):
            told[name][key] = told[name].get(key, 0) + fans
    return list(days.values())


def cohorts(overview: Overview, locale: str) -> Body:
    """Who came back: by the month of the first purchase, over the last days, and what will be bought."""
    return {
        "buyers": overview.buyers,
        "rates": [
            {"days": rate.days, "buyers": rate.buyers, "again": rate.again, "rate": _share(rate.again, rate.buyers)}
            for rate in overview.rates
        ],
        "cohorts": [
            {
                "month": f"{month // 12}-{month % 12 + 1:02d}",
                "buyers": cohort.buyers,
                "again": [
                    {"days": days, "of": cohort.of[days], "again": cohort.again[days], "rate": _share(cohort.again[days], cohort.of[days])}
                    for days in COHORT_DAYS
                ],
            }
            for month, cohort in overview.cohorts.items()
        ],
        "categories": [
            {"category": name, "buyers": buyers, "interval_days": usual}
            for name, (buyers, usual) in list(overview.categories.items())[:MAX_CATEGORIES]
        ],
        "forecast": forecast(overview.forecast, locale),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def forecast(found: Forecast, locale: str) -> Body:
    """Expected purchases, or why there are none."""
    habits = found.habits
    if habits is None:
        return {"expected": None, "code": found.code, "why": say("errors", locale, found.code, **dict(found.params))}
    return {
        "expected": [{"days": days, "purchases": round(count, 1)} for days, count in found.expected],
        "buyers": found.buyers,
        "parameters": {"r": habits.r, "alpha_days": habits.alpha, "a": habits.a, "b": habits.b},
        "log_likelihood": found.log_likelihood,
    }


def repurchase(overview: Overview, fans: Mapping[int, Fan], rules: Rules, locale: str, limit: int) -> Body:
    """Who is due today, those who spent most first, with what there is to say to them."""
    known = [(due, fans[due.person_id]) for due in overview.due if due.person_id in fans]
    return {
        "today": date_of(overview.today),
        "count": overview.due_count,
        "rows": [_due(due, fan, rules, locale, overview.today) for due, fan in known[:limit]],
        "forecast": forecast(overview.forecast, locale),
    }


def _due(due: DueFan, fan: Fan, rules: Rules, locale: str, today: int) -> Body:
    params = {"name": fan.name or fan.fan_id, "category": due.category, "interval": due.interval_days, "days": today - due.last_day}
    kind = "" if due.category else "_any"
    return {
        "platform": fan.platform,
        "id": fan.fan_id,
        "name": fan.name,
        "tier": rules.tiers[tier_of(fan.spent_minor, rules) - 1].name,
        "tier_rank": int(tier_of(fan.spent_minor, rules)),
        "layer": LAYER_NAMES[fan.layer(today)],
        "spent_minor": fan.spent_minor,
        "category": due.category,
        "purchases": due.purchases,
        "last_bought_on": date_of(due.last_day),
        "days_since": today - due.last_day,
        "interval_days": due.interval_days,
        "basis": due.basis,
        "due_on": date_of(due.due_day),
        "overdue_days": today - due.due_day,
        "expected_90d": None if due.expected is None else round(due.expected, 2),
        "why": say("errors", locale, f"repurchase.why_{due.basis}", **params),
        "say": say("errors", locale, f"repurchase.say{kind}", **params),
    }
