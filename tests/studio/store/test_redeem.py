"""Points for things: a click once, never below zero, priced by the rules; a birthday's gift once a year."""

from dataclasses import replace

import pytest
from fan_file import DAY_MS, T0, FanFile
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from studio.errors import Conflict, InvalidInput, NotFound
from studio.model.loyalty import DEFAULT_TIERS, RedeemItem, Rules
from studio.store import birthdays, contacts, dossier, fan_archive, links, redeem, tables
from studio.store.erase import erase
from studio.store.fan_store import FanStore
from studio.store.links import Asked
from studio.store.person_tables import contact
from studio.store.redeem import Wish
from studio.store.vault import Vault

KEY = Vault(bytes(range(32)))
ITEMS = (
    RedeemItem("mug", "马克杯", "sample", 30),
    RedeemItem("off", "5 元券", "cash_off", 50, 5_00),
    RedeemItem("luck", "抽奖券", "ticket", 20),
)
PRICED = Rules(items=ITEMS)
GIFTS = Rules(tiers=tuple(replace(tier, birthday_points=10 * rank) for rank, tier in enumerate(DEFAULT_TIERS)))
LATER = T0 + 20 * DAY_MS


def ruled(file, rules):
    """The same file under other rules from its beginning."""
    file.store = FanStore(rules, file.days, "CNY")


def rich(file, fan="u1", amount_minor=100_00):
    file.take(file.event("order", fan, order=f"o-{fan}", amount_minor=amount_minor))


def take(file, click, item, cost=0, fan="u1", now_ms=LATER):
    return redeem.redeem(file.connection, Wish("douyin", fan, click, item, cost), file.moment(now_ms))[0]


def test_the_rules_price_items_and_nothing_else_is_to_be_had(file):
    ruled(file, PRICED)
    rich(file)
    assert take(file, "c1", "mug") == {"points": 70, "redeemable": 70, "item": "mug", "cost": 30}
    assert take(file, "c1", "mug", 30)["points"] == 70, "the same click"
    for item, cost, code in (("mug", 1, "redeem_price"), ("car", 1, "redeem_unlisted"), ("ticket", 20, "redeem_unlisted")):
        with pytest.raises((Conflict, NotFound), match=code):
            take(file, "c2", item, cost)
    for item, cost in (("off", 0), ("mug", 20)):
        with pytest.raises(Conflict, match="click_used"):
            take(file, "c1", item, cost)


def test_a_click_that_was_an_erased_fans_or_gave_points_takes_none(file):
    ruled(file, GIFTS)
    for fan in ("u1", "u2"):
        rich(file, fan)
    take(file, "c1", "mug", 30)
    keep_birthday(file, "12-12", "u2")
    given = give(file, "g1", "u2")["given"]
    erase(file.connection, file.store, ("douyin", "u1"))
    for click, item in (("c1", "mug"), ("g1", "2026")):
        with pytest.raises(Conflict, match="click_used"):
            take(file, click, item, 0 if click == "g1" else 30, "u2")
    assert file.person("u2").points == 100 + given


def test_a_priced_ticket_is_a_ticket_whatever_it_is_called_and_a_rebuild_knows(file):
    ruled(file, PRICED)
    rich(file)
    before = file.detail(now_ms=LATER).person.bonus_tickets
    take(file, "c1", "luck")
    take(file, "c2", "mug")
    assert file.person().bonus_tickets == before + 1
    told = file.export()
    fan_archive.rebuild(file.connection, file.store)
    assert file.export() == told
    assert [one["name"] for one in redeem.redeemed(file.connection, [1], PRICED)] == ["马克杯", "抽奖券"]


