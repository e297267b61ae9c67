"""What the look may be set to: beauty, colour, background; beside each key what its value may be.

Pure values; what they do to a picture is `capture.look`'s part.
"""

from dataclasses import dataclass

from studio.model.curve import check_curve
from studio.model.rules import flag, number, text, unbuilt

GAINS_ALLOWED = "empty, or three numbers from 0.25 to 4 between blanks: gains of red, green, blue in linear light"


def parse_gains(gains: str) -> tuple[float, float, float]:
    """Red, green, blue of "1.2 1 0.8"; 1, 1, 1 of an empty text. Raises ValueError."""
    values = tuple(float(word) for word in gains.split()) or (1.0, 1.0, 1.0)
    if len(values) != 3 or not all(0.25 <= value <= 4 for value in values):
        raise ValueError(GAINS_ALLOWED)
    return values


def _check_gains(gains: str) -> str:
    try:
        parse_gains(gains)
    except ValueError:
        return GAINS_ALLOWED
    return ""


@dataclass(frozen=True, slots=True)
class LookSettings:
    """Beauty 0..1 and colour -1..1; all zero is the camera's picture bit for bit."""

    enabled: bool = flag(True)
    smooth: float = number(0, 1, 0.0)
    whiten: float = number(0, 1, 0.0)
    rosy: float = number(0, 1, 0.0)
    sharpen: float = unbuilt(0.0)
    slim: float = unbuilt(0.0)
    eyes: float = unbuilt(0.0)
    exposure: float = number(-1, 1, 0.0)
    contrast: float = number(-1, 1, 0.0)
    highlights: float = number(-1, 1, 0.0)
    shadows: float = number(-1, 1, 0.0)
    saturation: float = number(-1, 1, 0.0)
    vibrance: float = number(-1, 1, 0.0)
    temperature: float = number(-1, 1, 0.0)
    tint: float = number(-1, 1, 0.0)
    white_balance: str = text("", "hot", _check_gains)
    curve: str = text("", "hot", check_curve)
    curve_red: str = text("", "hot", check_curve)
    curve_green: str = text("", "hot", check_curve)
    curve_blue: str = text("", "hot", check_curve)
    lut: str = text("", "hot")
    lut_strength: float = number(0, 1, 1.0)
    background: str = unbuilt("none")
