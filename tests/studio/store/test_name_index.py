"""Fans by a part of their name: what they are called and were called, in any script, and nothing of those who are erased."""

import pytest
from fan_file import T0, FanFile
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.model.events import FanEvent
from studio.model.name_search import all_pairs, folded, wanted
from studio.store import fan_archive, name_index
from studio.store.erase import erase
from studio.store.tables import name_pair


@pytest.fixture
def file():
    made = FanFile()
    yield made
    made.close()


def chat(number, fan, name, platform="douyin"):
    return FanEvent(id=f"e{number}", type="chat", at_ms=T0 + number * 1000, platform=platform, room="r1", fan_id=fan, name=name, text="x")


def order(number, fan, amount_minor):
    money = {"order": f"o{number}", "amount_minor": amount_minor, "currency": "CNY"}
    return FanEvent(id=f"e{number}", type="order", at_ms=T0 + number * 1000, platform="douyin", room="r1", fan_id=fan, **money)


def found(file, text, limit=20):
    persons = name_index.find(file.connection, text, limit).persons
    return [row["id"] for row in name_index.told(file.connection, persons)]


def test_any_part_of_a_name_finds_it_also_a_former_one(file):
    file.take(
        chat(1, "u1", "小美"), chat(2, "u2", "爱笑的小美妈"), chat(3, "u3", "美小"), chat(4, "u4", "Vivian 陈"), chat(5, "u5", "大橘🍊🍊"),
        chat(6, "u6", "ＡＢＣ１２３"), chat(7, "u7", "'; DROP TABLE fan; --"), chat(8, "u8", "100%_x"),
    )  # fmt: skip
    file.take(chat(9, "u3", "桃子"))
    assert found(file, "小美") == ["u1", "u2"]
    assert found(file, "小") == ["u1", "u2", "u3"]
    assert found(file, "美小") == ["u3"]
    assert found(file, "桃") == ["u3"]
    assert found(file, "viv") == found(file, "VIANcHE".lower()[:4]) == found(file, "n陈") == ["u4"]
    assert found(file, "🍊") == ["u5"]
    assert found(file, "abc12") == ["u6"]
    assert found(file, "drop table") == ["u7"]
    assert found(file, "%") == found(file, "0%_") == ["u8"]
    assert found(file, "u8") == ["u8"]
    assert found(file, "无人") == found(file, "") == found(file, "   ") == found(file, "\0") == []


def test_the_best_answers_come_first_and_more_are_said(file):
    file.take(
        *(chat(number, f"u{number}", f"小美{number}") for number in range(1, 30)), chat(30, "rich", "我是小美"), chat(31, "self", "小美")
    )
    file.take(order(40, "u7", 500_00), order(41, "rich", 900_00))
    assert found(file, "小美")[:2] == ["self", "u7"]
    few = name_index.find(file.connection, "小美", 5)
    assert (len(few.persons), few.has_more) == (5, True)
    assert not name_index.find(file.connection, "我是", 5).has_more


def test_one_person_with_two_accounts_is_found_once(file):
    file.take(chat(1, "u1", "小美"), chat(2, "k1", "小美美", "kuaishou"))
    assert len(name_index.find(file.connection, "小美", 9).persons) == 2


def test_erased_names_leave_no_pair_and_a_rebuild_makes_the_same_index(file):
    file.take(chat(1, "u1", "秘密的名字"), chat(2, "u2", "小美"), chat(3, "u1", "另一个"))
    before = set(file.connection.execute(name_pair.select()))
    fan_archive.rebuild(file.connection, file.store)
    assert set(file.connection.execute(name_pair.select())) == before
    erase(file.connection, file.store, ("douyin", "u1"))
    assert found(file, "秘密") == found(file, "另一") == found(file, "u1") == []
    assert {row.pair for row in file.connection.execute(name_pair.select())} == all_pairs(["小美"])


def test_a_former_name_that_is_forgotten_takes_only_its_own_pairs(file):
    file.take(chat(1, "u1", "小美丽"), chat(2, "u1", "小美"))
    account = file.connection.execute(name_pair.select()).first().identity_id
    name_index.forget(file.connection, [account], "小美丽")
    assert {row.pair for row in file.connection.execute(name_pair.select())} == all_pairs(["小美"])


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=12), st.integers(0, 11), st.integers(1, 12))
def test_every_part_of_every_name_has_its_pairs_in_the_index(name, start, length):
    part = folded(name)[start : start + length]
    if part:
        needed, single = wanted(part)
        pairs = all_pairs([name])
        assert set(needed) <= pairs
        assert single is None or any(single[0] <= pair <= single[1] for pair in pairs)
