import asyncio
import json
import sqlite3
import threading
import time
from dataclasses import replace

import pytest
from room import NOW_MS, Room

from studio.audience import StoreTrouble
from studio.connectors.file import FileFeed
from studio.errors import Conflict, InvalidInput, NotFound, StoreUnavailable
from studio.model.events import FanEvent, Rejection
from studio.model.loyalty import DAY_MS, Rules
from studio.model.scene import Tier
from studio.model.settings import AudienceSettings, OverlaySettings
from studio.store.journal import Journal
from studio.store.working import Received

MINUTE_MS = 60_000


async def test_lines_are_accepted_told_apart_and_rejected_by_number(room):
    chat = room.line("chat", text="hi")
    result = await room.take(chat, b"", b"{", chat, {**room.line("order", order="o1"), "amount_minor": -5})
    assert (result.accepted, result.duplicate) == (1, 1)
    assert result.rejected == (Rejection(3, "not JSON"), Rejection(5, "amount_minor: negative"))
    report = room.audience.report()
    assert {key: report[key] for key in ("accepted", "duplicate", "rejected")} == {"accepted": 1, "duplicate": 1, "rejected": 2}


async def test_what_was_answered_is_durable(room, tmp_path):
    await room.take(room.line("order", order="o1", amount_minor=100_00))
    await room.audience.close()
    await room.database.close()
    async with Room(tmp_path) as again:
        assert (await again.audience.fan("douyin", "u1"))["spent_minor"] == 100_00


async def test_after_a_restart_those_who_are_here_are_still_here_and_not_greeted(room, tmp_path):
    await room.take(
        room.line("enter"), room.line("order", order="o1", amount_minor=100_00), room.line("enter", "u2"), room.line("leave", "u2")
    )
    await room.audience.close()
    await room.database.close()
    async with Room(tmp_path) as again:
        board = again.audience.board()
        assert [(row["id"], row["present"]) for row in board["rows"]] == [("u1", True)]
        assert again.audience.air_board().greeting is None


async def test_the_board_follows_the_contract(room):
    await room.take(
        room.line("enter", "new"),
        room.line("enter", "rich"),
        room.line("order", "rich", order="o1", amount_minor=2500_00),
        room.line("order", "away", order="o2", amount_minor=600_00),
        room.line("order", "poor", order="o3", amount_minor=9_89),
    )
    board = room.audience.board()
    assert [row["id"] for row in board["rows"]] == ["rich", "new", "away"], "present regulars, other present, absent regulars"
    assert board["present"] == 2
    rich, new, away = board["rows"]
    assert (rich["tier"], rich["to_next_minor"], rich["points"], rich["visits"]) == ("高级", None, 2500, 1)
    assert (new["tier"], new["to_next_minor"], new["regular"]) == ("新朋友", 1, False)
    assert (away["tier"], away["to_next_minor"], away["last_order_at"]) == ("中级", 1400_00, "2026-11-22T12:00:00.000Z")
    assert len(room.audience.board(limit=1)["rows"]) == 1


async def test_the_board_is_told_at_once_and_then_at_most_ten_times_a_second(room):
    before = len(room.boards)
    started = time.monotonic()
    for number in range(40):
        await room.take(
            room.line("enter", f"u{number}"), room.line("order", f"u{number}", order=f"o{number}", amount_minor=(number + 1) * 1000)
        )
        if number == 0:
            assert len(room.boards) == before + 1
    await room.until(lambda: room.boards[-1].present == 40)
    took_s = time.monotonic() - started
    assert len(room.boards) - before <= 2 + (took_s + 0.3) * 10
    versions = [board.version for board in room.boards]
    assert versions == sorted(set(versions))


async def test_nobody_is_named_who_did_not_say_so_and_hiding_takes_a_fan_off(room):
    await room.take(room.line("enter", name="小美"), room.line("order", order="o1", amount_minor=100_00, name="小美"))
    assert room.audience.air_board().rows[0].name == "小＊"
    await room.take(room.line("chat", text="亮牌", name="小美"))
    await room.until(lambda: room.audience.air_board().rows[0].name == "小美")
    assert room.audience.air_name("douyin", "u1", "小美") == "小美"
    await room.take(room.line("chat", text="隐身", name="小美"))
    await room.until(lambda: room.audience.air_board().rows == ())
    assert room.audience.air_name("douyin", "u1", "小美") == "小＊"


async def test_naming_everybody_or_nobody_is_a_setting_that_acts_at_once(room):
    await room.take(room.line("enter", name="小美"))
    room.audience.configure(OverlaySettings(names="all"))
    await room.until(lambda: room.audience.air_board().rows[0].name == "小美")
    room.audience.configure(OverlaySettings(names="masked"))
    await room.until(lambda: room.audience.air_board().rows[0].name == "小＊")


