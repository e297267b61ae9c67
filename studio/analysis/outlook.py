"""One fan's outlook: where they stood at the end of past show days, their habit in each category, and what they will still buy.

It reads a few rows of one person; what everybody does comes from the newest count of the whole file.
"""

from typing import Any

from sqlalchemy import Connection, select

from studio.analysis import history
from studio.analysis.overview import Overview
from studio.errors import NotFound
from studio.model.repurchase import due_of
from studio.model.room_clock import date_of
from studio.model.segments import LAYER_NAMES, SEGMENT_NAMES
from studio.store.analysis_tables import bought
from studio.store.fan_detail import Moment
from studio.store.fan_queries import person_of
from studio.store.recount import identities_of
from studio.store.tables import purchase


def outlook(connection: Connection, platform: str, fan_id: str, moment: Moment, overview: Overview | None) -> dict[str, Any]:
    """{history, habits, expected_90d}. Raises NotFound."""
    number = person_of(connection, platform, fan_id)
    if number is None:
        raise NotFound("fans.unknown", platform=platform, id=fan_id)
    by_category = _purchase_days(connection, number, moment)
    days = sorted(set().union(*by_category.values()))
    expected = overview.forecast.expected_of(days, moment.today, 90) if overview is not None else None
    return {
        "history": [_stood(one) for one in history.history_of(connection, sorted({number, *identities_of(connection, number)}))],
        "habits": [_habit(category, sorted(some), overview) for category, some in sorted(by_category.items())],
        "expected_90d": None if expected is None else round(expected, 2),
    }


_NAMES: dict[str, str] = {**SEGMENT_NAMES, **LAYER_NAMES}


def _stood(row: dict[str, str]) -> dict[str, str]:
    return {**row, "segment_name": _NAMES.get(row["segment"], ""), "layer_name": _NAMES.get(row["layer"], "")}


def _purchase_days(connection: Connection, person_id: int, moment: Moment) -> dict[str, set[int]]:
    same = (bought.c.order_no == purchase.c.order_no) & (bought.c.platform == purchase.c.platform)
    query = select(purchase.c.paid_at, bought.c.category).join(bought, same, isouter=True)
    found: dict[str, set[int]] = {}
    for paid_at, category in connection.execute(
        query.where(purchase.c.person_id == person_id, purchase.c.paid_at <= moment.now_ms, purchase.c.counted_minor > 0)
    ):
        found.setdefault(category or "", set()).add(moment.show_days.day_of(paid_at))
    return found


def _habit(category: str, days: list[int], overview: Overview | None) -> dict[str, Any]:
    _, usual = overview.categories.get(category, (0, None)) if overview is not None else (0, None)
    due = due_of(days, usual)
    return {
        "category": category,
        "purchases": len(days),
        "last_bought_on": date_of(days[-1]),
        "interval_days": due.interval_days if due else None,
        "basis": due.basis if due else None,
        "due_on": date_of(due.day) if due else None,
    }
