"""How many, how much, and how many orders somebody should look at: read from figures and an index of those alone."""

from sqlalchemy import text

from studio.store import fan_archive


def test_orders_to_look_at_are_counted_without_reading_the_others(file):
    file.take(*(file.event("order", f"u{number}", order=f"o{number}", amount_minor=100) for number in range(20)))
    file.take(file.event("order", "u1", order="usd", amount_minor=5, currency="USD"))
    file.take(file.event("refund", "u2", order="o2", amount_minor=900))
    told = fan_archive.stats(file.connection)
    assert (told["fans"], told["orders"], told["spent_minor"], told["to_look_at"]) == (20, 20, 19 * 100, 2)
    if file.connection.dialect.name == "sqlite":
        plan = file.connection.execute(text(f"EXPLAIN QUERY PLAN {fan_archive._TO_LOOK_AT}")).all()
        assert "ix_purchase_note" in str(plan)
