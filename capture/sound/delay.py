"""Sound, some samples later: what a stage that is off does in place of one that looks ahead.

It changes no bit of what it holds.
"""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
"""(N, 2) in [-1, 1] at 48 kHz."""


class Delay:
    """`process` gives what came `samples` ago, silence at first."""

    def __init__(self, samples: int) -> None:
        self._held = np.zeros((samples, 2), np.float32)

    def process(self, samples: Samples) -> Samples:
        """(N, 2) in, as many out."""
        line = np.concatenate([self._held, samples])
        self._held = line[len(samples) :]
        return line[: len(samples)]
