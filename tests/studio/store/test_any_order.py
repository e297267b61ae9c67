"""Whatever comes in any order, twice or in pieces ends in the same fan file."""

import json
from collections import Counter
from fractions import Fraction

from fan_file import DAY_MS, HOUR_MS, MINUTE_MS, T0, FanFile, on_both
from hypothesis import strategies as st

from studio.model import loyalty
from studio.model.events import IMPORT, FanEvent
from studio.model.room_clock import ShowDays
from studio.store.working import Received

FANS = ("u1", "u2", "u3")
SHOP = ("order_placed", "order", "refund", "shipped", "delivered")
KINDS = ("enter", "chat", "like", "leave", "share", "checkin", "follow", "unfollow", "gift", "member", "paid_chat", IMPORT, *SHOP)
PAID = ("member", "paid_chat")
ONCE = ("order_placed", "order")
BY_DAYS = ("share", "share", "share", "checkin", "chat", "enter", "leave", "import")
ITEMS = json.dumps(
    [{"sku": "a", "category": "口红", "qty": 2, "price_minor": 99_00}, {"sku": "b", "category": "", "qty": 1, "price_minor": 0}]
)
TEXTS = ("签到", "亮牌", "隐身", "好看")


def money(draw, unit) -> dict:
    return {"amount_minor": draw(st.integers(0, 3)) * unit, "currency": draw(st.sampled_from(("CNY", "CNY", "CNY", "USD")))}


def said(draw, kind) -> dict:
    """What an event of this kind says, orders apart."""
    paid = (
        {"paid_minor": draw(st.sampled_from((0, 6_00))), "currency": draw(st.sampled_from(("CNY", "CNY", "USD")))} if kind in PAID else {}
    )
    if kind in {"chat", "paid_chat"}:
        return {"text": draw(st.sampled_from(TEXTS)), **paid}
    if kind == "member":
        return {"is_member": draw(st.sampled_from((None, True, False))), **paid}
    if kind == "gift":
        return {
            "count": draw(st.sampled_from((0, 1, 1, 1, 2, 5))),
            "paid_minor": draw(st.sampled_from((0, 10, 10, 10, 7, 21))),
            "currency": draw(st.sampled_from(("CNY", "CNY", "CNY", "USD"))),
            "combo": draw(st.sampled_from(("", "c1", "c1", "c1", "c2"))),
            "combo_total": draw(st.sampled_from((None, 1, 1, 2, 3, 4, 5, 6))),
        }
    counted = {"like": ("count", st.integers(0, 9)), IMPORT: ("points", st.sampled_from((0, 1, 50, -7)))}
    return {counted[kind][0]: draw(counted[kind][1])} if kind in counted else {}


@st.composite
def histories(draw, kinds=KINDS, days=(0,)):
    """Events with their time of receipt, as a platform might tell them; an order is placed and paid once, a combo has one price.

    A clock that was put back has received some before they happened.
    """
    count = draw(st.integers(1, 25))
    received = []
    told_once = set()
    for number in range(count):
        kind = draw(st.sampled_from(kinds))
        at_ms = T0 + draw(st.integers(0, 40)) * 45 * 1000 + draw(st.sampled_from((0, 0, 0, 3 * HOUR_MS, 30 * HOUR_MS)))
        at_ms += draw(st.sampled_from(days)) * DAY_MS
        fan = draw(st.sampled_from(FANS))
        values = {"fan_id": fan, "name": draw(st.sampled_from(("小美", "阿柚", ""))), "club_level": draw(st.sampled_from((0, 0, 0, 1, 2)))}
        if kind in SHOP:
            order = draw(st.sampled_from(("o1", "o2", "o3")))
            if kind in ONCE and (kind, order) in told_once:
                continue
            told_once.add((kind, order))
            values |= {"order": order} | (money(draw, 333_33) if kind not in {"shipped", "delivered"} else {})
            values |= {"items": draw(st.sampled_from(("", ITEMS)))} if kind in ONCE else {}
            values |= {"is_promo": draw(st.booleans())} if kind == "order" else {}
        values |= said(draw, kind)
        event = FanEvent(id=f"e{number}", type=kind, at_ms=at_ms, platform="douyin", room="r1", **values)
        received.append(
            Received(
                event, at_ms + draw(st.sampled_from((0, 5_000, 20 * MINUTE_MS, 7 * HOUR_MS, -2 * HOUR_MS))), is_live=draw(st.booleans())
            )
        )
    return received


def told(received, cuts) -> dict:
    """What the file says after these events in these batches, without the numbers that only tell who came first."""
    file = FanFile()
    start = 0
    for end in [*sorted({cut % (len(received) + 1) for cut in cuts}), len(received)]:
        if end > start:
            file.receive(*received[start:end])
        start = end
    lines = [json.loads(line) for line in file.export()]
    file.close()
    persons = {}
    for line in lines:
        if "person_id" in line:
            del line["person_id"]
            for account in line["identities"]:
                del account["identity_id"], account["person_id"]
            persons[line["identities"][0]["fan_id"]] = line
    return {"persons": persons, "counters": next(line["counters"] for line in lines if "counters" in line)}


