"""A lottery from the click to the proof, on a real store."""

import asyncio
import json
from dataclasses import replace

import pytest

from studio.errors import Conflict, InvalidInput, NotFound
from studio.model.draw import fan_hash
from studio.model.drops import FanStanding
from studio.model.proof import verify
from studio.model.scene import Tier
from studio.remote.roles import Principal
from studio.store import drop_store

from .conftest import ANNA, BEN, HOST, LOTTERY


async def test_from_the_click_to_a_valid_proof(rig):
    drop_id = await rig.open()
    opening = rig.drops.drop(drop_id)["opening"]
    for number in range(20):
        rig.say(f"u{number}", "想要！")
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["entries"] == 20
    await rig.run_out(drop_id)

    drop = rig.drops.drop(drop_id)
    assert drop["state"] == "drawn"
    assert [winner["prize"] for winner in drop["winners"]] == ["口红", "面膜"]
    verdict = verify(await rig.proof(drop_id), opening, drop["closing"])
    assert verdict.outcome == "valid", verdict
    proof = await rig.drops.proof(drop_id)
    assert proof["rules"]["organiser"] == "返场工作室"
    assert proof["entries"][0]["shown"].startswith("粉＊ ")


async def test_a_winners_line_of_the_proof_can_be_tied_to_the_winner(rig):
    drop_id = await rig.open()
    rig.say("u1")
    await rig.run_out(drop_id)
    winner = rig.drops.drop(drop_id)["winners"][0]
    line = (await rig.drops.proof(drop_id))["entries"][winner["n"]]
    assert line["fan"] == fan_hash(bytes.fromhex(winner["r"]), winner["platform"], winner["id"])
    assert await rig.drops.own_entry(drop_id, "douyin", "u1") == {"n": winner["n"], "r": winner["r"]}
    with pytest.raises(NotFound):
        await rig.drops.own_entry(drop_id, "douyin", "u2")


async def test_a_second_click_is_the_same_drop(rig):
    body = {"click_id": "c", **LOTTERY}
    first, is_new = await rig.drops.open(body, HOST)
    second, is_new_again = await rig.drops.open({**body, "title": "别的"}, ANNA)
    assert (is_new, is_new_again) == (True, False)
    assert second == first
    assert len(rig.drops.drops()) == 1


async def test_a_hundred_racing_clicks_are_one_drop(rig):
    answers = await asyncio.gather(*(rig.drops.open({"click_id": "c", **LOTTERY}, HOST) for _ in range(100)))
    assert len({drop["id"] for drop, _ in answers}) == 1
    assert [is_new for _, is_new in answers].count(True) == 1


async def test_one_entry_a_person_the_first(rig):
    rig.fans["douyin", "u1"] = FanStanding("person-1")
    rig.fans["taobao", "t1"] = FanStanding("person-1")
    drop_id = await rig.open()
    for _ in range(50):
        rig.say("u1")
    await rig.drops.settled()
    rig.say("t1", platform="taobao")
    rig.say("u1")
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["entries"] == 1
    await rig.run_out(drop_id)
    assert rig.drops.drop(drop_id)["winners"][0]["platform"] == "douyin"


async def test_a_stranger_who_becomes_known_meanwhile_enters_once(rig):
    """The first word of a newcomer reaches the drop before the fan file knows them."""
    drop_id = await rig.open()
    rig.say("u1")
    await rig.drops.settled()
    rig.fans["douyin", "u1"] = FanStanding("person-77")
    rig.drops._desk.open[drop_id].seen.clear()
    rig.say("u1")
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["entries"] == 1


@pytest.mark.parametrize("text", ["不想要", "想要吗", "我也想要", "想", "", "口红"])
async def test_what_is_not_the_keyword_does_not_enter(rig, text):
    drop_id = await rig.open()
    rig.say("u1", text)
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["entries"] == 0


@pytest.mark.parametrize("text", ["想要", " 想 要 ！！", "想要想要想要", "【想要】❤️"])
async def test_the_keyword_counts_however_it_is_decorated(rig, text):
    drop_id = await rig.open()
    rig.say("u1", text)
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["entries"] == 1


