"""What the sliders of the skin ask for, and the levels of light and colour that whitening and rosy add to a person's skin.

It refuses to know where skin is: tones and light in, levels out.
"""

from dataclasses import dataclass

import numpy as np

from capture.look.faces import Skin
from capture.look.mask import Weights
from studio.model.look import LookSettings

WHITEN_LUMA, _WHITEN_CHROMA = 26.0, 0.16
"""Levels that a middle grey is raised by, and the share of colour taken out, with whiten at 1."""
_ROSY_U, _ROSY_V = 1.0, 5.0
"""Levels towards rose, with rosy at 1."""
_RICH, _PALE = 75.0, 150.0
"""Levels above black of the person's skin: up to the first, light that is added brings all of its colour, from the second on none. Pale
skin is meant to become paler; dark skin that is only lighter looks like ash.
"""
_LEAST_LIT = 80.0
"""Levels above black of skin that takes colour whole."""


@dataclass(frozen=True, slots=True)
class SkinStrengths:
    """What the sliders ask for, each 0..1."""

    smooth: float = 0.0
    whiten: float = 0.0
    rosy: float = 0.0
    even_tone: float = 0.0

    @property
    def is_off(self) -> bool:
        """Nothing to do."""
        return not (self.smooth or self.whiten or self.rosy or self.even_tone)


def strengths(look: LookSettings) -> SkinStrengths:
    """The sliders that concern skin."""
    return SkinStrengths(look.smooth, look.whiten, look.rosy, look.even_tone)


def whitened(light: Weights, wanted: SkinStrengths) -> "Weights | np.float32":
    """Levels of Y to add where skin is this light: most in the middle, none at black and white."""
    if not wanted.whiten:
        return np.float32(0)
    return (light - 16).clip(0) * (235 - light).clip(0) * np.float32(white_levels(wanted))


def white_levels(wanted: SkinStrengths) -> float:
    """Levels of Y that whitening adds, by the square of those from black and from white."""
    return wanted.whiten * WHITEN_LUMA / 109.5**2


def shift_u(skin: Skin, wanted: SkinStrengths) -> float:
    """Levels of U to add to skin."""
    return wanted.rosy * _ROSY_U + wanted.whiten * (_WHITEN_CHROMA - _colour_of_light(skin)) * (128 - skin.u)


def shift_v(skin: Skin, wanted: SkinStrengths) -> float:
    """Levels of V to add to skin."""
    return wanted.rosy * _ROSY_V + wanted.whiten * (_WHITEN_CHROMA * 0.5 - _colour_of_light(skin)) * (128 - skin.v)


def _colour_of_light(skin: Skin) -> float:
    """The share of its colour by which dark skin gains with the light that whitening adds, as it would if a lamp came nearer."""
    light = skin.luma - 16
    return WHITEN_LUMA / 109.5**2 * (219 - light) * min(max((_PALE - light) / (_PALE - _RICH), 0), 1)


def tint(light: Weights, skin: Skin) -> Weights:
    """The share of a shift of colour that skin this light takes: in shade, and on the darkest skin, the same levels would be purple."""
    return ((light - 16) * np.float32(lit(skin))).clip(0, 1)


def lit(skin: Skin) -> float:
    """What each level above black takes of it."""
    return 1 / max(skin.luma - 16, _LEAST_LIT)
