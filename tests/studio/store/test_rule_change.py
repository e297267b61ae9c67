"""The rules are changed while fans have points and tiers: who moves is told first, nothing that was earned is taken."""

import random
from dataclasses import replace

import pytest
from fan_file import DAY_MS, HOUR_MS, MINUTE_MS, T0, FanFile, on_both
from hypothesis import strategies as st
from sqlalchemy import func, select

from studio.errors import Conflict
from studio.model.loyalty import SECOND_TIERS, RedeemItem, Rules, TierRule
from studio.model.room_clock import ShowDays
from studio.store import fan_archive, rule_change, rule_ledger, tables
from studio.store.fan_store import FanStore
from studio.store.working import Received

SECOND = Rules(tiers=SECOND_TIERS)
DAYS = ShowDays("Asia/Shanghai")


def spend(file, *amounts):
    """A fan for each amount."""
    for number, amount_minor in enumerate(amounts):
        file.take(file.event("order", f"u{number}", order=f"o{number}", amount_minor=amount_minor, name=f"粉丝{number}"))


def counters_of(file):
    rows = file.connection.execute(select(tables.counter))
    return {row.name: row.value for row in rows if row.value and not row.name.endswith("_at")}


def test_who_would_move_is_told_by_tier_and_by_name_and_then_happens(file):
    spend(file, 100, 499_99, 500_00, 1999_99, 2000_00, 5000_00)
    told = rule_change.moves(file.connection, file.store.rules, SECOND)
    assert [(move.from_tier, move.to_tier, move.count) for move in told.moves] == [(2, 1, 2), (3, 2, 2), (4, 3, 1)]
    assert (told.up, told.down) == (0, 5)
    assert told.moves[2].examples == (("douyin", "u4", "粉丝4", 2000_00),)
    assert counters_of(file)["tier:2"] == 2, "telling changes nothing"
    moved = file.change_rules(SECOND)
    assert (moved.up, moved.down) == (0, 5)
    assert {name: value for name, value in counters_of(file).items() if name.startswith("tier:")} == {
        "tier:1": 2, "tier:2": 2, "tier:3": 1, "tier:4": 1
    }  # fmt: skip
    back = file.change_rules(Rules())
    assert (back.up, back.down) == (5, 0)


def test_fewer_tiers_and_a_single_one(file):
    spend(file, 100, 700_00)
    file.change_rules(Rules(tiers=(TierRule("朋友", 0, 100),)))
    assert counters_of(file)["tier:1"] == 2
    file.take(file.event("order", "u9", order="o9", amount_minor=9999_00))
    assert counters_of(file)["tier:1"] == 3


def test_staff_do_not_move_and_new_staff_leave_the_figures(file):
    spend(file, 600_00, 600_00)
    file.change_rules(Rules(staff=frozenset({("douyin", "u0")})))
    assert (counters_of(file)["fans"], counters_of(file)["tier:3"]) == (1, 1)
    moved = file.change_rules(replace(SECOND, staff=frozenset({("douyin", "u0")})))
    assert (moved.up, moved.down) == (0, 1)
    assert {name: value for name, value in counters_of(file).items() if name.startswith("tier:")} == {"tier:2": 1}


def test_what_was_earned_stays_and_tomorrow_follows_the_new_rules(file):
    file.take(file.event("checkin"), file.event("share"), file.event("order", order="o1", amount_minor=100_00))
    assert file.person().points == 5 + 20 + 100
    file.change_rules(Rules(checkin_points=1, share_points=2, minor_per_point=1000))
    assert file.person().points == 125
    file.take(file.event("checkin", minute=30), file.event("share", "u2", minute=30))
    assert file.person("u2").points == 20, "today goes on as it began"
    tomorrow = 24 * 60
    file.take(file.event("checkin", minute=tomorrow), file.event("share", minute=tomorrow))
    file.take(file.event("order", minute=tomorrow, order="o2", amount_minor=95_00))
    assert file.person().points == 125 + 1 + 2 + 9


def test_a_refund_takes_back_at_the_rate_at_which_the_order_gave(file):
    file.take(file.event("order", order="o1", amount_minor=100_00))
    file.change_rules(Rules(minor_per_point=1000))
    late = 3 * 24 * 60
    file.take(file.event("order", minute=late, order="o2", amount_minor=100_00))
    assert file.person().points == 110
    file.take(file.event("refund", minute=late, order="o1", amount_minor=50_00))
    assert file.person().points == 60
    file.take(file.event("refund", minute=late, order="o2", amount_minor=100_00))
    assert file.person().points == 50
    assert file.connection.execute(select(func.sum(tables.points.c.delta))).scalar() == 50


def test_points_wait_at_their_own_rate(file):
    file.take(file.event("order", order="o1", amount_minor=100_00))
    file.change_rules(Rules(minor_per_point=1000))
    file.take(file.event("order", minute=10 * 24 * 60, order="o2", amount_minor=100_00))
    assert file.detail(now_ms=T0 + 14 * DAY_MS).redeemable == 0
    assert file.detail(now_ms=T0 + 16 * DAY_MS).redeemable == 100
    assert file.detail(now_ms=T0 + 26 * DAY_MS).redeemable == 110


def test_an_order_is_confirmed_by_the_rules_of_its_day(file):
    file.take(file.event("order", order="o1", amount_minor=100_00))
    file.change_rules(Rules(confirm_after_payment_ms=30 * DAY_MS))
    file.take(file.event("order", minute=24 * 60, order="o2", amount_minor=100_00))
    assert file.detail(now_ms=T0 + 15 * DAY_MS).confirmed_minor == 100_00
    assert file.detail(now_ms=T0 + 31 * DAY_MS).confirmed_minor == 200_00


