"""How many, how much, and how many orders somebody should look at: read from figures and an index of those alone."""

from sqlalchemy import text

from studio.model.events import format_time
from studio.store import fan_archive
from tests.studio.store.fan_file import MINUTE_MS, T0


def span(file) -> tuple[str | None, str | None]:
    told = fan_archive.stats(file.connection)
    return told["first_event_at"], told["last_event_at"]


def test_the_first_and_the_last_moment_are_those_of_the_events_in_whatever_order_they_came(file):
    assert span(file) == (None, None)
    file.take(file.event("chat", "u1", minute=3), file.event("order", "u1", minute=2, order="o1", amount_minor=100))
    assert span(file) == (format_time(T0 + 2 * MINUTE_MS), format_time(T0 + 3 * MINUTE_MS))
    file.take(file.event("chat", "u2", minute=-600), file.event("like", "u2", minute=1), file.event("chat", "", minute=900))
    assert span(file) == (format_time(T0 - 600 * MINUTE_MS), format_time(T0 + 3 * MINUTE_MS)), "who isn't identified stands in no ledger"
    before = file.export()
    fan_archive.rebuild(file.connection, file.store)
    assert file.export() == before


def test_orders_to_look_at_are_counted_without_reading_the_others(file):
    file.take(*(file.event("order", f"u{number}", order=f"o{number}", amount_minor=100) for number in range(20)))
    file.take(file.event("order", "u1", order="usd", amount_minor=5, currency="USD"))
    file.take(file.event("refund", "u2", order="o2", amount_minor=900))
    told = fan_archive.stats(file.connection)
    assert (told["fans"], told["orders"], told["spent_minor"], told["to_look_at"]) == (20, 20, 19 * 100, 2)
    if file.connection.dialect.name == "sqlite":
        plan = file.connection.execute(text(f"EXPLAIN QUERY PLAN {fan_archive._TO_LOOK_AT}")).all()
        assert "ix_purchase_note" in str(plan)
