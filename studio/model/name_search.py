"""Names as they are searched: folded, and taken apart into pairs of signs, so that any part of a name is found by an index.

Pairs, not words: 小美 stands inside 爱笑的小美妈 without a blank on either side, and most searches are two signs long.
"""

import unicodedata
from collections.abc import Iterable
from typing import Final

MAX_SIGNS: Final = 64
"""Signs of a name that are searched, as many as the longest name that a platform allows."""
_SHIFT: Final = 21
"""Bits of a code point."""


def folded(text: str) -> str:
    """What is compared: NFKC, without case, blanks, marks and signs that nobody sees."""
    plain = unicodedata.normalize("NFKC", text[: 4 * MAX_SIGNS]).casefold()
    return "".join(sign for sign in plain if unicodedata.category(sign)[0] in "LNPS")[:MAX_SIGNS]


def pairs(name: str) -> set[int]:
    """Each sign of a folded name with the one that follows it, the last one with none, as numbers."""
    return {(ord(sign) << _SHIFT) | (ord(name[at + 1]) if at + 1 < len(name) else 0) for at, sign in enumerate(name)}


def all_pairs(names: Iterable[str]) -> set[int]:
    """The pairs of several names as they were told."""
    return {pair for name in names for pair in pairs(folded(name))}


def wanted(text: str) -> tuple[list[int], tuple[int, int] | None]:
    """The pairs that a name must have to hold the folded text; a single sign is a range of pairs instead."""
    if len(text) == 1:
        return [], (ord(text) << _SHIFT, (ord(text) << _SHIFT) | ((1 << _SHIFT) - 1))
    return [(ord(sign) << _SHIFT) | ord(text[at + 1]) for at, sign in enumerate(text[:-1])], None


def rank(name: str, text: str) -> int:
    """How well a folded name answers: 0 is it, 1 begins with it, 2 holds it, 3 doesn't."""
    return 0 if name == text else 1 if name.startswith(text) else 2 if text in name else 3
