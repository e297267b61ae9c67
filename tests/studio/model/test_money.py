"""Amounts between minor units and what people read and type, for currencies with none, two, three and four digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.model.money import decimal, exponent, sign, told, typed

CURRENCIES = ("CNY", "USD", "JPY", "KRW", "VND", "KWD", "CLF", "SGD", "HKD", "TWD", "XAF")


def test_each_currency_has_the_digits_of_its_minor_unit():
    assert {code: exponent(code) for code in CURRENCIES} == {
        "CNY": 2, "USD": 2, "JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "CLF": 4, "SGD": 2, "HKD": 2, "TWD": 2, "XAF": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("minor", "currency", "long", "short"),
    [
        (284_600, "CNY", "¥2,846.00", "¥2,846"),
        (-5, "CNY", "−¥0.05", "−¥0.05"),
        (-100, "USD", "−$1.00", "−$1"),
        (0, "EUR", "€0.00", "€0"),
        (284_600, "JPY", "¥284,600", "¥284,600"),
        (1_000, "KRW", "₩1,000", "₩1,000"),
        (1_500_000, "VND", "₫1,500,000", "₫1,500,000"),
        (12_345, "KWD", "KWD 12.345", "KWD 12.345"),
        (12_000, "SGD", "SGD 120.00", "SGD 120"),
        (10**15 + 1, "CNY", "¥10,000,000,000,000.01", "¥10,000,000,000,000.01"),
    ],
)
def test_an_amount_is_told_exactly(minor, currency, long, short):
    assert (told(minor, currency), told(minor, currency, is_short=True)) == (long, short)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("20", "CNY", 2_000),
        ("¥20.5", "CNY", 2_050),
        ("1,234.50", "CNY", 123_450),
        ("12.345", "CNY", None),
        ("12,5", "CNY", None),
        ("1000", "JPY", 1_000),
        ("¥1,000", "JPY", 1_000),
        ("￥ 300", "JPY", 300),
        ("1000.00", "JPY", None),
        ("9.5", "KRW", None),
        ("₩9,500", "KRW", 9_500),
        ("1.5", "KWD", 1_500),
        ("KWD 1.505", "KWD", 1_505),
        ("HK$12", "HKD", 1_200),
        ("SGD 12.30", "SGD", 1_230),
        ("-3", "CNY", None),
        ("٣", "CNY", None),
        ("1e9", "CNY", None),
        ("", "CNY", None),
        ("1234567890", "CNY", None),
    ],
)
def test_an_amount_is_read_as_typed_or_is_none(text, currency, minor):
    assert typed(text, currency) == minor


@given(st.integers(0, 10**8), st.sampled_from(CURRENCIES), st.booleans())
def test_what_is_shown_can_be_typed_again(minor, currency, is_short):
    assert typed(told(minor, currency, is_short=is_short), currency) == minor
    assert typed(decimal(minor, currency, is_short=is_short), currency) == minor
    assert told(minor, currency).startswith(sign(currency))