async def test_staff_and_unidentified_fans_never_enter(rig):
    rig.fans["douyin", "boss"] = FanStanding("boss", is_staff=True)
    drop_id = await rig.open()
    rig.say("boss")
    rig.say("")
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["entries"] == 0


async def test_who_may_enter_is_judged_at_the_entry_and_may_change(rig):
    drop_id = await rig.open(who="regulars")
    rig.say("u1")
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["entries"] == 0
    rig.fans["douyin", "u1"] = FanStanding("person-1", is_regular=True)
    rig.say("u1")
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["entries"] == 1
    rig.fans["douyin", "u1"] = FanStanding("person-1")
    await rig.run_out(drop_id)
    assert len(rig.drops.drop(drop_id)["winners"]) == 1


async def test_tickets_follow_the_tier_at_the_entry(rig):
    rig.fans["douyin", "u1"] = FanStanding("p1", tier=Tier.SENIOR)
    drop_id = await rig.open(weights={"高级": 7})
    rig.say("u1")
    rig.say("u2")
    await rig.run_out(drop_id)
    assert [entry["tickets"] for entry in (await rig.drops.proof(drop_id))["entries"]] == [7, 1]


async def test_an_event_over_ten_minutes_old_does_not_count(rig):
    drop_id = await rig.open()
    rig.say("late", at_ms=rig.clocks.wall_ms - 600_001)
    rig.say("just", at_ms=rig.clocks.wall_ms - 600_000)
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["entries"] == 1


async def test_what_was_received_before_the_end_counts_and_after_it_does_not(rig):
    drop_id = await rig.open()
    rig.clocks.go(60.0)
    rig.say("in-time", received_at_ms=rig.clocks.wall_ms - 1)
    rig.say("too-late", received_at_ms=rig.clocks.wall_ms)
    await rig.run_out(drop_id, 0)
    assert len((await rig.drops.proof(drop_id))["entries"]) == 1


async def test_nothing_counts_after_the_end_even_before_the_timekeeper_wakes(rig):
    drop_id = await rig.open()
    rig.clocks.go(60.5)
    rig.say("u1")
    with pytest.raises(Conflict):
        await rig.drops.enter_by_hand(drop_id, {"platform": "douyin", "id": "u2"}, HOST)
    await rig.run_out(drop_id, 0)
    assert rig.drops.drop(drop_id)["entries"] == 0


async def test_it_closes_by_itself(rig):
    """By the timekeeper alone, on the real clock of a one-second drop."""
    drop_id = await rig.open(seconds=1)
    rig.say("u1")
    rig.clocks.go(1.0)
    await rig.until(lambda: rig.drops.drop(drop_id)["state"] == "drawn")
    assert rig.drops.drop(drop_id)["closed_at"] == rig.drops.drop(drop_id)["closes_at"]


async def test_nobody_came_and_the_draw_is_empty_but_proved(rig):
    drop_id = await rig.open()
    await rig.run_out(drop_id)
    drop = rig.drops.drop(drop_id)
    assert (drop["state"], drop["winners"]) == ("drawn", [])
    assert verify(await rig.proof(drop_id), drop["opening"], drop["closing"]).outcome == "valid"


async def test_an_entry_by_hand_is_marked_manual_and_names_its_reason(rig):
    drop_id = await rig.open()
    drop = await rig.drops.enter_by_hand(drop_id, {"platform": "douyin", "id": "u1", "reason": "电话"}, ANNA)
    assert drop["entries"] == 1
    with pytest.raises(Conflict) as caught:
        await rig.drops.enter_by_hand(drop_id, {"platform": "douyin", "id": "u1"}, ANNA)
    assert caught.value.params["reason"] == "already"
    await rig.run_out(drop_id)
    assert (await rig.drops.proof(drop_id))["entries"][0]["source"] == "manual"
    with pytest.raises(Conflict):
        await rig.drops.enter_by_hand(drop_id, {"platform": "douyin", "id": "u2"}, ANNA)


