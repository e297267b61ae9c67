"""Sound: takes every input's blocks, mixes them on the program's time line, music below the voices, and hands the sum on.

It waits for no input: one that is late or gone is silence until it is there. Where inputs come from it doesn't know.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from studio.engine.channel import Channel, Samples
from studio.engine.effects import EffectPlayer
from studio.engine.meters import Meters, Sent, decibel
from studio.engine.stage import Stage, StageMeter
from studio.model.frames import AUDIO_RATE_HZ
from studio.model.mixing import Duck, Ducked, ducked, factor_of
from studio.model.sound import SILENT_LUFS, SoundReading
from studio.sound_port import MasterChain

CHUNK = 960
"""Samples handed on at a time: 20 ms, below an AAC frame, so that sound never waits for a second chunk."""
CHUNK_NS = CHUNK * 1_000_000_000 // AUDIO_RATE_HZ
CHUNK_S = CHUNK / AUDIO_RATE_HZ
DELAY_NS = 120_000_000
"""How long a chunk waits for its blocks, the chains' delay among it. Sound cards deliver in periods of up to 90 ms; halved, they leave
holes."""


@dataclass(frozen=True, slots=True)
class Tracks:
    """The parts of a mix for recordings that keep them apart: voices, and everything else; `time_ns` is that of their first sample."""

    parts: tuple[Samples, Samples]
    time_ns: int


class SoundSink(Protocol):
    """Where the program's sound goes while live."""

    wants_tracks: bool

    def put_sound(self, samples: Samples, time_ns: int, tracks: Tracks | None = None) -> None:
        """(N, 2) float32; never blocks for long. The parts come where they are wanted."""
        ...


class MonitorSink(Protocol):
    """Where the host hears it."""

    def put(self, samples: Samples) -> None:
        """(N, 2) float32; never blocks."""
        ...


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of the mix: what the audience hears, and what it was summed from; None is silence.

    The parts come before the master, so they are early by its delay.
    """

    program: Samples
    voices: Samples | None
    rest: Samples | None
    peaks: tuple[tuple[str, float], ...] = ()
    """(name, peak before its fader) of each input, where there are several."""


class Mixer:
    """The `mixer` thread: inputs to session, a chunk each 20 ms whether there is sound or not."""

    def __init__(self, master: MasterChain, post: Callable[[object], None], on_failed: Callable[[str, Exception], None]) -> None:
        self.channels: tuple[Channel, ...] = ()
        """Swapped whole by whoever opens inputs."""
        self.duck = Duck()
        self.lead_ns = 0
        """How much longer a chunk waits because an input is moved to earlier; its stamp stays what it is."""
        self.effects = EffectPlayer()
        self.sink: SoundSink | None = None
        self.monitor: MonitorSink | None = None
        self.monitors_voices = False
        self.monitor_factor = 1.0
        self.meter = StageMeter()
        self._master = master
        self._ducked = Ducked()
        self._meters = Meters(master, self._reading, post, on_failed)
        self._stage = Stage("mixer", self._run, on_failed)

    @property
    def blocks(self) -> int:
        """Blocks that came from all inputs."""
        return sum(channel.blocks for channel in self.channels)

    @property
    def overruns(self) -> int:
        """Blocks that were given up because they waited too long."""
        return sum(channel.source.lost for channel in self.channels)

    @property
    def drift_ms(self) -> float:
        """Of the first input, which is the microphone."""
        return self.channels[0].drift_ms if self.channels else 0.0

    def start(self) -> None:
        """Start mixing."""
        self._meters.start()
        self._stage.start()

    def stop(self, deadline_s: float = 2.0) -> None:
        """End and join; idempotent."""
        self._stage.stop(deadline_s)
        self._meters.stop(deadline_s)

    def _run(self, stopping: threading.Event) -> None:
        position_ns = time.monotonic_ns() - DELAY_NS
        while not stopping.is_set():
            wait_s = (position_ns + CHUNK_NS + DELAY_NS + self.lead_ns - time.monotonic_ns()) / 1e9
            if wait_s > 0:
                time.sleep(wait_s)
            elif wait_s < -1:
                position_ns = time.monotonic_ns() - DELAY_NS - self.lead_ns
            self.meter.begin()
            chunk = self.mix(position_ns)
            self.hand_on(chunk, position_ns)
            self.meter.end()
            position_ns += CHUNK_NS

    def mix(self, position_ns: int) -> Chunk:
        """The chunk that begins at `position_ns`, each part (CHUNK, 2) float32 (`mixer` thread)."""
        channels, cut_ns = self.channels, position_ns + self._master.delay_ns
        cuts = [(channel, channel.cut(cut_ns, CHUNK)) for channel in channels]
        is_several = len(channels) > 1
        peaks = [(channel, channel.measure(samples)) for channel, samples in cuts] if is_several else []
        self._duck(max((peak for channel, peak in peaks if channel.kind == "voice" and channel.is_open), default=0.0))
        down = factor_of(self._ducked.db)
        voices: Samples | None = None
        rest: Samples | None = None
        for channel, samples in cuts:
            if samples is None:
                continue
            if channel.kind == "voice":
                voices = _sum(voices, channel.faded(samples))
            else:
                rest = _sum(rest, channel.faded(samples, down if channel.kind == "music" else 1.0))
        rest = self.effects.add_to(rest, CHUNK)
        total = _sum(voices, rest) if rest is not None else voices
        program = self._master.process(np.zeros((CHUNK, 2), np.float32) if total is None else total)
        return Chunk(program, voices, rest, tuple((channel.name, peak) for channel, peak in peaks))

    def hand_on(self, chunk: Chunk, position_ns: int) -> None:
        """To whoever takes it now: the session, the host's ears, the meters."""
        sink, monitor = self.sink, self.monitor
        if sink is not None:
            sink.put_sound(chunk.program, position_ns, self._tracks(chunk, position_ns) if sink.wants_tracks else None)
        if monitor is not None:
            heard = chunk.program if self.monitors_voices else chunk.rest
            monitor.put(np.zeros((CHUNK, 2), np.float32) if heard is None else heard * np.float32(self.monitor_factor))
        self._meters.put(Sent(chunk.program, chunk.peaks, self._ducked.db))

    def _tracks(self, chunk: Chunk, position_ns: int) -> Tracks:
        """They come before the master, which delays the program."""
        voices, rest = (np.zeros((CHUNK, 2), np.float32) if part is None else part for part in (chunk.voices, chunk.rest))
        return Tracks((voices, rest), position_ns + self._master.delay_ns)

    def _duck(self, key: float) -> None:
        if self._ducked.db or self.duck.depth_db:
            self._ducked = ducked(self._ducked, decibel(key), self.duck, CHUNK_S)

    def _reading(self) -> SoundReading:
        """The whole mix's, with the loudest muted voice and the first trouble."""
        master = self._master.reading()
        voices = [channel.chain.reading() for channel in self.channels if channel.chain is not None]
        return SoundReading(
            master.loudness,
            master.limited_db,
            master.ridden_db,
            max((voice.muted_level_db for voice in voices), default=SILENT_LUFS),
            next((voice.trouble for voice in voices if voice.trouble), ""),
        )


def _sum(first: Samples | None, second: Samples) -> Samples:
    return second if first is None else first + second
