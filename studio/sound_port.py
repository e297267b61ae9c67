"""What the mixer needs of the voice's treatment: the one port of sound that isn't a source, beside `studio.ports`."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studio.model.settings import AudioSettings
from studio.model.sound import SoundReading


class SoundChain(Protocol):
    """What is done to the voice between source and mix."""

    @property
    def delay_ns(self) -> int:
        """By how much everything is later; always the same."""
        ...

    def configure(self, settings: AudioSettings) -> None:
        """Prepare what the settings ask for and swap it in with the next chunk; loads libraries, never on the `mixer` thread."""
        ...

    def process(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, 2) float32 in, as many out (`mixer` thread, under 1 ms for 10 ms of sound)."""
        ...

    def reading(self) -> SoundReading:
        """What it does and how loud it is, from any thread."""
        ...