async def test_a_claim_enters_a_lottery_and_says_whether_a_person_made_it(rig):
    connector = Principal("桥", "connector", "token-bridge", platform="douyin")
    drop_id = await rig.open()

    async def claim(fan_id, claim_id, principal=connector):
        return await rig.drops.claim(drop_id, {"platform": "douyin", "id": fan_id, "claim_id": claim_id}, principal)

    async def refusal(fan_id, claim_id):
        with pytest.raises(Conflict) as caught:
            await claim(fan_id, claim_id)
        return caught.value.params["reason"]

    rig.fans["douyin", "boss"] = FanStanding("b", is_staff=True)
    assert await claim("u1", "k1") == await claim("u1", "k1") == {"code": "", "n": 0}
    assert await claim("u2", "k2", ANNA) == {"code": "", "n": 1}
    assert [await refusal("u1", "other"), await refusal("boss", "k3")] == ["already", "not_entitled"]
    await rig.run_out(drop_id)
    assert await claim("u1", "k1") == {"code": "", "n": 0}
    assert await refusal("u9", "k9") == "closed"
    assert [entry["source"] for entry in (await rig.drops.proof(drop_id))["entries"]] == ["api", "manual"]


async def test_entries_are_numbered_in_the_order_of_receipt(rig):
    drop_id = await rig.open(reserves=0, prizes=[{"name": "x", "value_minor": 0}] * 30)
    for number in range(30):
        rig.say(f"u{number:02}", name=f"{number:02}")
    await rig.run_out(drop_id)
    by_n = {winner["n"]: winner["id"] for winner in rig.drops.drop(drop_id)["winners"]}
    assert [by_n[n] for n in range(30)] == [f"u{number:02}" for number in range(30)]


async def test_closing_early_needs_the_rules_leave(rig):
    drop_id = await rig.open()
    with pytest.raises(Conflict) as caught:
        await rig.drops.close(drop_id, HOST)
    assert caught.value.code == "drops.no_early_close"
    assert rig.drops.drop(drop_id)["state"] == "open"
    await rig.run_out(drop_id)

    drop_id = await rig.open(early_close=True)
    rig.say("u1")
    rig.clocks.go(10)
    drop = await rig.drops.close(drop_id, HOST)
    assert (drop["state"], len(drop["winners"])) == ("drawn", 1)
    assert verify(await rig.proof(drop_id), drop["opening"], drop["closing"]).outcome == "valid"


async def test_two_who_close_at_once_make_one_draw(rig):
    drop_id = await rig.open(early_close=True)
    for number in range(200):
        rig.say(f"u{number}")
    answers = await asyncio.gather(*(rig.drops.close(drop_id, who) for who in (ANNA, BEN) * 20), return_exceptions=True)
    assert sum(isinstance(answer, dict) for answer in answers) == 1
    assert all(isinstance(answer, Conflict) for answer in answers if not isinstance(answer, dict))
    drawn = [drop for drop in rig.news if drop["state"] == "drawn"]
    assert len(drawn) == 1
    assert verify(await rig.proof(drop_id)).outcome == "consistent"


async def test_closing_and_the_end_of_time_at_once_make_one_draw(rig):
    drop_id = await rig.open(early_close=True)
    rig.say("u1")
    rig.clocks.go(60)
    await asyncio.gather(rig.drops.tick(), rig.drops.close(drop_id, HOST), rig.drops.tick(), return_exceptions=True)
    await rig.until(lambda: rig.drops.drop(drop_id)["state"] == "drawn")
    assert len([drop for drop in rig.news if drop["state"] == "drawn"]) == 1


async def test_two_engines_draws_of_one_list_are_one_in_the_store(rig):
    """The store's compare-and-set alone: both hands have drawn, the second is refused and changes nothing."""
    drop_id = await rig.open()
    rig.say("u1")
    rig.say("u2")
    await rig.run_out(drop_id)
    from studio.store import rank_store

    before = await rig.drops.proof(drop_id)
    with pytest.raises(Conflict):
        await rig.database.write(lambda connection: rank_store.store_draw(connection, drop_id, [1, 0], 0))
    assert await rig.drops.proof(drop_id) == before