async def test_an_arriving_regular_is_greeted_and_a_newcomer_is_not(room):
    await room.take(room.line("order", order="o1", amount_minor=100_00))
    await room.take(room.line("enter", "stranger"))
    assert room.audience.air_board().greeting is None
    await room.take(room.line("enter"))
    await room.until(lambda: room.audience.air_board().greeting is not None)
    assert room.audience.air_board().greeting.fan.key == "douyin:u1"
    room.now_ms += 4_000
    await room.until(lambda: room.audience.air_board().greeting is None)


async def test_half_an_hour_of_silence_empties_the_board(room):
    await room.take(room.line("enter"))
    room.now_ms += 30 * MINUTE_MS
    assert room.audience.board()["present"] == 0
    await room.until(lambda: room.audience.air_board().rows == ())


async def test_hooks_see_every_event_before_it_is_stored(room):
    seen = []
    stop = room.audience.on_receive(
        lambda event, received_at_ms: seen.append((event.text, received_at_ms, room.audience.report()["accepted"]))
    )
    await room.take(room.line("chat", text="想要"), room.line("chat", text="x"))
    assert seen == [("想要", NOW_MS, 0), ("x", NOW_MS, 0)]
    stop()
    await room.take(room.line("chat", text="y"))
    assert len(seen) == 2


async def test_chat_is_told_with_the_badge_and_repeats_are_not(room):
    chat = room.line("chat", text="<img src=x onerror=alert(1)>")
    await room.take(room.line("order", order="o1", amount_minor=600_00), chat, chat, room.line("chat", "0", text="路人", name="游客"))
    assert [(item.fan_id, item.text, item.tier, item.is_regular) for item in room.chat] == [
        ("u1", "<img src=x onerror=alert(1)>", Tier.MIDDLE, True),
        ("", "路人", Tier.NEW, False),
    ]


async def test_a_fans_card_has_every_field_of_the_contract(room):
    await room.audience.set_live(True)
    await room.take(
        room.line("follow"),
        room.line("chat", text="签到"),
        room.line("order", order="o1", amount_minor=250_00),
        room.line("refund", order="o1", amount_minor=10_00),
        room.line("enter", name="改名"),
    )
    card = await room.audience.fan("douyin", "u1")
    fields = (
        "person identities name names tier layer segment reasons regular points spent_minor confirmed_minor currency orders refunds "
        "first_order_at last_order_at visits watched_s streak_days tickets gifts_minor followed_at on_air"
    )
    assert set(fields.split()) <= card.keys()
    assert (card["spent_minor"], card["confirmed_minor"], card["points"]) == (240_00, 0, 245)
    assert (card["tier"], card["layer"], card["segment"], card["streak_days"]) == ("初级", "新用户", "潜力首购", 1)
    assert card["reasons"] == ["1 笔订单", "累计消费 ¥240.00", "距下单 0 天"]
    assert json.dumps(card)
    with pytest.raises(NotFound):
        await room.audience.fan("douyin", "nobody")


async def test_pages_of_fans_have_no_gap_and_no_repeat(room):
    await room.take(*(room.line("order", f"u{number}", order=f"o{number}", amount_minor=(number % 4) * 100) for number in range(11)))
    seen, after = [], ""
    while True:
        page = await room.audience.fans("spent_minor", 4, after)
        seen += [(row["spent_minor"], row["id"]) for row in page["rows"]]
        after = page["after"]
        if not after:
            break
    assert len(seen) == len(set(seen)) == 11
    assert [spent for spent, _ in seen] == sorted((spent for spent, _ in seen), reverse=True)
    with pytest.raises(InvalidInput):
        await room.audience.fans("spent_minor", 4, "'; DROP TABLE person; --")


async def test_points_are_redeemed_once_and_never_below_zero(room):
    await room.take(*(room.line("checkin", f"u{number % 2}") for number in range(4)))
    wishes = [{"click_id": f"c{number}", "item": "sample", "points": 2} for number in range(10)]
    answers = await asyncio.gather(*(room.audience.loyalty.redeem("douyin", "u0", wish) for wish in wishes), return_exceptions=True)
    assert sum(isinstance(answer, dict) for answer in answers) == 2
    assert {answer.code for answer in answers if not isinstance(answer, dict)} == {"fans.not_enough"}
    assert (await room.audience.fan("douyin", "u0"))["points"] == 1
    done = next(wish for wish, answer in zip(wishes, answers, strict=True) if isinstance(answer, dict))
    assert await room.audience.loyalty.redeem("douyin", "u0", done) == {"points": 1, "redeemable": 1, "item": "sample", "cost": 2}, (
        "the same click again"
    )
    with pytest.raises(Conflict):
        await room.audience.loyalty.redeem("douyin", "u1", done)
    with pytest.raises(NotFound):
        await room.audience.loyalty.redeem("douyin", "nobody", done)
    for wrong in ({}, {**done, "points": 0}, {**done, "points": 1.5}, {**done, "points": True}, {**done, "click_id": ""}):
        with pytest.raises(InvalidInput):
            await room.audience.loyalty.redeem("douyin", "u0", wrong)


