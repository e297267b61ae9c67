"""A list of music: what is asked of its player, what it answers, and which track comes after which.

Pure values; chance is given to it.
"""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class PlayOrder:
    """What the host wants: `skips` counts how often *next* was asked since the start."""

    is_paused: bool = False
    skips: int = 0
    shuffle: bool = False
    repeat: bool = True


@dataclass(frozen=True, slots=True)
class NowPlaying:
    """The track's name without its folder, its number from 1 among `tracks`; no name before the first and after the last."""

    name: str = ""
    number: int = 0
    tracks: int = 0
    is_paused: bool = False


def next_track(current: int, played: frozenset[int], tracks: int, order: PlayOrder, chance: Random) -> int | None:
    """The index after `current`, or None at the end of a list that isn't repeated.

    Shuffled: each track once before any comes again, `played` being those of this round with the current one.
    """
    if not order.shuffle:
        following = current + 1
        return following if following < tracks else 0 if order.repeat else None
    waiting = [number for number in range(tracks) if number not in played]
    if waiting:
        return chance.choice(waiting)
    if not order.repeat:
        return None
    others = [number for number in range(tracks) if number != current]
    return chance.choice(others) if others else current
