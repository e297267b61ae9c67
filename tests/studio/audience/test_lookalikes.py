"""Names that can be taken for a regular's or the host's are told in chat, on the board and on the card; nobody is acted on."""

from room import Room

from studio.model.fans import Fan
from studio.model.lookalikes import Lookalikes
from studio.model.loyalty import Rules


async def buys(room, fan, name):
    await room.take(room.line("order", fan, name=name, order=f"o-{fan}", amount_minor=9_900))


async def test_a_newcomer_who_is_called_like_a_present_regular_is_told_of(room):
    await buys(room, "u1", "Alice小美")
    await room.take(room.line("chat", "u1", name="Alice小美", text="在"))
    await room.take(room.line("chat", "x1", name="Аlіcе小美", text="加我微信"))
    await room.until(lambda: len(room.chat) == 2)
    assert [item.looks_like for item in room.chat] == ["", "Alice小美"]
    rows = {row["id"]: row["looks_like"] for row in room.audience.board()["rows"]}
    assert rows == {"u1": "", "x1": "Alice小美"}
    assert (await room.audience.fan("douyin", "x1"))["looks_like"] == "Alice小美"
    assert (await room.audience.fan("douyin", "u1"))["looks_like"] == ""


async def test_zero_width_and_full_width_copies_are_seen_and_other_names_are_not(room):
    await buys(room, "u1", "VIP客服01")
    await room.take(room.line("enter", "u1", name="VIP客服01"))
    for number, name in enumerate(("V\u200bIP客服01", "ＶＩＰ客服０１", "vip客服O1", "VIP客服02")):
        await room.take(room.line("chat", f"x{number}", name=name, text="在"))
    await room.until(lambda: len(room.chat) == 4)
    assert [bool(item.looks_like) for item in room.chat] == [True, True, True, False]


async def test_the_host_need_not_be_here_and_is_never_accused(tmp_path):
    async with Room(tmp_path, rules=Rules(staff=frozenset({("douyin", "boss")}))) as room:
        await room.take(room.line("chat", "boss", name="主播小美", text="大家好", ago_ms=3_600_000))
        await room.take(room.line("chat", "x1", name="主播小美", text="加我"), room.line("chat", "0", name="主播小美", text="没有编号"))
        await room.until(lambda: len(room.chat) == 3)
        assert [item.looks_like for item in room.chat] == ["", "主播小美", "主播小美"]


def regular(number, name, first_ms):
    return Fan(number, "douyin", f"u{number}", name, first_seen_at_ms=first_ms)


def test_of_two_regulars_the_later_one_is_told_of_and_the_absent_are_no_matter():
    here = {1, 2}
    known = Lookalikes(here.__contains__)
    first, second = regular(1, "小美呀", 5), regular(2, "小美呀", 9)
    known.note(first)
    known.note(second)
    assert (known.taken_for("小美呀", first), known.taken_for("小美呀", second)) == ("", "小美呀")
    here.clear()
    assert known.taken_for("小美呀", second) == ""
    here.update({1, 2})
    known.note(regular(1, "桃子呀", 5))
    assert known.taken_for("小美呀", second) == ""
    known.forget(1)
    known.forget(1)
    assert known.taken_for("桃子呀", second) == ""
    assert known.taken_for("", None) == known.taken_for("a", None) == ""
