import random

from studio.model.absent import KEPT, AbsentRegulars
from studio.model.board import AirRules, Greeter, PresentFans, air_board, air_fan, order_key
from studio.model.board_meter import BoardMeter
from studio.model.day_set import DaySet
from studio.model.fans import Fan
from studio.model.loyalty import DAY_MS, PRESENT_MS, Rules
from studio.model.privacy import air_name, masked_name
from studio.model.scene import AirFact

RULES = Rules()
NOW = 100 * DAY_MS


def fan(number, spent_minor=0, *, seen=NOW, **more) -> Fan:
    more = {"name": f"粉丝{number}", **more}
    return Fan(number, "douyin", f"u{number}", spent_minor=spent_minor, last_seen_at_ms=seen, **more)


def present(*fans, now=NOW) -> PresentFans:
    here = PresentFans(RULES)
    for one in fans:
        here.put(one, now)
    return here


def test_regulars_come_first_then_tier_and_spend_then_platform_and_id():
    here = present(
        fan(1), fan(2, 500), fan(3, 990), fan(4, 2000_00), fan(5, 990), fan(6, followed_at_ms=NOW - 8 * DAY_MS), fan(7, followed_at_ms=NOW)
    )
    assert [one.person_id for one in here] == [4, 3, 5, 6, 2, 1, 7]
    assert here.regulars == 4


def test_it_stays_sorted_through_thousands_of_changes():
    here = PresentFans(RULES)
    dice = random.Random(1)
    newest = {}
    for _ in range(5_000):
        number = dice.randrange(300)
        left = NOW if dice.random() < 0.2 else -1
        newest[number] = fan(number, dice.choice([0, 500, 990, 500_00, 2500_00]), left_at_ms=left)
        here.put(newest[number], NOW)
    expected = sorted((one for one in newest.values() if one.left_at_ms < 0), key=lambda one: order_key(one, NOW, RULES, is_present=True))
    assert list(here) == expected
    assert here.regulars == sum(one.is_regular(NOW, RULES) for one in expected)


def test_half_an_hour_without_a_sign_ends_presence():
    here = present(fan(1), fan(2))
    here.put(fan(2, seen=NOW + 60_000), NOW + 60_000)
    here.pass_time(NOW + PRESENT_MS - 1)
    assert len(here) == 2
    here.pass_time(NOW + PRESENT_MS)
    assert [one.person_id for one in here] == [2]


def test_a_talkative_fan_costs_no_more_memory_than_a_silent_one():
    here = PresentFans(RULES)
    for second in range(2_000):
        now = NOW + second * 1000
        here.put(fan(1, seen=now, followed_at_ms=NOW), now)
        here.put(fan(2, seen=now - 1, left_at_ms=now if second % 2 else -1), now)
    assert (len(here._leaving), len(here._ripening)) == (2, 1)
    here.drop(2)
    here.pass_time(NOW + PRESENT_MS)
    assert len(here) == 1, "the newest sign counts"
    here.pass_time(NOW + 1_999_000 + PRESENT_MS)
    assert len(here) == 0


def test_a_follower_becomes_a_regular_during_the_show():
    here = present(fan(1, followed_at_ms=NOW - 7 * DAY_MS))
    assert here.regulars == 0
    here.put(fan(1, seen=NOW + 1, followed_at_ms=NOW - 7 * DAY_MS), NOW)
    here.pass_time(NOW + 1)
    assert here.regulars == 1


def test_staff_are_never_on_the_board():
    assert len(present(fan(1, 5000_00, is_staff=True))) == 0


def test_only_an_arrival_is_an_arrival():
    here = PresentFans(RULES)
    assert here.put(fan(1), NOW)
    assert not here.put(fan(1, 100), NOW)
    here.put(fan(1, left_at_ms=NOW), NOW)
    assert here.put(fan(1, seen=NOW + 1, left_at_ms=NOW), NOW + 1)


AIR = AirRules(RULES, today=100)


def test_only_who_said_so_is_named():
    assert air_name("小美", "", "opt_in") == "小＊"
    assert air_name("小美", "named", "opt_in") == "小美"
    assert air_name("小美", "hidden", "opt_in") == "小＊"
    assert air_name("小美", "", "all") == "小美"
    assert air_name("小美", "hidden", "all") == "小＊"
    assert air_name("小美", "named", "masked") == "小＊"


