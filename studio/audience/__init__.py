"""The audience: events in, stored exactly once, and out to the board, the drops and the windows."""

from studio.audience.copy_desk import CopyDesk
from studio.audience.import_desk import ImportDesk
from studio.audience.members import Members
from studio.audience.news import (
    BoardChanged,
    ChatItem,
    ChatSeen,
    Cheered,
    EventCounts,
    FeedEnded,
    IngestResult,
    LineRejected,
    RulesChanged,
    StoreTrouble,
)
from studio.audience.service import Audience
from studio.audience.ticker import Ticker, TickerChanged
from studio.audience.upload_shelf import UploadShelf

__all__ = [
    "Audience",
    "BoardChanged",
    "ChatItem",
    "ChatSeen",
    "Cheered",
    "CopyDesk",
    "EventCounts",
    "FeedEnded",
    "ImportDesk",
    "IngestResult",
    "LineRejected",
    "Members",
    "RulesChanged",
    "StoreTrouble",
    "Ticker",
    "TickerChanged",
    "UploadShelf",
]
