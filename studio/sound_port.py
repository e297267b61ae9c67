"""What the mixer needs of the treatment of voices and of the sum: the ports of sound that aren't sources, beside `studio.ports`."""

from collections.abc import Callable
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from studio.errors import KnownError
from studio.model.music import NowPlaying, PlayOrder
from studio.model.settings import AudioSettings
from studio.model.sound import MasterReading, VoiceReading

LoadEffect: TypeAlias = Callable[[str], NDArray[np.float32]]
"""A sound file as (N, 2) float32 at 48 kHz; blocks. Raises SourceUnavailable, InvalidInput for one that is too long."""


class SoundChain(Protocol):
    """What is done to one voice between source and mix."""

    @property
    def delay_ns(self) -> int:
        """By how much everything is later; always the same."""
        ...

    def configure(self, settings: AudioSettings) -> None:
        """Prepare what the settings ask for and swap it in with the next chunk; loads libraries, never on the `mixer` thread."""
        ...

    def process(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, 2) float32 in, as many out (`mixer` thread)."""
        ...

    def reading(self) -> VoiceReading:
        """What it does, from any thread."""
        ...


class MasterChain(Protocol):
    """What is done to the sum of all inputs: the rider, the limiter, the meter."""

    @property
    def delay_ns(self) -> int:
        """By how much everything is later; always the same."""
        ...

    def configure(self, settings: AudioSettings) -> None:
        """As of a voice."""
        ...

    def process(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """(N, 2) float32 in, as many out (`mixer` thread)."""
        ...

    def measure(self, samples: NDArray[np.float32]) -> None:
        """What `process` gave, (N, 2) float32 (`meters` thread)."""
        ...

    def reading(self) -> MasterReading:
        """What it does and how loud the program is, from any thread."""
        ...


class Monitor(Protocol):
    """The device on which the host hears the mix; opened, and opened again when it went away, by a thread of its own."""

    def start(self) -> None:
        """Start the thread; returns at once."""
        ...

    def put(self, samples: NDArray[np.float32]) -> None:
        """The next (N, 2) float32 (`mixer` thread); never blocks, what doesn't fit is dropped."""
        ...

    def stop(self) -> None:
        """End and join; idempotent."""
        ...


OpenMonitor: TypeAlias = Callable[[str, Callable[[KnownError | None], None]], Monitor]
"""(device, told from the monitor's thread when the device is lost and, with None, when it is back) → monitor."""


@runtime_checkable
class MusicPlayer(Protocol):
    """An `AudioSource` that plays a list. Both calls return at once, on any thread."""

    def order(self, wanted: PlayOrder) -> None:
        """Play so from now on, across openings too; carried out by the thread that reads."""
        ...

    def now_playing(self) -> NowPlaying:
        """What it plays."""
        ...
