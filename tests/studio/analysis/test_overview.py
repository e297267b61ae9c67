"""One reading of the whole file: each figure by its definition, checked against a plain count."""

import json
import random
from itertools import pairwise

from fan_file import make
from file_on_disk import DAYS, TODAY, at

from studio.analysis import judge, overview
from studio.model.repurchase import COHORT_DAYS, GRACE_DAYS
from studio.model.room_clock import month_of


def order(fan: str, day: float, number: str, amount=100_00, category="口红", **more):
    items = json.dumps([{"sku": "", "name": "", "category": category, "qty": 1, "price_minor": amount}]) if category else ""
    return make(f"e{number}", "order", fan, minute=at(day), order=f"o{number}", amount_minor=amount, items=items, **more)


def test_an_empty_file_has_empty_figures(file):
    found = file.overview()
    assert (found.fans, found.buyers, found.segments, found.due, found.cohorts) == (0, 0, {}, [], {})
    assert (found.forecast.habits, found.forecast.code) == (None, "analysis.few_buyers")


def test_everybody_stands_in_one_segment_one_layer_and_one_tier(file):
    file.take(make("c", "chat", "u1"), order("u2", -1, "1", 250_00), order("u3", -200, "2", 90_00))
    found = file.overview()
    assert found.segments == {"other": [1, 0], "first_purchase": [1, 250_00], "silent": [1, 90_00]}
    assert found.layers == {"new": [3, 340_00]}
    assert found.tiers == {1: [1, 0], 2: [2, 340_00]}
    assert sum(found.both.values()) == found.fans == 3


def test_a_refunded_order_is_no_purchase_and_two_orders_of_one_show_are_one(file):
    file.take(order("u1", -40, "1"), order("u1", -40, "2"), order("u2", -40, "3"), order("u2", -20, "4"))
    file.take(make("r", "refund", "", minute=at(-19), order="o4", amount_minor=100_00))
    found = file.overview()
    assert [(rate.days, rate.buyers, rate.again) for rate in found.rates] == [(30, 0, 0), (60, 2, 0), (90, 2, 0), (365, 2, 0)]


def test_who_is_due_is_named_with_whose_habit_it_is(file):
    file.take(*(order("u1", day, f"a{day}", category="精华") for day in (-84, -56, -28)))
    file.take(*(order(f"v{fan}", day, f"b{fan}-{day}") for fan in range(5) for day in (-60 - fan, -40 - fan)))
    file.take(order("w", -20, "w", 500_00), order("x", -19, "x"), order("y", -28, "y"))
    found = file.overview()
    assert [(one.category, one.interval_days, one.basis, one.due_day - TODAY, one.purchases) for one in found.due] == [
        ("口红", 20, "others", 0, 1),
        ("精华", 28, "own", 0, 3),
    ]
    assert found.due_count == 2
    assert found.categories == {"口红": (8, 20), "精华": (1, None)}


def test_the_figures_are_those_of_a_plain_count(file):
    seed = random.Random(11)
    bought = {}
    events = []
    for number in range(900):
        fan, day = f"u{int(seed.paretovariate(0.6)) % 120}", -seed.randrange(0, 300)
        category = seed.choice(["口红", "精华", ""])
        events.append(order(fan, day, str(number), category=category))
        bought.setdefault(fan, []).append((TODAY + day, category))
    file.take(*sorted(events, key=lambda one: one.at_ms))
    found = file.overview()
    days = {fan: sorted({day for day, _ in some}) for fan, some in bought.items()}
    assert found.buyers == len(days)
    for rate in found.rates:
        within = [sum(day > TODAY - rate.days for day in some) for some in days.values()]
        assert (rate.buyers, rate.again) == (sum(count >= 1 for count in within), sum(count >= 2 for count in within))
    for month, cohort in found.cohorts.items():
        members = [some for some in days.values() if month_of(some[0]) == month]
        assert cohort.buyers == len(members)
        for window in COHORT_DAYS:
            over = [some for some in members if TODAY - some[0] >= window]
            assert cohort.of[window] == len(over)
            assert cohort.again[window] == sum(len(some) > 1 and some[1] - some[0] <= window for some in over)
    due = 0
    for category in ("口红", "精华", ""):
        own = {fan: sorted({day for day, name in some if name == category}) for fan, some in bought.items()}
        gaps = sorted(later - first for some in own.values() for first, later in pairwise(some))
        for some in filter(None, own.values()):
            mine = sorted(later - first for first, later in pairwise(some))
            used = mine if len(mine) >= 2 else gaps
            due += 0 <= TODAY - some[-1] - used[(len(used) - 1) // 2] <= GRACE_DAYS
    assert found.due_count == due > 0
    assert len(found.due) == min(due, overview.MAX_DUE)
    assert found.forecast.habits is not None
    expected = dict(found.forecast.expected)
    assert 0 < expected[30] < expected[60] < expected[90]
    assert all(one.expected is not None and one.expected >= 0 for one in found.due)


def test_it_reads_block_by_block_and_tells_how_far_it_is(file, monkeypatch):
    file.take(*(order(f"u{n}", -(n % 50), str(n)) for n in range(60)))
    whole = file.overview()
    monkeypatch.setattr(judge, "BLOCK", 7)
    told = []
    assert file.overview(tell=lambda done, of: told.append((done, of))) == whole
    assert told[0] == (7, 60)
    assert told[-1] == (60, 60)


def test_only_those_who_spent_most_are_named_and_all_are_counted(file, monkeypatch):
    monkeypatch.setattr(overview, "MAX_DUE", 3)
    file.take(*(order(f"u{n}", day, f"{n}-{day}", 100_00 + n) for n in range(8) for day in (-60, -40, -20)))
    found = file.overview()
    assert found.due_count == 8
    assert [one.spent_minor for one in found.due] == [3 * (100_00 + n) for n in (7, 6, 5)]


def test_a_feed_that_invents_categories_costs_no_memory(file, monkeypatch):
    monkeypatch.setattr(overview, "_MAX_CATEGORIES", 10)
    file.take(*(order(f"u{n % 5}", -(n % 90), str(n), category=f"类 {n}") for n in range(300)))
    found = file.overview()
    assert len(found.categories) == 11
    assert found.buyers == 5
    assert sum(buyers for buyers, _ in found.categories.values()) == 15, "ten by name, and each fan's others as one"
    assert DAYS.day_of(found.at_ms) == found.today
