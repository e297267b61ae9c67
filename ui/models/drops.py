"""A drop as the windows show it: the API's answer as a frozen value, with what follows from it by the clock.

It refuses to decide anything: what may be done in which state is the engine's answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ui import badges
from ui.figures import moment
from ui.models.people import is_devoted, name_of
from ui.plain import plain

_RUNNING = {"open", "closing"}
_SETTLED = {"drawn", "closed", "expired", "cancelled"}


@dataclass(frozen=True, slots=True)
class Winner:
    """Who won what."""

    name: str
    prize: str
    platform: str
    id: str
    tier: int
    is_devoted: bool


@dataclass(frozen=True, slots=True)
class Drop:
    """One drop. Times are seconds since 1970; 0 where there is none."""

    id: str
    kind: str
    title: str
    state: str
    opened_at_s: float
    closes_at_s: float
    settled_at: str
    entries: int
    issued: int
    left: int
    opening: str
    closing: str
    keyword: str
    is_early_close: bool
    creator: str
    winners: tuple[Winner, ...]
    value_minor: int
    stock: int

    @property
    def is_running(self) -> bool:
        """Whether the audience can take part, or the draw is under way."""
        return self.state in _RUNNING

    @property
    def is_settled(self) -> bool:
        """Whether nothing will happen any more."""
        return self.state in _SETTLED

    @property
    def is_waiting(self) -> bool:
        """Whether a second person has to approve it."""
        return self.state == "draft"

    def seconds_left(self, now_s: float) -> float:
        """Until it closes, never below zero."""
        return max(0.0, self.closes_at_s - now_s)

    def part_left(self, now_s: float) -> float:
        """Of its time, 0..1."""
        whole = self.closes_at_s - self.opened_at_s
        return min(1.0, self.seconds_left(now_s) / whole) if whole > 0 else 0.0


def _seconds(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value / 1000 if value > 1e11 else float(value)
    found = moment(value)
    return found.timestamp() if found else 0.0


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _winner(row: Mapping[str, Any]) -> Winner:
    prize = row.get("prize")
    return Winner(
        name=name_of(row),
        prize=plain(str(prize.get("name") if isinstance(prize, Mapping) else prize or "")),
        platform=str(row.get("platform") or ""),
        id=str(row.get("id") or ""),
        tier=badges.rank_of(row),
        is_devoted=is_devoted(row.get("layer")),
    )


def drop(row: Mapping[str, Any]) -> Drop:
    """A drop of the API; what is missing or of another type reads as nothing."""
    winners = row.get("winners")
    return Drop(
        id=str(row.get("id") or ""),
        kind=str(row.get("kind") or ""),
        title=plain(str(row.get("title") or "")),
        state=str(row.get("state") or ""),
        opened_at_s=_seconds(row.get("opened_at")),
        closes_at_s=_seconds(row.get("closes_at")),
        settled_at=str(row.get("settled_at") or row.get("closed_at") or ""),
        entries=_whole(row.get("entries")),
        issued=_whole(row.get("issued")),
        left=_whole(row.get("left")),
        opening=str(row.get("opening") or ""),
        closing=str(row.get("closing") or ""),
        keyword=plain(str(row.get("keyword") or "")),
        is_early_close=bool(row.get("early_close")),
        creator=plain(str(row.get("created_by") or "")),
        winners=tuple(_winner(item) for item in winners if isinstance(item, Mapping)) if isinstance(winners, list) else (),
        value_minor=_whole(row.get("value_minor")),
        stock=_whole(row.get("stock")),
    )
