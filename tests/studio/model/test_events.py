import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.model.event_fields import Refused
from studio.model.event_lines import pack, to_line, unpack
from studio.model.events import MAX_LINE_BYTES, FanEvent, Rejection, format_time, matches_keyword, parse_line, parse_time

NOW_MS = parse_time("2026-11-22T12:00:00Z", "at")
CHAT = {
    "id": "e-1",
    "type": "chat",
    "at": "2026-11-22T12:00:00.000Z",
    "platform": "douyin",
    "room": "r1",
    "fan": {"id": "u1", "name": "小美", "avatar": None},
    "text": "想要",
}
ORDER = {**CHAT, "type": "order", "order": "o-1", "amount_minor": 9900, "currency": "CNY"}


def parse(document, number=1):
    line = document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return parse_line(line, number, NOW_MS, room="home")


def reason(document) -> str:
    rejection = parse(document)
    assert isinstance(rejection, Rejection), rejection
    return rejection.error


def test_the_contracts_example_is_an_event():
    event = parse(CHAT)
    assert event == FanEvent("e-1", "chat", NOW_MS, "douyin", "r1", "u1", "小美", text="想要")


def test_a_blank_line_is_nothing():
    assert parse(b"") is None
    assert parse(b"  \r") is None


def test_a_rejection_tells_the_line():
    assert parse(b"{", 17) == Rejection(17, "not JSON")


