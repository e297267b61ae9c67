"""Sound: takes a source's blocks, puts them on the program's time line without gaps, through the voice's chain, and hands them on.

Gaps become silence by their timestamps; a slow drift between the sound card and the monotonic clock is taken up by slight
resampling, and only a step of more than 100 ms is a jump.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studio.engine.handoff import Fifo
from studio.engine.stage import Stage, StageMeter
from studio.model.frames import AUDIO_RATE_HZ, AudioBlock
from studio.model.sound import SoundReading
from studio.sound_port import SoundChain

CHUNK = 960
"""Samples handed on at a time: 20 ms, below an AAC frame, so that sound never waits for a second chunk."""
CHUNK_NS = CHUNK * 1_000_000_000 // AUDIO_RATE_HZ
DELAY_NS = 120_000_000
"""How long a chunk waits for its blocks, the chain's delay among it. Sound cards deliver in periods of up to 90 ms; halved, they leave
holes."""
JUMP_NS = 100_000_000
"""Beyond this a difference is a gap or a jump, below it is drift."""
DEAD_BAND_NS = 2_000_000
MAX_STRETCH = 0.001
"""1,000 ppm: five times the worst sound card; a change of pitch of 1.7 cents, which nobody hears."""
SILENCE_DB = -96.0
METER_EVERY = 5
"""Chunks between two readings of the meters: 10 a second, as many as a window may be sent."""


class SoundSink(Protocol):
    """Where the program's sound goes while live."""

    def put_sound(self, samples: NDArray[np.float32], time_ns: int) -> None:
        """(N, 2) float32; never blocks for long."""
        ...


@dataclass(frozen=True, slots=True)
class SoundLevel:
    """The program's sound of the last 100 ms, in dBFS, and what the voice's chain makes of it."""

    rms_db: float
    peak_db: float
    reading: SoundReading


class Timeline:
    """Blocks placed by their stamps on one continuous line of samples. Pure but for its own state."""

    def __init__(self) -> None:
        self._samples = np.zeros((0, 2), np.float32)
        self._start_ns = 0
        self.drift_ms = 0.0

    @property
    def end_ns(self) -> int:
        """Where the next sample belongs."""
        return self._start_ns + len(self._samples) * 1_000_000_000 // AUDIO_RATE_HZ

    def add(self, block: AudioBlock) -> None:
        """Append a block; its stamp decides about silence before it, cutting, or slight resampling."""
        error_ns = block.time_ns - self.end_ns
        if not len(self._samples):
            self._start_ns = block.time_ns
            self._samples = block.samples
            return
        self.drift_ms = error_ns / 1e6
        if error_ns > JUMP_NS:
            silence = np.zeros((error_ns * AUDIO_RATE_HZ // 1_000_000_000, 2), np.float32)
            self._samples = np.concatenate([self._samples, silence, block.samples])
        elif error_ns < -JUMP_NS:
            cut = -error_ns * AUDIO_RATE_HZ // 1_000_000_000
            self._samples = np.concatenate([self._samples, block.samples[cut:]])
        else:
            self._samples = np.concatenate([self._samples, _stretched(block.samples, error_ns)])

    def cut(self, start_ns: int, count: int) -> NDArray[np.float32]:
        """The `count` samples from `start_ns` on, silence where there are none; what lies before is forgotten."""
        skip = round((start_ns - self._start_ns) * AUDIO_RATE_HZ / 1_000_000_000)
        result = np.zeros((count, 2), np.float32)
        if not len(self._samples):
            return result
        if skip > 0:
            self._samples = self._samples[skip:]
            self._start_ns += skip * 1_000_000_000 // AUDIO_RATE_HZ
            skip = 0
        offset = -skip
        if offset < count:
            part = self._samples[: count - offset]
            result[offset : offset + len(part)] = part
            self._samples = self._samples[len(part) :]
            self._start_ns += len(part) * 1_000_000_000 // AUDIO_RATE_HZ
        return result


class Mixer:
    """The `mixer` thread: source to session, a chunk each 20 ms whether there is sound or not."""

    def __init__(self, chain: SoundChain, post: Callable[[object], None], on_failed: Callable[[str, Exception], None]) -> None:
        self._chain = chain
        # 500 ms of blocks of about 20 ms; the oldest go first, so that what is heard stays close to what is seen
        self.source: Fifo[AudioBlock] = Fifo(25, drops_oldest=True)
        self.sink: SoundSink | None = None
        self.offset_ns = 0
        self.meter = StageMeter()
        self.blocks = 0
        self._timeline = Timeline()
        self._post = post
        self._chunks: list[NDArray[np.float32]] = []
        self._stage = Stage("mixer", self._run, on_failed)

    @property
    def drift_ms(self) -> float:
        """How far the newest block was from where counting samples puts it."""
        return round(self._timeline.drift_ms, 2)

    def start(self) -> None:
        """Start mixing."""
        self._stage.start()

    def stop(self, deadline_s: float = 2.0) -> None:
        """End and join; idempotent."""
        self._stage.stop(deadline_s)

    def _run(self, stopping: threading.Event) -> None:
        position_ns = time.monotonic_ns() - DELAY_NS
        while not stopping.is_set():
            wait_s = (position_ns + CHUNK_NS + DELAY_NS - time.monotonic_ns()) / 1e9
            if wait_s > 0:
                time.sleep(wait_s)
            elif wait_s < -1:
                position_ns = time.monotonic_ns() - DELAY_NS
            self.meter.begin()
            self._take_blocks()
            samples = self._chain.process(self._timeline.cut(position_ns + self._chain.delay_ns, CHUNK))
            sink = self.sink
            if sink is not None:
                sink.put_sound(samples, position_ns)
            self._measure(samples)
            self.meter.end()
            position_ns += CHUNK_NS

    def _take_blocks(self) -> None:
        while (block := self.source.take()) is not None:
            self.blocks += 1
            self._timeline.add(AudioBlock(block.samples, block.time_ns + self.offset_ns))

    def _measure(self, samples: NDArray[np.float32]) -> None:
        self._chunks.append(samples)
        if len(self._chunks) == METER_EVERY:
            window = np.concatenate(self._chunks)
            self._chunks.clear()
            rms, peak = float(np.sqrt(np.mean(window**2))), float(np.abs(window).max())
            self._post(SoundLevel(_decibel(rms), _decibel(peak), self._chain.reading()))


def _stretched(samples: NDArray[np.float32], error_ns: int) -> NDArray[np.float32]:
    """The block lengthened or shortened towards its stamp, by at most MAX_STRETCH; linear, since a few samples in 1,000 move."""
    if abs(error_ns) < DEAD_BAND_NS:
        return samples
    count = len(samples)
    limit = max(1, int(count * MAX_STRETCH))
    step = max(-limit, min(limit, error_ns * AUDIO_RATE_HZ // 1_000_000_000))
    if not step or count + step < 2:
        return samples
    places = np.linspace(0, count - 1, count + step)
    known = np.arange(count)
    return np.stack([np.interp(places, known, samples[:, channel]) for channel in (0, 1)], axis=1).astype(np.float32)


def _decibel(value: float) -> float:
    return round(20 * float(np.log10(value)), 1) if value > 1.6e-5 else SILENCE_DB
