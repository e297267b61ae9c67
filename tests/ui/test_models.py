"""What lists show: rows that differ are told, others are left alone; drops, notices and rates from what the engine says."""

from dataclasses import replace

import pytest
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy

from studio.model.drops import parse_order
from tests.ui.staged_people import PEOPLE, person
from ui.language import words
from ui.models import specs
from ui.models.chat import LIMIT, ChatModel, chat_line
from ui.models.condition import condition, live_words
from ui.models.drops import drop
from ui.models.people import PeopleModel
from ui.models.people import person as read_person
from ui.room import Room


@pytest.fixture
def people():
    model = PeopleModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield model
    tester.deleteLater()


def rows(*numbers: int, **more):
    return [read_person(person(number, f"粉丝{number}", last_order_at="2026-11-01T12:00:00Z", **more)) for number in numbers]


def test_only_the_row_that_differs_is_told(people):
    people.show(rows(1, 2, 3))
    inserted, removed, changed = QSignalSpy(people.rowsInserted), QSignalSpy(people.rowsRemoved), QSignalSpy(people.dataChanged)
    people.show([*rows(1), *rows(2, visits=13), *rows(3)])
    assert (inserted.count(), removed.count(), changed.count()) == (0, 0, 1)
    assert changed.at(0)[0].row() == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [((1, 2, 3), (3, 1, 2)), ((1, 2, 3, 4), (4, 9, 2)), ((), (1, 2)), ((1, 2), ()), ((1, 2, 3, 4, 5), (5, 4, 3, 2, 1)), ((1, 2), (3, 4))],
)
def test_any_order_becomes_any_other(people, before, after):
    people.show(rows(*before))
    people.show(rows(*after))
    assert [row.id for row in people.rows()] == [f"u{number}" for number in after]


def test_a_row_that_moves_is_moved_not_made_anew(people):
    people.show(rows(1, 2, 3))
    moved, inserted = QSignalSpy(people.rowsMoved), QSignalSpy(people.rowsInserted)
    people.show(rows(3, 1, 2))
    assert (moved.count(), inserted.count()) == (1, 0)


def test_rows_of_any_shape_are_read_without_a_fault():
    for row in ({}, {"name": None, "visits": "many", "tier": 9, "to_next_minor": "x"}, {"name": ["a"], "id": 5, "regular": "yes"}):
        assert read_person(row).visits == 0
    assert drop({"winners": "none", "opened_at": "yesterday", "entries": True}).entries == 0


def test_the_chat_keeps_500_and_tells_one_change_for_a_batch():
    model = ChatModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    told = QSignalSpy(model.rowsInserted)
    for number in range(1200):
        model.take({"name": str(number), "text": "x"})
    assert model.flush() == LIMIT
    assert (model.rowCount(), told.count()) == (LIMIT, 1)
    model.take({"name": "last", "text": "x"})
    assert model.flush() == 1
    assert model.rowCount() == LIMIT
    assert model.index(LIMIT - 1, 0).data() == "last x"


def test_a_long_line_gets_the_height_it_needs():
    assert chat_line({"name": "小鹿", "text": "想要"}).lines == 0
    assert chat_line({"name": "小鹿", "text": "上次说的补发小样还有吗，可以和这次一起寄吗？"}).lines == 2
    assert chat_line({"name": "小鹿", "text": "长" * 200}).lines == 3


def test_a_repeated_notice_counts_up_in_its_place():
    room = Room()
    for count in (1, 2):
        room.take("notice", {"id": 7, "level": "bad", "code": "x", "text": {"en": "Lost"}, "at": 5.0, "count": count})
    assert [(notice.id, notice.count) for notice in room.notices] == [(7, 2)]


def test_rates_come_from_how_counters_grow_and_a_restarted_engine_gives_none():
    room = Room()
    for second in range(3):
        outputs = [{"name": "main", "bytes": 750_000 * second}]
        room.take("health", {"video": {"encoded": 30 * second}, "outputs": outputs}, 100.0 + second)
    assert room.rate("video", "encoded") == pytest.approx(30)
    assert room.output_kbps("main") == pytest.approx(6000)
    room.take("health", {"video": {"encoded": 0}, "outputs": []}, 103.0)
    assert room.rate("video", "encoded") is None
    assert room.output_kbps("main") is None


def test_messages_of_any_shape_change_nothing_and_break_nothing():
    room = Room()
    for kind in ("board", "drop", "live", "health", "settings", "meters", "notice", "other"):
        for data in (None, 5, "text", [], {}, [1, None], {"rows": "none"}, {"outputs": 5}, {"sources": {}}):
            room.take(kind, data)
    assert condition(room, "on", is_still=False)[0] == "good"


