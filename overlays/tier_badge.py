"""The tier badges: a leaf, one chevron, two chevrons, a crown, and a small heart for the devoted, as vectors on a grid of 64.

Shapes tell the tiers apart without colour. It refuses to judge who has which tier.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from overlays.theme import TIER_TOKENS
from studio.model.scene import Tier

HEART = (
    "M50 62 C38 54 35 49 35 44 C35 38.5 39 35 43 35 C46.2 35 48.6 36.8 50 39.4 "
    "C51.4 36.8 53.8 35 57 35 C61 35 65 38.5 65 44 C65 49 62 54 50 62 Z"
)
HEART_MARGIN = 9
"""Width of the stroke around the heart that is cut out of the badge, so that the two stay apart at 20 pixels."""
BADGE_ORIGIN, BADGE_GRID = -2, 70
"""The square that is drawn: the grid of 64 and room for the outline and the heart."""


@dataclass(frozen=True, slots=True)
class Badge:
    """One tier's drawing: its path, a line cut out of it (with the line's width), and the token of its colour."""

    path: str
    token: str
    cut: str = ""
    cut_width: float = 5.5


BADGES: Mapping[Tier, Badge] = MappingProxyType(
    {
        Tier.NEW: Badge("M9 57 C3 30 18 7 58 5 C61 38 44 60 18 54 Z", TIER_TOKENS[Tier.NEW], "M10 58 C19 42 29 31 43 21"),
        Tier.JUNIOR: Badge("M32 9 L60 32 V58 L32 35 L4 58 V32 Z", TIER_TOKENS[Tier.JUNIOR]),
        Tier.MIDDLE: Badge(
            "M32 3 L59 22 V38 L32 19 L5 38 V22 Z M32 28 L59 47 V63 L32 44 L5 63 V47 Z",
            TIER_TOKENS[Tier.MIDDLE],
        ),
        Tier.SENIOR: Badge(
            "M5 17 L19.5 28.5 L32 7 L44.5 28.5 L59 17 L54 43 H10 Z M10.5 48.5 H53.5 V57 H10.5 Z",
            TIER_TOKENS[Tier.SENIOR],
        ),
    }
)
