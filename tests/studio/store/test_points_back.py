"""Points by hand taken back: once, by a row of the ledger, and never what was handed over or spent."""

import asyncio
from dataclasses import replace

import pytest
from fan_file import DAY_MS, T0, FanFile, make, on_both
from hypothesis import strategies as st
from sqlalchemy import func, select

from studio.errors import Conflict, NotFound
from studio.model.loyalty import DEFAULT_TIERS, POINTS_DROP, RedeemItem, Rules
from studio.model.room_clock import ShowDays
from studio.store import (
    birthdays,
    dossier,
    fan_archive,
    fan_detail,
    fan_queries,
    handout_list,
    links,
    points_back,
    redeem,
    redemptions,
    tables,
)
from studio.store.database import Database
from studio.store.erase import erase
from studio.store.fan_store import FanStore
from studio.store.links import Asked
from studio.store.points_back import Back
from studio.store.redeem import Wish
from studio.store.vault import Vault
from studio.store.working import Received

KEY = Vault(bytes(range(32)))
ITEMS = (
    RedeemItem("mug", "马克杯", "sample", 30),
    RedeemItem("off", "5 元券", "cash_off", 50, 5_00),
    RedeemItem("luck", "抽奖券", "ticket", 20),
)
RULES = Rules(items=ITEMS, tiers=tuple(replace(tier, birthday_points=20) for tier in DEFAULT_TIERS))
LATER = T0 + 20 * DAY_MS
COUNTER = redemptions.Counter("r1", "CNY", "安娜")


@pytest.fixture
def rich(file):
    file.store = FanStore(RULES, file.days, "CNY")
    file.take(file.event("order", order="o1", amount_minor=100_00))
    return file


def take(file, click, item, fan="u1"):
    redeem.redeem(file.connection, Wish("douyin", fan, click, item, counter=COUNTER), file.moment(LATER))
    query = select(tables.points.c.seq).where(tables.points.c.click_id == click)
    return file.connection.execute(query).scalar_one()


def back(file, number, fan="u1"):
    return points_back.take_back(file.connection, Back("douyin", fan, number, "小鹿"), file.moment(LATER))[0]


def waiting(file):
    return handout_list.handouts_in(file.connection, "r1", "todo", 50)


def states(file):
    return [one["state"] for one in redeem.redeemed(file.connection, [1], RULES)]


@pytest.mark.parametrize(("item", "cost"), [("mug", 30), ("off", 50), ("luck", 20)])
def test_what_was_redeemed_goes_back_once_and_a_rebuild_knows(rich, item, cost):
    before = rich.export()
    number = take(rich, "c1", item)
    assert back(rich, number) == back(rich, number) == {"points": 100, "redeemable": 100, "number": number, "back": cost}
    assert rich.export() == before
    assert states(rich) == ["back"]
    assert waiting(rich) == []
    fan_archive.rebuild(rich.connection, rich.store)
    assert rich.export() == before
    assert take(rich, "c2", item) != number


def test_what_is_handed_over_stays_until_it_is_put_back(rich):
    number = take(rich, "c1", "off")
    [row] = waiting(rich)
    assert (row["drop"], row["kind"], row["what"], row["value_minor"], row["currency"]) == (POINTS_DROP, "cash_off", "5 元券", 5_00, "CNY")
    assert (row["platform"], row["id"], row["name"], row["points"]) == ("douyin", "u1", "小美", 50)
    handout_list.mark_done(rich.connection, POINTS_DROP, row["ref"], "安娜", LATER)
    with pytest.raises(NotFound):
        handout_list.mark_done(rich.connection, POINTS_DROP, row["ref"], "安娜", LATER)
    with pytest.raises(Conflict, match=r"fans\.undo_handed"):
        back(rich, number)
    assert (states(rich), rich.person().points) == (["done"], 50)
    assert [one["done_by"] for one in handout_list.handouts_in(rich.connection, "r1", "done", 50)] == ["安娜"]
    handout_list.put_back(rich.connection, POINTS_DROP, row["ref"])
    assert waiting(rich) == [row]
    assert back(rich, number)["points"] == 100


