"""The arithmetic of a mixing desk: faders, pans, and music that makes room for a voice.

Pure; levels are decibels, positions of a pan run from -1 (left) to 1 (right).
"""

import math
from dataclasses import dataclass

KEY_DB = -42.0
"""A voice above this peak opens the ducking: the threshold of the voice's gate, so that what the gate lowers lets the music be."""

_OFF_DB = 12.0
"""What the release brings back in its time once ducking is switched off."""


def factor_of(gain_db: float) -> float:
    """Of an amplitude."""
    return 10 ** (gain_db / 20)


def pan_factors(pan: float) -> tuple[float, float]:
    """(left, right) by the law of constant power: their squares add up to 2 wherever the pan stands; both are 1 in the middle."""
    if not pan:
        return 1.0, 1.0
    angle = (pan + 1) * math.pi / 4
    return math.sqrt(2) * math.cos(angle), math.sqrt(2) * math.sin(angle)


@dataclass(frozen=True, slots=True)
class Duck:
    """How far music goes down while a voice speaks, and how long it takes down, stays there, and takes up. A depth of 0 is none."""

    depth_db: float = 0.0
    attack_s: float = 0.08
    release_s: float = 0.8
    hold_s: float = 0.4
    """A pause for breath takes 0.3 s."""


@dataclass(frozen=True, slots=True)
class Ducked:
    """Where the music is now: dB below its fader (0 or less), and how long the last word still counts."""

    db: float = 0.0
    held_s: float = 0.0


def ducked(now: Ducked, key_db: float, duck: Duck, elapsed_s: float) -> Ducked:
    """The state `elapsed_s` later, `key_db` being the voices' peak of that time; straight lines in dB, which sound even."""
    speaks = key_db > KEY_DB
    held_s = duck.hold_s if speaks else max(0.0, now.held_s - elapsed_s)
    if (speaks or held_s) and duck.depth_db < 0:
        step_db = -duck.depth_db * elapsed_s / duck.attack_s
        return Ducked(max(duck.depth_db, now.db - step_db), held_s)
    step_db = (-duck.depth_db or _OFF_DB) * elapsed_s / duck.release_s
    return Ducked(min(0.0, now.db + step_db), held_s)