def test_without_prices_the_one_who_redeems_says_what_it_costs(file):
    rich(file)
    with pytest.raises(InvalidInput):
        take(file, "c1", "sample")
    assert take(file, "c1", "ticket", 10)["points"] == 90
    assert file.person().bonus_tickets == 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("order", "refund", "checkin", "mug", "off", "luck")),
            st.integers(1, 4),
            st.integers(1, 80_00),
            st.integers(0, 20),
        ),
        max_size=14,
    )
)
def test_redeeming_never_takes_below_zero_and_points_are_conserved(steps):
    file = FanFile(PRICED)
    try:
        play(file, steps)
    finally:
        file.close()


def play(file, steps):
    orders, redeemed, now_ms = set(), 0, T0
    file.take(file.event("enter"))
    for number, (kind, order, amount_minor, days) in enumerate(steps):
        now_ms += days * DAY_MS
        minute = (now_ms - T0) // 60_000
        if kind in {"order", "refund"}:
            if kind == "order" and order in orders:
                continue
            orders |= {order} if kind == "order" else set()
            file.take(file.event(kind, minute=minute, order=f"o{order}", amount_minor=amount_minor))
        elif kind == "checkin":
            file.take(file.event("checkin", minute=minute))
        else:
            had = file.detail(now_ms=now_ms)
            try:
                answer = take(file, f"c{number}", kind, now_ms=now_ms)
            except Conflict:
                assert had.redeemable < next(item.points for item in ITEMS if item.item == kind)
            else:
                redeemed += answer["cost"]
                assert answer["points"] >= 0
                assert answer["redeemable"] >= 0
    total = file.connection.execute(select(func.sum(tables.points.c.delta))).scalar() or 0
    assert total == file.person().points
    by_hand = file.connection.execute(
        select(func.sum(tables.points.c.delta)).where(tables.points.c.kind.in_(("redeem", "ticket")))
    ).scalar()
    assert (by_hand or 0) == -redeemed


def keep_birthday(file, text, fan="u1"):
    return birthdays.keep(file.connection, KEY, "douyin", fan, text, T0, "host")


def give(file, click, fan="u1", now_ms=LATER):
    return birthdays.give(file.connection, KEY, birthdays.Asked("douyin", fan, click), file.moment(now_ms))[0]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("05-20", "05-20"),
        ("5-20", "05-20"),
        ("5月20日", "05-20"),
        ("2/29", "02-29"),
        (" 12.01 ", "12-01"),
        ("1999-05-20", "05-20"),
        ("2001年5月20日", "05-20"),
        ("1990/5/20 0:00:00", "05-20"),
        ("1990-05-20T00:00:00", "05-20"),
    ],
)
def test_a_birthday_is_month_and_day_however_it_is_written(file, text, kept):
    file.take(file.event("enter"))
    assert keep_birthday(file, text) == kept
    row = file.connection.execute(select(contact)).one()
    assert kept.encode() not in bytes(row.sealed)
    keep_birthday(file, "01-02")
    assert [one["value"] for one in contacts.told(file.connection, KEY, [1])] == ["01-02"], "one birthday a person"


@pytest.mark.parametrize("text", ["", "13-01", "02-30", "0520", "1899-05-20", "1999-13-20", "05-20-99", "05-20 11:30", "生日"])
def test_what_is_no_day_of_a_year_is_refused(file, text):
    file.take(file.event("enter"))
    with pytest.raises(InvalidInput, match=r"fans\.birthday"):
        keep_birthday(file, text)


def test_the_gift_is_the_tiers_by_confirmed_spend_and_once_a_year(file):
    ruled(file, GIFTS)
    rich(file, amount_minor=600_00)
    keep_birthday(file, "12-12")
    with pytest.raises(Conflict, match="birthday_none"):
        give(file, "k0", now_ms=T0 + 10 * DAY_MS)
    assert [one["points"] for one in birthdays.due(file.connection, KEY, file.moment(LATER))] == [20]
    assert give(file, "k1") == give(file, "k1") == {"points": 620, "given": 20}
    with pytest.raises(Conflict, match="birthday_given"):
        give(file, "k2", now_ms=LATER + DAY_MS)
    keep_birthday(file, "01-03")
    with pytest.raises(Conflict, match="birthday_given"):
        give(file, "k3", now_ms=T0 + 42 * DAY_MS)
    keep_birthday(file, "12-12")
    assert give(file, "k4", now_ms=LATER + 365 * DAY_MS)["given"] == 20
    told = file.export()
    fan_archive.rebuild(file.connection, file.store)
    assert file.export() == told


