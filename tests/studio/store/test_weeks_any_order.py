"""Weeks of a room in one stream: streaks and their tickets, accounts of two platforms, changes of the rules between the events.

What each fan earned is made here a second time, by the words of the contract, from the events alone.
"""

from collections import Counter, defaultdict
from random import Random

from fan_file import DAY_MS, HOUR_MS, MINUTE_MS, T0, FanFile, on_both
from hypothesis import strategies as st
from sqlalchemy import func, select
from test_any_order import difference

from studio.model.events import IMPORT, ON_AIR, FanEvent
from studio.model.loyalty import SECOND_TIERS, Rules, tier_of
from studio.model.room_clock import ShowDays
from studio.store import fan_archive, fan_detail, fan_queries, links, tables
from studio.store.fan_card import fan_card
from studio.store.links import Asked
from studio.store.working import Received

DAYS = 24
ACCOUNTS = (("douyin", "u1"), ("douyin", "u2"), ("kuaishou", "u1"))
"""Two of them have the same id, and orders of the same number."""
SHOW_DAYS = ShowDays("Asia/Shanghai")
FIRST_DAY = SHOW_DAYS.day_of(T0)
ASKED = Asked("host", T0)
CHOICES = (
    Rules(ticket_every=2, checkin_points=1),
    Rules(tiers=SECOND_TIERS, minor_per_point=7, share_points=3, shares_a_week=1),
    Rules(ticket_every=5, minor_per_point=300, watched_ms=6 * MINUTE_MS, watched_points=4),
    Rules(staff=frozenset({("kuaishou", "u1")}), shares_a_week=7, checkin_points=0),
    Rules(),
)


