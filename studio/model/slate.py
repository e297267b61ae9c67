"""When a slate takes the place of a picture that is gone, and when the picture comes back.

Pure: what a source told and what time it is come in, what to show and to do comes out. It never touches a device.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from studio.model.picture_watch import QUIET_NS, Seen

SlateReason: TypeAlias = Literal["frozen", "silent", "lost"]
"""The camera repeats itself · it is open and gives nothing · it can't be opened."""

_SECOND: Final = 1_000_000_000
SCREEN_QUIET_NS: Final = 2 * _SECOND
"""A grab of a screen waits for a compositor that is busy; a still screen gives frames all the same."""
REOPEN_FIRST_NS: Final = _SECOND
"""A camera that hangs may come to itself; one that hasn't after a second is opened anew."""
REOPEN_EVERY_NS: Final = 4 * _SECOND
"""Slow cameras take 2 s to their first picture: tried more often, they would never get there."""
ASK_AFTER_NS: Final = 20 * _SECOND
ASK_AGAIN_NS: Final = 60 * _SECOND
_FRAMES_BACK: Final = 3
"""Pictures in a row that it takes to trust a camera again: a dying cable gives single ones."""


@dataclass(frozen=True, slots=True)
class SourceNow:
    """One look at a source. `base_ns` is since when something is expected of it: it was chosen, or the show began."""

    spec: str
    seen: Seen
    is_lost: bool
    base_ns: int


@dataclass(frozen=True, slots=True)
class SlateState:
    """What stands in the picture's place since when (monotonic, 0: nothing does), and when the host is asked (again)."""

    reason: SlateReason | None = None
    since_ns: int = 0
    ask_at_ns: int = 0
    reopen_at_ns: int = 0

    @property
    def is_shown(self) -> bool:
        """Whether the slate is on."""
        return self.reason is not None

    def asks(self, now_ns: int) -> bool:
        """Whether the host should be asked what to do."""
        return self.is_shown and now_ns >= self.ask_at_ns

    def answered(self, now_ns: int) -> "SlateState":
        """The host waits on: asked again in a minute."""
        return replace(self, ask_at_ns=now_ns + ASK_AGAIN_NS)


def next_slate(state: SlateState, source: SourceNow, now_ns: int) -> tuple[SlateState, bool]:
    """The state after one more look, and whether the camera should be opened anew now."""
    reason = trouble(source, now_ns)
    if state.is_shown and reason is None and not _is_back(state, source):
        reason = state.reason
    if reason is None:
        return SlateState(), False
    if not state.is_shown:
        state = SlateState(reason, now_ns, now_ns + ASK_AFTER_NS, now_ns + REOPEN_FIRST_NS)
    state = replace(state, reason=reason)
    if reason == "lost" or not source.spec.startswith("camera:") or now_ns < state.reopen_at_ns:
        return state, False
    return replace(state, reopen_at_ns=now_ns + REOPEN_EVERY_NS), True


def trouble(source: SourceNow, now_ns: int) -> SlateReason | None:
    """What is wrong with a source at this moment.

    A clip may hold a picture for as long as it likes, and a screen may stand still: of a clip only its loss counts, of a screen also
    that no frame comes. A camera that has shown a sensor's noise is frozen when its pictures are the same to the last bit.
    """
    seen, scheme = source.seen, source.spec.partition(":")[0]
    quiet_ns = now_ns - max(seen.arrived_ns, source.base_ns)
    if source.is_lost:
        return "lost" if quiet_ns >= QUIET_NS else None
    if scheme == "camera":
        if quiet_ns >= seen.patience_ns:
            return "silent"
        unchanged_ns = now_ns - max(seen.changed_ns, source.base_ns)
        return "frozen" if seen.is_noisy and unchanged_ns >= seen.patience_ns else None
    return "silent" if scheme == "screen" and quiet_ns >= SCREEN_QUIET_NS else None


def _is_back(state: SlateState, source: SourceNow) -> bool:
    """Enough new pictures since the slate came. After a freeze they must differ, or a camera that repeats itself would be back at once."""
    seen = source.seen
    if source.is_lost or seen.arrived_ns <= state.since_ns:
        return False
    if not source.spec.startswith("camera:"):
        return True
    return (seen.changing if seen.is_noisy else seen.run) >= _FRAMES_BACK
