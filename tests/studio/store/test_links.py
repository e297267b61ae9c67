"""Merging and splitting: a person is what one fan with all of their accounts' events would have been."""

import pytest
from fan_file import DAY_MS, MINUTE_MS, T0, FanFile
from sqlalchemy import func, select

from studio.errors import Conflict, InvalidInput, NotFound
from studio.model.loyalty import Rules
from studio.store import fan_archive, links, redeem, tables
from studio.store.links import Asked

ASKED = Asked("host", T0, "same phone")
A, B, C = ("douyin", "u1"), ("douyin", "u2"), ("kuaishou", "u1")


def order(file, number, amount_minor, fan="u1", minute=0, **more):
    return file.event("order", fan, minute, order=number, amount_minor=amount_minor, **more)


def merge(file, one=A, other=B):
    return links.merge(file.connection, file.store, one, other, ASKED)


def split(file, *accounts):
    return links.split(file.connection, file.store, accounts, ASKED)


def undo(file, seq):
    return links.undo(file.connection, file.store, seq, ASKED)


def counters_of(file):
    rows = file.connection.execute(select(tables.counter))
    return {row.name: row.value for row in rows if row.value and not row.name.endswith("_at")}


def points_booked(file):
    query = (
        select(tables.identity.c.person_id, func.sum(tables.points.c.delta))
        .join(tables.identity, tables.identity.c.identity_id == tables.points.c.identity_id)
        .group_by(tables.identity.c.person_id)
    )
    return {row[0]: row[1] for row in file.connection.execute(query) if row[1]}


def points_shown(file):
    return {row.person_id: row.points for row in file.connection.execute(select(tables.person)) if row.points}


def test_two_accounts_become_one_person_with_the_figures_of_both(file):
    file.take(order(file, "o1", 300_50), order(file, "o2", 250_50, "u2", 1, is_promo=True))
    file.take(file.event("gift", "u2", count=1, paid_minor=52_00), file.event("like", "u1", count=3))
    linked = merge(file)
    both = file.detail("u2")
    assert (linked.before, linked.after) == ((1, 2), (1,))
    assert [one.fan_id for one in both.identities] == ["u1", "u2"]
    assert both == file.detail("u1")
    row = both.person
    assert (row.spent_minor, row.orders, row.promo_orders, row.gifts_minor, row.likes) == (551_00, 2, 1, 52_00, 3)
    assert row.points == 551, "floor of what one person spent, not of two halves"
    assert counters_of(file) == {"fans": 1, "tier:3": 1, "spent_minor": 551_00, "gifts_minor": 52_00, "orders": 2}
    assert points_booked(file) == points_shown(file)


def test_what_a_person_gets_once_is_counted_once(file):
    for fan in ("u1", "u2"):
        file.take(*(file.event("chat", fan, minute, text="x") for minute in range(0, 20, 4)), file.event("checkin", fan, 21))
    file.take(*(file.event("chat", "u2", minute, text="x") for minute in range(20, 40, 4)))
    merge(file)
    one = file.detail()
    assert one.watched_ms == 41 * MINUTE_MS, "the union: devices don't add"
    assert (one.person.points, one.person.visits) == (5 + 10, 1)


def test_days_of_both_accounts_make_one_streak_and_its_ticket(file):
    from studio.model import loyalty, points
    from studio.store import fan_queries

    for day in range(7):
        file.take(file.event("checkin", "u1" if day % 2 else "u2", day * 24 * 60))
    days = [file.days.day_of(T0 + day * DAY_MS) for day in range(7)]
    fan_queries.note_live_days(file.connection, "r1", days)
    merge(file)
    moment = file.moment(T0 + 6 * DAY_MS)
    checkins = file.person().checkin_days
    assert loyalty.streak_days(checkins, moment.live_days, moment.today) == 7
    assert points.streak_tickets(checkins, moment.live_days, moment.book) == 1


def test_a_gift_combo_stays_an_accounts_own(file):
    for fan in ("u1", "u2"):
        file.take(file.event("gift", fan, combo="c1", combo_total=2, count=2, paid_minor=20))
    merge(file)
    assert file.person().gifts_minor == 40
    file.take(file.event("gift", "u2", 1, combo="c1", combo_total=3, count=1, paid_minor=10))
    assert file.person().gifts_minor == 50


def test_redeemed_points_and_tickets_move_with_the_account_that_asked(file):
    file.take(file.event("checkin", "u1"), file.event("checkin", "u2", 24 * 60))
    take = [redeem.Wish("douyin", "u2", "k1", "ticket", 3), redeem.Wish("douyin", "u1", "k2", "sample", 2)]
    for wish in take:
        redeem.redeem(file.connection, wish, file.moment())
    merge(file)
    row = file.person()
    assert (row.points, row.adjusted_points, row.bonus_tickets) == (5, -5, 1)
    with pytest.raises(Conflict):
        redeem.redeem(file.connection, redeem.Wish("douyin", "u2", "k3", "sample", 6), file.moment())
    redeem.redeem(file.connection, redeem.Wish("douyin", "u2", "k1", "ticket", 3), file.moment())
    assert file.person().points == 5, "the same click is the same redeeming"
    split(file, B)
    assert (file.person("u1").points, file.person("u1").bonus_tickets) == (3, 0)
    assert (file.person("u2").points, file.person("u2").bonus_tickets) == (2, 1)
    assert points_booked(file) == points_shown(file)


