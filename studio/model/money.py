"""Amounts of money between integer minor units and what people read and type, for each currency's own number of digits.

Nothing is rounded and nothing is a float: a text with a fraction of a minor unit is no amount of that currency.
"""

import re
from typing import Final

_EXPONENTS: Final = (
    dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0
    )
    | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)
    | {"CLF": 4, "UYW": 4}
)
"""Minor digits of the currencies that haven't two (ISO 4217:2015, list one)."""
_SIGNS: Final = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "HKD": "HK$", "TWD": "NT$", "KRW": "₩", "VND": "₫"}
_BEFORE: Final = "¥￥$€£₩₫"
_AMOUNT: Final = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,4}))?", re.ASCII)
"""Commas part thousands only: whoever types "12,5" for twelve and a half must not get 125."""
_MOST_DIGITS: Final = 9


def exponent(currency: str) -> int:
    """How many digits the minor unit has: 2 for CNY, 0 for JPY, 3 for KWD."""
    return _EXPONENTS.get(currency, 2)


def sign(currency: str) -> str:
    """What stands before an amount: ¥, $, or the code and a blank."""
    return _SIGNS.get(currency, f"{currency} ")


def decimal(minor: int, currency: str, *, separator: str = "", is_short: bool = False) -> str:
    """`284600` as "2846.00", with `separator` between thousands; `is_short` leaves out a fraction of nothing but zeros."""
    digits = exponent(currency)
    whole, rest = divmod(abs(minor), 10**digits)
    text = f"{whole:,}".replace(",", separator) + (f".{rest:0{digits}d}" if digits and (rest or not is_short) else "")
    return f"-{text}" if minor < 0 else text


def told(minor: int, currency: str, *, is_short: bool = False) -> str:
    """`284600` as "¥2,846.00", negative amounts with a true minus sign before all of it."""
    text = sign(currency) + decimal(abs(minor), currency, separator=",", is_short=is_short)
    return f"−{text}" if minor < 0 else text


def typed(text: str, currency: str) -> int | None:
    """What someone typed as an amount ("20", "¥20.50") in minor units; None when it isn't one of this currency."""
    bare = text.strip().removeprefix(sign(currency).strip()).lstrip(_BEFORE).strip()
    found = _AMOUNT.fullmatch(bare)
    digits = exponent(currency)
    whole, fraction = (found[1].replace(",", ""), found[2] or "") if found else ("", "")
    if not whole or len(whole) > _MOST_DIGITS or len(fraction) > digits:
        return None
    return int(whole) * 10**digits + int(fraction.ljust(digits, "0") or "0")
