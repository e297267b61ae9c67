"""The tokens of what is burned into the picture, read from `resources/theme`.

No colour is named in code; this refuses to invent one that a theme lacks.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from studio.model.scene import Tier

Colour: TypeAlias = tuple[int, int, int, int]
"""Red, green, blue, alpha, each 0..255, not premultiplied."""

THEMES = ("dark", "light")
TIER_TOKENS: Mapping[Tier, str] = MappingProxyType({Tier.NEW: "leaf", Tier.JUNIOR: "bronze", Tier.MIDDLE: "silver", Tier.SENIOR: "gold"})
_FOLDER = Path(__file__).resolve().parent.parent / "resources" / "theme"


@dataclass(frozen=True)
class Theme:
    """One set of tokens."""

    name: str
    colours: Mapping[str, Colour | None] = field(hash=False, compare=False)

    def colour(self, token: str) -> Colour:
        """A token's colour. Raises KeyError for a name that doesn't exist or is none: our bug."""
        found = self.colours[token]
        if found is None:
            raise KeyError(token)
        return found

    def outline(self) -> Colour | None:
        """The outline that badges need on this theme's card, if any."""
        return self.colours["air-badge-outline"]


@cache
def load_theme(name: str) -> Theme:
    """Read a theme, once; a name that isn't shipped is dark."""
    known = name if name in THEMES else "dark"
    document = tomllib.loads((_FOLDER / f"{known}.toml").read_text(encoding="utf-8"))
    colours = {token: _colour(value) for table in document.values() for token, value in table.items()}
    return Theme(known, MappingProxyType(colours))


def _colour(text: str) -> Colour | None:
    """#RRGGBB or #AARRGGBB."""
    if text == "none":
        return None
    value, alpha = int(text[1:], 16), 255
    if len(text) == 9:
        alpha, value = value >> 24, value & 0xFFFFFF
    return value >> 16, value >> 8 & 255, value & 255, alpha
