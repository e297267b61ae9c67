"""What a machine's measured rates mean: which encoder and preset fit a show on it.

Pure; the measuring is `studio.app.measure`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

PRESETS: Final = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium")
"""Of x264, in the order of cost; slower ones gain a few per cent of rate for twice the time, which no live show has."""
RECORDING_CODECS: Final = ("hevc", "av1")
"""In which a recording may be encoded beside the stream."""
ROOM: Final = 1.5
"""How many times the show's rate a preset must reach: a browser with the chat, a hand before the face and a warm laptop take the rest."""
GOOD_ENOUGH: Final = "veryfast"
"""A hardware encoder is picked only where software doesn't reach this: at the same rate its picture is that of superfast."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast look and encoder together went with one codec and preset; `fps` 0 where it couldn't be opened."""

    codec: str
    preset: str
    fps: float


def fits(rate: Rate, fps: int) -> bool:
    """Whether a show at `fps` has room with it."""
    return rate.fps >= ROOM * fps


def pick(rates: Sequence[Rate], fps: int) -> Rate | None:
    """The dearest preset that fits; hardware where software is too slow for a good one; the fastest where nothing fits, None of nothing."""
    measured = [rate for rate in rates if rate.fps > 0]
    software = [rate for rate in measured if rate.codec == "libx264" and fits(rate, fps)]
    hardware = [rate for rate in measured if rate.codec != "libx264" and fits(rate, fps)]
    best = max(software, key=lambda rate: PRESETS.index(rate.preset), default=None)
    is_good = best is not None and PRESETS.index(best.preset) >= PRESETS.index(GOOD_ENOUGH)
    if hardware and not is_good:
        return max(hardware, key=lambda rate: rate.fps)
    return best or max(measured, key=lambda rate: rate.fps, default=None)


def result(rates: Sequence[Rate], fps: int, recording: Sequence[Rate] = ()) -> dict[str, Any]:
    """{rows: [{codec, preset, fps, fits}], picked: {codec, preset} or null, has_room, recording}: as command, API and window show it.

    `recording` are like rows: how fast the picked encoder went with a recording of that codec beside it.
    """
    picked = pick(rates, fps)
    return {
        "rows": [{**asdict(rate), "fits": fits(rate, fps)} for rate in rates],
        "recording": [{**asdict(rate), "fits": fits(rate, fps)} for rate in recording],
        "picked": {"codec": picked.codec, "preset": picked.preset} if picked else None,
        "has_room": picked is not None and fits(picked, fps),
    }
