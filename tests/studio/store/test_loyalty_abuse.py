"""Refund abuse, one-cent buyers, staff purchases and 500 fresh accounts: each gets what the rules say, and no more."""

import pytest
from fan_file import DAY_MS, HOUR_MS, MINUTE_MS, T0
from sqlalchemy import select

from studio.errors import Conflict
from studio.model.drop_fields import Who
from studio.model.drops import may_enter
from studio.model.loyalty import Rules, is_regular, tier_of
from studio.model.rights import rights_of
from studio.model.scene import Tier
from studio.store import fan_queries, redeem, tables
from studio.store.fan_card import fan_card
from studio.store.fan_store import FanStore
from studio.store.redeem import Wish

STAFF = Rules(staff=frozenset({("douyin", "boss")}))


def standing(file, fan="u1", now_ms=T0):
    return fan_queries.standing(file.connection, "douyin", fan, file.moment(now_ms))


def take(file, cost, click="c", fan="u1", now_ms=T0):
    return redeem.redeem(file.connection, Wish("douyin", fan, click, "sample", cost), file.moment(now_ms))


def test_an_order_that_is_sent_back_leaves_no_tier_no_points_no_price_no_entry(file):
    file.take(file.event("order", order="o1", amount_minor=3000_00))
    assert standing(file).badge is Tier.SENIOR
    assert (standing(file).tier, standing(file).is_buyer) == (Tier.NEW, False), "what has value waits for the confirmation"
    assert rights_of(file.detail().confirmed_minor, Rules())["percent"] == 100
    with pytest.raises(Conflict, match="not_enough"):
        take(file, 1)
    file.take(file.event("refund", minute=60, order="o1", amount_minor=3000_00))
    later = T0 + 30 * DAY_MS
    detail = file.detail(now_ms=later)
    assert (detail.person.points, detail.person.spent_minor, detail.confirmed_minor) == (0, 0, 0)
    assert (standing(file, now_ms=later).badge, standing(file, now_ms=later).is_regular) == (Tier.NEW, False)


def test_points_that_were_spent_before_the_refund_are_owed(file):
    file.take(file.event("order", order="o1", amount_minor=100_00))
    later = T0 + 16 * DAY_MS
    take(file, 100, now_ms=later)
    file.take(file.event("refund", minute=17 * 24 * 60, order="o1", amount_minor=100_00))
    assert file.person().points == -100, "below zero by the refund only"
    with pytest.raises(Conflict, match="not_enough"):
        take(file, 1, "c2", now_ms=later + 2 * DAY_MS)
    file.take(file.event("checkin", minute=18 * 24 * 60))
    assert file.person().points == -95
    assert file.detail(now_ms=later + 3 * DAY_MS).redeemable == 0


def test_buying_and_sending_back_again_and_again_gains_nothing(file):
    for number in range(20):
        file.take(file.event("order", minute=number, order=f"o{number}", amount_minor=500_00))
        file.take(file.event("refund", minute=number, order=f"o{number}", amount_minor=500_00))
    assert (file.person().points, file.person().spent_minor) == (0, 0)
    assert file.detail(now_ms=T0 + 60 * DAY_MS).redeemable == 0
    assert file.counters()["tier:1"] == 1


def test_a_hundred_orders_of_a_cent_give_one_point_and_make_no_regular(file):
    for number in range(100):
        file.take(file.event("order", minute=number, order=f"o{number}", amount_minor=1))
    row = file.person()
    assert (row.points, row.spent_minor, row.orders) == (1, 1_00, 100)
    assert tier_of(row.spent_minor, Rules()) is Tier.JUNIOR, "above 0 is 初级, as the contract says"
    assert not is_regular(row.spent_minor, None, T0, Rules())
    assert not may_enter(Who("buyers"), standing(file)), "not before it is confirmed"
    later = T0 + 16 * DAY_MS
    assert may_enter(Who("buyers"), standing(file, now_ms=later))
    assert not may_enter(Who("regulars"), standing(file, now_ms=later))
    assert not may_enter(Who("tier", Tier.MIDDLE), standing(file, now_ms=later))


def test_staff_buy_like_anybody_and_count_nowhere(file):
    file.store = FanStore(STAFF, file.days, "CNY")
    file.take(file.event("order", "boss", order="o1", amount_minor=9000_00), file.event("checkin", "boss"))
    rows = file.connection.execute(select(tables.spend.c.amount_minor)).scalars().all()
    assert rows == [9000_00], "the ledger keeps the order"
    assert {name for name, value in file.counters().items() if value} == {"first_event_at", "last_event_at"}, "no figure counts them"
    card = fan_card(file.detail("boss"), file.moment(), "CNY", "en")
    assert (card["tier"], card["staff"]) == (None, True)
    later = T0 + 30 * DAY_MS
    for who in (Who(), Who("regulars"), Who("buyers"), Who("tier", Tier.NEW)):
        assert not may_enter(who, standing(file, "boss", later))
    assert fan_queries.regulars(file.connection, 10, later, STAFF) == []
    with pytest.raises(Conflict, match="redeem_staff"):
        take(file, 1, fan="boss", now_ms=later)


def test_five_hundred_fresh_accounts_are_nobodys_regulars_and_can_have_nothing_that_money_buys(file):
    fans = [f"bot{number}" for number in range(500)]
    for kind in ("enter", "follow", "checkin", "share", "chat"):
        file.take(*(file.event(kind, fan, text="想要" if kind == "chat" else "") for fan in fans), is_live=True)
    assert file.counters()["tier:1"] == 500
    for now_ms in (T0 + HOUR_MS, T0 + 7 * DAY_MS):
        judged = [standing(file, fan, now_ms) for fan in fans]
        assert not any(may_enter(who, one) for one in judged for who in (Who("regulars"), Who("buyers"), Who("tier", Tier.JUNIOR)))
        assert len({one.person for one in judged}) == 500
    assert all(one.points == 5 + 20 for one in (file.person(fan) for fan in fans[:5]))
    with pytest.raises(Conflict, match="not_enough"):
        take(file, 26, fan="bot0")
    assert fan_queries.regulars(file.connection, 10, T0 + 7 * DAY_MS, Rules()) == []
    assert len(fan_queries.regulars(file.connection, 600, T0 + 7 * DAY_MS + MINUTE_MS, Rules())) == 500, "followed for more than 7 × 24 h"
