import pytest
from fan_file import DAY_MS, MINUTE_MS, T0, FanFile, again
from sqlalchemy import func, select

from studio.model.loyalty import Rules
from studio.store import tables


def order(file, number, amount_minor, fan="u1", minute=0, **more):
    return file.event("order", fan, minute, order=number, amount_minor=amount_minor, **more)


def refund(file, number, amount_minor, fan="u1", minute=0, **more):
    return file.event("refund", fan, minute, order=number, amount_minor=amount_minor, **more)


def sum_of(file, column):
    return file.connection.execute(select(func.sum(column))).scalar()


def counters_of(file):
    rows = file.connection.execute(select(tables.counter))
    return {row.name: row.value for row in rows if row.value and not row.name.endswith("_at")}


def test_a_redelivered_event_changes_nothing(file):
    bought = order(file, "o1", 100_00)
    first = file.take(bought, bought)
    second = file.take(bought)
    assert (first.accepted, first.duplicate) == (1, 1)
    assert (second.accepted, second.duplicate) == (0, 1)
    assert file.person().spent_minor == 100_00


def test_one_id_on_two_platforms_is_two_events_and_two_fans(file):
    chat = file.event("chat", text="hi")
    result = file.take(chat, again(chat, platform="kuaishou"))
    assert result.accepted == 2
    assert len(result.fans) == 2


def test_a_second_order_event_for_an_order_is_a_duplicate(file):
    result = file.take(order(file, "o1", 100_00), order(file, "o1", 100_00))
    assert (result.accepted, result.duplicate) == (1, 1)
    assert (file.person().spent_minor, file.person().orders) == (100_00, 1)
    assert sum_of(file, tables.spend.c.counted_minor) == 100_00


def test_an_order_that_was_placed_first_is_paid_once(file):
    placed = file.event("order_placed", order="o1", amount_minor=100_00)
    assert file.take(placed, order(file, "o1", 100_00)).accepted == 2
    assert file.person().spent_minor == 100_00


def test_a_refund_takes_back_spend_and_points_and_can_lower_the_tier(file):
    file.take(order(file, "o1", 600_00))
    assert file.take().fans == {}
    result = file.take(refund(file, "o1", 200_00))
    fan = next(iter(result.fans.values()))
    assert (fan.spent_minor, fan.points, int(fan.tier(Rules()))) == (400_00, 400, 2)
    assert file.person().refunds == 1


def test_refunds_count_up_to_the_amount_and_the_rest_is_flagged(file):
    file.take(order(file, "o1", 100_00), refund(file, "o1", 60_00), refund(file, "o1", 60_00))
    assert (file.person().spent_minor, file.person().points) == (0, 0)
    row = file.connection.execute(select(tables.purchase)).one()
    assert (row.refunded_minor, row.counted_minor, row.note) == (120_00, 0, "refund_over_amount")
    assert sum_of(file, tables.spend.c.counted_minor) == 0


def test_a_refund_before_its_order_counts_when_the_order_comes(file):
    file.take(refund(file, "o1", 30_00))
    assert file.person().spent_minor == 0
    file.take(order(file, "o1", 100_00))
    assert (file.person().spent_minor, file.person().points, file.person().refunds) == (70_00, 70, 1)
    assert sum_of(file, tables.spend.c.counted_minor) == 70_00


def test_a_refund_counts_against_the_buyer_whoever_is_named_in_it(file):
    file.take(order(file, "o1", 100_00, "u1"))
    file.take(refund(file, "o1", 100_00, "u2"), again(refund(file, "o1", 1), fan_id=""))
    assert file.person("u1").spent_minor == 0
    assert file.person("u2").spent_minor == 0


def test_money_of_another_currency_is_kept_but_not_counted(file):
    file.take(order(file, "o1", 100_00, currency="USD"), file.event("gift", paid_minor=500, currency="USD"))
    person = file.person()
    assert (person.spent_minor, person.points, person.gifts_minor, person.orders) == (0, 0, 0, 0)
    row = file.connection.execute(select(tables.spend)).one()
    assert (row.amount_minor, row.currency, row.note) == (100_00, "USD", "currency")
    file.take(refund(file, "o1", 100_00, currency="CNY"))
    assert file.person().spent_minor == 0


def test_gifts_are_not_spend(file):
    file.take(file.event("gift", count=1, paid_minor=52_00))
    assert (file.person().spent_minor, file.person().points, file.person().gifts_minor) == (0, 0, 52_00)