@pytest.mark.parametrize("ref", ["", "x", "99", "-1", "1" * 40, "１"])
def test_what_is_no_row_of_the_list_is_not_ticked_off(rich, ref):
    take(rich, "c1", "mug")
    with pytest.raises(NotFound):
        handout_list.mark_done(rich.connection, POINTS_DROP, ref, "安娜", LATER)
    assert len(waiting(rich)) == 1


def test_another_room_has_its_own_list(rich):
    take(rich, "c1", "mug")
    assert handout_list.handouts_in(rich.connection, "r2", "todo", 50) == []
    assert (handout_list.count_waiting(rich.connection, "r1"), handout_list.count_waiting(rich.connection, "r2")) == (1, 0)


def test_only_rows_by_hand_of_this_fan_go_back(rich):
    rich.take(rich.event("order", "u2", order="o2", amount_minor=100_00))
    number = take(rich, "c1", "mug", "u2")
    earned = rich.connection.execute(select(tables.points.c.seq).where(tables.points.c.kind == "order")).scalars().first()
    for fan, wrong in (("u1", number), ("u1", earned), ("u1", 10**9), ("nobody", number)):
        with pytest.raises(NotFound):
            back(rich, wrong, fan)
    done = back(rich, number, "u2")
    with pytest.raises(NotFound):
        back(rich, done["number"] + 1, "u2")


def test_a_callers_own_click_cannot_stand_for_an_undo(rich):
    number = take(rich, "c1", "mug")
    take(rich, f"undo:{number}", "luck")
    with pytest.raises(Conflict, match=r"fans\.click_used"):
        back(rich, number)
    assert rich.person().points == 50


def give(file, click):
    return birthdays.give(file.connection, KEY, birthdays.Asked("douyin", "u1", click), file.moment(LATER))[0]


def test_a_gift_goes_back_while_its_points_are_there_and_can_be_given_again(rich):
    birthdays.keep(rich.connection, KEY, "douyin", "u1", "12-12", T0, "host")
    give(rich, "k1")
    told = birthdays.told(rich.connection, KEY, rich.detail(now_ms=LATER), rich.moment(LATER))
    assert (told["given"], told["due"], told["gift"]["points"]) == (True, False, 20)
    number = told["gift"]["number"]
    spent = [take(rich, f"c{n}", "mug") for n in range(4)]
    assert rich.person().points == 0
    with pytest.raises(Conflict, match=r"fans\.undo_spent"):
        back(rich, number)
    back(rich, spent[0])
    assert back(rich, number) == {"points": 10, "redeemable": 10, "number": number, "back": -20}
    told = birthdays.told(rich.connection, KEY, rich.detail(now_ms=LATER), rich.moment(LATER))
    assert (told["given"], told["due"], told["gift"]) == (False, True, None)
    assert [one["id"] for one in birthdays.due(rich.connection, KEY, rich.moment(LATER))] == ["u1"]
    assert give(rich, "k2")["given"] == 20
    before = rich.export()
    fan_archive.rebuild(rich.connection, rich.store)
    assert rich.export() == before


def test_after_a_merge_it_goes_back_and_a_split_gives_each_their_own(rich):
    rich.take(rich.event("order", "u2", order="o2", amount_minor=100_00))
    alone = rich.export()
    number = take(rich, "c1", "luck", "u2")
    links.merge(rich.connection, rich.store, ("douyin", "u1"), ("douyin", "u2"), Asked("host", LATER))
    assert back(rich, number, "u1")["points"] == 200
    links.split(rich.connection, rich.store, [("douyin", "u2")], Asked("host", LATER))
    assert rich.export() == alone


