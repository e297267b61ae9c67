"""The meters, beside the path of the sound: how loud the program is, told ten times a second.

They take each chunk as it was sent and change none; the mixer never waits for them.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.engine.handoff import Fifo
from studio.engine.stage import Stage
from studio.model.sound import SoundReading
from studio.sound_port import MasterChain

SILENCE_DB = -96.0
TOLD_EVERY = 5
"""Chunks between two readings: 10 a second, as many as a window may be sent."""
_QUEUED = 50
"""1 s of chunks: a meter that lags further behind tells of another sentence, so the oldest go."""
_WAIT_S = 0.2


@dataclass(frozen=True, slots=True)
class SoundLevel:
    """The level of the program's sound of the last 100 ms, in dBFS, what the chains make of it, and what each input brings to it."""

    rms_db: float
    peak_db: float
    reading: SoundReading
    inputs: tuple[tuple[str, float], ...] = ()
    """(name, peak in dBFS before its fader), where there is more than one."""
    ducked_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Sent:
    """A chunk that went out: the program (N, 2) float32, (name, peak) of each input where there are several, and the ducking."""

    program: NDArray[np.float32]
    peaks: tuple[tuple[str, float], ...]
    ducked_db: float


class Meters:
    """The `meters` thread. `put` is the `mixer` thread's."""

    def __init__(
        self,
        master: MasterChain,
        reading: Callable[[], SoundReading],
        post: Callable[[object], None],
        on_failed: Callable[[str, Exception], None],
    ) -> None:
        self._master = master
        self._reading = reading
        self._post = post
        self._sent: Fifo[Sent] = Fifo(_QUEUED, drops_oldest=True)
        self._window: list[Sent] = []
        self._stage = Stage("meters", self._run, on_failed)

    def start(self) -> None:
        """Start the thread."""
        self._stage.start()

    def stop(self, deadline_s: float = 2.0) -> None:
        """End and join; idempotent."""
        self._stage.ask_to_stop()
        self._sent.close()
        self._stage.stop(deadline_s)

    def put(self, sent: Sent) -> None:
        """Never blocks."""
        self._sent.put(sent)

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            sent = self._sent.take(_WAIT_S)
            if sent is not None:
                self.measure(sent)

    def measure(self, sent: Sent) -> None:
        """One chunk; every fifth time the last five are told."""
        self._master.measure(sent.program)
        self._window.append(sent)
        if len(self._window) == TOLD_EVERY:
            self._post(self._level())
            self._window.clear()

    def _level(self) -> SoundLevel:
        samples = np.concatenate([sent.program for sent in self._window])
        rms, peak = float(np.sqrt(np.mean(samples**2))), float(np.abs(samples).max())
        peaks: dict[str, float] = {}
        for name, value in (row for sent in self._window for row in sent.peaks):
            peaks[name] = max(value, peaks.get(name, 0.0))
        inputs = tuple((name, decibel(value)) for name, value in peaks.items())
        return SoundLevel(decibel(rms), decibel(peak), self._reading(), inputs, round(self._window[-1].ducked_db, 1))


def decibel(value: float) -> float:
    """Of an amplitude, in dBFS; what 16 bits can't say is silence."""
    return round(20 * float(np.log10(value)), 1) if value > 1.6e-5 else SILENCE_DB
