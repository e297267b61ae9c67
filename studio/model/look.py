"""What the look may be set to: beauty, colour, background; beside each key what its value may be.

Pure values; what they do to a picture is `capture.look`'s part.
"""

from dataclasses import dataclass

from studio.model.rules import flag, number, text, unbuilt


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
    saturation: float = number(-1, 1, 0.0)
    temperature: float = number(-1, 1, 0.0)
    tint: float = number(-1, 1, 0.0)
    lut: str = text("", "hot")
    lut_strength: float = number(0, 1, 1.0)
    background: str = unbuilt("none")
