"""Reads a colour profile's file.

It refuses what isn't one in words, and anything larger than one can be.
"""

import json
from pathlib import Path

from studio.errors import InvalidInput
from studio.model.colour_profile import ColourProfile, from_document

_MOST_BYTES = 64 * 1024


def read_profile(path: Path) -> ColourProfile:
    """The profile in a file. Raises InvalidInput."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInput("look.profile_unreadable", path=path.name, reason=error.strerror or "") from error
    try:
        return from_document(json.loads(content if len(content) <= _MOST_BYTES else b""))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InvalidInput("look.profile_broken", path=path.name) from error
