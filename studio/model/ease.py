"""When the machine is out of breath, what is done more cheaply, and when all of it comes back.

Pure: how busy the stages were goes in, a level comes out. The look gives way first, then the encoder, within the same headers.
"""

from dataclasses import dataclass, replace
from typing import Final

STEPS: Final = ("full", "mesh", "smoothing", "encoder", "bitrate")
"""What each level adds: nothing, faces looked for half as often, skin smoothed at a coarser scale, the encoder's quick way of the same
headers, seven tenths of its rate."""
TOP: Final = len(STEPS) - 1
ENCODER_LEVEL: Final = STEPS.index("encoder")
BITRATE_LEVEL: Final = STEPS.index("bitrate")
EASED_RATE: Final = 0.7

_SECOND: Final = 1_000_000_000
_BUSY: Final = 0.85
"""Of a frame's time, on average: above it a hiccup of the machine skips frames."""
_CALM, _CALM_EASED = 0.6, 0.35
"""Below it there is room for the next dearer step; the encoder's full way takes twice its quick one."""
_QUEUED: Final = 4
"""Frames that wait for the encoder, of 8."""
STEP_NS: Final = _SECOND
"""From one step down to the next: a step shows within a few frames."""
PATIENCE_NS: Final = 10 * _SECOND
MOST_PATIENCE_NS: Final = 160 * _SECOND
"""How long calm must last before a step is taken back: at first, and at most after it didn't hold (doubled each time)."""
_HELD_NS: Final = 30 * _SECOND
"""A step taken back that has to be taken again within this didn't hold."""


@dataclass(frozen=True, slots=True)
class Load:
    """The last quarter of a second: the share of a frame's time that a tick and an encoding took, frames waiting, frames skipped."""

    program: float
    encode: float
    queued: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Ease:
    """The level of now; times are monotonic, 0 is never."""

    level: int = 0
    changed_ns: int = 0
    calm_ns: int = 0
    returned_ns: int = 0
    patience_ns: int = PATIENCE_NS


def next_ease(ease: Ease, load: Load, now_ns: int) -> Ease:
    """One step cheaper while overloaded, at most one a second; one step back after a time of calm that grows when it doesn't hold."""
    if load.skipped or load.queued >= _QUEUED or max(load.program, load.encode) > _BUSY:
        return _cheaper(replace(ease, calm_ns=0), now_ns)
    calm = _CALM_EASED if ease.level >= ENCODER_LEVEL else _CALM
    if not ease.level or load.queued > 1 or load.program > _CALM or load.encode > calm:
        return replace(ease, calm_ns=0)
    if not ease.calm_ns:
        return replace(ease, calm_ns=now_ns)
    if now_ns - ease.calm_ns < ease.patience_ns:
        return ease
    return replace(ease, level=ease.level - 1, changed_ns=now_ns, calm_ns=now_ns, returned_ns=now_ns)


def _cheaper(ease: Ease, now_ns: int) -> Ease:
    if ease.level == TOP or now_ns - ease.changed_ns < STEP_NS:
        return ease
    has_held = not ease.returned_ns or now_ns - ease.returned_ns > _HELD_NS
    patience_ns = PATIENCE_NS if has_held else min(MOST_PATIENCE_NS, 2 * ease.patience_ns)
    return replace(ease, level=ease.level + 1, changed_ns=now_ns, returned_ns=0, patience_ns=patience_ns)
