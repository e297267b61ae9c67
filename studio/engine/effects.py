"""Short sounds on top of the mix: started from the loop, played by the `mixer` thread, several at a time.

It decodes nothing; what it plays has been loaded.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from studio.engine.handoff import Fifo

MOST_AT_ONCE = 8
"""More are noise; the newest is refused."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A loaded sound, (N, 2) float32 at 48 kHz, with its level put on already; `place` is how far it has been played."""

    name: str
    samples: NDArray[np.float32]
    place: int = 0


class EffectPlayer:
    """`play` and `is_playing` from the loop, `add_to` on the `mixer` thread."""

    def __init__(self) -> None:
        self._asked: Fifo[Effect] = Fifo(MOST_AT_ONCE)
        self._playing: tuple[Effect, ...] = ()

    def play(self, effect: Effect) -> bool:
        """From the next chunk on; whether there was room for it."""
        return len(self._playing) < MOST_AT_ONCE and self._asked.put(effect)

    def is_playing(self, name: str) -> bool:
        """Whether an effect of this name is being heard."""
        return any(effect.name == name for effect in self._playing)

    def add_to(self, total: NDArray[np.float32] | None, count: int) -> NDArray[np.float32] | None:
        """The chunk with what plays on top; the chunk itself where nothing does."""
        while (asked := self._asked.take()) is not None:
            self._playing = (*self._playing, asked)
        if not self._playing:
            return total
        out = np.zeros((count, 2), np.float32) if total is None else total.copy()
        for effect in self._playing:
            part = effect.samples[effect.place : effect.place + count]
            out[: len(part)] += part
        on = [replace(effect, place=effect.place + count) for effect in self._playing]
        self._playing = tuple(effect for effect in on if effect.place < len(effect.samples))
        return out
