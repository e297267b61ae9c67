"""What a shop tells of an order, and the one-time codes by which a viewer shows that the order is theirs.

Pure: the shop's own words are translated in `studio.connectors`, and nothing here knows a buyer's name, address or number.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from studio.model.events import FanEvent

HookKind: TypeAlias = Literal["standard", "shopify"]

CODE_SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's alphabet: without I, L, O and U, which are misread or make words."""
CODE_LENGTH: Final = 8
"""40 bits: with 10,000 codes open and five tries an hour for each of 500 accounts, one guess in 40,000 hours of them hits."""
CODE_PREFIX: Final = "ENC"
_MAX_SAID: Final = 40
_BEGINS: Final = re.compile("[EeＥｅ][NnＮｎ][CcＣｃ]")
_CODE: Final = re.compile(rf"(?<![0-9A-Z]){CODE_PREFIX}([0-9A-Z]{{{CODE_LENGTH}}})(?![0-9A-Z])")
_IN_NOTE: Final = re.compile(rf"(?<![0-9A-Z]){CODE_PREFIX}[- ]?([0-9A-Z]{{4}})[- ]?([0-9A-Z]{{4}})(?![0-9A-Z])")
_MISREAD: Final = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True)
class ShopNews:
    """One thing that happened to an order. `event` names nobody yet: its platform is the hook, its id is made of the order's own.

    `code` is a one-time code that stands in the order's note; `coupons` are (code, amount off in minor units).
    """

    event: FanEvent
    label: str
    code: str = ""
    coupons: tuple[tuple[str, int], ...] = ()


def shown_code(signs: str) -> str:
    """A code as people read it: ENC-7F3K-92QP."""
    return f"{CODE_PREFIX}-{signs[:4]}-{signs[4:]}"


def said_code(text: str) -> str:
    """The eight signs of a code that a chat message is, however it was typed; empty for other chat."""
    if len(text) > _MAX_SAID or not _BEGINS.search(text):
        return ""
    folded = unicodedata.normalize("NFKC", text).upper()
    found = _CODE.fullmatch("".join(sign for sign in folded if sign.isalnum()))
    return _signs(found[1]) if found else ""


def noted_code(note: str) -> str:
    """The eight signs of the first code inside a longer text, as an order's note; empty when there is none."""
    found = _IN_NOTE.search(unicodedata.normalize("NFKC", note[:2_000]).upper())
    return _signs(found[1] + found[2]) if found else ""


def _signs(typed: str) -> str:
    signs = typed.translate(_MISREAD)
    return signs if all(sign in CODE_SIGNS for sign in signs) else ""


def as_bought_by(event: FanEvent, platform: str, fan_id: str) -> FanEvent:
    """The shop's event as the ledger keeps it once its buyer is known: on the buyer's platform, under the hook's name."""
    order = f"{event.platform}:{event.order}"
    return replace(event, id=f"{event.platform}:{event.id}", platform=platform, fan_id=fan_id, order=order)


def reversed_minor(discount_minor: int, amount_minor: int, refunded_minor: int) -> int:
    """How much of a coupon's amount off goes back once so much of the order is refunded: the same share, all of it at the end."""
    if refunded_minor >= amount_minor:
        return discount_minor
    return discount_minor * refunded_minor // amount_minor
