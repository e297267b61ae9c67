"""Words for people: one sentence of a catalogue in one language, with its placeholders filled.

It refuses to format numbers, to know plural forms, and to treat any text as a format string.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from studio.errors import KnownError
from studio.model.loyalty import DEFAULT_NAMES
from studio.model.rules import Fault, InvalidSettings

LOCALES = ("zh_CN", "en")
"""The languages that are shipped; `en` is what every other one falls back to."""

_FALLBACK = "en"
_FOLDER = Path(__file__).resolve().parent.parent / "resources" / "translations"
_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_LINE = re.compile(r'(msgid|msgstr)?\s*"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
_MAY_FOLLOW = {("msgid", ""), ("msgid", "msgstr"), ("msgstr", "msgid"), ("", "msgid"), ("", "msgstr")}
"""(keyword of this line, part that we are in): the other orders are faults."""


def say(domain: str, locale: str, msgid: str, /, **params: object) -> str:
    """The sentence `msgid` of a domain in the language, `{name}` replaced by `params`; untranslated falls back to en, then to the msgid.

    The text is gone through once: a placeholder inside a param stays as it was typed, a placeholder without a param stays too.
    """
    text = catalogue(domain, locale).get(msgid) or catalogue(domain, _FALLBACK).get(msgid) or msgid
    if not params or "{" not in text:
        return text
    return _PLACEHOLDER.sub(lambda found: str(params.get(found[1], found[0])), text)


def say_error(error: KnownError, locale: str) -> str:
    """The sentence for an error, from the domain `errors`."""
    params = with_reason({name: "" if value is None else value for name, value in error.params.items()}, locale)
    if isinstance(error, InvalidSettings) and error.faults:
        params["first"] = say_fault(error.faults[0], locale)
    return say("errors", locale, error.code, **params)


def with_reason(params: Mapping[str, object], locale: str) -> dict[str, object]:
    """An error's params; where `reason_code` or `kind_code` names words of the domain `errors`, that is what {reason} or {kind} says."""
    codes = {name: params.get(f"{name}_code") for name in ("reason", "kind")}
    said = {name: say("errors", locale, code, **params) for name, code in codes.items() if code and isinstance(code, str)}
    return {**params, **said}


def say_fault(fault: Fault, locale: str) -> str:
    """A wrong value of a file or a call on one line: where, what, and what is allowed."""
    place = (
        ""
        if not fault.file
        else say("errors", locale, "fault.in_line" if fault.line else "fault.in_file", file=fault.file, line=fault.line)
    )
    return place + say("errors", locale, "fault.said", key=fault.key, value=fault.value, allowed=say_allowed(fault, locale))


def say_allowed(fault: Fault, locale: str) -> str:
    """What is allowed; in English where no other language knows it."""
    return say("errors", locale, fault.code, **dict(fault.params)) if fault.code else fault.allowed


def say_tier(name: str, locale: str) -> str:
    """A tier's name in the language where the rules call it as the defaults do; one that the host chose stays as it is."""
    return say("ui", locale, f"tier.{DEFAULT_NAMES.index(name) + 1}") if name in DEFAULT_NAMES else name


@cache
def catalogue(domain: str, locale: str) -> Mapping[str, str]:
    """All sentences of a domain in a language, read once; empty for a language or domain that isn't shipped.

    Raises ValueError for a file that isn't a sound catalogue: it is part of the program.
    """
    if not (domain.isidentifier() and locale.isidentifier()):
        return MappingProxyType({})
    path = _FOLDER / locale / "LC_MESSAGES" / f"{domain}.po"
    if not path.is_file():
        return MappingProxyType({})
    return MappingProxyType(parse_po(path.read_text(encoding="utf-8"), str(path.name)))


def parse_po(source: str, name: str = "") -> dict[str, str]:
    """The entries of a .po file's text: msgid and msgstr only, fuzzy and empty ones left out.

    Raises ValueError with the line's number for contexts, plural forms, repeated msgids and anything that isn't gettext.
    """
    entries: dict[str, str] = {}
    for number, msgid, msgstr, is_fuzzy in _entries(source, name):
        if msgid in entries:
            raise ValueError(f"{name}:{number}: {msgid!r} stands twice")
        entries[msgid] = "" if is_fuzzy else msgstr
    return {msgid: msgstr for msgid, msgstr in entries.items() if msgid and msgstr}


def _entries(source: str, name: str) -> Iterator[tuple[int, str, str, bool]]:
    """Line, msgid, msgstr and whether it is marked fuzzy, of each entry."""
    part, start, texts, is_fuzzy, is_next_fuzzy = "", 0, {"msgid": "", "msgstr": ""}, False, False
    for number, raw in enumerate(source.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            is_next_fuzzy = is_next_fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        found = _LINE.fullmatch(line)
        if not found or (found[1] or "", part) not in _MAY_FOLLOW:
            raise ValueError(f"{name}:{number}: not part of a simple catalogue: {line[:60]!r}")
        if found[1] == "msgid":
            if part:
                yield start, texts["msgid"], texts["msgstr"], is_fuzzy
            start, texts, is_fuzzy, is_next_fuzzy = number, {"msgid": "", "msgstr": ""}, is_next_fuzzy, False
        part = found[1] or part
        texts[part] += _ESCAPE.sub(lambda sign: _ESCAPES.get(sign[1], sign[0]), found[2])
    if part == "msgid":
        raise ValueError(f"{name}:{start}: a msgid without msgstr")
    if part:
        yield start, texts["msgid"], texts["msgstr"], is_fuzzy