class Stream:
    """Events with their receipt, numbered by platform: on two of them, different events bear the same id."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self._numbers: Counter[str] = Counter()

    def put(self, account, kind, day, minute, late_ms=0, **values) -> None:
        platform, fan_id = account
        self._numbers[platform] += 1
        at_ms = T0 + day * DAY_MS + minute * MINUTE_MS
        common = {"id": f"e{self._numbers[platform]}", "at_ms": at_ms, "platform": platform, "room": "r1", "fan_id": fan_id, "name": "小美"}
        self.received.append(Received(FanEvent(type=kind, **common, **values), at_ms + late_ms, is_live=True))


@st.composite
def weeks(draw):
    """(events with their receipt, live days, [(show day, rules)])."""
    stream = Stream()
    for account in ACCOUNTS:
        put_days(draw, stream, account)
        put_orders(draw, stream, account)
        if draw(st.booleans()):
            stream.put(account, IMPORT, 0, 0, points=draw(st.integers(-9, 40)))
            stream.put(account, ON_AIR, draw(st.integers(0, 3)), 1, text=draw(st.sampled_from(("隐身", "亮牌"))))
    dark = draw(st.lists(st.integers(0, DAYS), max_size=4))
    days = sorted(draw(st.lists(st.integers(0, DAYS), max_size=3)))
    live = {FIRST_DAY + day for day in range(DAYS) if day not in dark}
    return stream.received, live, [(day, draw(st.sampled_from(CHOICES))) for day in days]


def put_days(draw, stream, account) -> None:
    """What gives points by the day, on the days of a mask; check-ins on a run of days as well. A third of it is received too late."""
    any_days = st.integers(0, 2**DAYS - 1)
    first, length = draw(st.integers(0, DAYS)), draw(st.integers(0, 15))
    run = {day for day in range(first, first + length) if day < DAYS}
    masks = {"checkin": draw(any_days) & draw(any_days), "share": draw(any_days), "enter": draw(any_days)}
    for kind, mask in masks.items():
        for day in range(DAYS):
            if mask >> day & 1 or (kind == "checkin" and day in run):
                stream.put(account, kind, day, day % 7, (0, 0, 11 * MINUTE_MS)[(day + first) % 3 if day not in run else 0])
                if kind == "enter":
                    stream.put(account, "chat", day, 4 + day % 9, text="好看")


def put_orders(draw, stream, account) -> None:
    """Orders, each paid once, and refunds of them, of more than they were and of some that never were."""
    told = set()
    for _ in range(draw(st.integers(0, 3))):
        order, day = f"{account[1]}-{draw(st.integers(1, 3))}", draw(st.integers(0, DAYS - 1))
        kind = draw(st.sampled_from(("order", "refund")))
        if kind == "refund" or order not in told:
            stream.put(account, kind, day, 20, amount_minor=draw(st.integers(0, 3)) * 333_33, currency="CNY", order=order)
        if kind == "order":
            told.add(order)


def cut(received, dice):
    """The same events in batches of any size."""
    while received:
        size = dice.choice((1, 3, 20, 200))
        yield received[:size]
        received = received[size:]


def play_with_changes(file, received, changes, dice):
    """Events come about when they happen, a fifth of them days late; the rules change in between."""
    left = list(received)
    for day, rules in [*changes, (DAYS + 1, None)]:
        now = [one for one in left if one.event.at_ms < T0 + day * DAY_MS and (rules is None or dice.random() < 0.8)]
        left = [one for one in left if one not in now]
        dice.shuffle(now)
        for batch in cut([*now, *dice.sample(now, len(now) // 4)], dice):
            file.receive(*batch)
        if rules is not None:
            file.change_rules(rules, T0 + day * DAY_MS - 5 * HOUR_MS)


def play_by_the_book(file, received, book, dice):
    """The rules are known from the beginning, with the days from which they hold; then everything at once, in any order, some of it twice."""
    for row in book:
        file.connection.execute(tables.rule_change.insert().values(**row))
    shuffled = [*received, *received[::5]]
    dice.shuffle(shuffled)
    for batch in cut(shuffled, dice):
        file.receive(*batch)


def told(file) -> dict:
    """What the file says of each person, by account; without the numbers that only tell who came first."""
    said = {}
    for row in file.connection.execute(select(tables.identity).order_by(tables.identity.c.identity_id)):
        person = fan_archive.person_told(file.connection, row.person_id)
        del person["person_id"]
        for account in person["identities"]:
            del account["identity_id"], account["person_id"]
        person["identities"].sort(key=lambda account: (account["platform"], account["fan_id"]))
        said[row.platform, row.fan_id] = person
    return {"persons": said, "counters": {name: value for name, value in file.counters().items() if value}}


def by_definition(received, accounts, live, book) -> dict:
    """What the accounts of one person earned, event by event."""
    mine = [one.event for one in received if (one.event.platform, one.event.fan_id) in accounts]
    fresh = [one.event for one in received if one.event in mine and one.received_ms - one.event.at_ms <= 10 * MINUTE_MS]
    checkins = {SHOW_DAYS.day_of(event.at_ms) for event in fresh if event.type == "checkin"}
    points = sum(event.points for event in mine) + sum(book.on(day).checkin_points for day in checkins)
    moments = defaultdict(list)
    for event in fresh:
        if event.is_visit:
            moments[SHOW_DAYS.day_of(event.at_ms)].append(event.at_ms)
    for day, times in moments.items():
        covered = {second for at_ms in times for second in range(at_ms // 1000, at_ms // 1000 + 300)}
        points += book.on(day).watched_points * (len(covered) * 1000 >= book.on(day).watched_ms)
    by_week = defaultdict(list)
    for day in sorted({SHOW_DAYS.day_of(event.at_ms) for event in mine if event.type == "share"}):
        rules, week = book.on(day), by_week[(day + 3) // 7]
        if len(week) < rules.shares_a_week:
            week.append(rules.share_points)
    points += sum(sum(week) for week in by_week.values())
    nets = defaultdict(int)
    for event in mine:
        if event.type == "order":
            refunded = sum(
                other.event.amount_minor
                for other in received
                if (other.event.type, other.event.platform, other.event.order) == ("refund", event.platform, event.order)
            )
            nets[book.stretch_of(SHOW_DAYS.day_of(event.at_ms))] += max(0, event.amount_minor - refunded)
    points += sum(net // book.rates[stretch][1] for stretch, net in nets.items())
    return {"points": points, "spent_minor": sum(nets.values()), "tickets": tickets(checkins, live, book)}


def tickets(checkins, live, book) -> int:
    given = run = 0
    for day in sorted(live):
        run = run + 1 if day in checkins else 0
        given += run > 0 and run % book.on(day).ticket_every == 0
    return given


def earned(file, account) -> dict:
    """The same figures as the file tells them."""
    moment = file.moment(T0 + DAYS * DAY_MS)
    platform, fan_id = account
    detail = fan_detail.detail_of(file.connection, platform, fan_id, moment)
    card = fan_card(detail, moment, "CNY", "en")
    return {name: card[name] for name in ("points", "spent_minor", "tickets")}


def check_figures(file, accounts) -> None:
    """The counters are what a count of everybody says, and the ledger of points has what everybody has."""
    rows = file.connection.execute(select(tables.person)).all()
    counted = Counter(f"tier:{int(tier_of(row.spent_minor, file.store.rules))}" for row in rows if not row.is_staff)
    counted |= Counter(fans=sum(not row.is_staff for row in rows), spent_minor=sum(row.spent_minor for row in rows if not row.is_staff))
    kept = file.counters()
    assert {name: kept.get(name, 0) for name in counted} == dict(counted), accounts
    booked = select(tables.identity.c.person_id, func.sum(tables.points.c.delta)).join(
        tables.points, tables.points.c.identity_id == tables.identity.c.identity_id
    )
    by_person = {row[0]: row[1] for row in file.connection.execute(booked.group_by(tables.identity.c.person_id))}
    assert {row.person_id: by_person.get(row.person_id, 0) for row in rows} == {row.person_id: row.points for row in rows}


@on_both(25, weeks(), st.integers(0, 2**16))
def test_weeks_with_changes_of_the_rules_are_what_the_rules_say_in_any_order(drawn, seed):
    received, live, changes = drawn
    file, dice = FanFile(), Random(seed)
    fan_queries.note_live_days(file.connection, "r1", sorted(live))
    play_with_changes(file, received, changes, dice)
    said, exported = told(file), file.export()
    there = [account for account in ACCOUNTS if account in said["persons"]]
    for account in there:
        assert earned(file, account) == by_definition(received, {account}, live, file.store.book), account
    check_figures(file, there)
    fan_archive.rebuild(file.connection, file.store)
    assert file.export() == exported
    book = [row._asdict() for row in file.connection.execute(select(tables.rule_change))]
    if len(there) > 1:
        links.merge(file.connection, file.store, there[0], there[-1], ASKED)
        assert earned(file, there[0]) == by_definition(received, {there[0], there[-1]}, live, file.store.book)
        check_figures(file, there)
        links.split(file.connection, file.store, [there[-1]], ASKED)
        assert file.export() == exported
    file.close()
    file = FanFile()
    fan_queries.note_live_days(file.connection, "r1", sorted(live))
    play_by_the_book(file, received, book, dice)
    assert difference(told(file), said) == {}
    file.close()