def difference(one, other) -> dict:
    """What differs, so that a failure can be read."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return {key: found for key in keys if (found := difference(one.get(key), other.get(key))) != {}}
    return {} if one == other else {"one": one, "other": other}


@on_both(
    60, histories(), st.randoms(use_true_random=False), st.lists(st.integers(0, 40), max_size=5), st.lists(st.integers(0, 40), max_size=5)
)
def test_any_order_duplication_and_splitting_gives_the_same_file(received, random, cuts, other_cuts):
    if not received:
        return
    shuffled = received + [one for one in received if random.random() < 0.3]
    random.shuffle(shuffled)
    one, other = told(received, cuts), told(shuffled, other_cuts)
    assert difference(one, other) == {}


@on_both(30, histories(BY_DAYS, range(16)), st.randoms(use_true_random=False), st.lists(st.integers(0, 40), max_size=5))
def test_what_is_given_by_days_and_weeks_is_the_same_in_any_order(received, random, cuts):
    shuffled = received + received[::3]
    random.shuffle(shuffled)
    persons = told(received, [])["persons"]
    assert difference(persons, told(shuffled, cuts)["persons"]) == {}
    for fan, person in persons.items():
        expected = by_definition(received, fan)
        assert {key: person[key] for key in ("points", "visits")} == {key: expected[key] for key in ("points", "visits")}


@on_both(40, histories(), st.lists(st.integers(0, 40), max_size=5))
def test_the_file_is_what_the_rules_say(received, cuts):
    persons = told(received, cuts)["persons"] if received else {}
    for fan, person in persons.items():
        expected = by_definition(received, fan)
        got = {key: person[key] for key in expected if key in person} | {
            "watched_ms": sum(day["watched_ms"] for day in person["days"]),
            "checkins": len(person["checkin_days"]),
        }
        assert got == expected


def by_definition(received, fan) -> dict:
    days = ShowDays("Asia/Shanghai")
    mine = [one for one in received if one.event.fan_id == fan]
    fresh = [one for one in mine if one.received_ms - one.event.at_ms <= 10 * MINUTE_MS]
    watched = {}
    for one in fresh:
        if one.event.is_visit or one.event.type == "leave":
            watched.setdefault(days.day_of(one.event.at_ms), []).append((one.event.at_ms, one.event.type == "leave"))
    watched = {day: loyalty.watched_ms(events) for day, events in watched.items()}
    checkins = {
        days.day_of(one.event.at_ms)
        for one in fresh
        if one.event.type == "checkin" or (one.event.type in {"chat", "paid_chat"} and one.event.text == "签到" and one.is_live)
    }
    spent_minor, orders = net_spend(received, fan)
    shared = {days.day_of(one.event.at_ms) for one in mine if one.event.type == "share"}
    weeks = Counter((day + 3) // 7 for day in shared)  # the day 0 was a Thursday, weeks begin on Monday
    share_points = sum(20 * min(3, count) for count in weeks.values())
    enough = sum(ms >= 30 * MINUTE_MS for ms in watched.values())
    return {
        "spent_minor": spent_minor,
        "orders": orders,
        "promo_orders": sum(one.event.is_promo and one.event.currency == "CNY" for one in mine if one.event.type == "order"),
        "points": spent_minor // 100 + 5 * len(checkins) + 10 * enough + share_points + sum(one.event.points for one in mine),
        "support_minor": sum(one.event.paid_minor for one in mine if one.event.type in PAID and one.event.currency == "CNY"),
        "chats": sum(one.event.type in {"chat", "paid_chat"} for one in mine),
        "gifts_minor": gifts([one.event for one in mine if one.event.type == "gift"]),
        "visits": len({days.day_of(one.event.at_ms) for one in mine if one.event.is_visit}),
        "likes": sum(one.event.count for one in mine if one.event.type == "like"),
        "watched_ms": sum(watched.values()),
        "checkins": len(checkins),
    }


def gifts(events) -> int:
    sum_minor, combos = 0, {}
    for event in events:
        paid_minor = event.paid_minor if event.currency == "CNY" else 0
        if event.combo and event.combo_total is not None:
            combos.setdefault(event.combo, []).append((event.combo_total, event.count, paid_minor))
        else:
            sum_minor += paid_minor
    return sum_minor + sum(combo_by_pieces(messages) for messages in combos.values())


def combo_by_pieces(messages) -> int:
    """Piece by piece: the dearest message that covers it, else the nearest covered piece below, else above."""
    prices = {}
    for piece in range(1, max(total for total, _, _ in messages) + 1):
        covering = [Fraction(paid_minor, count) for total, count, paid_minor in messages if count and total - count < piece <= total]
        prices[piece] = max(covering, default=None)
    covered = [piece for piece in prices if prices[piece] is not None]
    nearest = {piece: max((one for one in covered if one <= piece), default=min(covered, default=None)) for piece in prices}
    return int(sum(prices[one] for one in nearest.values() if one is not None))


def net_spend(received, fan) -> tuple[int, int]:
    spent_minor = orders = 0
    for one in received:
        event = one.event
        if event.type == "order" and event.fan_id == fan and event.currency == "CNY":
            refunds = sum(
                other.event.amount_minor
                for other in received
                if other.event.type == "refund" and other.event.order == event.order and other.event.currency == "CNY"
            )
            spent_minor += max(0, event.amount_minor - refunds)
            orders += 1
    return spent_minor, orders
