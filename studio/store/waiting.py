"""Points of orders that aren't confirmed yet: they show, but nothing can be had for them.

It reads purchases only where the rate of points was ever changed; with one rate the sums are enough.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from studio.model.points import order_points, order_points_by_rate
from studio.model.room_clock import ShowDays
from studio.model.rule_book import RuleBook
from studio.store import bulk
from studio.store.tables import purchase

_COLUMNS = ("person_id", "paid_at", "confirmed_at", "counted_minor")


def nets_by_rate(connection: Connection, persons: Iterable[int], book: RuleBook, show_days: ShowDays) -> dict[int, dict[int, int]]:
    """{person: {stretch of one rate: net spend}}."""
    nets: dict[int, dict[int, int]] = {}
    for number, paid_at, _, counted_minor in bulk.load_columns(connection, purchase, _COLUMNS, "person_id", persons):
        if paid_at is not None:
            sums, stretch = nets.setdefault(number, {}), book.stretch_of(show_days.day_of(paid_at))
            sums[stretch] = sums.get(stretch, 0) + counted_minor
    return nets


def waiting_points(
    connection: Connection, spent: Mapping[int, tuple[int, int]], book: RuleBook, show_days: ShowDays, now_ms: int
) -> dict[int, int]:
    """{person: points that wait}; `spent` is {person: (net spend, what of it is confirmed)}."""
    if len(book.rates) == 1:
        return {
            number: order_points(net_minor, book.rules) - order_points(confirmed_minor, book.rules)
            for number, (net_minor, confirmed_minor) in spent.items()
        }
    nets: dict[int, dict[int, int]] = {number: {} for number in spent}
    confirmed: dict[int, dict[int, int]] = {number: {} for number in spent}
    for number, paid_at, confirmed_at, counted_minor in bulk.load_columns(connection, purchase, _COLUMNS, "person_id", spent):
        if paid_at is None:
            continue
        stretch = book.stretch_of(show_days.day_of(paid_at))
        for sums in (nets[number], confirmed[number]) if confirmed_at <= now_ms else (nets[number],):
            sums[stretch] = sums.get(stretch, 0) + counted_minor
    return {number: order_points_by_rate(nets[number], book) - order_points_by_rate(confirmed[number], book) for number in spent}