async def test_every_step_is_stored_before_it_is_shown(rig):
    """Whatever the bus tells is read back from the store at that moment."""
    seen = []

    async def stored(drop_id):
        return await rig.database.read(lambda connection: drop_store.find(connection, drop_id))

    from studio.drops import DropChanged

    rig.drops._shelf._bus.subscribe(
        DropChanged, lambda changed: seen.append((changed.drop, asyncio.ensure_future(stored(changed.drop["id"]))))
    )
    drop_id = await rig.open()
    rig.say("u1")
    await rig.run_out(drop_id)
    order = ["open", "closing", "drawn"]
    for shown, task in seen:
        record = await task
        assert order.index(record.state) >= order.index(shown["state"])
        assert shown["opening"] == record.opening
        assert shown["closing"] in ("", record.closing)


async def test_the_closing_hash_is_shown_before_the_winners(rig):
    drop_id = await rig.open()
    rig.say("u1")
    await rig.run_out(drop_id)
    shown = [(drop["state"], bool(drop["closing"]), bool(drop["winners"])) for drop in rig.news]
    assert shown.index(("closing", True, False)) < shown.index(("drawn", True, True))


async def test_the_seed_is_nowhere_until_it_is_drawn(rig):
    drop_id = await rig.open()
    rig.say("u1")
    await rig.drops.settled()
    record = await rig.database.read(lambda connection: drop_store.find(connection, drop_id))
    with pytest.raises(Conflict):
        await rig.drops.proof(drop_id)
    secret = record.seed.hex()
    told = json.dumps([rig.drops.drops(), rig.drops.drop(drop_id), rig.news]) + repr(rig.drops.snapshot()) + repr(record)
    assert len(record.seed) == 32
    assert secret not in told
    assert repr(record.seed) not in told
    await rig.run_out(drop_id)
    assert (await rig.drops.proof(drop_id))["seed"] == secret
    assert secret not in json.dumps([rig.drops.drops(), rig.news])


async def test_lotteries_of_a_room_are_numbered_without_a_gap_and_chained(rig):
    proofs = []
    for number in range(4):
        drop_id = await rig.open(draft=number == 1)
        if number == 1:
            await rig.drops.cancel(drop_id, HOST)  # never opened: it takes no number
            continue
        if number == 2:
            await rig.drops.cancel(drop_id, HOST, "停电")
        else:
            await rig.run_out(drop_id)
        proofs.append(await rig.drops.proof(drop_id))
    assert [proof["rules"]["number"] for proof in proofs] == [1, 2, 3]
    assert [proof["rules"]["prev"] for proof in proofs] == ["", proofs[0]["closing"], proofs[1]["closing"]]


async def test_the_next_lottery_waits_for_the_one_before(rig):
    drop_id = await rig.open()
    with pytest.raises(Conflict) as caught:
        await rig.open()
    assert caught.value.code == "drops.lottery_running"
    assert len(rig.drops.drops()) == 1
    await rig.run_out(drop_id)
    await rig.open()


async def test_a_cancelled_lottery_publishes_its_list_and_seed_and_ranks_nobody(rig):
    drop_id = await rig.open()
    rig.say("u1")
    drop = await rig.drops.cancel(drop_id, HOST, "停电")
    assert (drop["state"], drop["winners"], drop["entries"]) == ("cancelled", [], 1)
    proof = await rig.drops.proof(drop_id)
    assert proof["cancelled"]["reason"] == "停电"
    assert proof["ranking"] == []
    assert verify(await rig.proof(drop_id), drop["opening"], drop["closing"]).outcome == "valid"
    rig.say("u2")
    await rig.drops.settled()
    assert rig.drops.drop(drop_id)["entries"] == 1


async def test_what_is_drawn_can_be_neither_cancelled_nor_closed_again(rig):
    drop_id = await rig.open(early_close=True)
    await rig.drops.close(drop_id, HOST)
    before = rig.drops.drop(drop_id)
    for step in (rig.drops.cancel, rig.drops.close, rig.drops.approve, rig.drops.open_draft):
        with pytest.raises(Conflict):
            await step(drop_id, BEN)
    assert rig.drops.drop(drop_id) == before


