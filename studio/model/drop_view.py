"""A drop as windows, scripts and the picture see it.

Neither shape has a place for the seed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from studio.model.drops import DropRecord, state_at
from studio.model.events import format_time
from studio.model.lottery import LotterySpec, prize_ranks
from studio.model.loyalty import DEFAULT_NAMES
from studio.model.scene import AirDrop, AirWinner, Tier
from studio.model.segments import LAYER_NAMES

AirName: TypeAlias = Callable[[str, str, str], str]
"""(platform, fan id, display name) → what the audience may see."""


@dataclass(frozen=True, slots=True)
class RankedEntry:
    """One drawn entry with what is published of it. `passed_over` is the reason, or empty."""

    rank: int
    n: int
    platform: str
    fan_id: str
    name: str
    fan: str
    salt: bytes
    badge: int
    is_devoted: bool
    passed_over: str


@dataclass(frozen=True, slots=True)
class Entrant:
    """One of those who entered, for the reel to run over."""

    platform: str
    fan_id: str
    name: str
    badge: int
    is_devoted: bool


def drop_json(
    record: DropRecord, now_ms: int, ranked: Sequence[RankedEntry] = (), flags: Sequence[str] = (), tiers: Sequence[str] = DEFAULT_NAMES
) -> dict[str, Any]:
    """As the API answers it; `tiers` is what the rules call them now."""
    spec = record.spec.to_json()
    return {
        **spec,
        "id": record.id,
        "kind": record.kind,
        "state": state_at(record, now_ms),
        "currency": record.currency,
        "value_minor": spec.get("value_minor", 0 if record.kind == "coupon" else record.spec.value_minor),
        "total_minor": record.spec.value_minor,
        "number": record.number,
        "entries": record.entries,
        "issued": record.issued,
        "left": record.left,
        "opening": record.opening,
        "closing": record.closing,
        "winners": winners_json(record, ranked, tiers),
        "created_by": record.created_by,
        "approved_by": record.approved_by,
        "cancel_reason": record.cancel_reason,
        "flags": list(flags),
        **_times_json(record),
    }


def _times_json(record: DropRecord) -> dict[str, str | None]:
    names = ("created_at", "opened_at", "closes_at", "closed_at", "settled_at")
    times_ms = {name: getattr(record, f"{name}_ms") for name in names}
    return {name: format_time(time_ms) if time_ms else None for name, time_ms in times_ms.items()}


def winners_json(record: DropRecord, ranked: Sequence[RankedEntry], tiers: Sequence[str] = DEFAULT_NAMES) -> list[dict[str, Any]]:
    """Who has which prize now; `n` and `r` tie a name to its line of the proof."""
    return [
        {
            "prize": prize,
            "platform": entry.platform,
            "id": entry.fan_id,
            "name": entry.name,
            "tier": tiers[min(entry.badge, len(tiers)) - 1],
            "tier_rank": entry.badge,
            "layer": LAYER_NAMES["devoted"] if entry.is_devoted else None,
            "n": entry.n,
            "r": entry.salt.hex(),
        }
        for prize, entry in _holders(record, ranked)
    ]


def air_drop(record: DropRecord, ranked: Sequence[RankedEntry], reel: Sequence[Entrant], now_ms: int, air_name: AirName) -> AirDrop | None:
    """The drop card, or None for one that the audience never saw."""
    state = _AIR_STATES.get(state_at(record, now_ms))
    if state is None or not record.opened_at_ms:
        return None
    is_lottery = isinstance(record.spec, LotterySpec)
    return AirDrop(
        id=record.id,
        kind=record.kind,
        title=record.spec.title,
        state=state,
        opened_at_ms=record.opened_at_ms,
        closes_at_ms=record.closes_at_ms,
        keyword=record.spec.keyword,
        entries=record.entries,
        left=record.left,
        stock=0 if isinstance(record.spec, LotterySpec) else record.spec.limit,
        who=str(record.spec.who),
        weights=record.spec.weights if isinstance(record.spec, LotterySpec) else (),
        opening=record.opening,
        closing=record.closing,
        winners=tuple(_air_winner(entry, prize, air_name) for prize, entry in _holders(record, ranked)),
        reel=tuple(_air_winner(entrant, "", air_name) for entrant in reel) if is_lottery else (),
        settled_at_ms=record.settled_at_ms or record.closed_at_ms,
    )


_AirState: TypeAlias = Literal["open", "closing", "drawn", "closed", "expired", "cancelled"]
_AIR_STATES: Mapping[str, _AirState] = {
    "open": "open",
    "closing": "closing",
    "drawn": "drawn",
    "closed": "closed",
    "expired": "expired",
    "cancelled": "cancelled",
}


def _holders(record: DropRecord, ranked: Sequence[RankedEntry]) -> list[tuple[str, RankedEntry]]:
    if not isinstance(record.spec, LotterySpec) or not ranked:
        return []
    passed_over = frozenset(entry.n for entry in ranked if entry.passed_over)
    by_n = {entry.n: entry for entry in ranked}
    held = prize_ranks([entry.n for entry in ranked], passed_over, len(record.spec.prizes))
    return [(prize.name, by_n[n]) for prize, n in zip(record.spec.prizes, held, strict=True) if n is not None]


def _air_winner(entry: RankedEntry | Entrant, prize: str, air_name: AirName) -> AirWinner:
    name = air_name(entry.platform, entry.fan_id, entry.name)
    return AirWinner(name=name, tier=Tier(entry.badge), is_devoted=entry.is_devoted, prize=prize)
