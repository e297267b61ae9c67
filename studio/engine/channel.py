"""One input's place in the mix: its blocks, its line of samples, its chain if it is a voice, its fader.

The fader is a frozen value that the loop swaps; everything else belongs to the `mixer` thread.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from studio.engine.handoff import Fifo
from studio.engine.timeline import Timeline
from studio.model.frames import AudioBlock
from studio.sound_port import SoundChain

Samples: TypeAlias = NDArray[np.float32]
Kind: TypeAlias = Literal["voice", "music", "other"]

QUEUED_BLOCKS = 25
"""500 ms of blocks of about 20 ms; the oldest go first, so that what is heard stays close to what is seen."""


@dataclass(frozen=True, slots=True)
class Fader:
    """The factors of both sides, and by how much the input is moved in time."""

    left: float = 1.0
    right: float = 1.0
    offset_ns: int = 0


class Channel:
    """A voice brings a chain, whose delay the others are given too."""

    def __init__(self, name: str, kind: Kind, chain: SoundChain | None = None) -> None:
        self.name = name
        self.kind: Kind = kind
        self.chain = chain
        self.source: Fifo[AudioBlock] = Fifo(QUEUED_BLOCKS, drops_oldest=True)
        self.fader = Fader()
        self.is_open = True
        """Shut by another input's solo, or by a key to talk that nobody holds; set by the loop."""
        self.ear: Callable[[AudioBlock], None] | None = None
        """Who else hears its blocks as they come; set by the loop."""
        self.blocks = 0
        self.peak = 0.0
        """Of the last chunk, before the fader."""
        self._timeline = Timeline()
        self._factors = (1.0, 1.0)

    @property
    def drift_ms(self) -> float:
        """How far the newest block was from where counting samples puts it."""
        return round(self._timeline.drift_ms, 2)

    def cut(self, position_ns: int, count: int) -> Samples | None:
        """The samples of this moment, through the chain; None where there are none and no chain that must go on."""
        position_ns -= self.fader.offset_ns
        while (block := self.source.take()) is not None:
            self.blocks += 1
            if (ear := self.ear) is not None:
                ear(block)
            self._timeline.add(block)
        if self.chain is not None:
            return self.chain.process(self._timeline.cut(position_ns + self.chain.delay_ns, count))
        return None if self._timeline.is_empty else self._timeline.cut(position_ns, count)

    def measure(self, samples: Samples | None) -> float:
        """Note and answer the chunk's peak."""
        self.peak = 0.0 if samples is None else float(np.abs(samples).max())
        return self.peak

    def faded(self, samples: Samples, factor: float = 1.0) -> Samples:
        """At the fader's level times `factor`, reached within the chunk so that nothing clicks; at rest the samples themselves."""
        before, fader = self._factors, self.fader
        wanted = (fader.left * factor, fader.right * factor) if self.is_open else (0.0, 0.0)
        self._factors = wanted
        if before == wanted:
            return samples if wanted == (1.0, 1.0) else samples * np.array(wanted, np.float32)
        return samples * np.linspace(before, wanted, len(samples), dtype=np.float32)