async def test_points_of_an_unconfirmed_order_wait(room):
    await room.take(room.line("order", order="o1", amount_minor=100_00))
    wish = {"click_id": "c1", "item": "ticket", "points": 50}
    with pytest.raises(Conflict):
        await room.audience.loyalty.redeem("douyin", "u1", wish)
    room.now_ms += 15 * DAY_MS
    assert await room.audience.loyalty.redeem("douyin", "u1", wish) == {"points": 50, "redeemable": 50, "item": "ticket", "cost": 50}
    assert (await room.audience.fan("douyin", "u1"))["tickets"] == 1


async def test_a_standing_is_by_confirmed_spend_and_stays_the_same_person(room):
    def standing(fan):
        return room.database.write(lambda connection: room.audience.lookup(connection, "douyin", fan))

    stranger = await standing("u1")
    assert (stranger.person, stranger.tier, stranger.is_buyer) == ("douyin:u1", Tier.NEW, False)
    await room.take(room.line("order", order="o1", amount_minor=600_00))
    buyer = await standing("u1")
    assert (buyer.person, buyer.tier, buyer.badge, buyer.is_buyer, buyer.is_regular) == ("douyin:u1", Tier.NEW, Tier.MIDDLE, False, True)
    room.now_ms += 15 * DAY_MS
    assert (await standing("u1")).tier == Tier.MIDDLE


async def test_staff_are_not_on_the_board(tmp_path):
    async with Room(tmp_path, rules=Rules(staff=frozenset({("douyin", "boss")}))) as room:
        await room.take(room.line("enter", "boss"), room.line("order", "boss", order="o1", amount_minor=900_00))
        assert room.audience.board()["rows"] == []
        assert (await room.audience.fan("douyin", "boss"))["tier"] is None
        assert (await room.database.read(lambda connection: room.audience.lookup(connection, "douyin", "boss"))).is_staff


async def test_history_is_stored_unseen_and_its_days_were_live(room):
    days = [NOW_MS - number * DAY_MS for number in range(1, 8)]
    history = [
        FanEvent(
            f"h{kind}{at_ms}",
            kind,
            at_ms,
            "douyin",
            "r1",
            "u1",
            "小美",
            order="o1" if kind == "order" else "",
            amount_minor=990,
            currency="CNY",
        )
        for at_ms in reversed(days)
        for kind in ("checkin", *(["order"] if at_ms == days[-1] else []))
    ]
    assert await room.audience.load_history(history) == 8
    assert await room.audience.load_history(history) == 0
    assert room.audience.air_board().greeting is None
    card = await room.audience.fan("douyin", "u1")
    assert (card["streak_days"], card["tickets"], card["visits"], card["points"]) == (7, 1, 7, 7 * 5 + 9)


def feed(tmp_path, lines, speed=0.0):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))
    return FileFeed(str(path), AudienceSettings(speed=speed), lambda: NOW_MS)


async def test_a_replay_has_its_own_now_and_loses_nothing(room, tmp_path):
    lines = [room.line("chat", f"u{number % 50}", ago_ms=90 * DAY_MS - number * 1000, text="签到") for number in range(3000)]
    await room.audience.set_live(True)
    await room.audience.follow(feed(tmp_path, [*lines, lines[7], b"broken"]))
    report = room.audience.report()
    assert (report["accepted"], report["duplicate"], report["rejected"], report["chat_dropped"]) == (3000, 1, 1, 0)
    assert room.audience.board()["present"] == 50, "now is the time of the last replayed event"
    card = await room.audience.fan("douyin", "u1")
    assert (card["points"], card["streak_days"]) == (5 + 10, 1)


async def test_a_replay_of_old_days_makes_today_no_live_day(tmp_path):
    async with Room(tmp_path, events="file:events.jsonl") as room:
        lines = [room.line("checkin", ago_ms=days * DAY_MS) for days in (90, 89)]
        await room.audience.set_live(True)
        await room.audience.follow(feed(tmp_path, lines))
        moment = room.audience.moment()
        assert list(moment.live_days) == [moment.show_days.day_of(NOW_MS - days * DAY_MS) for days in (90, 89)]
        assert (await room.audience.fan("douyin", "u1"))["streak_days"] == 2


