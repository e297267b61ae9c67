"""Text that others wrote, cleaned by the one rule of `studio.model.text` and remembered, because lists ask again and again.

It refuses to interpret anything: markup stays the signs that were typed.
"""

import re
from functools import lru_cache

from studio.model.text import clean_text

CHAT_GRAPHEMES = 200
"""Signs of a chat message that a window shows; the engine keeps 2,000."""


_PLAIN_ALREADY = re.compile(r"(?:[!-~，。！？：；、…「」（）\u4e00-\u9fff]+(?: (?! |$))?)*")
"""Latin and Chinese with single blanks inside: nine in ten lines, which need no look at each sign."""


@lru_cache(maxsize=8192)
def plain(text: str, limit: int = 40) -> str:
    """`text` on one line, at most `limit` signs."""
    if len(text) <= limit and _PLAIN_ALREADY.fullmatch(text):
        return text
    return clean_text(text, limit)
