"""Chat on its way to the windows, in batches; the newest messages are kept for a window that opens later.

It refuses to choose: what the audience has stored is told.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any

from studio.app.stream import Send
from studio.audience import ChatItem, ChatSeen
from studio.model.events import format_time

CHAT_IN_STATE = 50
CHAT_EVERY_S = 0.1
"""Chat goes out ten times a second in batches: at 1,000 messages a second one message each would keep a window busy with wrapping."""


class ChatFeed:
    """Loop thread only."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._kept: deque[ChatItem] = deque(maxlen=CHAT_IN_STATE)
        self._unsent: list[ChatItem] = []
        self._timer: asyncio.TimerHandle | None = None

    @property
    def newest(self) -> dict[str, Any]:
        """What a client gets that has just connected."""
        return {"items": [_chat_json(item) for item in self._kept]}

    def seen(self, seen: ChatSeen) -> None:
        """New chat; what windows are told of it is made where one listens."""
        self._kept.extend(seen.items)
        self._unsent.extend(seen.items)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(CHAT_EVERY_S, self._flush)

    def forget(self, accounts: Iterable[tuple[str, str]]) -> None:
        """What erased fans said is told to nobody any more."""
        gone = set(accounts)
        self._kept = deque((item for item in self._kept if (item.platform, item.fan_id) not in gone), maxlen=CHAT_IN_STATE)

    def stop(self) -> None:
        """Idempotent."""
        if self._timer is not None:
            self._timer.cancel()

    def _flush(self) -> None:
        self._timer = None
        items, self._unsent = self._unsent, []
        self._send("chat", lambda: {"items": [_chat_json(item) for item in items]})


def _chat_json(item: ChatItem) -> dict[str, Any]:
    return {
        "at": format_time(item.at_ms),
        "platform": item.platform,
        "id": item.fan_id,
        "name": item.name,
        "text": item.text,
        "tier": item.tier.name.lower(),
        "tier_rank": int(item.tier),
        "regular": item.is_regular,
        "staff": item.is_staff,
        "looks_like": item.looks_like,
    }