async def test_who_never_bought_comes_after_everybody_who_did(room):
    await room.take(*(room.line("order", f"b{number}", order=f"o{number}", amount_minor=100, ago_ms=number) for number in range(3)))
    await room.take(*(room.line("enter", f"v{number}") for number in range(4)))
    for count in (1, 2, 3, 5):
        seen, after = [], ""
        while True:
            page = await room.audience.fans("last_order_at", count, after)
            seen += [row["id"] for row in page["rows"]]
            after = page["after"]
            if not after:
                break
        assert seen == ["b0", "b1", "b2", "v3", "v2", "v1", "v0"]


async def test_when_the_store_is_slow_chat_is_dropped_and_orders_wait(room):
    release = asyncio.get_running_loop().create_future()
    blocker = asyncio.create_task(_hold_the_writer(room.database, release))
    await asyncio.sleep(0)

    def event(number, kind):
        return FanEvent(
            f"q{number}", kind, NOW_MS, "douyin", "r1", "u1", "小美", text="x", order=f"o{number}", amount_minor=1, currency="CNY"
        )

    for number in range(1_700):
        await room.audience.submit(event(number, "chat"))
    orders = [asyncio.create_task(room.audience.submit(event(2_000 + number, "order"))) for number in range(1_200)]
    await asyncio.sleep(0.05)
    assert any(not order.done() for order in orders), "an order waits for room"
    release.set_result(None)
    await blocker
    await asyncio.gather(*orders)
    await room.audience.drained()
    assert (await room.audience.fan("douyin", "u1"))["orders"] == 1_200
    report = room.audience.report()
    assert report["chat_dropped"] > 0
    assert report["accepted"] + report["chat_dropped"] == 2_900


async def _hold_the_writer(database, release):
    held = threading.Event()
    release.add_done_callback(lambda _: held.set())
    await database.write(lambda _connection: held.wait(120))


async def test_the_loop_is_not_held_by_a_megabyte_of_lines(room):
    lines = [room.line("chat", f"u{number % 300}", text="好看" * 20) for number in range(3000)]
    gaps = []

    async def beat():
        while True:
            before = time.thread_time()
            await asyncio.sleep(0.001)
            gaps.append(time.thread_time() - before)

    heart = asyncio.create_task(beat())
    assert (await room.take(*lines)).accepted == 3000
    heart.cancel()
    assert sorted(gaps)[len(gaps) * 95 // 100] < 0.02, "CPU of the loop's thread between two heartbeats"


async def test_a_store_that_refuses_what_a_bridge_sends_is_told_and_looked_at_until_it_is_back(room, tmp_path):
    """The bridge keeps what it gets no answer for, so nothing waits here: the host must hear of it all the same."""
    troubles = []
    room.bus.subscribe(StoreTrouble, lambda told: troubles.append(told.code))
    other = sqlite3.connect(tmp_path / "encore.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable):
        await room.take(room.line("chat", text="hello"))
    assert troubles == ["store.locked"]
    other.execute("ROLLBACK")
    other.close()
    await room.until(lambda: troubles == ["store.locked", ""])
    assert (await room.take(room.line("chat", text="hello"))).accepted == 1


async def test_a_store_that_is_locked_during_the_show_loses_nothing(room, tmp_path):
    troubles = []
    room.bus.subscribe(StoreTrouble, lambda trouble: troubles.append(trouble.code))
    other = sqlite3.connect(tmp_path / "encore.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    def order(number):
        return FanEvent(f"j{number}", "order", NOW_MS, "douyin", "r1", "u1", "小美", order=f"o{number}", amount_minor=100, currency="CNY")

    journal = tmp_path / "encore.db.journal"
    for number in range(20):
        await room.audience.submit(order(number))
    await room.until(lambda: troubles == ["store.locked"] and journal.exists() and len(journal.read_bytes().splitlines()) == 20)
    other.execute("ROLLBACK")
    other.close()
    await room.until(lambda: troubles == ["store.locked", ""])
    assert not journal.exists()
    assert (await room.audience.fan("douyin", "u1"))["orders"] == 20


async def test_a_journal_that_is_left_over_is_applied_at_the_next_start(room, tmp_path):
    await room.audience.close()
    await room.database.close()
    journal = Journal(tmp_path / "encore.db.journal")
    kept = FanEvent("k1", "chat", NOW_MS, "douyin", "r1", "u1", "小美", text="签到")
    journal.append([Received(kept, NOW_MS, is_live=True)])
    with (tmp_path / "encore.db.journal").open("a") as file:
        file.write("[1, false, fal")
    journal.append([Received(replace(kept, id="k2", type="share"), NOW_MS)])
    async with Room(tmp_path) as again:
        assert (await again.audience.fan("douyin", "u1"))["points"] == 5 + 20
        assert not journal.has_events
