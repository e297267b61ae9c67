"""The life of a drop card as plain functions of the wall clock: open, list locked, reels, winners, gone.

It refuses to draw, and to draw lots: winners come with the drop, this only says when each is shown.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from overlays.motion import CARD_IN_MS, HEIGHT_MS, eased
from studio.model.scene import AirDrop, AirWinner

REEL_MS, HOLD_MS, STAY_MS = 3200, 1200, 12_000
MOST_REELS = 3
PAGE_MS = 4000
LAST_S = 10
_STEPS = 26
"""Names that pass in a reel: at 3.2 s and cubic deceleration the first ones go by in 40 ms each, the last takes 0.9 s."""

Phase: TypeAlias = Literal["open", "closing", "reel", "winners", "note"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A drop card at one moment.

    `seen` (0..1) is how far it has come in, `fold` how far its height has changed from that of the phase `before`; `reel` counts from
    0 and `turned` is how many names have passed; `revealed` winners are shown; `page` counts the turns of a list that is too long.
    """

    phase: Phase
    before: Phase
    seen: float = 1.0
    fold: float = 1.0
    seconds_left: int = 0
    share_left: float = 0.0
    reel: int = 0
    turned: float = 0.0
    revealed: int = 0
    page: int = 0

    @property
    def is_last(self) -> bool:
        """Whether the last seconds run, which are gold."""
        return self.phase == "open" and self.seconds_left <= LAST_S


def moment_of(drop: AirDrop, now_ms: int) -> Moment | None:
    """What to show; None before a drop opens and after its card has left."""
    if now_ms < drop.opened_at_ms:
        return None
    if drop.state == "open":
        return _open(drop, now_ms)
    if drop.state == "closing" and drop.kind == "lottery":
        is_early = now_ms < drop.closes_at_ms
        return Moment("closing", "open", fold=1.0 if is_early else eased(now_ms - drop.closes_at_ms, HEIGHT_MS))
    if drop.kind == "lottery" and drop.winners and drop.state in {"drawn", "closed"}:
        return _drawn(drop, now_ms)
    elapsed = now_ms - drop.settled_at_ms if drop.settled_at_ms else 0
    seen = _leaving(elapsed, STAY_MS)
    before: Phase = "closing" if drop.state == "drawn" else "open"
    return Moment("note", before, seen, eased(elapsed, HEIGHT_MS) if drop.settled_at_ms else 1.0) if seen > 0 else None


def _open(drop: AirDrop, now_ms: int) -> Moment:
    seen = eased(now_ms - drop.opened_at_ms, CARD_IN_MS)
    if not drop.closes_at_ms:
        return Moment("open", "open", seen, seconds_left=LAST_S + 1, share_left=1.0)
    left_ms, whole_ms = max(0, drop.closes_at_ms - now_ms), max(1, drop.closes_at_ms - drop.opened_at_ms)
    seconds = -(-left_ms // 1000)
    share = min(1.0, seconds * 1000 / whole_ms)
    return Moment("open", "open", seen, seconds_left=seconds, share_left=share)


def _drawn(drop: AirDrop, now_ms: int) -> Moment | None:
    count = len(drop.winners)
    elapsed = now_ms - drop.settled_at_ms
    if not drop.settled_at_ms:
        return Moment("winners", "winners", revealed=count, page=0)
    reels = min(MOST_REELS, count)
    stops_ms = reels * REEL_MS
    if elapsed < stops_ms + HOLD_MS:
        reel = max(0, min(reels - 1, elapsed // REEL_MS))
        revealed = count if elapsed >= stops_ms else reel
        turned = _STEPS * eased(elapsed - reel * REEL_MS, REEL_MS)
        return Moment("reel", "closing", fold=eased(elapsed, HEIGHT_MS), reel=reel, turned=turned, revealed=revealed)
    seen = _leaving(elapsed, stops_ms + STAY_MS)
    if seen <= 0:
        return None
    shown_ms = elapsed - stops_ms - HOLD_MS
    page = shown_ms // PAGE_MS
    return Moment("winners", "reel", seen, eased(shown_ms, HEIGHT_MS), reel=reels - 1, revealed=count, page=page)


def _leaving(elapsed_ms: int, stay_ms: int) -> float:
    return 1 - eased(elapsed_ms - stay_ms, CARD_IN_MS)


def reel_names(drop: AirDrop, reel: int, turned: float) -> tuple[tuple[float, AirWinner], ...]:
    """The names in the reel's window, each with its distance from the middle in rows (below is positive)."""
    winner = drop.winners[reel]
    pool = [name for name in drop.reel or drop.winners if name != winner]
    first = int(turned) - 1
    found: list[tuple[float, AirWinner]] = []
    for index in range(max(0, first), first + 4):
        if index == _STEPS:
            found.append((index - turned, winner))
        elif index == 0 and reel:
            found.append((index - turned, drop.winners[reel - 1]))
        elif pool:
            found.append((index - turned, pool[(index + 7 * reel) % len(pool)]))
    return tuple(found)


def clock_text(seconds: int) -> str:
    """00:42, and 1:02:42 from an hour on."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"
