"""Sentences on air: facts, greetings and counts in the picture's language, kept in pieces so that a name can be cut on its own.

It refuses to decide what may be shown: names come masked and amounts come only where the planner chose them.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from studio.model.money import told
from studio.model.scene import AirFact, AirFan, Greeting, Tier
from studio.model.text import clean_text
from studio.words import say

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_SHOWN_GRAPHEMES = 80
"""Of titles, prizes and keywords: twice what the widest line of a card holds."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence; a value (a name, a figure) is set apart from the words around it."""

    text: str
    is_value: bool = False


def words(locale: str, msgid: str, /, **params: object) -> str:
    """A sentence of the picture's catalogue."""
    return say("air", locale, msgid, **params)


def pieces(locale: str, msgid: str, /, **params: object) -> tuple[Piece, ...]:
    """A sentence in pieces: the words as they are, each param a value."""
    found: list[Piece] = []
    for index, part in enumerate(_PLACEHOLDER.split(words(locale, msgid))):
        text = str(params.get(part, "")) if index % 2 else part
        if text:
            found.append(Piece(text, is_value=bool(index % 2)))
    return tuple(found)


@lru_cache(maxsize=256)
def shown(text: str) -> str:
    """Any text that came from outside, fit to be drawn on one line."""
    return clean_text(text, _SHOWN_GRAPHEMES)


def people(locale: str, count: int) -> str:
    """A count of people."""
    return words(locale, "entries.count", count=f"{count:,}")


def tier_name(locale: str, tier: Tier, named: str = "") -> str:
    """A tier's name: what the rules call it, in the picture's language where that is the name that it has by default."""
    if named and named != words("zh_CN", f"tier.{tier.value}"):
        return shown(named)
    return words(locale, f"tier.{tier.value}")


def fact(locale: str, fan: AirFan, *, is_short: bool = False, with_amounts: bool = True) -> tuple[Piece, ...]:
    """The one fact beside a name, nothing for an amount that may not be shown; `is_short` for the narrow cells of a tall canvas."""
    if fan.fact.kind == "to_next" and not with_amounts:
        return ()
    msgid = f"fact.{fan.fact.kind}" + (".short" if is_short else "")
    following = tier_name(locale, Tier(min(fan.tier + 1, Tier.SENIOR)), fan.fact.tier)
    plain = pieces(locale, msgid, value=_figure(fan.fact), tier=following)
    return tuple(Piece(piece.text, piece.is_value and piece.text != following) for piece in plain)


def _figure(given: AirFact) -> str:
    return told(given.value, given.currency, is_short=True) if given.kind == "to_next" else f"{given.value:,}"


def greeting_title(locale: str, greeting: Greeting) -> tuple[Piece, ...]:
    """Who came, in large letters."""
    if greeting.others:
        return pieces(locale, "hello.many", count=greeting.others + 1)
    msgid = "hello.first" if greeting.fan.fact.kind == "first_visit" else "hello.back"
    return pieces(locale, msgid, name=shown(greeting.fan.name))


def greeting_line(locale: str, greeting: Greeting, *, is_short: bool = False, with_amounts: bool = True) -> tuple[Piece, ...]:
    """What else there is to say about them."""
    fan = greeting.fan
    if greeting.others:
        return pieces(locale, "hello.many.line", name=shown(fan.name))
    text = "".join(piece.text for piece in fact(locale, fan, with_amounts=with_amounts))
    if not text or is_short or not fan.last_visit_days:
        return (Piece(text),) if text else ()
    msgid = "hello.yesterday" if fan.last_visit_days == 1 else "hello.last"
    return (Piece(words(locale, msgid, fact=text, days=fan.last_visit_days)),)


def entitled(locale: str, kind: str, who: str) -> str:
    """Who may take part, as the card says it."""
    scope, _, tier = who.partition(":")
    if scope == "tier":
        return words(locale, "who.tier", tier=_tier_of_rule(locale, tier))
    return words(locale, f"who.{scope}" if scope in {"regulars", "buyers"} else f"who.all.{kind}")


def _tier_of_rule(locale: str, name: str) -> str:
    """A tier as a rule names it (MIDDLE, 中级, 3), in the picture's language; an unknown name as it was given."""
    for tier in Tier:
        if name.casefold() in {tier.name.casefold(), str(tier.value), tier_name("zh_CN", tier), tier_name("en", tier).casefold()}:
            return tier_name(locale, tier)
    return shown(name)
