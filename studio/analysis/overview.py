"""One reading of the whole fan file: who stands where, cohorts, repurchase rates, who is due today, and what will be bought.

It runs in a worker process and only reads; it goes through the file block by block and keeps sums, not fans.
"""

import heapq
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, Engine, select

from studio.analysis.forecast import Buyers, Forecast
from studio.analysis.judge import At, Judged, blocks, judge_block, last_person, within
from studio.model.repurchase import COHORT_DAYS, GRACE_DAYS, OWN_GAPS, RATE_DAYS, Cohort, Rate, due_of, gaps_of, usual_gap
from studio.model.room_clock import ShowDays, month_of
from studio.store.analysis_tables import bought
from studio.store.tables import purchase

MAX_DUE: Final = 200
"""Fans who are named as due, those who spent most; more than that nobody greets in a day. All are counted."""
_MAX_CATEGORIES: Final = 1_000
"""Categories told apart; a feed that invents more has its further ones counted as one without a name."""
_LONG_AGO_DAYS: Final = 400


@dataclass(slots=True)
class DueFan:
    """Somebody who is due in a category."""

    person_id: int
    category: str
    last_day: int
    due_day: int
    interval_days: int
    basis: str
    purchases: int
    spent_minor: int
    expected: float | None = None


@dataclass(slots=True)
class Overview:
    """All figures of one reading. Times are milliseconds and show days; nothing in it is a word."""

    at_ms: int
    today: int
    fans: int = 0
    segments: dict[str, list[int]] = field(default_factory=dict)
    """{segment: [fans, net spend]}; so are `layers`, and `tiers` by rank."""
    layers: dict[str, list[int]] = field(default_factory=dict)
    tiers: dict[int, list[int]] = field(default_factory=dict)
    both: dict[tuple[str, str], int] = field(default_factory=dict)
    """{(segment, layer): fans}."""
    buyers: int = 0
    cohorts: dict[int, Cohort] = field(default_factory=dict)
    """By the month of the first purchase, as year × 12 + month − 1."""
    rates: list[Rate] = field(default_factory=lambda: [Rate(days) for days in RATE_DAYS])
    categories: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    """{category: (buyers, the usual gap of all of them in days)}, the most bought first."""
    due: list[DueFan] = field(default_factory=list)
    due_count: int = 0
    forecast: Forecast = field(default_factory=Forecast)


def read_overview(engine: Engine, at: At, timezone: str, tell: Callable[[int, int], object]) -> Overview:
    """Count everything; `tell(done, of)` hears how far it is, in persons."""
    reading = _Reading(at, ShowDays(timezone))
    with engine.begin() as connection:
        last = last_person(connection)
    for block in blocks(last):
        with engine.begin() as connection:
            reading.take_standing(judge_block(connection, block, at))
            reading.take_purchases(connection, block)
        tell(block[1], last)
    return reading.finish(engine)


@dataclass(slots=True)
class _Waiting:
    """Fans of a category who have no habit of their own yet: whether they are due is known once everybody's gaps are."""

    persons: "array[int]" = field(default_factory=lambda: array("q"))
    last_days: "array[int]" = field(default_factory=lambda: array("l"))
    purchases: "array[int]" = field(default_factory=lambda: array("l"))
    spent: "array[int]" = field(default_factory=lambda: array("q"))


