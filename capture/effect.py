"""A short sound file, decoded whole at 48 kHz in stereo."""

import numpy as np
from numpy.typing import NDArray

from capture.music import decoded
from studio.errors import InvalidInput
from studio.model.frames import AUDIO_RATE_HZ

LONGEST_S = 20


def load_effect(path: str) -> NDArray[np.float32]:
    """(N, 2) float32. Raises SourceUnavailable for a file that can't be played, InvalidInput for one of more than 20 s."""
    parts: list[NDArray[np.float32]] = []
    length = 0
    for part in decoded(path):
        parts.append(part)
        length += len(part)
        if length > LONGEST_S * AUDIO_RATE_HZ:
            raise InvalidInput("sound.effect_long", path=path, seconds=LONGEST_S)
    return np.concatenate(parts)
