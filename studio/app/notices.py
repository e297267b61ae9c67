"""News in words: what happened, what it means for the show, what to do; in each language, so that a window just shows it.

It keeps the last fifty; it decides nothing.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from studio.errors import KnownError
from studio.model.rules import Fault
from studio.words import LOCALES, say, say_fault

Level = Literal["info", "good", "warn", "bad"]
KEPT = 50


class Notices:
    """The notices of this run; loop thread only."""

    def __init__(self, deliver: Callable[[str, dict[str, Any]], None]) -> None:
        self._deliver = deliver
        self._kept: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._number = 0

    def add(self, level: Level, code: str, **params: str | float | Fault | None) -> None:
        """Tell it."""
        self.begin(level, code, **params)

    def begin(self, level: Level, code: str, **params: str | float | Fault | None) -> dict[str, Any]:
        """Tell it, and answer the notice, to be settled later. A repeat of the newest notice counts up instead of standing twice."""
        told = {locale: {name: _shown(value, locale) for name, value in params.items()} for locale in LOCALES}
        params = {name: str(value) if isinstance(value, Fault) else value for name, value in params.items()}
        newest = self._kept[-1] if self._kept else None
        if newest is not None and newest["code"] == code and newest["params"] == params:
            newest = {**newest, "count": newest["count"] + 1, "at": time.time(), "over_at": None}
            self._kept[-1] = newest
            self._deliver("notice", newest)
            return newest
        self._number += 1
        notice = {
            "id": self._number,
            "level": level,
            "code": code,
            "params": params,
            "text": {locale: say("errors", locale, code, **told[locale]) for locale in LOCALES},
            "at": time.time(),
            "count": 1,
            "over_at": None,
        }
        self._kept.append(notice)
        self._deliver("notice", notice)
        return notice

    def settle(self, number: int) -> None:
        """What this notice told is over; it stays where it is. Nothing for one that is no longer kept."""
        for place, notice in enumerate(self._kept):
            if notice["id"] == number and notice["over_at"] is None:
                self._kept[place] = {**notice, "over_at": time.time()}
                self._deliver("notice", self._kept[place])

    def add_error(self, error: KnownError, level: Level = "bad") -> None:
        """Tell a KnownError."""
        self.add(level, error.code, **error.params)

    def all(self) -> list[dict[str, Any]]:
        """The last fifty, oldest first."""
        return list(self._kept)


def _shown(value: str | float | Fault | None, locale: str) -> str | float:
    """A fault of a file is said in each language."""
    if isinstance(value, Fault):
        return say_fault(value, locale)
    return "" if value is None else value
