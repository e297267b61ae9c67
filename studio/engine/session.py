"""One stretch on air: one encode, shared by all outputs, with one zero for picture and sound.

SPS and PPS never change within a session; what must change them needs a new session.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.encoder_port import AudioEncoder, Encoders
from studio.engine.handoff import Fifo
from studio.engine.library_threads import LibraryThreads, thread_ids
from studio.engine.mixer import Tracks
from studio.engine.stage import Stage, StageMeter
from studio.engine.takers import Takers
from studio.model.frames import AUDIO_RATE_HZ, EncodedPacket, ProgramFrame
from studio.model.readings import Readings
from studio.model.settings import EncoderSettings, VideoSettings
from studio.ports import Output

QUEUED_CHUNKS = 100
"""Mixer to encode, two seconds of sound: it is never what gives way when the machine is slow."""
SOUND_WAIT_S = 0.02
QUEUED_FRAMES = 8
"""Program to encode, about a quarter of a second: longer hides an overload, shorter skips at every hiccup of the machine."""


@dataclass(frozen=True, slots=True)
class FirstPacket:
    """The session's first packet was handed to the outputs, at `time_ns` (monotonic)."""

    time_ns: int


@dataclass(frozen=True, slots=True)
class BoardShown:
    """The first encoded picture with this version of the fan board left the encoder at `time_ns`."""

    version: int
    time_ns: int