def test_a_fan_is_told_what_they_had_and_erasing_leaves_nothing_to_send(rich):
    take(rich, "c1", "mug")
    handed = take(rich, "c2", "off")
    handout_list.mark_done(rich.connection, POINTS_DROP, str(handed), "安娜", LATER)
    document = dossier.person_document(rich.connection, KEY, ("douyin", "u1"), rich.moment(LATER), "CNY", "en").decode()
    assert '"马克杯"' in document
    assert '"5 元券"' in document
    erase(rich.connection, rich.store, ("douyin", "u1"))
    assert waiting(rich) == []
    assert [one["id"] for one in handout_list.handouts_in(rich.connection, "r1", "done", 50)] == [""]


@on_both(
    60,
    st.lists(
        st.tuples(st.sampled_from(("order", "refund", "mug", "off", "luck", "back", "hand")), st.integers(1, 4), st.integers(1, 90_00)),
        max_size=16,
    ),
)
def test_points_and_tickets_are_conserved_whatever_goes_back(steps):
    file = FanFile(RULES)
    try:
        play(file, steps)
    finally:
        file.close()


def play(file, steps):
    file.take(file.event("enter"))
    orders, taken = set(), []
    for step, (kind, which, amount_minor) in enumerate(steps):
        if kind in {"order", "refund"}:
            if kind == "refund" or which not in orders:
                file.take(file.event(kind, order=f"o{which}", amount_minor=amount_minor))
            orders |= {which} if kind == "order" else set()
        elif kind == "hand":
            for row in waiting(file)[:1]:
                handout_list.mark_done(file.connection, POINTS_DROP, row["ref"], "安娜", LATER)
        elif kind == "back":
            for number in taken[-which:][:1]:
                is_handed = str(number) in [row["ref"] for row in handout_list.handouts_in(file.connection, "r1", "done", 50)]
                try:
                    back(file, number)
                except Conflict:
                    assert is_handed
        else:
            had = file.detail(now_ms=LATER).redeemable
            try:
                taken.append(take(file, f"c{step}", kind))
            except Conflict:
                assert had < next(item.points for item in ITEMS if item.item == kind)
    rows = file.connection.execute(
        select(tables.points.c.kind, func.sum(tables.points.c.delta), func.count()).group_by(tables.points.c.kind)
    )
    by_kind = {row[0]: (int(row[1]), int(row[2])) for row in rows}
    assert sum(delta for delta, _ in by_kind.values()) == file.person().points
    assert file.person().bonus_tickets == by_kind.get("ticket", (0, 0))[1] - by_kind.get("ticket_back", (0, 0))[1] >= 0
    before = file.export()
    fan_archive.rebuild(file.connection, file.store)
    assert file.export() == before


async def test_two_studios_take_the_same_row_back_once(postgres_url):
    store = FanStore(RULES, ShowDays("Asia/Shanghai"), "CNY")
    one, other = Database(postgres_url), Database(postgres_url)
    await one.open()
    await other.open()
    try:
        await race(store, one, other)
    finally:
        await one.close()
        await other.close()


async def race(store, one, other):
    bought = make("e1", "order", order="o1", amount_minor=100_00)
    await one.write(lambda connection: store.apply(connection, [Received(bought, bought.at_ms)]))
    moment = fan_detail.Moment(LATER, store.book, store.show_days, fan_queries.DaySet())
    await one.write(lambda connection: redeem.redeem(connection, Wish("douyin", "u1", "c1", "luck"), moment))
    query = select(tables.points.c.seq).where(tables.points.c.click_id == "c1")
    number = await one.read(lambda connection: connection.execute(query).scalar_one())
    asked = Back("douyin", "u1", number)
    answers = await asyncio.gather(
        *((one, other)[n % 2].write(lambda connection: points_back.take_back(connection, asked, moment)[0]) for n in range(200))
    )
    assert {answer["points"] for answer in answers} == {100}
    detail = await other.read(lambda connection: fan_detail.detail_of(connection, "douyin", "u1", moment))
    assert (detail.person.points, detail.person.bonus_tickets) == (100, 0)
