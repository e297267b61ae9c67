"""What the audience tells: frozen events for the bus, and the answers to whoever hands something in.

Nothing here acts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.errors import Param
from studio.model.events import FanEvent, Rejection
from studio.model.fans import Fan
from studio.model.loyalty import Rules
from studio.model.scene import AirBoard, Tier


@dataclass(frozen=True, slots=True)
class BoardChanged:
    """The board has a new version."""

    board: AirBoard


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """Other loyalty rules hold now: changed here, or by another studio on this store."""

    number: int
    rules: Rules


@dataclass(frozen=True, slots=True)
class ChatItem:
    """A chat message as windows show it, and who said it as the file knows them; `fan_id` is empty for an unidentified fan."""

    platform: str
    id: str
    fan_id: str
    name: str
    text: str
    at_ms: int
    tier: Tier = Tier.NEW
    is_regular: bool = False
    is_staff: bool = False
    fan: Fan | None = None
    looks_like: str = ""
    """Whose name this one can be taken for, of staff and of regulars who are here."""

    @classmethod
    def of(cls, event: FanEvent, fan: Fan | None, now_ms: int, rules: Rules, looks_like: str = "") -> "ChatItem":
        """A message with the badge that its fan has now."""
        said = (event.platform, event.id, event.fan_id, event.name, event.text, event.at_ms)
        if fan is None:
            return cls(*said, looks_like=looks_like)
        return cls(*said, fan.tier(rules), fan.is_regular(now_ms, rules), fan.is_staff, fan, looks_like)


@dataclass(frozen=True, slots=True)
class ChatSeen:
    """New chat, oldest first."""

    items: tuple[ChatItem, ...]


CHEERING = frozenset({"gift", "order"})
"""Types of events that a host is glad of."""


@dataclass(frozen=True, slots=True)
class Cheered:
    """Something to be glad of came in: `kinds` of `CHEERING`, each at least once, stored."""

    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class LineRejected:
    """A line of a replayed file can't be used."""

    line: int
    error: str


@dataclass(frozen=True, slots=True)
class FeedEnded:
    """The replay has come to its end, and all of it is stored."""


@dataclass(frozen=True, slots=True)
class StoreTrouble:
    """The store doesn't take events; `code` and `params` as in the error catalogue, empty when it takes them again."""

    code: str
    params: Mapping[str, Param] = field(default_factory=dict)
    is_kept: bool = True
    """Whether a journal takes them meanwhile; if not, connectors wait."""


@dataclass(frozen=True, slots=True)
class IngestResult:
    """What became of the lines that were handed in."""

    accepted: int = 0
    duplicate: int = 0
    rejected: tuple[Rejection, ...] = ()


@dataclass(slots=True)
class EventCounts:
    """The report's `events`; `chat_dropped` by connectors that outran the store."""

    received: int = 0
    accepted: int = 0
    duplicate: int = 0
    rejected: int = 0
    chat_dropped: int = 0