class Session:
    """The `encode` stage and the sound's encoder. Opened on a worker thread, since opening an encoder blocks."""

    def __init__(
        self,
        encoders: Encoders,
        video: VideoSettings,
        encoder: EncoderSettings,
        outputs: Sequence[Output],
        post: Callable[[object], None],
        on_failed: Callable[[str, Exception], None],
    ) -> None:
        before = thread_ids()
        self._video_encoder, self._audio_encoder, self.header = encoders.open(video, encoder)
        self.encoder_threads = LibraryThreads(before)
        self.takers = Takers(outputs, self.header)
        self.meter = StageMeter()
        self.latency = Readings()
        self.encoded = 0
        self.first_packet_ns = 0
        self.zero_ns = 0
        self._fps = video.fps
        self._post = post
        self._frames: Fifo[ProgramFrame] = Fifo(QUEUED_FRAMES)
        self._zero_index = 0
        self._pending: dict[int, ProgramFrame] = {}
        self._board_version = -1
        self._bitrate_kbps = self._wanted_kbps = self.lowest_kbps = encoder.bitrate_kbps
        self.is_adaptive = encoder.adaptive
        """Set by the loop, read by the `encode` thread."""
        self._wants_quick = False
        self._sound: Fifo[tuple[NDArray[np.float32], int, Tracks | None]] = Fifo(QUEUED_CHUNKS)
        self.wants_tracks = False  # whether a recording keeps voices and music apart; set by the loop, read by the `mixer` thread
        self._open_sound = encoders.open_sound
        self._track_encoders: tuple[AudioEncoder, ...] = ()
        self._stage = Stage("encode", self._run, on_failed)

    def start(self) -> None:
        """Start the outputs and the encoder."""
        self.takers.start()
        self._stage.start()

    def add(self, output: Output, *, with_tracks: bool) -> None:
        """One more output in the middle of the show."""
        self.wants_tracks = self.wants_tracks or with_tracks
        self.takers.add(output)

    @property
    def skipped(self) -> int:
        """Frames that the encoder's queue refused."""
        return self._frames.lost

    def put_frame(self, frame: ProgramFrame) -> None:
        """Queue a picture (`program` thread)."""
        if not self.zero_ns:
            self._zero_index = frame.index
            self.zero_ns = frame.tick_ns
        self._frames.put(frame)
        self.takers.put_frame(frame, frame.index - self._zero_index)

    def put_sound(self, samples: NDArray[np.float32], time_ns: int, tracks: Tracks | None = None) -> None:
        """Queue (N, 2) float32 at `time_ns`, and its parts (`mixer` thread)."""
        self._sound.put((samples, time_ns, tracks))
        self.takers.put_sound(samples, time_ns)

    def mark(self, title: str, time_ns: int) -> None:
        """Note this moment (monotonic) in the recordings; nothing before the first picture."""
        if self.zero_ns:
            self.takers.mark((time_ns - self.zero_ns) / 1e6, title)

    def set_bitrate_kbps(self, bitrate_kbps: int) -> None:
        """Allow another rate, at most the opening one; taken over with the next picture."""
        self._wanted_kbps = min(bitrate_kbps, self.header.video_bitrate_kbps)

    @property
    def bitrate_kbps(self) -> int:
        """The rate that the encoder is asked for now."""
        return self._bitrate_kbps

    def _allowed_kbps(self) -> int:
        """The least of what the hub allows and, while adaptive, what the networks take: looked at with every picture, since a queue
        holds 700 ms.
        """
        return self.takers.least_kbps(self._wanted_kbps) if self.is_adaptive else self._wanted_kbps

    def ease_encoder(self, *, is_quick: bool) -> None:
        """Ask for the encoder's quicker way with the same headers, or for the full one; taken over at the next keyframe."""
        self._wants_quick = is_quick

    @property
    def queued(self) -> int:
        """Frames that wait for the encoder."""
        return len(self._frames)

    def stop(self, deadline_s: float = 5.0) -> None:
        """Upstream to downstream: no more pictures, encoder emptied, outputs ended; idempotent, from a worker thread."""
        self._frames.close()
        self._sound.close()
        self._stage.finish(deadline_s)
        self.takers.stop(deadline_s)

    def encode_report(self) -> dict[str, float]:
        """The stage's row, with the processor time of the encoder's own threads."""
        report = self.meter.report(self.encoded)
        report["cpu_ms_per_frame"] = round(report["cpu_ms_per_frame"] + self.encoder_threads.ms_a_frame, 3)
        return report

    def _run(self, stopping: threading.Event) -> None:
        while not (self._frames.is_drained or stopping.is_set()):
            frame = self._frames.take(SOUND_WAIT_S)
            if frame is not None:
                self.meter.begin()
                self._encode(frame)
                self.meter.end()
            self._encode_sound()
        self._hand_out(self._video_encoder.flush())
        for encoder in (self._audio_encoder, *self._track_encoders):
            self._hand_out(encoder.flush())

    def _encode_sound(self) -> None:
        """What waits, from the session's zero on; before the first picture there is no zero and nothing to be in step with."""
        while (chunk := self._sound.take()) is not None:
            samples, time_ns, tracks = chunk
            self._encode_part(self._audio_encoder, samples, time_ns)
            if tracks is not None:
                self._track_encoders = self._track_encoders or tuple(self._open_sound(number) for number in (1, 2))
                for encoder, part in zip(self._track_encoders, tracks.parts, strict=True):
                    self._encode_part(encoder, part, tracks.time_ns)

    def _encode_part(self, encoder: AudioEncoder, samples: NDArray[np.float32], time_ns: int) -> None:
        first = round((time_ns - self.zero_ns) * AUDIO_RATE_HZ / 1_000_000_000)
        if first < 0:
            samples, first = samples[-first:], 0
        if self.zero_ns and len(samples):
            self._hand_out(encoder.encode(samples, first))

    def _encode(self, frame: ProgramFrame) -> None:
        allowed_kbps = self._allowed_kbps()
        if allowed_kbps != self._bitrate_kbps:
            self._bitrate_kbps = allowed_kbps
            self.lowest_kbps = min(self.lowest_kbps, self._bitrate_kbps)
            self._video_encoder.set_bitrate_kbps(self._bitrate_kbps)
        index = frame.index - self._zero_index
        self._pending[index] = frame
        was_quick = self._video_encoder.is_quick
        self._video_encoder.ease(is_quick=self._wants_quick)
        self._hand_out(self._video_encoder.encode(frame, index))
        if self._video_encoder.is_quick != was_quick:
            self.encoder_threads.renew()

    def _hand_out(self, packets: Sequence[EncodedPacket]) -> None:
        self.takers.put(packets)
        for packet in packets:
            if packet.kind == "video":
                self._note(packet)

    def _note(self, packet: EncodedPacket) -> None:
        self.encoded += 1
        frame = self._pending.pop(round(packet.pts * packet.time_base * self._fps), None)
        if not self.first_packet_ns:
            self.first_packet_ns = time.monotonic_ns()
            self._post(FirstPacket(self.first_packet_ns))
        if frame is None:
            return
        if not frame.repeated:
            self.latency.add((packet.stamp_ns - frame.frame.time_ns) / 1e6)
        if frame.board_version > self._board_version:
            self._board_version = frame.board_version
            self._post(BoardShown(frame.board_version, packet.stamp_ns))
