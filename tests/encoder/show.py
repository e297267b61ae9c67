"""A small show for the tests: moving pictures with a number burned into them, a flash with a beep each second, encoded for real."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from encoder import FfmpegEncoders
from studio.model.frames import EncodedPacket, ProgramFrame, StreamHeader, VideoFrame
from studio.model.settings import EncoderSettings, VideoSettings
from studio.ports import Output, OutputStats
from tests.servers import PATIENCE_S

WIDTH, HEIGHT, FPS = 320, 240, 30
VIDEO = VideoSettings(width=WIDTH, height=HEIGHT, fps=FPS)
SETTINGS = EncoderSettings(codec="libx264", bitrate_kbps=800, keyframe_s=1, preset="ultrafast")
SAMPLES = 48_000 // FPS
AT_ONCE_S = 0.5
"""So soon a hand-over returns, even on a busy machine. One that waited for a disk or a network would take as long as their fault lasts."""
_NOISE = np.random.default_rng(7).integers(60, 180, (HEIGHT * 3, WIDTH * 3), dtype=np.uint8)
_GRAIN = np.random.default_rng(8).integers(0, 14, (9, HEIGHT * 3, WIDTH * 3), dtype=np.uint8)
"""Nine pictures' worth of a camera's noise, so that no picture repeats what an encoder has seen."""


def picture(index: int, *, width: int = WIDTH, height: int = HEIGHT, is_moving: bool = True) -> VideoFrame:
    """Grain that slides, a bright flash in each second's first picture, and 16 bits of `index` as black and white blocks."""
    frame = VideoFrame.empty(width, height, seq=index)
    step = index if is_moving else 0
    rows, columns = np.arange(height)[:, None] + step % HEIGHT, np.arange(width)[None, :] + 2 * step % WIDTH
    frame.y[:] = (
        _NOISE[rows % _NOISE.shape[0], columns % _NOISE.shape[1]] + _GRAIN[step % 9][rows % _NOISE.shape[0], columns % _NOISE.shape[1]]
    )
    frame.u[:], frame.v[:] = 110, 140
    if index % FPS == 0:
        frame.y[height // 2 :] = 235
    for bit in range(16):
        frame.y[:16, bit * 16 : bit * 16 + 16] = 235 if index >> bit & 1 else 16
    return frame


def number_in(luma: np.ndarray) -> int:
    """The number that `picture` burned in."""
    return sum(int(luma[4:12, bit * 16 + 4 : bit * 16 + 12].mean() > 126) << bit for bit in range(16))


def beep(index: int) -> np.ndarray:
    """A picture's worth of sound: 1 kHz for 40 ms from the second's first sample, else silence. (N, 2) float32."""
    at = np.arange(index * SAMPLES, (index + 1) * SAMPLES)
    tone = np.where(at % 48_000 < 1_920, 0.5 * np.sin(2 * np.pi * 1000 * at / 48_000), 0.0).astype(np.float32)
    return np.stack([tone, tone], axis=1)


@dataclass
class Encoded:
    """A stretch of show, encoded: packets in the order in which they came out."""

    header: StreamHeader
    packets: list[EncodedPacket]

    def until(self, seconds: float) -> list[EncodedPacket]:
        return [packet for packet in self.packets if packet.dts_ms < seconds * 1000]


def encode(seconds: float, settings: EncoderSettings = SETTINGS, video: VideoSettings = VIDEO, *, is_moving: bool = True) -> Encoded:
    """Encode at once, as fast as it goes; stamps are set as if it had happened live."""
    pictures, sounds, header = FfmpegEncoders().open(video, settings)
    packets: list[EncodedPacket] = []
    for index in range(round(seconds * video.fps)):
        frame = picture(index, width=video.width, height=video.height, is_moving=is_moving)
        packets += pictures.encode(ProgramFrame(frame, index, 0, repeated=False, board_version=0), index)
        packets += sounds.encode(beep(index), index * SAMPLES)
    packets += [*pictures.flush(), *sounds.flush()]
    return Encoded(header, packets)


@dataclass
class Told:
    """What an output told of itself."""

    states: list[OutputStats] = field(default_factory=list)

    def __call__(self, stats: OutputStats) -> None:
        self.states.append(stats)

    def names(self) -> list[str]:
        return [stats.state for stats in self.states]


class Player:
    """Puts encoded packets into outputs at their due time, over and over with growing stamps, on a thread of its own.

    `speed` 4 plays four seconds in one.
    """

    def __init__(self, show: Encoded, outputs: Sequence[Output], *, loop_s: float, speed: float = 1.0) -> None:
        self._show, self._outputs = show, outputs
        self._speed = speed
        self._loop_s = loop_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="player")
        self.slowest_put_s = 0.0
        self.played_s = 0.0

    def __enter__(self) -> Self:
        for output in self._outputs:
            output.start(self._show.header)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        for output in self._outputs:
            output.stop(PATIENCE_S)

    def end(self) -> None:
        """No more packets."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        begun = time.monotonic()
        turn = 0
        packets = sorted(self._show.until(self._loop_s), key=lambda packet: packet.dts_ms)
        while not self._stopping.is_set():
            for packet in packets:
                due = begun + (turn * self._loop_s + max(0.0, packet.dts_ms / 1000)) / self._speed
                if self._stopping.wait(max(0.0, due - time.monotonic())):
                    return
                self._put(moved(packet, turn * self._loop_s))
                self.played_s = (due - begun) * self._speed
            turn += 1

    def _put(self, packet: EncodedPacket) -> None:
        for output in self._outputs:
            before = time.monotonic()
            output.put(packet)
            self.slowest_put_s = max(self.slowest_put_s, time.monotonic() - before)


def moved(packet: EncodedPacket, seconds: float) -> EncodedPacket:
    """The packet at a later time, leaving the encoder now."""
    ticks = round(seconds / packet.time_base)
    return EncodedPacket(
        packet.kind,
        packet.data,
        packet.pts + ticks,
        packet.dts + ticks,
        packet.duration,
        packet.time_base,
        packet.is_keyframe,
        time.monotonic_ns(),
    )


def stops_at_once(output: Output) -> bool:
    """Stop it; whether it came back long before the minute that it was given."""
    begun = time.monotonic()
    output.stop(60.0)
    return time.monotonic() - begun < 20


def put_as_taken(output: Output, show: Encoded, seconds: float, loop_s: float) -> None:
    """Hand over so much of the show, over and over with growing stamps, as fast as the output takes it: half a second ahead at most."""
    pictures = 0
    packets = sorted(show.until(loop_s), key=lambda packet: packet.dts_ms)
    for turn in range(math.ceil(seconds / loop_s)):
        for packet in packets:
            if turn * loop_s + packet.dts_ms / 1000 > seconds:
                return
            while pictures - (stats := output.stats()).frames - stats.dropped - stats.missed > FPS / 2:
                time.sleep(0.002)
            output.put(moved(packet, turn * loop_s))
            pictures += packet.kind == "video"


def put_all(
    output: Output, packets: Sequence[EncodedPacket], change: Callable[[EncodedPacket], EncodedPacket] = lambda packet: packet
) -> None:
    """Hand over everything at once."""
    for packet in packets:
        output.put(change(packet))
