"""All figures over all fans for a command line: the same reading as the studio's, in this process, and no names.

It changes nothing, and runs beside an engine that has the same file open.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy
from sqlalchemy import URL

from studio.analysis import answers, history
from studio.analysis.judge import At
from studio.analysis.overview import read_overview
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store import engines
from studio.store.fan_store import FanStore


def report(url: URL, now_ms: int, timezone: str, currency: str, locale: str, tell: Callable[[int, int], object]) -> dict[str, Any]:
    """Segments, layers and tiers with their history, cohorts, repurchase rates, the forecast; how many are due today."""
    show_days = ShowDays(timezone)
    store = FanStore(Rules(), show_days, currency)
    today = show_days.day_of(now_ms)
    engine = sqlalchemy.create_engine(engines.readable(url))
    try:
        with engine.begin() as connection:
            store.follow_rules(connection)
            noted = list(history.totals_since(connection, today - 90))
        overview = read_overview(engine, At(now_ms + 1, today, store.rules, currency), timezone, tell)
    finally:
        engine.dispose()
    told = answers.segments(overview, store.rules, noted) | answers.cohorts(overview, locale)
    return told | {"due_today": overview.due_count}
