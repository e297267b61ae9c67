"""What the look may be set to: beauty, colour, background; beside each key what its value may be.

Pure values; what they do to a picture is `capture.look`'s part.
"""

from dataclasses import dataclass

from studio.model.curve import check_curve
from studio.model.rules import check_shade, flag, number, text
from studio.model.shot import check_area

GAINS_ALLOWED = "empty, or three numbers from 0.25 to 4 between blanks: gains of red, green, blue in linear light"


BACKGROUND_ALLOWED = '"none", "blur", "image:FILE" or "key:#rrggbb"'


def _check_background(background: str) -> str:
    kind, colon, rest = background.partition(":")
    if background in {"none", "blur"} or (kind == "image" and rest):
        return ""
    is_colour = colon and len(rest) == 7 and rest[0] == "#" and all(sign in "0123456789abcdefABCDEF" for sign in rest[1:])
    return "" if kind == "key" and is_colour else BACKGROUND_ALLOWED


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
    sharpen: float = number(0, 1, 0.0)
    even_tone: float = number(0, 1, 0.0)
    eye_bags: float = number(0, 1, 0.0)
    smile_lines: float = number(0, 1, 0.0)
    teeth: float = number(0, 1, 0.0)
    eye_light: float = number(0, 1, 0.0)
    slim: float = number(0, 1, 0.0)
    narrow: float = number(0, 1, 0.0)
    chin: float = number(0, 1, 0.0)
    forehead: float = number(0, 1, 0.0)
    eyes: float = number(0, 1, 0.0)
    nose: float = number(0, 1, 0.0)
    mouth: float = number(0, 1, 0.0)
    lips: float = number(0, 1, 0.0)
    lip_colour: str = text("#c02a46", "hot", check_shade)
    blush: float = number(0, 1, 0.0)
    blush_colour: str = text("#e8707c", "hot", check_shade)
    brows: float = number(0, 1, 0.0)
    exposure: float = number(-1, 1, 0.0)
    contrast: float = number(-1, 1, 0.0)
    highlights: float = number(-1, 1, 0.0)
    shadows: float = number(-1, 1, 0.0)
    saturation: float = number(-1, 1, 0.0)
    vibrance: float = number(-1, 1, 0.0)
    temperature: float = number(-1, 1, 0.0)
    tint: float = number(-1, 1, 0.0)
    colour_profile: str = text("", "hot")
    white_balance: str = text("", "hot", _check_gains)
    curve: str = text("", "hot", check_curve)
    curve_red: str = text("", "hot", check_curve)
    curve_green: str = text("", "hot", check_curve)
    curve_blue: str = text("", "hot", check_curve)
    lut: str = text("", "hot")
    lut_strength: float = number(0, 1, 1.0)
    background: str = text("none", "hot", _check_background)
    background_blur: float = number(0, 1, 0.5)
    key_image: str = text("", "hot")
    key_reach: float = number(0, 1, 0.4)
    key_edge: float = number(0, 1, 0.3)
    key_despill: float = number(0, 1, 0.7)
    keep_area: str = text("", "hot", check_area)
    denoise: float = number(0, 1, 0.0)