def test_the_worst_thing_is_said(qapp):
    room = Room()
    outputs = [{"name": "main", "kind": "rtmp", "state": "reconnecting"}]
    room.take("live", {"state": "live", "since": 1.0, "outputs": outputs, "sources": [{"kind": "video", "code": "source.camera_lost"}]})
    assert condition(room, "lost", is_still=True)[0] == "bad"
    assert "画面" in condition(room, "on", is_still=True)[1]
    room.take("live", {"state": "live", "since": 1.0, "outputs": outputs, "sources": []})
    assert condition(room, "on", is_still=True)[1] == "画面停住了"
    assert condition(room, "on", is_still=False) == ("bad", "main 断开")


def test_a_show_without_a_stream_is_a_recording_and_never_called_live():
    room = Room()
    room.take("live", {"state": "live", "since": 1.0, "outputs": [{"name": "archive", "kind": "file", "state": "live"}]})
    assert live_words(room, "00:00:05", "") == ("record", "录制中 00:00:05")


def test_people_who_are_not_here_are_not_listed():
    room = Room()
    room.take("board", {"present": 1, "regulars": 1, "rows": [{**PEOPLE[0], "present": True}, {**PEOPLE[1], "present": False}]})
    assert [row.name for row in room.people] == ["小鹿"]


def test_a_spec_becomes_the_body_of_the_call_with_a_click_of_its_own():
    lottery = specs.default("lottery")
    first, second = specs.body(lottery, "CNY"), specs.body(lottery, "CNY")
    assert first["click_id"] != second["click_id"]
    assert first["prizes"] == [{"name": "神秘小样", "value_minor": 0, "currency": "CNY"}]
    assert {"value_minor": 2000, "min_spend_minor": 9900, "stock": 100}.items() <= specs.body(specs.default("coupon"), "CNY").items()


def test_the_engine_takes_both_defaults():
    for kind in ("lottery", "coupon"):
        assert parse_order(specs.body(specs.default(kind), "CNY"), "CNY").spec.title


@pytest.mark.parametrize(
    "table", [{"value": 5}, {"seconds": -1}, {"title": ""}, {"stock": 10**9}, {"nonsense": 1}, {"value": "1e9"}, {"value": "NaN"}]
)
def test_a_remembered_spec_that_is_not_sound_gives_way_to_the_default(table):
    assert specs.restore("coupon", table) == specs.default("coupon")


def test_the_pill_says_the_worst_of_what_the_engine_watches_in_a_few_words():
    room = Room()
    room.take("health", {"standing": [{"code": "overload.eased", "level": "warn"}, {"code": "picture.frozen", "level": "bad"}]})
    assert condition(room, "on", is_still=False) == ("bad", "画面卡住")
    room.take("health", {"standing": [{"code": "overload.eased", "level": "warn"}, {"code": "a.new.one", "level": "warn"}]})
    assert condition(room, "on", is_still=False) == ("warn", "省力运行")
    room.take("health", {"standing": []})
    assert condition(room, "on", is_still=False)[0] == "good"


def test_a_drop_may_be_for_a_tier_and_those_above_whatever_the_rules_call_it():
    named = ("路人", "会员", "贵宾")
    audiences = specs.audiences(named)
    assert list(audiences) == ["all", "regulars", "buyers", "tier:junior", "tier:middle"]
    assert [audiences["tier:junior"], audiences["tier:middle"]] == ["会员及以上", "贵宾及以上"]
    spec = replace(specs.default("coupon"), who="tier:middle")
    order = parse_order(specs.body(spec, "CNY"), "CNY", named)
    assert str(order.spec.who) == "tier:贵宾"
    assert "贵宾及以上" in specs.line(spec, "CNY", named)
    assert specs.who_words("tier:senior", named) == words("who.gone")
    assert specs.restore("coupon", specs.table(spec)) == spec


def test_off_air_pictures_that_come_too_late_say_that_the_machine_is_busy_and_on_air_what_it_costs():
    room = Room()
    for seconds, lost in ((0, 0), (1, 30)):
        room.take("health", {"video": {"skipped": lost, "late": 0}, "process": {"wall_s": 10.0 + seconds}})
    assert condition(room, "on", is_still=False) == ("warn", words("health.busy"))
    room.take("live", {"state": "live", "outputs": []})
    assert condition(room, "on", is_still=False) == ("warn", words("health.skipping"))