def test_the_rules_of_a_file_that_holds_nothing_yet_hold_from_the_beginning(file):
    file.change_rules(Rules(checkin_points=7))
    file.take(file.event("checkin", minute=-60 * 24 * 300))
    assert file.person().points == 7


def test_a_clock_that_ran_ahead_moves_the_day_from_which_points_change(file):
    file.take(file.event("checkin", minute=23 * 60))
    file.change_rules(Rules(checkin_points=9))
    file.take(file.event("checkin", "u2", minute=23 * 60), file.event("checkin", "u2", minute=48 * 60))
    assert file.person("u2").points == 5 + 9


def test_a_change_that_was_not_seen_is_a_conflict_and_the_same_rules_change_nothing(file):
    file.change_rules(SECOND)
    with pytest.raises(Conflict, match=r"rules\.changed_since"):
        rule_change.apply(file.connection, file.store, Rules(), seen=0, by="host", now_ms=T0)
    assert file.change_rules(SECOND).moves == ()
    assert rule_ledger.newest(file.connection) == 1


def test_another_studio_on_the_store_follows_at_its_next_batch(file):
    other = FanStore(Rules(), DAYS, "CNY")
    spend(file, 600_00)
    file.change_rules(SECOND)
    applied = other.apply(file.connection, [Received(file.event("order", "u7", order="o7", amount_minor=600_00), T0)])
    assert (applied.rules_number, other.rules) == (1, SECOND)
    assert counters_of(file)["tier:2"] == 2


def test_a_change_that_was_undone_is_forgotten(file):
    spend(file, 600_00)
    file.connection.exec_driver_sql("SAVEPOINT job")
    file.change_rules(SECOND)
    file.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
    file.take(file.event("order", "u7", order="o7", amount_minor=600_00))
    assert file.store.rules == Rules()
    assert counters_of(file)["tier:3"] == 2


def test_every_change_stands_in_the_ledger_with_who_and_when(file):
    items = (RedeemItem("ticket", "抽奖券", "ticket", 100),)
    file.change_rules(SECOND)
    file.change_rules(replace(SECOND, items=items), T0 + HOUR_MS)
    rows = file.connection.execute(select(tables.rule_change)).all()
    assert [(row.number, row.at, row.by) for row in rows] == [(1, T0, "host"), (2, T0 + HOUR_MS, "host")]
    assert rule_ledger.load_book(file.connection, Rules()).rules == replace(SECOND, items=items)


KINDS = ("checkin", "share", "chat", "order", "refund", "delivered", "leave")
CHOICES = (
    Rules(), SECOND, Rules(checkin_points=2, minor_per_point=300), Rules(share_points=1, shares_a_week=1, watched_ms=6 * MINUTE_MS),
    Rules(minor_per_point=7, watched_points=3, confirm_after_delivery_ms=DAY_MS),
)  # fmt: skip


@st.composite
def weeks(draw):
    """Days of a few fans with a change of rules after some of them."""
    steps, number = [], 0
    for day in range(draw(st.integers(1, 5))):
        events = []
        for _ in range(draw(st.integers(0, 8))):
            number += 1
            events.append(
                (
                    number,
                    day,
                    draw(st.integers(0, 300)),
                    draw(st.sampled_from(KINDS)),
                    draw(st.sampled_from(("u1", "u2"))),
                    draw(st.integers(1, 4)),
                    draw(st.integers(1, 900_00)),
                )
            )
        steps.append((events, draw(st.sampled_from(CHOICES))))
    return steps


def played(steps, seed=None):
    file = FanFile()
    orders = set()
    for day, (events, rules) in enumerate(steps):
        batch = []
        for number, of_day, minute, kind, fan, order, amount_minor in events:
            values = {"order": f"o{order}", "amount_minor": amount_minor, "currency": "CNY"} if kind in {"order", "refund"} else {}
            if kind == "order":
                if order in orders:
                    continue
                orders.add(order)
            if kind == "delivered":
                values = {"order": f"o{order}"}
            event = replace(file.event(kind, fan, of_day * 24 * 60 + minute, text="x" if kind == "chat" else "", **values), id=f"e{number}")
            batch.append(Received(event, event.at_ms, is_live=True))
        if seed is not None:
            random.Random(seed).shuffle(batch)
            for one in batch:
                file.receive(one)
        elif batch:
            file.receive(*batch)
        file.change_rules(rules, T0 + day * DAY_MS + 6 * HOUR_MS)
    return file


@on_both(40, weeks(), st.integers(0, 99))
def test_a_rebuild_tells_the_same_through_every_change_and_order_within_the_days_is_nothing(steps, seed):
    file = played(steps)
    before = file.export()
    points = dict(file.connection.execute(select(tables.person.c.person_id, tables.person.c.points)).all())
    fan_archive.rebuild(file.connection, file.store)
    assert file.export() == before
    ledger = select(tables.points.c.identity_id, func.sum(tables.points.c.delta)).group_by(tables.points.c.identity_id)
    assert {number: points[number] for number, total in file.connection.execute(ledger) if points[number] != total} == {}
    totals = file.connection.execute(select(tables.person.c.spent_minor, tables.person.c.points)).all()
    file.close()
    other = played(steps, seed)
    shuffled = other.connection.execute(select(tables.person.c.spent_minor, tables.person.c.points)).all()
    assert sorted(map(tuple, shuffled)) == sorted(map(tuple, totals))
    other.close()
