"""Contact fields of a fan: which there are, and how each is written so that the same one is found again.

It encrypts nothing and keeps nothing.
"""

import re
import unicodedata
from typing import Final, Literal, TypeAlias, get_args

from studio.errors import InvalidInput
from studio.model.birthday import parse_birthday

ContactKind: TypeAlias = Literal["phone", "address", "order_name", "birthday"]
CONTACT_KINDS: Final[tuple[ContactKind, ...]] = get_args(ContactKind)

MAX_CONTACT: Final = 500
"""Signs of one value: the longest real address is under 200."""
_MASKED = re.compile(r"[*＊•●×]|x{3,}", re.IGNORECASE)
_MAINLAND_PHONE = re.compile(r"(?:0{0,2}86)?(1\d{10})")


def contact_kind(text: object) -> ContactKind:
    """Raises InvalidInput for a kind that there isn't."""
    for kind in CONTACT_KINDS:
        if text == kind:
            return kind
    raise InvalidInput("contacts.kind", kind=str(text)[:40], kinds=", ".join(CONTACT_KINDS))


def unusable(kind: ContactKind) -> InvalidInput:
    """What is raised for a value that is no such contact; the kind by its word, not by its key."""
    return InvalidInput("contacts.unusable", kind=kind, kind_code=f"contacts.is_{kind}")


def normal_form(kind: ContactKind, value: str) -> str:
    """What is compared: digits of a phone without +86, letters and digits of an address, a name without blanks and case, month-day.

    Raises InvalidInput for what is empty, too long, or masked by a platform (138****1234): that would match strangers.
    """
    plain = unicodedata.normalize("NFKC", value).casefold()
    if len(value) > MAX_CONTACT or _MASKED.search(plain) or _MASKED.search(value):
        raise unusable(kind)
    if kind == "birthday":
        return parse_birthday(plain)
    if kind == "phone":
        digits = "".join(sign for sign in plain if sign.isascii() and sign.isdigit())
        mainland = _MAINLAND_PHONE.fullmatch(digits)
        compared = mainland[1] if mainland else digits.lstrip("0")
        is_enough = 5 <= len(compared) <= 20
    else:
        compared = "".join(sign for sign in plain if unicodedata.category(sign)[0] in "LMN")
        is_enough = bool(compared)
    if not is_enough:
        raise unusable(kind)
    return compared


def is_masked(value: str) -> bool:
    """Whether a platform hid a part of it: 138****1234."""
    return _MASKED.search(unicodedata.normalize("NFKC", value)) is not None or _MASKED.search(value) is not None


def masked_contact(kind: ContactKind, value: str) -> str:
    """As an assistant may see it: 138****5678, 王＊, the first signs of an address; a birthday has no year to hide."""
    if kind == "birthday":
        return value.strip()
    if kind == "phone":
        digits = value.strip()
        return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 9 else "****"
    return value.strip()[: 1 if kind == "order_name" else 6] + "＊"
