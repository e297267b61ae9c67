"""The audience: events in, stored exactly once, and out to the board, the drops and the windows."""

from studio.audience.members import Members
from studio.audience.news import (
    BoardChanged,
    ChatItem,
    ChatSeen,
    EventCounts,
    FeedEnded,
    IngestResult,
    LineRejected,
    StoreTrouble,
)
from studio.audience.service import Audience
from studio.audience.ticker import Ticker, TickerChanged

__all__ = [
    "Audience",
    "BoardChanged",
    "ChatItem",
    "ChatSeen",
    "EventCounts",
    "FeedEnded",
    "IngestResult",
    "LineRejected",
    "Members",
    "StoreTrouble",
    "Ticker",
    "TickerChanged",
]
