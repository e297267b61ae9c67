"""Things that are wrong for a while: each is told once when it begins, shown as long as it lasts, and settled by itself when it is over.

It looks at nothing by itself: whoever watches something says whether it holds.
"""

import time
from typing import Any

from studio.app.notices import Level, Notices


class Watchers:
    """What stands at the moment; loop thread only."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._standing: dict[tuple[str, str], tuple[dict[str, Any], float]] = {}

    def tell(self, code: str, *, holds: bool, level: Level = "warn", about: str = "", **params: str | float | None) -> None:
        """Whether `code` holds now, for one of several things by `about` (an output's name). Only a change is told."""
        key = (code, about)
        if holds == (key in self._standing):
            return
        if holds:
            named = {"name": about, **params} if about else params
            self._standing[key] = (self._notices.begin(level, code, **named), time.monotonic())
        else:
            self._notices.settle(self._standing.pop(key)[0]["id"])

    def clear(self, prefix: str) -> None:
        """All whose code begins so are over: what they were about is gone."""
        for code, about in [key for key in self._standing if key[0].startswith(prefix)]:
            self.tell(code, holds=False, about=about)

    def report(self) -> list[dict[str, Any]]:
        """[{code, level, text, about, for_s}], the oldest first."""
        now_s = time.monotonic()
        return [
            {"code": code, "level": notice["level"], "text": notice["text"], "about": about, "for_s": round(now_s - since_s, 1)}
            for (code, about), (notice, since_s) in self._standing.items()
        ]