def test_masking_never_tells_more_than_the_first_sign():
    assert masked_name("👩‍👩‍👧小美") == "👩‍👩‍👧＊"
    assert masked_name("") == "粉＊"
    assert masked_name("\u202e\u0000 abc") == "a＊"


def test_who_hides_is_not_drawn():
    board = air_board(3, present(fan(1, 990, on_air="hidden"), fan(2, 990)), Greeter(), AIR)
    assert [row.key for row in board.rows] == ["douyin:u2"]
    assert (board.version, board.present) == (3, 2)


def test_the_picture_shows_six():
    board = air_board(1, present(*(fan(number, 990) for number in range(9))), Greeter(), AIR)
    assert len(board.rows) == 6


def test_amounts_are_shown_by_setting_and_by_opt_in_only():
    named = fan(1, 400_00, on_air="named", visit_days=DaySet.of([90, 100]))
    masked = fan(2, 400_00, visit_days=DaySet.of([90, 100]))
    amounts = AirRules(RULES, today=100, show_amounts=True)
    assert air_fan(named, amounts).fact == AirFact("to_next", 100_00, "中级")
    assert air_fan(masked, amounts).fact == AirFact("visits", 2)
    assert air_fan(named, AIR).fact == AirFact("visits", 2)
    assert air_fan(named, AIR).last_visit_days == 10


def test_a_streak_is_told_and_a_first_visit():
    days = DaySet.of([98, 99, 100])
    streak = AirRules(RULES, today=100, live_days=days)
    assert air_fan(fan(1, visit_days=days, checkin_days=days), streak).fact == AirFact("streak", 3)
    assert air_fan(fan(1, visit_days=DaySet.of([100])), streak).fact == AirFact("first_visit", 1)


def test_a_greeting_lasts_four_seconds_and_the_next_follows():
    greeter = Greeter()
    greeter.arrived(fan(1), 0)
    greeter.arrived(fan(2), 1_000)
    assert (greeter.current.person_id, greeter.starts_at_ms) == (1, 0)
    greeter.pass_time(3_999)
    assert greeter.current.person_id == 1
    greeter.pass_time(4_000)
    assert (greeter.current.person_id, greeter.starts_at_ms) == (2, 4_000)
    greeter.pass_time(8_000)
    assert greeter.current is None


def test_more_than_five_waiting_become_one():
    greeter = Greeter()
    for number in range(8):
        greeter.arrived(fan(number), 0)
    assert (greeter.current.person_id, greeter.others) == (0, 0)
    greeter.pass_time(4_000)
    assert (greeter.current.person_id, greeter.others, len(greeter.waiting)) == (1, 6, 0)


def test_five_waiting_are_greeted_one_by_one():
    greeter = Greeter()
    for number in range(6):
        greeter.arrived(fan(number), 0)
    greeter.pass_time(4_000)
    assert (greeter.current.person_id, greeter.others) == (1, 0)


def test_nobody_is_greeted_twice_in_half_an_hour_or_after_hiding():
    greeter = Greeter()
    greeter.arrived(fan(1), 0)
    greeter.pass_time(5_000)
    greeter.arrived(fan(1), 60_000)
    assert greeter.current is None
    greeter.arrived(fan(1), 31 * 60_000)
    assert greeter.current is not None
    greeter.forget(1)
    assert greeter.current is None


def test_absent_regulars_are_in_board_order_and_bounded():
    absent = AbsentRegulars(RULES)
    for number in range(3 * KEPT):
        absent.put(fan(number, 990 + number), NOW, is_present=False)
    assert [one.person_id for one in absent.first(2, NOW)] == [3 * KEPT - 1, 3 * KEPT - 2]
    assert len(absent.first(10 * KEPT, NOW)) <= 2 * KEPT
    absent.put(fan(3 * KEPT - 1, 990), NOW, is_present=True)
    assert absent.first(1, NOW)[0].person_id == 3 * KEPT - 2


def test_latency_is_from_receipt_to_the_first_frame_that_shows_it():
    meter = BoardMeter()
    meter.published(1, [0, 1_000_000])
    meter.published(2, [2_000_000])
    meter.published(3, [])
    meter.shown(2, 12_000_000)
    meter.shown(2, 99_000_000)
    assert len(meter) == 3
    assert meter.p99_ms() == 12.0
    meter.published(4, [5])
    meter.forget()
    meter.shown(9, 10**12)
    assert len(meter) == 3
