"""What a few thousand pixels of each picture tell about its source: whether it moves, repeats itself, or sees nothing.

Pure values and arithmetic; it holds no picture and reads no clock.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from studio.model.frames import Plane

_ROWS, _COLUMNS = 41, 67
"""Of the grid that is looked at: 2,700 pixels. With a tenth of them a quiet, dark room could repeat itself by chance."""
QUIET_NS: Final = 400_000_000
"""A source without news for so long is in trouble: the least that fits a slate within half a second, the loop's look included."""
_MOST_QUIET_NS: Final = 2_000_000_000
NOISY_SHARE: Final = 0.04
"""Of the pixels that change from one picture to the next. A sensor's noise changes 30 to 90 % of them, a cursor on a still screen, or an
H.264 camera that sends nothing where nothing moves, under 2 %: what never had noise can't be called frozen for having none."""
_KNOWN_AFTER: Final = 15
"""Changes that it takes to know a source's noise."""
_BLACK_MEAN, _BLACK_MOST = 19.0, 40
"""Levels of limited-range luma: black is 16, a capped lens' noise is below 19 on average; its hot pixels may be brighter."""
BLACK_NS: Final = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Seen:
    """What a source's pictures have told so far; times are monotonic, 0 is never."""

    arrived_ns: int = 0
    changed_ns: int = 0
    run: int = 0
    """Pictures in a row without a pause."""
    changing: int = 0
    """Pictures in a row that differ from the one before."""
    repeats: int = 0
    """Pictures since the newest that differs."""
    changes: int = 0
    noise: float = 0.0
    """The share of pixels that usually change from one picture to the next, repeats among them counted as none once they are over."""
    interval_ns: int = 0
    """The usual distance of two pictures."""
    black_since_ns: int = 0

    @property
    def is_noisy(self) -> bool:
        """Whether the source has shown a sensor's noise, so that pictures without any are repeats."""
        return self.changes >= _KNOWN_AFTER and self.noise >= NOISY_SHARE

    @property
    def patience_ns(self) -> int:
        """How long this source may be without news: 400 ms, for a slow one four of its pictures."""
        return min(_MOST_QUIET_NS, max(QUIET_NS, 4 * self.interval_ns))

    def is_black(self, now_ns: int) -> bool:
        """Whether it has been black for two seconds."""
        return bool(self.black_since_ns) and now_ns - self.black_since_ns >= BLACK_NS


def grid(luma: Plane) -> Plane:
    """A copy of the pixels that are looked at, evenly spread over an (H, W) luma plane; all of them where it is small."""
    down, across = max(1, luma.shape[0] // _ROWS), max(1, luma.shape[1] // _COLUMNS)
    return luma[down // 2 :: down, across // 2 :: across].copy()


def see(seen: Seen, before: Plane | None, now: Plane, now_ns: int) -> Seen:
    """What is known after one more picture; `before` and `now` are the grids of the last one and of this one."""
    gap_ns = now_ns - seen.arrived_ns if seen.arrived_ns else 0
    has_paused = gap_ns > seen.patience_ns
    is_black = int(now.max()) < _BLACK_MOST and float(now.mean()) < _BLACK_MEAN
    seen = replace(
        seen,
        arrived_ns=now_ns,
        run=1 if has_paused else seen.run + 1,
        interval_ns=seen.interval_ns if has_paused or not gap_ns else _eased(seen.interval_ns, gap_ns),
        black_since_ns=(seen.black_since_ns or now_ns) if is_black else 0,
    )
    share = 1.0 if before is None or before.shape != now.shape else float(np.count_nonzero(before != now)) / now.size
    if not share:
        return replace(seen, changing=0, repeats=seen.repeats + 1)
    noise = seen.noise if before is None else seen.noise + (share / (1 + seen.repeats) - seen.noise) / 16
    changing = 1 if has_paused else seen.changing + 1
    changes = seen.changes + (before is not None)
    return replace(seen, changed_ns=now_ns, changing=changing, changes=changes, noise=noise, repeats=0)


def _eased(usual_ns: int, gap_ns: int) -> int:
    return gap_ns if not usual_ns else usual_ns + (gap_ns - usual_ns) // 8
