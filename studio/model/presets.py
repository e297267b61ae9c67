"""Looks that are shipped, and what of a look is a preset at all: beauty and colour, never what belongs to a camera or a room.

Pure values.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from studio.model.look import LookSettings

_OF_THE_ROOM = frozenset(
    {"enabled", "colour_profile", "white_balance", "background", "background_blur", "keep_area", "denoise"}
    | {"key_image", "key_reach", "key_edge", "key_despill"}
)
SHIPPED: dict[str, dict[str, Any]] = {
    "off": {},
    "natural": {"smooth": 0.35, "whiten": 0.12, "even_tone": 0.25, "eye_bags": 0.2, "vibrance": 0.1},
    "studio": {
        "smooth": 0.55,
        "whiten": 0.25,
        "rosy": 0.12,
        "even_tone": 0.4,
        "eye_bags": 0.35,
        "smile_lines": 0.2,
        "teeth": 0.2,
        "eye_light": 0.25,
        "slim": 0.15,
        "contrast": 0.12,
        "vibrance": 0.15,
    },
    "fresh": {"smooth": 0.4, "whiten": 0.3, "rosy": 0.2, "even_tone": 0.3, "exposure": 0.08, "temperature": -0.08, "saturation": 0.05},
}
"""By their names in the catalogue `ui`."""


def preset_of(look: LookSettings) -> dict[str, Any]:
    """What a preset keeps of a look: only what differs from none."""
    plain = asdict(LookSettings())
    return {key: value for key, value in asdict(look).items() if key not in _OF_THE_ROOM and value != plain[key]}


def patch_for(preset: Mapping[str, Any]) -> dict[str, Any]:
    """The change of `[look]` that brings a preset: every key of presets, those it doesn't name back to none."""
    plain = {key: value for key, value in asdict(LookSettings()).items() if key not in _OF_THE_ROOM}
    return {"enabled": True, **plain, **{key: value for key, value in preset.items() if key in plain}}
