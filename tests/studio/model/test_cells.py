"""Cells as shops, bots and spreadsheets write them: read exactly, or refused with the reason."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.model import cells
from studio.model.cells import BadCell
from studio.model.events import parse_time

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW_MS = parse_time("2026-11-22T12:00:00Z", "at")


def refused(read, *args) -> str:
    with pytest.raises(BadCell) as error:
        read("x", *args)
    return error.value.code


@pytest.mark.parametrize(
    ("text", "minor"),
    [("12", 1200), ("12.5", 1250), ("¥1,299.50", 129950), ("￥ 88元", 8800), ("0", 0), ("12.500", 1250), ("-0.00", 0), ("CNY 3", 300)],
)
def test_money_is_read_to_the_cent(text, minor):
    assert cells.money_minor("x", text, "CNY") == minor


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12.345", "cell.money"),
        ("1.234,50", "cell.money"),
        ("12,34", "cell.money"),
        ("1e5", "cell.shortened_number"),
        ("NaN", "cell.money"),
        ("inf", "cell.money"),
        ("-5", "cell.negative"),
        ("1" + "0" * 18, "cell.too_high"),
        ("9" * 5000, "cell.money"),
        ("٣", "cell.money"),
        ("=1+1", "cell.money"),
        ("免费", "cell.money"),
    ],
)
def test_what_is_no_amount_is_refused(text, code):
    assert refused(cells.money_minor, text, "CNY") == code


def test_yen_have_no_cents():
    assert cells.money_minor("x", "1200", "JPY") == 1200
    assert refused(cells.money_minor, "12.5", "JPY") == "cell.money"


def test_points_are_whole():
    assert [cells.whole("x", text) for text in ("120", "1,200", "120.00", " 7 ")] == [120, 1200, 120, 7]
    assert refused(cells.whole, "12.5") == "cell.whole"
    assert refused(cells.whole, "-1") == "cell.negative"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-01-05", "2024-01-04T16:00:00Z"),
        ("2024/1/5", "2024-01-04T16:00:00Z"),
        ("2024年1月5日 8:30", "2024-01-05T00:30:00Z"),
        ("2024-01-05 08:30:15", "2024-01-05T00:30:15Z"),
        ("2024-01-05T08:30:15+00:00", "2024-01-05T08:30:15Z"),
        ("20240105", "2024-01-04T16:00:00Z"),
        ("1704412800", "2024-01-05T00:00:00Z"),
        ("1704412800000", "2024-01-05T00:00:00Z"),
    ],
)
def test_a_day_is_the_rooms_unless_it_says_otherwise(text, utc):
    assert cells.moment_ms("x", text, NOW_MS, SHANGHAI) == parse_time(utc, "at")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5/1/2024", "cell.day"),
        ("2024-13-01", "cell.day"),
        ("2024-02-30", "cell.day"),
        ("昨天", "cell.day"),
        ("45292", "cell.day"),
        ("1970-01-01", "cell.day_range"),
        ("1900-01-00", "cell.day"),
        ("0", "cell.day"),
        ("2100-01-01", "cell.day_range"),
    ],
)
def test_what_is_no_day_or_no_likely_one_is_refused(text, code):
    assert refused(cells.moment_ms, text, NOW_MS, SHANGHAI) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "cell.empty"),
        ("0", "cell.empty"),
        ("1.23457E+17", "cell.shortened"),
        ("123456.0", "cell.shortened"),
        ("小**", "cell.masked"),
        ("138****1234", "cell.masked"),
        ("a\x00b", "cell.control"),
        ("x" * 201, "cell.too_long"),
    ],
)
def test_an_id_that_tells_nobody_is_refused(text, code):
    assert refused(cells.identifier, text) == code


def test_ids_are_kept_as_they_stand():
    for text in ("007", "MS4wLjABAAAA_x-", "用户1", "'; DROP TABLE fan; --", "{0.__class__}", "%s%n"):
        assert cells.identifier("x", text) == text
    assert cells.identifier("x", '="0071"') == "0071"
    assert cells.identifier("x", "\t6930012345678901234") == "6930012345678901234"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_what_a_spreadsheet_would_run_gets_a_quote_in_front(sign):
    for text in (f"{sign}HYPERLINK(1)", f"  {sign}1", f"'{sign}1"):
        assert cells.neutralised(text) == "'" + text
    assert cells.neutralised(f"小美{sign}") == f"小美{sign}"


@given(st.text())
def test_a_name_survives_export_and_import(text):
    safe = cells.neutralised(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    if not text.strip().startswith('="'):
        assert cells.restored(safe) == text


@given(st.text(max_size=60))
def test_no_text_breaks_a_reader(text):
    for read in (cells.identifier, cells.code, cells.whole):
        try:
            read("x", text)
        except BadCell as error:
            assert len(str(error.params["value"])) <= 40
    for read in (lambda: cells.money_minor("x", text, "CNY"), lambda: cells.moment_ms("x", text, NOW_MS, SHANGHAI)):
        try:
            read()
        except BadCell as error:
            assert str(error.params["value"]).isprintable()