class _Reading:
    """What is summed up on the way."""

    def __init__(self, at: At, show_days: ShowDays) -> None:
        self._at = at
        self._show_days = show_days
        self._overview = Overview(at.at_ms, at.today)
        self._gaps: dict[str, Counter[int]] = {}
        self._category_buyers: Counter[str] = Counter()
        self._waiting: dict[str, _Waiting] = {}
        self._due: list[tuple[int, int, str, DueFan]] = []
        self._buyers = Buyers()
        self._spent: dict[int, int] = {}
        self._names: set[str] = set()

    def take_standing(self, judged: list[Judged]) -> None:
        """Everybody of a block."""
        overview = self._overview
        overview.fans += len(judged)
        self._spent = {one.person_id: one.spent_minor for one in judged}
        for one in judged:
            for figures, key in ((overview.segments, one.segment), (overview.layers, one.layer), (overview.tiers, one.tier)):
                sums = figures.setdefault(key, [0, 0])  # pyright: ignore[reportArgumentType] - each with keys of its own type
                sums[0] += 1
                sums[1] += one.spent_minor
            where = (one.segment, one.layer)
            overview.both[where] = overview.both.get(where, 0) + 1

    def take_purchases(self, connection: Connection, block: tuple[int, int]) -> None:
        """What the block's fans bought."""
        rows = self._purchases(connection, block)
        for person_id, orders in groupby(rows, key=lambda row: row[0]):
            if person_id not in self._spent:
                continue
            by_category: dict[str, set[int]] = {}
            for _, paid_at, category in orders:
                by_category.setdefault(self._known(category), set()).add(self._show_days.day_of(paid_at))
            days = sorted(set().union(*by_category.values()))
            self._take_buyer(person_id, days)
            for category, some in by_category.items():
                self._take_habit(person_id, category, sorted(some))

    def _purchases(self, connection: Connection, block: tuple[int, int]) -> Iterator[tuple[int, int, str]]:
        same = (bought.c.order_no == purchase.c.order_no) & (bought.c.platform == purchase.c.platform)
        query = (
            select(purchase.c.person_id, purchase.c.paid_at, bought.c.category)
            .join(bought, same, isouter=True)
            .where(within(purchase.c.person_id, block), purchase.c.paid_at < self._at.at_ms, purchase.c.counted_minor > 0)
            .order_by(purchase.c.person_id, purchase.c.paid_at)
        )
        for row in connection.execute(query):
            yield row[0], row[1], row[2] or ""

    def _known(self, category: str) -> str:
        if len(self._names) < _MAX_CATEGORIES:
            self._names.add(category)
        return category if category in self._names else ""

    def _take_buyer(self, person_id: int, days: list[int]) -> None:
        overview, today = self._overview, self._at.today
        overview.buyers += 1
        overview.cohorts.setdefault(month_of(days[0]), Cohort()).add(days, today)
        for rate in overview.rates:
            rate.add(days, today)
        self._buyers.add(person_id, days, today)

    def _take_habit(self, person_id: int, category: str, days: list[int]) -> None:
        gaps, today = gaps_of(days), self._at.today
        self._category_buyers[category] += 1
        self._gaps.setdefault(category, Counter()).update(gaps)
        if len(gaps) >= OWN_GAPS:
            self._note_due(person_id, category, days, self._spent[person_id])
        elif today - days[-1] <= _LONG_AGO_DAYS:
            waiting = self._waiting.setdefault(category, _Waiting())
            waiting.persons.append(person_id)
            waiting.last_days.append(days[-1])
            waiting.purchases.append(len(days))
            waiting.spent.append(self._spent[person_id])

    def _note_due(
        self, person_id: int, category: str, days: list[int], spent_minor: int, purchases: int = 0, usual: int | None = None
    ) -> None:
        due = due_of(days, usual)
        if due is None or not due.is_due(self._at.today):
            return
        self._overview.due_count += 1
        found = DueFan(person_id, category, days[-1], due.day, due.interval_days, due.basis, purchases or len(days), spent_minor)
        # The person's number and the category make the order the same whatever came first.
        entry = (spent_minor, -person_id, category, found)
        if len(self._due) < MAX_DUE:
            heapq.heappush(self._due, entry)
        elif entry[:3] > self._due[0][:3]:
            heapq.heapreplace(self._due, entry)

    def finish(self, engine: Engine) -> Overview:
        """The figures that need everybody's."""
        overview = self._overview
        for category, waiting in self._waiting.items():
            usual = usual_gap(self._gaps[category])
            for person_id, last_day, count, spent in zip(waiting.persons, waiting.last_days, waiting.purchases, waiting.spent, strict=True):
                if usual is not None and 0 <= self._at.today - last_day - usual <= GRACE_DAYS:
                    self._note_due(person_id, category, [last_day], spent, count, usual)
        overview.due = [entry[3] for entry in sorted(self._due, key=lambda entry: entry[:3], reverse=True)]
        overview.categories = {name: (count, usual_gap(self._gaps[name])) for name, count in self._category_buyers.most_common()}
        overview.cohorts = dict(sorted(overview.cohorts.items()))
        overview.forecast = self._buyers.forecast()
        if overview.forecast.habits is not None:
            with engine.begin() as connection:
                self._expect(connection, overview)
        return overview

    def _expect(self, connection: Connection, overview: Overview) -> None:
        for due in overview.due:
            rows = connection.execute(
                select(purchase.c.paid_at).where(
                    purchase.c.person_id == due.person_id, purchase.c.paid_at < self._at.at_ms, purchase.c.counted_minor > 0
                )
            ).scalars()
            days = sorted({self._show_days.day_of(paid_at) for paid_at in rows})
            due.expected = overview.forecast.expected_of(days, self._at.today, COHORT_DAYS[-1])
