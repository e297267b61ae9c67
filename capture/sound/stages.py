"""What chains of sound have in common: stages that are made ready aside and faded in, and factors that are reached without a click."""

from typing import Protocol, TypeVar

import numpy as np

from capture.sound import denoise
from capture.sound.delay import Samples


class SoundStage(Protocol):
    """Sound in, as much sound out."""

    def process(self, samples: Samples) -> Samples:
        """(N, 2) in, as many out."""
        ...


_Stage = TypeVar("_Stage", bound=SoundStage)


def warmed(stage: _Stage) -> _Stage:
    """The stage after some silence: compiling and loading happen here, not between two chunks."""
    stage.process(np.zeros((2 * denoise.FRAME, 2), np.float32))
    return stage


def faded(old: SoundStage, new: SoundStage, samples: Samples) -> Samples:
    """Through the new stage, and while it takes over through both: from the one to the other within the chunk."""
    if old is new:
        return new.process(samples)
    rise = np.linspace(0, 1, len(samples), dtype=np.float32)[:, None]
    return old.process(samples) * (1 - rise) + new.process(samples) * rise


class Slide:
    """A factor that is reached within one chunk, so that neither mute nor rider clicks. One thread."""

    def __init__(self) -> None:
        self._factor = 1.0

    def scaled(self, samples: Samples, factor: float) -> Samples:
        """At rest on 1 the samples themselves."""
        before, self._factor = self._factor, factor
        if before == factor:
            return samples if factor == 1 else samples * np.float32(factor)
        return samples * np.linspace(before, factor, len(samples), dtype=np.float32)[:, None]
