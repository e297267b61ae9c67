"""What the picture should show: the frozen snapshots that cross from the loop to the media threads.

A `Scene` is swapped by one reference assignment; nothing in it is ever changed.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Literal, TypeAlias

from studio.model.settings import LookSettings
from studio.model.shot import ShotSettings


class Tier(IntEnum):
    """A fan's tier by rank; its shape and colour are the same wherever it is drawn."""

    NEW = 1
    JUNIOR = 2
    MIDDLE = 3
    SENIOR = 4


FactKind: TypeAlias = Literal["visits", "streak", "to_next", "followed_days", "first_visit"]


@dataclass(frozen=True, slots=True)
class AirFact:
    """The one fact beside a name; `value` counts visits, show days or days, or is money in minor units for `to_next`."""

    kind: FactKind
    value: int
    tier: str = ""
    """For `to_next`: what the rules call the next tier."""
    currency: str = "CNY"
    """For `to_next`."""


@dataclass(frozen=True, slots=True)
class AirFan:
    """A fan as the audience may see them: `name` is cleaned and masked already, `key` is stable while they are on the board."""

    key: str
    name: str
    tier: Tier
    is_devoted: bool
    fact: AirFact
    last_visit_days: int | None = None


@dataclass(frozen=True, slots=True)
class Greeting:
    """An arrival to greet from `starts_at_ms` (wall clock) on for four seconds; `others` > 0 stands for that many more."""

    fan: AirFan
    starts_at_ms: int
    others: int = 0


@dataclass(frozen=True, slots=True)
class AirBoard:
    """The fan board: how many regulars are here, and the first rows (at most 6) in board order."""

    version: int = 0
    present: int = 0
    rows: tuple[AirFan, ...] = ()
    greeting: Greeting | None = None


@dataclass(frozen=True, slots=True)
class AirWinner:
    """A winner as shown: masked name, tier and prize."""

    name: str
    tier: Tier
    is_devoted: bool
    prize: str


@dataclass(frozen=True, slots=True)
class AirDrop:
    """The drop card. Times are wall-clock milliseconds since 1970; hashes are 64 lower-case hex signs or empty."""

    id: str
    kind: Literal["lottery", "coupon"]
    title: str
    state: Literal["open", "closing", "drawn", "closed", "expired", "cancelled"]
    opened_at_ms: int
    closes_at_ms: int
    keyword: str
    entries: int = 0
    left: int = 0
    stock: int = 0
    who: str = "all"
    weights: tuple[tuple[Tier, int], ...] = ()
    opening: str = ""
    closing: str = ""
    has_beacon: bool = False
    winners: tuple[AirWinner, ...] = ()
    reel: tuple[AirWinner, ...] = ()
    settled_at_ms: int = 0


@dataclass(frozen=True, slots=True)
class AirTicker:
    """An answer to a fan's question: `name` is masked already, times are wall-clock milliseconds, `waiting` answers come after it."""

    kind: Literal["points", "checkin"]
    name: str
    tier: Tier
    is_devoted: bool
    points: int
    streak: int
    starts_at_ms: int
    ends_at_ms: int
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class AirSlate:
    """The picture is gone since `since_ms` (wall clock): what is said meanwhile. The clock shows the room's time, `utc_offset_s` east."""

    since_ms: int
    utc_offset_s: int = 0


@dataclass(frozen=True, slots=True)
class AirView:
    """Everything that is burned into the picture at this moment, and how."""

    board: AirBoard | None = None
    drop: AirDrop | None = None
    ticker: AirTicker | None = None
    slate: AirSlate | None = None
    locale: str = "zh_CN"
    theme: str = "dark"
    show_amounts: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """One coherent picture order: read once a tick, so that a frame is never half old, half new."""

    look: LookSettings
    shot: ShotSettings = field(default_factory=ShotSettings)
    air: AirView = field(default_factory=AirView)
    compare: Literal["off", "original", "split", "source"] = "off"
    """Before and after, or the whole source for choosing a part of it, in the local preview only; the published picture never shows it."""
    compare_at: float = 0.5
    """Where the line between the two halves stands, as a share of the width."""