@pytest.mark.parametrize(
    ("document", "error"),
    [
        (b"hello", "not JSON"),
        (b"[1]", "not an object"),
        ({**CHAT, "id": ""}, "no id"),
        ({**CHAT, "id": None}, "no id"),
        ({**CHAT, "type": "explode"}, "unknown type 'explode'"),
        ({**CHAT, "type": None}, "unknown type"),
        ({**CHAT, "at": "yesterday"}, "at: not an RFC 3339 time"),
        ({**CHAT, "at": None}, "at: missing"),
        ({**CHAT, "at": 5}, "at: not an RFC 3339 time"),
        ({**CHAT, "at": "2026-11-22"}, "at: not an RFC 3339 time"),
        ({**CHAT, "at": "2026-02-30T00:00:00Z"}, "at: not an RFC 3339 time"),
        ({**CHAT, "at": "1969-12-31T23:59:59Z"}, "at: before 1970"),
        ({**CHAT, "at": "2026-11-23T12:00:01Z"}, "at: more than a day ahead"),
        ({**CHAT, "at": "2100-01-01T00:00:00Z"}, "at: more than a day ahead"),
        ({**CHAT, "platform": ""}, "no platform"),
        ({**CHAT, "text": 5}, "text: not a text"),
        ({**CHAT, "fan": "u1"}, "fan: not an object"),
        ({**CHAT, "id": "a\nb"}, "id: control signs"),
        ({**ORDER, "order": ""}, "no order"),
        ({**ORDER, "amount_minor": -1}, "amount_minor: negative"),
        ({**ORDER, "amount_minor": 99.0}, "amount_minor: not an integer of minor units"),
        ({**ORDER, "amount_minor": "9900"}, "amount_minor: not an integer of minor units"),
        ({**ORDER, "amount_minor": True}, "amount_minor: not an integer of minor units"),
        ({**ORDER, "amount_minor": 10**18}, "amount_minor: too large"),
        ({**ORDER, "amount_minor": None}, "amount_minor: missing"),
        ({**ORDER, "currency": "yuan"}, "currency: not an ISO 4217 code"),
        ({**ORDER, "currency": None}, "currency: missing"),
        ({**ORDER, "items": [{"qty": -1}]}, "qty: negative"),
        ({**ORDER, "items": "all"}, "items: not a list"),
        ({**ORDER, "promo": 1}, "promo: not true or false"),
        (json.dumps(ORDER).replace("9900", "NaN").encode(), "not JSON: NaN"),
        (json.dumps(ORDER).replace("9900", "1e308").encode(), "amount_minor: not an integer of minor units"),
        (json.dumps(ORDER).replace("9900", "Infinity").encode(), "not JSON: Infinity"),
        (json.dumps(ORDER).replace("9900", "9" * 5000).encode(), "not JSON"),
        (b"[" * 10_000 + b"]" * 10_000, "nested deeper than 32"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "nested deeper than 32"),
        (b" " * (MAX_LINE_BYTES + 1), "longer than 64 KiB"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(document, error):
    assert reason(document) == error


def test_brackets_inside_a_text_are_not_depth():
    event = parse({**CHAT, "text": "[" * 500})
    assert isinstance(event, FanEvent)
    assert len(event.text) == 500


def test_exactly_a_day_ahead_is_taken():
    assert isinstance(parse({**CHAT, "at": "2026-11-23T12:00:00Z"}), FanEvent)


def test_a_long_text_is_cut_and_marked():
    event = parse({**CHAT, "text": "哈" * 2001})
    assert (len(event.text), event.is_cut) == (2000, True)
    event = parse({**CHAT, "text": "哈" * 2000})
    assert (len(event.text), event.is_cut) == (2000, False)


def test_broken_signs_are_replaced_so_that_the_store_takes_them():
    event = parse(json.dumps({**CHAT, "fan": {"id": "u1", "name": "a\ud800b\x00c"}, "text": "x\udfff"}).encode())
    assert (event.name, event.text) == ("a\ufffdbc", "x\ufffd"), "NUL is removed as other control characters are, not shown as broken"
    event = parse(json.dumps(CHAT, ensure_ascii=False).encode().replace("小".encode(), b"\xff"))
    assert "\ufffd" in event.name


@pytest.mark.parametrize("fan_id", ["", "0", None, "12***89", "u＊＊1", 0])
def test_an_empty_zero_or_masked_id_is_unidentified(fan_id):
    event = parse({**CHAT, "fan": {"id": fan_id, "name": "游客"}})
    assert (event.fan_id, event.name) == ("", "游客")


def test_a_number_as_id_is_its_digits():
    assert parse({**CHAT, "fan": {"id": 42}}).fan_id == "42"


def test_an_event_without_a_room_is_of_this_room():
    document = {key: value for key, value in CHAT.items() if key != "room"}
    assert parse(document).room == "home"


def test_times_are_read_with_any_offset_and_told_in_utc():
    assert parse_time("2026-11-22T20:00:00.5+08:00", "at") == NOW_MS + 500
    assert format_time(NOW_MS + 500) == "2026-11-22T12:00:00.500Z"


@pytest.mark.parametrize("leap", ["2016-12-31T23:59:60Z", "2017-01-01T07:59:60.25+08:00", "2016-12-31t13:59:60-10:00"])
def test_a_leap_second_is_the_last_millisecond_before_it(leap):
    assert format_time(parse_time(leap, "at")) == "2016-12-31T23:59:59.999Z"


@pytest.mark.parametrize(
    "time",
    [
        "2016-12-30T23:59:60Z", "2016-12-31T22:59:60Z", "2016-12-31T23:59:60+08:00", "2016-12-31T23:59:61Z", "2016-12-31T23:59:60",
        "1970-01-01T00:00:60Z", "0001-01-01T00:00:60+10:00", "9999-12-31T23:59:60Z", "2026-11-22T24:00:00Z",
    ],
)  # fmt: skip
def test_where_no_second_can_leap_a_sixtieth_is_no_time(time):
    with pytest.raises(Refused, match="not an RFC 3339 time"):
        parse_time(time, "at")


def test_a_time_that_could_not_be_told_again_is_refused():
    assert format_time(parse_time("9999-12-31T23:59:59.999Z", "at")) == "9999-12-31T23:59:59.999Z"
    for time in ("9999-12-31T23:59:59.9996Z", "9999-12-31T23:59:59-10:00"):
        with pytest.raises(Refused, match="after 9999"):
            parse_time(time, "at")


def test_a_byte_order_mark_before_the_first_line_says_nothing():
    line = b"\xef\xbb\xbf" + json.dumps(CHAT).encode()
    assert parse(line) == parse(CHAT)
    assert parse(b"\xef\xbb\xbf") is None
    assert parse(line, 2) == Rejection(2, "not JSON")


def test_gift_and_order_fields_are_read():
    gift = parse({**CHAT, "type": "gift", "gift": "玫瑰", "count": 2, "combo": "c1", "combo_total": 7, "paid_minor": 20, "currency": "CNY"})
    assert (gift.gift, gift.count, gift.combo, gift.combo_total, gift.paid_minor) == ("玫瑰", 2, "c1", 7, 20)
    order = parse({**ORDER, "promo": True, "items": [{"sku": "S", "name": "口红", "qty": 1, "price_minor": 9900}]})
    assert order.is_promo
    assert json.loads(order.items)[0]["name"] == "口红"


def test_an_event_survives_the_ledger_and_the_line_format():
    for document in (CHAT, {**ORDER, "promo": True, "items": [{"sku": "S", "qty": 1}]}, {**CHAT, "type": "like", "count": 0}):
        event = parse(document)
        again = FanEvent(
            id=event.id,
            type=event.type,
            at_ms=event.at_ms,
            platform=event.platform,
            room=event.room,
            fan_id=event.fan_id,
            **unpack(pack(event)),
        )
        assert again == event
        assert parse(to_line(event).encode()) == event


@given(st.binary(max_size=200) | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_break_the_parser(line):
    assert not isinstance(parse_line(line, 1, NOW_MS), FanEvent)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*ORDER, "items", "promo", "count"], json_values)))
def test_no_values_break_the_parser(values):
    result = parse({**ORDER, **values})
    assert isinstance(result, (FanEvent, Rejection))
    if isinstance(result, FanEvent):
        assert type(result.amount_minor) is int
        assert result.amount_minor >= 0


@pytest.mark.parametrize("text", ["想要", " 想 要！", "想要想要想要", "想要❤️❤️", "「想要」~", "想要\n想要"])
def test_the_keyword_once_or_repeated_matches(text):
    assert matches_keyword(text, "想要")


@pytest.mark.parametrize("text", ["不想要", "想要吗", "想", "要想", "", "想要想", "❤️"])
def test_anything_else_does_not_match(text):
    assert not matches_keyword(text, "想要")


def test_matching_folds_case_and_width():
    assert matches_keyword("ＧＯ go!", "Go")
    assert matches_keyword("666 666", "666")
    assert not matches_keyword("❤️", "❤️")
    assert matches_keyword("1️⃣", "1")