def test_a_refund_after_the_merge_lowers_the_person(file):
    file.take(order(file, "o1", 300_00), order(file, "o2", 300_00, "u2"))
    merge(file)
    file.take(file.event("refund", "u2", 5, order="o2", amount_minor=200_00))
    assert (file.person().spent_minor, file.person().refunds, file.person().points) == (400_00, 1, 400)
    split(file, B)
    assert (file.person("u1").spent_minor, file.person("u2").spent_minor, file.person("u2").refunds) == (300_00, 100_00, 1)


def test_a_shop_account_is_one_more_account(file):
    file.take(file.event("chat", text="x"), order(file, "s1", 880_00, "buyer-7", platform="shopify", name="王小美"))
    merge(file, ("shopify", "buyer-7"), A)
    assert file.person().spent_minor == 880_00
    assert {(one.platform, one.fan_id) for one in file.detail().identities} == {A, ("shopify", "buyer-7")}


def test_merge_then_split_and_merge_then_undo_leave_the_file_as_it_was(file):
    file.take(order(file, "o1", 333_33), order(file, "o2", 20_50, "u2"), file.event("checkin", "u1"), file.event("checkin", "u2"))
    before = file.export()
    merge(file)
    assert file.export() != before
    split(file, B)
    assert file.export() == before
    undo(file, merge(file).seq)
    assert file.export() == before
    assert points_booked(file) == points_shown(file)


def test_an_undo_can_be_undone(file):
    file.take(order(file, "o1", 333_33), order(file, "o2", 20_50, "u2"))
    merged = merge(file)
    both = file.export()
    undone = undo(file, merged.seq)
    undo(file, undone.seq)
    assert file.export() == both


def test_the_lowest_account_may_leave(file):
    file.take(*(order(file, f"o{number}", 100_00, fan) for number, fan in enumerate(("u1", "u2", "u3"))))
    merge(file)
    merge(file, B, ("douyin", "u3"))
    linked = split(file, A)
    assert linked.after == (1, 2)
    assert (file.person("u1").spent_minor, file.person("u3").spent_minor) == (100_00, 200_00)
    assert file.detail("u3").key == "douyin:u2"


def test_a_step_that_something_later_moved_is_not_undone(file):
    file.take(*(file.event("enter", fan) for fan in ("u1", "u2", "u3")))
    first = merge(file)
    second = merge(file, A, ("douyin", "u3"))
    with pytest.raises(Conflict) as error:
        undo(file, first.seq)
    assert error.value.code == "links.moved_since"
    undo(file, second.seq)
    undo(file, first.seq)
    assert file.detail("u1").key != file.detail("u2").key


def test_what_can_not_be_is_refused_and_changes_nothing(file):
    file.take(*(file.event("enter", fan) for fan in ("u1", "u2")))
    before = file.export()
    with pytest.raises(NotFound):
        merge(file, A, ("douyin", "nobody"))
    with pytest.raises(Conflict):
        merge(file, A, A)
    with pytest.raises(InvalidInput):
        split(file, A)
    with pytest.raises(InvalidInput):
        split(file, A, B)
    with pytest.raises(NotFound):
        undo(file, 99)
    assert file.export() == before


def test_the_history_says_who_did_what_when_and_why(file):
    file.take(file.event("enter", "u1"), file.event("enter", "u2"))
    first = merge(file)
    undo(file, first.seq)
    told = links.history(file.connection, [1])
    assert [(row["kind"], row["by"], row["reason"], row["can_undo"]) for row in told] == [
        ("undo", "host", "same phone", True),
        ("merge", "host", "same phone", False),
    ]
    assert [row["id"] for row in told[0]["accounts"]] == ["u1", "u2"]


def test_a_rebuild_replays_merges_and_splits(file):
    file.take(*(order(file, f"o{number}", 100_50, fan) for number, fan in enumerate(("u1", "u2", "u3"))))
    file.take(*(file.event("checkin", fan) for fan in ("u1", "u2", "u3")), file.event("chat", "u3", 5, text="亮牌"))
    merge(file)
    merge(file, B, ("douyin", "u3"))
    split(file, A)
    redeem.redeem(file.connection, redeem.Wish("douyin", "u3", "k", "sample", 5), file.moment())
    before = file.export()
    fan_archive.rebuild(file.connection, file.store)
    assert file.export() == before
    assert points_booked(file) == points_shown(file)


def test_staff_takes_the_accounts_that_are_merged_out_of_all_figures(kind):
    file = FanFile(Rules(staff=frozenset({("douyin", "boss")})))
    file.take(order(file, "o1", 100_00, "boss"), order(file, "o2", 50_00, "u1"))
    merge(file, A, ("douyin", "boss"))
    assert counters_of(file) == {}
    split(file, A)
    assert counters_of(file) == {"fans": 1, "tier:2": 1, "spent_minor": 50_00, "orders": 1}
    file.close()
