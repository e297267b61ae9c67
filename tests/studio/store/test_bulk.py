"""Rows given to the stores many at a time: every sign, number and byte comes back as it went, and only the rows that were meant change."""

from contextlib import closing

from fan_file import FanFile, on_both
from hypothesis import strategies as st

from studio.store import bulk
from studio.store.tables import combo, identity, person, spend_count

WORDS = [
    "",
    "NULL",
    "null",
    '"',
    "\\",
    "\\\\",
    '\\"',
    "{",
    "}",
    "{a,b}",
    ",",
    "a\nb",
    "\t",
    " ",
    "小美🍊",
    "'; DROP TABLE person; --",
    "%s",
    "$1",
    "?",
    "\\x41",
]
TEXT = st.sampled_from(WORDS) | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
BIG = st.integers(-(2**63), 2**63 - 1)


def account(number: int, fan_id: str, name: str) -> tuple:
    return (number, number, "douyin", fan_id, name, -1, "", 0, 0)


@on_both(60, st.dictionaries(TEXT, TEXT, max_size=90), st.integers(0, 9))
def test_texts_come_back_as_they_went_and_are_found_by_themselves(names, count):
    with closing(FanFile()) as file:
        _round_trip_texts(file, names, count)


def _round_trip_texts(file, names, count):
    rows = [account(number, fan_id, name) for number, (fan_id, name) in enumerate(names.items(), 1)]
    bulk.upsert(file.connection, identity, rows)
    asked = list(names)[:count]
    found = bulk.load(file.connection, identity, "fan_id", [*asked, *asked, "nobody"])
    assert sorted(found) == sorted(row for row in rows if row[3] in asked)
    bulk.upsert(file.connection, identity, [account(row[0], row[3], row[4] + "!") for row in rows])
    assert {row[3]: row[4] for row in bulk.load(file.connection, identity, "fan_id", names)} == {
        key: name + "!" for key, name in names.items()
    }
    file.close()


@on_both(40, st.lists(st.tuples(BIG, st.none() | BIG, st.none() | st.binary(max_size=9), st.booleans()), max_size=80))
def test_numbers_and_bytes_come_back_as_they_went_and_only_rows_that_differ_change(values):
    with closing(FanFile()) as file:
        _round_trip_numbers(file, values)


def _round_trip_numbers(file, values):
    names = list(person.c.keys())

    def row(number, spent, ordered_at, days, *, likes=0) -> tuple:
        given = {"person_id": number, "spent_minor": spent, "first_order_at": ordered_at, "visit_days": days, "likes": likes, "on_air": ""}
        return tuple(given.get(name, None if name.endswith("_days") else 0) for name in names)

    before = [row(number, *one[:3]) for number, one in enumerate(values, 1)]
    bulk.save(file.connection, person, [(None, one) for one in before])
    after = [row(number, *one[:3], likes=number * one[3]) for number, one in enumerate(values, 1)]
    bulk.save(file.connection, person, list(zip(before, after, strict=True)))
    assert sorted(bulk.load(file.connection, person, "person_id", range(1, len(values) + 1))) == after


def test_rows_are_looked_up_by_a_list_and_by_what_else_must_be_equal(file):
    bulk.insert(file.connection, combo, [(f"c{number % 3}", number, number, 0, 0) for number in range(400)])
    found = bulk.load(file.connection, combo, "identity_id", list(range(390)) * 2, combo="c1")
    assert sorted(row[1] for row in found) == list(range(1, 390, 3))
    assert bulk.load(file.connection, combo, "identity_id", [], combo="c1") == []


def test_amounts_add_up_and_those_of_nothing_are_deleted(file):
    for _ in range(2):
        bulk.add_up(file.connection, spend_count, [(0, number, 1) for number in range(100)])
    bulk.add_up(file.connection, spend_count, [(0, number, -2) for number in range(0, 100, 2)])
    bulk.delete_zero(file.connection, spend_count, [(0, number) for number in range(90)])
    bulk.delete_zero(file.connection, spend_count, [])
    left = sorted(bulk.load(file.connection, spend_count, "shift", [0]))
    assert left == [(0, number, 2 * (number % 2)) for number in range(100) if number % 2 or number >= 90]
