"""One client's side of the stream: a queue of 100 messages that never makes anybody wait, and says what it skipped.

It sends nothing itself; the server's task for the client takes from it.
"""

import asyncio
import json
from collections import Counter, deque
from typing import Any

MAX_MESSAGES = 100
"""design.md, "engine to a window". At ten boards a second it is what a window misses while it hangs for some five seconds."""

_MAX_STATES = 200
"""Newest states kept while a client is behind: one for each type, and one for each drop; the oldest drop goes first."""

_STATE_TYPES = frozenset({"board", "drop", "live", "health", "settings", "meters", "shown"})
"""Types whose newest message says all: of these a slow client gets the newest, of the others only the count."""


def encode_data(data: Any) -> str:
    """The data of a message, encoded once for all clients. Lone surrogates are escaped, so it always fits UTF-8."""
    return json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False)


class StreamQueue:
    """At most 100 messages wait. Once one doesn't fit, all are skipped and counted until the client has taken what waits."""

    def __init__(self) -> None:
        self.skipped_total = 0
        self._messages: deque[tuple[str, str]] = deque()
        self._skipped: Counter[str] = Counter()
        self._newest: dict[tuple[str, str], str] = {}
        self._sequence = 0
        self._is_filled = asyncio.Event()

    def start(self, state: list[tuple[str, str]]) -> None:
        """Queue the full state, however many drops it has: it is sent once, and the bound is for what comes after it."""
        self._messages.extend(state)
        self._is_filled.set()

    def put(self, message_type: str, encoded: str, key: str = "") -> None:
        """Queue a message; `key` tells states of one type apart (a drop's id). Never blocks."""
        if not self._skipped and len(self._messages) < MAX_MESSAGES:
            self._messages.append((message_type, encoded))
        else:
            self._skipped[message_type] += 1
            self.skipped_total += 1
            if message_type in _STATE_TYPES:
                self._newest.pop((message_type, key), None)
                self._newest[message_type, key] = encoded
                if len(self._newest) > _MAX_STATES:
                    del self._newest[next(name for name in self._newest if name[0] == "drop")]
        self._is_filled.set()

    async def take(self) -> str:
        """The next message as the client gets it, waiting until there is one; `seq` counts what this client was sent."""
        while not self._messages and not self._skipped:
            self._is_filled.clear()
            await self._is_filled.wait()
        if not self._messages:
            self._messages.append(("skipped", encode_data(dict(self._skipped))))
            self._messages.extend((name, encoded) for (name, _), encoded in self._newest.items())
            self._skipped.clear()
            self._newest.clear()
        message_type, encoded = self._messages.popleft()
        self._sequence += 1
        return f'{{"type":{json.dumps(message_type)},"seq":{self._sequence},"data":{encoded}}}'
