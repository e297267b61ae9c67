"""Names and other text from strangers, made fit to be shown: cut, composed, and without signs that act instead of being seen.

It refuses to escape for any format (whoever writes HTML, CSV or a log does that) and to judge what words are allowed.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

NAME_GRAPHEMES: Final = 40
"""Signs of a name that are kept, the ellipsis included; a board shows about ten."""
MARKS_PER_BASE: Final = 3
"""Vietnamese needs two and Hebrew three; more is decoration that runs into the neighbours' rows."""
EMOJI_KEPT: Final = 20
"""Colour glyphs cost twenty times a letter to draw; twenty are more than a row can show."""
_SEARCHED: Final = 4096
_SCANNED: Final = 512
"""Code points searched for unseen signs, and those then looked at one by one: 40 of the longest emoji need 440. Together they keep
10 kB of anything well under a millisecond."""
_EMOJI_LOOKED_AT: Final = 60
"""Past three times what is kept nothing that follows is looked for any more."""

_ELLIPSIS = "…"
_REPLACEMENT = "\ufffd"
_JOINER = "\u200d"
_NON_JOINER = "\u200c"
_JOINERS = frozenset((_JOINER, _NON_JOINER))
_FIRST_TAG, _LAST_TAG, _BLACK_FLAG = 0xE0020, 0xE007F, 0x1F3F4
_BLANKS = frozenset("\t\n\v\f\r\x85\u115f\u1160\u3164\uffa0\u2800\u17b4\u17b5")
"""Line breaks, and letters by category that draw nothing: fillers and the empty braille pattern."""
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0d\ufeff\ufff9-\ufffb\U000e0000-\U000e001f\U000e0100-\U000e01ef]+"
)
"""Controls, bidi controls, zero-width signs and selectors that no shown glyph needs; joiners and U+FE0E/F are looked at one by one."""
_MANY_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3})[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_RUNS = re.compile(r"([\s\u200c\u200d])[\s\u200c\u200d]+")
_PICTURES = re.compile("[⌀-⏿☀-➿⬀-⯿〰〽㊗㊙\U0001f000-\U0001fbff]")
_JOINING_SCRIPTS = range(0x0600, 0x0E00)
"""Arabic to Sinhala: the scripts in which a joiner changes letters."""

_LOOKS_LIKE: Final = str.maketrans(
    {
        **dict(zip("аеорсухіјѕԁһкмтвнӏьԛԝ", "aeopcyxljsdhkmtbhlbqw", strict=True)),
        **dict(zip("αβγεικνορτυχω", "abyelkvoptuxw", strict=True)),
        **dict(zip("ɑıɩǀɡ0135i|!", "allIgolesll!", strict=True)),
        **dict(zip("已巳曰囗夲ー一—–_", "己己日口本-----", strict=True)),
    }
)
_LOOKS_LIKE_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def clean_name(text: str) -> str:
    """A display name as it may be shown: at most 40 graphemes, composed (NFC), on one line, nothing invisible, in well under 1 ms."""
    return clean_text(text, NAME_GRAPHEMES)


def clean_text(text: str, limit: int) -> str:
    """Any short text of strangers under the rules of names, cut to `limit` graphemes, the last of them then an ellipsis."""
    seen = _RUNS.sub(r"\1", _MANY_MARKS.sub(r"\1", _UNSEEN.sub("", text[:_SEARCHED])))
    kept: list[str] = []
    emoji = 0
    for cluster in _clusters(seen[:_SCANNED]):
        if cluster == " " and (not kept or kept[-1] == " "):
            continue
        is_picture = is_emoji(cluster)
        emoji += is_picture
        if emoji <= EMOJI_KEPT or not is_picture:
            kept.append(cluster)
        if len(kept) > limit or emoji > _EMOJI_LOOKED_AT:
            break
    is_cut = len(kept) > limit or emoji > _EMOJI_LOOKED_AT or len(seen) > _SCANNED or len(text) > _SEARCHED
    cleaned = unicodedata.normalize("NFC", "".join(kept[: limit - 1] if is_cut else kept)).strip()
    return cleaned + _ELLIPSIS if cleaned and is_cut else cleaned


def isolate(text: str) -> str:
    """The text between FSI and PDI, so that its direction ends where it ends; for sentences that hold a name."""
    return f"\u2068{text}\u2069"


def graphemes(text: str) -> list[str]:
    """What a reader counts as signs: letters with their marks, whole emoji, flags."""
    return list(_clusters(text))


def is_emoji(cluster: str) -> bool:
    """Whether a grapheme is drawn as a colour picture."""
    return "\ufe0f" in cluster or "\u20e3" in cluster or _PICTURES.match(cluster) is not None


def skeleton(name: str) -> str:
    """What a name looks like: two names with one skeleton can be taken for each other. Never shown, never stored as identity."""
    plain = unicodedata.normalize("NFKC", clean_name(name)).casefold()
    letters = "".join(sign for sign in unicodedata.normalize("NFD", plain) if unicodedata.category(sign)[0] in "LNPS")
    looks = letters.translate(_LOOKS_LIKE)
    for pair, single in _LOOKS_LIKE_PAIRS:
        looks = looks.replace(pair, single)
    return unicodedata.normalize("NFC", looks)


def _clusters(text: str) -> Iterator[str]:
    """Grapheme by grapheme, with invisible and broken signs left out and at most three marks each."""
    cluster, marks = "", 0
    for sign in text:
        seen = _as_seen(sign, cluster)
        if not seen:
            continue
        if _extends(cluster, seen):
            is_mark = unicodedata.category(seen)[0] == "M" and not 0xFE00 <= ord(seen) <= 0xFE0F
            marks += is_mark
            if not is_mark or marks <= MARKS_PER_BASE:
                cluster += seen
            continue
        if cluster:
            yield cluster.rstrip(_JOINER) if is_emoji(cluster) else cluster
        cluster, marks = seen, 0
    if cluster:
        yield cluster.rstrip(_JOINER + _NON_JOINER)


def _as_seen(sign: str, cluster: str) -> str:
    """The sign, a blank, a replacement, or nothing."""
    code = ord(sign)
    if 0x20 < code < 0x7F or 0x3400 <= code < 0xA000:
        return sign
    if sign in _JOINERS:
        return sign if _may_join(sign, cluster) else ""
    if _FIRST_TAG <= code <= _LAST_TAG:
        return sign if cluster and ord(cluster[0]) == _BLACK_FLAG else ""
    if sign in _BLANKS:
        return " "
    return _by_category(sign)


def _by_category(sign: str) -> str:
    category = unicodedata.category(sign)
    if category[0] == "Z":
        return " "
    if category in {"Cs", "Co"} or (category == "Cn" and ord(sign) & 0xFFFE == 0xFFFE):
        return _REPLACEMENT
    return "" if category in {"Cc", "Cf"} else sign


def _may_join(sign: str, cluster: str) -> bool:
    if not cluster or cluster[-1] in _JOINERS:
        return False
    return (sign == _JOINER and is_emoji(cluster)) or ord(cluster[-1]) in _JOINING_SCRIPTS


def _extends(cluster: str, sign: str) -> bool:
    """Whether the sign belongs to the grapheme before it."""
    if not cluster:
        return False
    code = ord(sign)
    if sign in _JOINERS or 0x1F3FB <= code <= 0x1F3FF or _FIRST_TAG <= code <= _LAST_TAG:
        return cluster != " "
    if cluster[-1] == _JOINER:
        return is_emoji(sign) and is_emoji(cluster)
    if 0x1F1E6 <= code <= 0x1F1FF:
        return len(cluster) == 1 and 0x1F1E6 <= ord(cluster) <= 0x1F1FF
    return unicodedata.category(sign)[0] == "M" and cluster != " "
