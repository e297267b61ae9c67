"""What is said while the picture is gone: back in a moment, the time of day, and a ring of dots that turns.

It refuses to say what broke: that is for the host. The ground under it is not a layer, but the picture itself.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from overlays import motion
from overlays.phrases import words
from overlays.raster import Pen, text_width
from overlays.shapes import DISC, MARK
from overlays.sprite import Look, Sprite
from studio.model.layout import Rect
from studio.model.scene import AirSlate

_DOTS: Final = 24
_DOT_MS: Final = 100
"""The bright dot goes round in 2.4 s: calm, and seen to move at the first glance."""
_TAIL: Final = 9
"""Dots behind it that are brighter than the others."""
_LEAST: Final = 0.45
"""Of full size; smaller words can't be read on a phone: then the ground alone is shown."""


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Heights in units: ring, title, line and clock, one below another, and the distances after each."""

    ring: float
    title: float
    line: float
    clock: float

    @property
    def height(self) -> float:
        return self.ring + self.title * 1.75 + self.line * 1.9 + self.clock * 1.5

    def times(self, factor: float) -> "_Sizes":
        return _Sizes(self.ring * factor, self.title * factor, self.line * factor, self.clock * factor)


_WIDE = _Sizes(132, 84, 32, 40)
_TALL = _Sizes(168, 104, 44, 56)


def slate_sprites(slate: AirSlate, look: Look, now_ms: int, room: Rect) -> tuple[Sprite, ...]:
    """Ring, words and clock in the middle of their room, as large as it lets them; nothing where it is too small."""
    sizes = _TALL if look.layout.is_tall else _WIDE
    title, line = words(look.locale, "slate.title"), words(look.locale, "slate.line")
    widest = max(text_width(title, sizes.title, 700), text_width(line, sizes.line, 500))
    factor = min(1.0, room.width / widest, room.height / sizes.height)
    if factor < _LEAST:
        return ()
    sizes = sizes.times(factor)
    elapsed_ms = now_ms - slate.since_ms
    # Before the beginning is after it too: the wall clock was set back meanwhile.
    seen = motion.opacity(motion.eased(elapsed_ms, motion.SLATE_IN_MS)) if elapsed_ms >= 0 else 255
    centre, top = room.x + room.width / 2, room.y + (room.height - sizes.height) / 2
    said_top = top + sizes.ring
    said = Rect(room.x, said_top, room.width, sizes.title * 1.75 + sizes.line * 1.9)
    told = Rect(room.x, said.bottom, room.width, sizes.clock * 1.5)
    ring = Rect(centre - sizes.ring / 2, top, sizes.ring, sizes.ring)
    phase = now_ms // _DOT_MS % _DOTS
    time = clock_text(slate, now_ms)
    key = (look.locale, round(factor, 3))

    def say(pen: Pen) -> None:
        pen.text(said.width / 2, sizes.title * 0.95, title, sizes.title, 700, "air-slate-text", align="centre", width=said.width)
        below = sizes.title * 1.75 + sizes.line * 0.6
        pen.text(said.width / 2, below, line, sizes.line, 500, "air-slate-muted", align="centre", width=said.width)

    def tell(pen: Pen) -> None:
        pen.text(told.width / 2, told.height / 2, time, sizes.clock, 500, "air-slate-text", align="centre")

    return (
        Sprite(("slate ring", phase, key), ring, lambda pen: _ring(pen, sizes.ring, phase), seen),
        Sprite(("slate words", key), said, say, seen),
        Sprite(("slate clock", time, key), told, tell, seen),
    )


def clock_text(slate: AirSlate, now_ms: int) -> str:
    """The room's time of day."""
    moment = datetime.fromtimestamp(now_ms // 1000, UTC) + timedelta(seconds=slate.utc_offset_s)
    return f"{moment:%H:%M:%S}"


def _ring(pen: Pen, size: float, phase: int) -> None:
    """Dots in a circle, the brightest at `phase`, a tail behind it; the mark in the middle."""
    dot = size * 0.066
    reach = (size - dot) / 2
    for number in range(_DOTS):
        angle = 2 * math.pi * number / _DOTS - math.pi / 2
        behind = (phase - number) % _DOTS
        strength = 0.22 + 0.78 * max(0.0, 1 - behind / _TAIL)
        x, y = size / 2 + reach * math.cos(angle), size / 2 + reach * math.sin(angle)
        with pen.saved(opacity=strength):
            pen.shape(DISC, x - dot / 2, y - dot / 2, dot, "air-slate-text")
    mark = size * 0.44
    pen.shape(MARK, (size - mark) / 2, (size - mark) / 2, mark, "air-slate-mark")