@pytest.mark.parametrize(("days_after", "is_due"), [(-1, False), (0, True), (6, True), (7, False)])
def test_the_gift_waits_for_the_days_that_the_rules_say(file, days_after, is_due):
    ruled(file, GIFTS)
    rich(file)
    keep_birthday(file, "12-28")
    now_ms = T0 + (36 + days_after) * DAY_MS
    assert bool(birthdays.due(file.connection, KEY, file.moment(now_ms))) is is_due


def test_a_birthday_of_the_29th_of_february_is_on_the_28th_in_other_years(file):
    ruled(file, replace(GIFTS, birthday_days=1))
    rich(file)
    keep_birthday(file, "02-29")
    assert birthdays.due(file.connection, KEY, file.moment(T0 + 98 * DAY_MS)) != []  # 2027-02-28


def test_birthdays_to_come_are_told_todays_first_whatever_the_tier_gives(file):
    ruled(file, GIFTS)
    for fan, born in (("u1", "12-12"), ("u2", "12-18"), ("u3", "12-10"), ("u4", "12-19"), ("u5", "12-05")):
        rich(file, fan)
        keep_birthday(file, born, fan)
    file.take(file.event("enter", fan="u6"))
    keep_birthday(file, "12-12", "u6")
    told = birthdays.due(file.connection, KEY, file.moment(LATER), days=7)
    assert [(one["id"], one["on"], one["in_days"], one["due"], one["points"]) for one in told] == [
        ("u1", "2026-12-12", 0, True, 10), ("u6", "2026-12-12", 0, False, 0), ("u3", "2026-12-10", -2, True, 10), ("u2", "2026-12-18", 6, False, 10),
    ]  # fmt: skip
    give(file, "k1")
    told = birthdays.due(file.connection, KEY, file.moment(LATER), days=7)
    assert [(one["id"], one["given"]) for one in told][:2] == [("u1", True), ("u6", False)], "whom to wish well, also after the gift"
    assert [one["id"] for one in birthdays.due(file.connection, KEY, file.moment(LATER))] == ["u3"]


def test_a_birthday_that_came_as_a_contact_or_in_a_table_is_the_same_and_forgets_the_year(file):
    ruled(file, GIFTS)
    rich(file)
    contacts.keep(file.connection, KEY, 1, "birthday", "1990年12月11日", T0, "host")
    contacts.keep_many(file.connection, KEY, [(1, "birthday", "1990-12-12"), (1, "birthday", "12.12")], T0 + 1, "import:x")
    assert [one["value"] for one in contacts.told(file.connection, KEY, [1])] == ["12-12"]
    assert [one["id"] for one in birthdays.due(file.connection, KEY, file.moment(LATER))] == ["u1"]
    assert give(file, "k1")["given"] == 10


def test_two_accounts_of_one_person_have_one_gift_and_erasing_takes_the_birthday(file):
    ruled(file, GIFTS)
    rich(file)
    rich(file, "u2")
    for fan in ("u1", "u2"):
        keep_birthday(file, "12-12", fan)
    give(file, "k1", "u1")
    links.merge(file.connection, file.store, ("douyin", "u1"), ("douyin", "u2"), Asked("host", LATER))
    with pytest.raises(Conflict, match="birthday_given"):
        give(file, "k2", "u2")
    document = dossier.person_document(file.connection, KEY, ("douyin", "u2"), file.moment(LATER), "CNY", "en").decode()
    assert '"birthday"' in document
    assert "12-12" in document
    erase(file.connection, file.store, ("douyin", "u1"))
    assert file.connection.execute(select(func.count()).select_from(contact)).scalar() == 0