async def test_a_closed_list_cannot_be_cancelled_by_who_holds_the_seed(rig):
    drop_id = await rig.open()
    await rig.database.write(lambda connection: drop_store.close(connection, drop_id, rig.clocks.wall_ms))
    with pytest.raises(Conflict):
        await rig.drops.cancel(drop_id, HOST)


async def test_a_drop_that_does_not_exist_is_not_found(rig):
    for ask in (
        rig.drops.close("x", HOST),
        rig.drops.cancel("x", HOST),
        rig.drops.approve("x", HOST),
        rig.drops.proof("x"),
        rig.drops.claim("x", {}, HOST),
        rig.drops.enter_by_hand("x", {}, HOST),
    ):
        with pytest.raises(NotFound):
            await ask
    with pytest.raises(NotFound):
        rig.drops.drop("x")


async def test_a_winner_who_steps_back_is_followed_by_the_next_reserve_and_listed(rig):
    drop_id = await rig.open()
    for number in range(5):
        rig.say(f"u{number}")
    await rig.run_out(drop_id)
    proof = await rig.drops.proof(drop_id)
    first, second, reserve = proof["ranking"]
    drop = await rig.drops.pass_over(drop_id, first, "declined", HOST)
    assert [winner["n"] for winner in drop["winners"]] == [reserve, second]
    assert (await rig.drops.proof(drop_id))["passed_over"] == [{"n": first, "reason": "declined"}]
    assert verify(await rig.proof(drop_id), drop["opening"], drop["closing"]).outcome == "valid"
    with pytest.raises(InvalidInput):
        await rig.drops.pass_over(drop_id, second, "not nice", HOST)
    with pytest.raises(Conflict):
        await rig.drops.pass_over(drop_id, first, "declined", HOST)
    assert sorted(item["what"] for item in await rig.waiting()) == ["口红", "面膜"]


async def test_the_picture_shows_masked_names_and_lets_a_settled_drop_go(rig):
    assert rig.drops.snapshot() is None
    drop_id = await rig.open()
    rig.say("u1", name="小美")
    await rig.drops.settled()
    air = rig.drops.snapshot()
    assert (air.kind, air.state, air.entries, air.keyword, air.closes_at_ms - air.opened_at_ms) == ("lottery", "open", 1, "想要", 60_000)
    await rig.run_out(drop_id)
    air = rig.drops.snapshot()
    assert [winner.name for winner in air.winners] == ["小＊"]
    assert [entrant.name for entrant in air.reel] == ["小＊"]
    assert air.settled_at_ms
    rig.clocks.go(31)
    assert rig.drops.snapshot() is None


async def test_counts_are_told_at_most_ten_times_a_second(rig):
    await rig.open()
    rig.news.clear()
    started = asyncio.get_running_loop().time()
    for number in range(300):
        rig.say(f"u{number}")
        if number % 10 == 0:
            await rig.drops.settled()
    await rig.until(lambda: rig.news and rig.news[-1]["entries"] == 300)
    spent_s = asyncio.get_running_loop().time() - started
    assert len(rig.news) <= spent_s * 10 + 2


async def test_a_hostile_nickname_is_kept_literally_and_only_as_data(rig):
    name = "'; DROP TABLE drops; --{0.__class__}<img src=x>\u202e"
    drop_id = await rig.open()
    rig.say("u1", name=name)
    await rig.run_out(drop_id)
    assert rig.drops.drop(drop_id)["winners"][0]["name"] == name
    assert (await rig.drops.proof(drop_id))["entries"][0]["shown"].startswith("'＊ ")


async def test_drops_of_another_room_are_not_ours(rig):
    await rig.open()
    record = await rig.database.read(lambda connection: drop_store.newest(connection, "r1", 1)[0])
    other = replace(record, id="other", room="r2", click_id="other")
    await rig.database.write(lambda connection: drop_store.add(connection, other))
    assert [one.id for one in await rig.database.read(lambda connection: drop_store.newest(connection, "r1", 9))] == [record.id]
