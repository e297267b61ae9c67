"""The ready-made treatments of a voice, and which of them a profile's sound has.

Pure values; the engine knows only the switches.
"""

from collections.abc import Mapping
from typing import Any, Final

VOICE_SWITCHES: Final = ("highpass", "denoise", "gate", "compressor", "deess")
SWITCHES: Final = (*VOICE_SWITCHES, "limiter")
COLOURS: Final = ("flat", "voice", "warm", "bright")
RIDER_LUFS: Final = -16.0
"""What platforms bring speech to."""
_OFF: Final[dict[str, Any]] = {**dict.fromkeys(SWITCHES, False), "eq": "flat", "target_lufs": 0.0}

PRESETS: Final[dict[str, dict[str, Any]]] = {
    "off": _OFF,
    "natural": {**_OFF, "highpass": True, "limiter": True},
    "clear": {
        **_OFF, "highpass": True, "denoise": True, "compressor": True, "limiter": True, "eq": "voice", "target_lufs": RIDER_LUFS
    },
    "warm": {**_OFF, "highpass": True, "compressor": True, "deess": True, "limiter": True, "eq": "warm", "target_lufs": RIDER_LUFS},
}  # fmt: skip
"""From nothing to a treated voice: `natural` for a good microphone, `clear` for a headset beside a fan, `warm` for a thin one."""


def presets_for(table: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The presets, less what this voice's table doesn't have: limiter and loudness are the whole mix's."""
    return {name: {key: value for key, value in values.items() if key in table} for name, values in PRESETS.items()}


def preset_of(table: Mapping[str, Any]) -> str:
    """The preset that these switches are, or "own"."""
    presets = presets_for(table)
    return next((name for name, values in presets.items() if all(table.get(key) == value for key, value in values.items())), "own")
