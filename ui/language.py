"""The window's language: one current locale, and the catalogue `ui` said in it.

It refuses to hold any sentence of its own and never formats text that a user wrote.
"""

from studio.errors import KnownError
from studio.words import LOCALES, catalogue, say, with_reason

_current = LOCALES[0]


def use(locale: str) -> None:
    """Speak this language from now on; one that isn't shipped becomes the first that is."""
    global _current  # noqa: PLW0603 - one language a process, written on the window's thread only
    _current = locale if locale in LOCALES else LOCALES[0]


def locale() -> str:
    """The current language, as "zh_CN"."""
    return _current


def other_locale() -> str:
    """The next language in the list, for a switch between them."""
    return LOCALES[(LOCALES.index(_current) + 1) % len(LOCALES)]


def words(msgid: str, /, **params: object) -> str:
    """The window's sentence `msgid` in the current language."""
    return say("ui", _current, msgid, **params)


def fault_words(code: str, /, **params: object) -> str:
    """The sentence for an error or notice code; a code that no catalogue knows is said in general words, never alone."""
    if code in catalogue("errors", _current) or code in catalogue("errors", "en"):
        return say("errors", _current, code, **with_reason(params, _current))
    return words("error.unknown", code=code)


def error_words(error: KnownError) -> str:
    """An error of the API in the current language."""
    return fault_words(error.code, **dict(error.params))
