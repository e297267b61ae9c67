"""Tone: what contrast, highlights, shadows and drawn curves make of one R', G' or B' value.

It refuses to look at a picture: functions of a value, rising everywhere, so that a brighter grey stays brighter.
"""

import numpy as np
from numpy.typing import NDArray

from studio.model.curve import evaluate, parse_curve
from studio.model.look import LookSettings

Values = NDArray[np.float64]
_UP, _DOWN = 1.4, 0.9
"""How far the far end moves with highlights or shadows at 1, away from and towards black or white: towards it at more than 1 the order
of greys would turn round."""


def toned(values: Values, look: LookSettings, channel: int) -> Values:
    """Shadows and highlights, contrast, the curve of all channels, then the channel's own (0 red, 1 green, 2 blue)."""
    values = with_contrast(with_ends(values, look.shadows, look.highlights), look.contrast)
    values = evaluate(parse_curve(look.curve), values)
    return evaluate(parse_curve((look.curve_red, look.curve_green, look.curve_blue)[channel]), values)


def with_contrast(values: Values, contrast: float) -> Values:
    """An S (or its flattening) that keeps black, white and the middle; slope at the middle 0.6 to 1.4; outside 0..1 unchanged."""
    inside = values.clip(0, 1)
    return values + contrast * 1.6 * inside * (1 - inside) * (inside - 0.5)


def with_ends(values: Values, shadows: float, highlights: float) -> Values:
    """Lift or deepen what is dark, bring back or raise what is light; black, white and what lies outside stay."""
    inside = values.clip(0, 1)
    dark = inside * (1 - inside) ** 3
    light = inside**3 * (1 - inside)
    lifted = values + shadows * (_UP if shadows > 0 else _DOWN) * dark
    return lifted + highlights * (_DOWN if highlights > 0 else _UP) * light
