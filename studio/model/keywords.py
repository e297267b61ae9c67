"""What a chat message says when it is one word: the keyword of a drop, or one of the room's own commands.

It compares texts only; what follows from a match is decided elsewhere.
"""

import unicodedata
from functools import lru_cache
from typing import Final

CHECKIN_WORDS: Final = ("签到", "打卡")
SHOW_ME_WORD: Final = "亮牌"
HIDE_ME_WORD: Final = "隐身"
POINTS_WORD: Final = "查积分"
_COMMANDS: Final = (*CHECKIN_WORDS, SHOW_ME_WORD, HIDE_ME_WORD, POINTS_WORD)
_COMMAND_SIGNS: Final = frozenset("".join(_COMMANDS))
_MAX_COMMAND: Final = 40
"""Longer chat is no command: nobody repeats 签到 more than twenty times."""


def command_in(text: str) -> str:
    """Which of the room's commands a chat message is, or empty."""
    # Nearly all chat has none of these eleven signs: it is told apart without normalising it.
    if len(text) > _MAX_COMMAND or _COMMAND_SIGNS.isdisjoint(text):
        return ""
    return next((word for word in _COMMANDS if matches_keyword(text, word)), "")


def plain_text(text: str) -> str:
    """A chat text as keywords are compared: NFKC, case-folded, without blanks, punctuation, controls and emoji."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return folded if folded.isalnum() else "".join(sign for sign in folded if _is_kept(sign))


def matches_keyword(text: str, keyword: str) -> bool:
    """Whether the text is the keyword, once or repeated; an empty keyword matches nothing."""
    word, said = _plain_keyword(keyword), plain_text(text)
    return bool(word) and len(said) >= len(word) and said == word * (len(said) // len(word))


@lru_cache(maxsize=256)
def _plain_keyword(keyword: str) -> str:
    return plain_text(keyword)


@lru_cache(maxsize=8_192)
def _is_kept(sign: str) -> bool:
    # Variation selectors and the keycap are marks by category, but part of an emoji; ~ and + are symbols, but typed as punctuation.
    return unicodedata.category(sign)[0] in "LNM" and sign not in "\ufe0e\ufe0f\u20e3"