def combo(file, total, count=1, paid_minor=10, fan="u1"):
    return file.event("gift", fan, gift="玫瑰", count=count, combo="c1", combo_total=total, paid_minor=paid_minor)


def test_a_combo_counts_by_its_running_total(file):
    file.take(combo(file, 1), combo(file, 2), combo(file, 3))
    assert file.person().gifts_minor == 30


@pytest.mark.parametrize("totals", [(1, 3), (3, 1, 2), (1, 3, 2), (2, 2, 3, 1)])
def test_lost_and_overtaken_combo_messages_count_once(file, totals):
    for total in totals:
        file.take(combo(file, total))
    assert file.person().gifts_minor == 30


def test_the_end_of_a_combo_alone_tells_all_of_it(file):
    file.take(combo(file, 10, count=10, paid_minor=100))
    file.take(combo(file, 4), combo(file, 10, count=10, paid_minor=100))
    assert file.person().gifts_minor == 100


def test_the_end_of_a_combo_may_come_first_or_never(file):
    end = file.event("gift", gift="玫瑰", count=0, combo="c1", combo_total=5)
    file.take(end)
    file.take(combo(file, 1), combo(file, 2), combo(file, 3))
    assert file.person().gifts_minor == 50, "four and five were lost: they cost what the others cost"
    file.take(combo(file, 4), combo(file, 5), again(end, id="end-again"))
    assert file.person().gifts_minor == 50
    file.take(combo(file, 1, fan="u2"), combo(file, 2, fan="u2"))
    assert file.person("u2").gifts_minor == 20, "no end needed"


def test_an_end_that_repeats_the_last_message_costs_nothing(file):
    file.take(combo(file, 1), combo(file, 2), combo(file, 2), combo(file, 2, count=0, paid_minor=0))
    assert file.person().gifts_minor == 20


def test_a_cheap_overtaken_message_does_not_lower_what_was_paid(file):
    file.take(combo(file, 10, count=10, paid_minor=100))
    file.take(combo(file, 4, count=1, paid_minor=0), combo(file, 10, count=1, paid_minor=0))
    assert file.person().gifts_minor == 100


def test_one_wild_combo_message_cannot_overflow_the_file(file):
    file.take(combo(file, 10**9, paid_minor=10**12))
    assert file.person().gifts_minor <= 2 * 10**12


def test_one_combo_id_of_two_fans_is_two_combos(file):
    file.take(combo(file, 2, count=2, paid_minor=20), combo(file, 2, count=2, paid_minor=20, fan="u2"))
    assert (file.person("u1").gifts_minor, file.person("u2").gifts_minor) == (20, 20)


def test_identity_is_the_id_and_names_have_a_history(file):
    file.take(order(file, "o1", 50_00, name="小美"))
    file.take(order(file, "o2", 50_00, minute=1, name="'; DROP TABLE person; --"))
    detail = file.detail()
    assert detail.person.spent_minor == 100_00
    assert detail.latest.name == "'; DROP TABLE person; --"
    assert detail.names == ("小美", "'; DROP TABLE person; --")


def test_an_older_event_does_not_take_the_newer_name_back(file):
    file.take(file.event("chat", minute=10, name="新", text="x"))
    file.take(file.event("chat", minute=11, name="新", text="x"))
    file.take(file.event("chat", minute=5, name="旧", text="x"))
    assert file.detail().latest.name == "新"
    assert file.detail().names == ("旧", "新")


def test_an_unidentified_fan_is_never_in_the_file(file):
    chat = file.event("chat", "", text="hi")
    assert file.take(chat, order(file, "o1", 100, "")).accepted == 2
    assert file.take(chat).duplicate == 1
    assert file.connection.execute(select(func.count()).select_from(tables.event)).scalar() == 0
    assert file.connection.execute(select(func.count()).select_from(tables.person)).scalar() == 0


def test_a_late_event_counts_for_spend_and_history_only(file):
    late = 10 * MINUTE_MS + 1
    file.take(file.event("checkin"), file.event("chat", text="x"), order(file, "o1", 100_00), late_ms=late)
    detail = file.detail()
    assert (len(detail.person.checkin_days), detail.watched_ms) == (0, 0)
    assert (len(detail.person.visit_days), detail.person.chats, detail.person.spent_minor) == (1, 1, 100_00)
    file.take(file.event("checkin", minute=1), late_ms=late - 1)
    assert len(file.person().checkin_days) == 1


def test_checkin_by_chat_counts_only_while_live(file):
    file.take(file.event("chat", text="签到！"))
    assert len(file.person().checkin_days) == 0
    file.take(file.event("chat", text="打卡 打卡"), file.event("chat", text="不签到"), is_live=True)
    assert (len(file.person().checkin_days), file.person().points) == (1, 5)


def test_a_day_gives_points_for_one_checkin_one_share_and_one_half_hour(file):
    chats = [file.event("chat", minute=minute, text="x") for minute in range(0, 40, 4)]
    twice = [file.event(kind, minute=minute) for kind in ("checkin", "share") for minute in (1, 2)]
    file.take(*chats, *twice)
    assert file.person().points == 5 + 20 + 10


def test_points_for_watching_are_taken_back_when_a_leave_turns_up(file):
    file.take(*(file.event("chat", minute=minute, text="x") for minute in (0, 4, 8, 12, 16, 20, 24, 28)))
    assert file.person().points == 10
    file.take(file.event("leave", minute=25))
    assert (file.detail().watched_ms, file.person().points) == (30 * MINUTE_MS, 10)
    file.take(file.event("leave", minute=9))
    assert (file.detail().watched_ms, file.person().points) == (27 * MINUTE_MS, 0)
    assert sum_of(file, tables.points.c.delta) == 0


def test_consent_is_the_last_word_by_time(file):
    file.take(file.event("chat", minute=2, text="隐身"), file.event("chat", minute=1, text="亮牌"))
    assert file.person().on_air == "hidden"
    file.take(file.event("chat", minute=3, text="亮牌"))
    assert file.person().on_air == "named"


def test_unfollowing_starts_again_also_out_of_order(file):
    file.take(file.event("follow", minute=0), file.event("follow", minute=10))
    file.take(file.event("unfollow", minute=5))
    assert file.person().followed_at == T0 + 10 * MINUTE_MS
    file.take(file.event("unfollow", minute=20))
    assert file.person().followed_at is None


def test_a_club_level_counts_as_following_since_its_date(file):
    file.take(file.event("chat", minute=3, text="x", club_level=2))
    assert file.person().followed_at == T0 + 3 * MINUTE_MS


def test_an_order_is_confirmed_by_delivery_or_by_time(file):
    file.take(order(file, "o1", 100_00), order(file, "o2", 50_00))
    assert file.detail(now_ms=T0 + 15 * DAY_MS - 1).confirmed_minor == 0
    assert file.detail(now_ms=T0 + 15 * DAY_MS).confirmed_minor == 150_00
    file.take(file.event("delivered", minute=24 * 60, order="o1"))
    assert file.detail(now_ms=T0 + 8 * DAY_MS).confirmed_minor == 100_00
    assert file.detail(now_ms=T0 + 8 * DAY_MS - 1).confirmed_minor == 0


def test_staff_are_in_no_figure_and_their_orders_stay_marked(kind):
    file = FanFile(Rules(staff=frozenset({("douyin", "boss")})))
    file.take(order(file, "o1", 100_00, "boss"), order(file, "o2", 50_00, "u1"))
    assert counters_of(file) == {"fans": 1, "tier:2": 1, "spent_minor": 50_00, "orders": 1}
    assert (file.person("boss").is_staff, file.person("boss").spent_minor) == (True, 100_00)
    file.close()


def test_who_stops_being_staff_counts_again(file):
    file.take(order(file, "o1", 600_00))
    file.change_rules(Rules(staff=frozenset({("douyin", "u1")})))
    assert counters_of(file) == {}
    file.change_rules(Rules())
    assert counters_of(file) == {"fans": 1, "tier:3": 1, "spent_minor": 600_00, "orders": 1}


def test_visits_are_show_days(file):
    file.take(*(file.event("enter", minute=hour * 60) for hour in (0, 5, 9, 11)))
    assert len(file.person().visit_days) == 2, "06:00 in Shanghai is ten hours after T0"


def test_events_out_of_order_by_hours_give_the_same_figures(file):
    told = [file.event("chat", minute=minute, text="x") for minute in range(0, 600, 7)]
    for event in reversed(told):
        file.take(event)
    assert file.detail().watched_ms == len(told) * 5 * MINUTE_MS


def test_an_unfollow_that_comes_late_leaves_the_follow_that_an_import_told(file):
    file.take(file.event("follow", minute=0))
    file.take(file.event("import", minute=60, club_level=1))
    file.take(file.event("unfollow", minute=30))
    assert file.person().followed_at == T0 + 60 * MINUTE_MS
