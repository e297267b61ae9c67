"""What travels between the media threads: pictures, sound and encoded packets.

Plain values on numpy; nothing here opens, converts or times anything.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.uint8]

AUDIO_RATE_HZ = 48_000
"""The one sample rate inside Encore; every edge resamples to it."""


@dataclass(frozen=True, slots=True, eq=False)
class VideoFrame:
    """One picture: I420, BT.709, limited range.

    `planes` is one contiguous (H·3/2, W) uint8 buffer, Y then U then V, as PyAV takes it without a copy. `time_ns` is monotonic,
    taken at capture (a clip's: its due time). `seq` grows by one for each frame of a source. Whoever makes a frame may write it;
    after it was put into a hand-off nobody may. A frame equals itself alone: pixels are never compared by the way.
    """

    planes: Plane
    time_ns: int
    seq: int

    @property
    def width(self) -> int:
        """Width in pixels, even."""
        return self.planes.shape[1]

    @property
    def height(self) -> int:
        """Height in pixels, even."""
        return self.planes.shape[0] * 2 // 3

    @property
    def y(self) -> Plane:
        """Luma, (H, W), a view."""
        return self.planes[: self.height]

    @property
    def u(self) -> Plane:
        """Blue difference, (H/2, W/2), a view."""
        return self._chroma(0)

    @property
    def v(self) -> Plane:
        """Red difference, (H/2, W/2), a view."""
        return self._chroma(1)

    def _chroma(self, which: int) -> Plane:
        height = self.planes.shape[0] * 2 // 3
        return self.planes[height:].reshape(2, height // 2, self.planes.shape[1] // 2)[which]

    @classmethod
    def empty(cls, width: int, height: int, time_ns: int = 0, seq: int = 0) -> "VideoFrame":
        """A frame with unwritten planes; `width` and `height` are even."""
        return cls(np.empty((height * 3 // 2, width), np.uint8), time_ns, seq)

    @classmethod
    def black(cls, width: int, height: int, time_ns: int = 0, seq: int = 0) -> "VideoFrame":
        """A black frame: Y 16, U and V 128."""
        frame = cls.empty(width, height, time_ns, seq)
        frame.planes[:height] = 16
        frame.planes[height:] = 128
        return frame


@dataclass(frozen=True, slots=True, eq=False)
class AudioBlock:
    """Sound: `samples` (N, C) float32 in [-1, 1] at 48 kHz, C = 2 past the source; `time_ns` (monotonic) of the first sample."""

    samples: NDArray[np.float32]
    time_ns: int


@dataclass(frozen=True, slots=True)
class ProgramFrame:
    """A finished picture on its way to the encoder.

    `index` is the tick's number at the profile's rate: a missing number is a skipped frame, the timestamps keep the gap.
    `repeated` marks a tick that showed a source frame again. `board_version` is the fan board that the picture shows.
    """

    frame: VideoFrame
    index: int
    tick_ns: int
    repeated: bool
    board_version: int


@dataclass(frozen=True, slots=True)
class EncodedPacket:
    """One encoded picture or sound frame, encoded once and muxed by every output on its own.

    `pts` and `dts` count `time_base` from the session's zero, which picture and sound share; `stamp_ns` is the monotonic time at
    which the packet left the encoder. `data` is Annex B or AVCC as `StreamHeader` says; AAC comes raw, without ADTS.
    """

    kind: Literal["video", "audio"]
    data: bytes
    pts: int
    dts: int
    duration: int
    time_base: Fraction
    is_keyframe: bool
    stamp_ns: int
    track: int = 0
    """Of sound: 0 is the mix that everybody hears, 1 the voices, 2 everything else; an output takes those that it has a place for."""

    @property
    def dts_ms(self) -> float:
        """Decoding time in milliseconds from the session's zero."""
        # Whole numbers first: the same value as by Fraction arithmetic, at a tenth of its cost, some 700 times a second.
        return self.dts * self.time_base.numerator * 1000 / self.time_base.denominator

    @property
    def pts_ms(self) -> float:
        """Presentation time, likewise."""
        return self.pts * self.time_base.numerator * 1000 / self.time_base.denominator


@dataclass(frozen=True, slots=True)
class StreamHeader:
    """What an output must know before the first packet; SPS, PPS and AudioSpecificConfig never change within a session."""

    width: int
    height: int
    fps: int
    video_codec: str
    video_extradata: bytes
    video_time_base: Fraction
    video_bitrate_kbps: int
    audio_codec: str
    audio_extradata: bytes
    audio_rate_hz: int
    audio_channels: int
    audio_bitrate_kbps: int
    keyframe_s: int = 2
    """Seconds between keyframes."""
    sound_tracks: tuple[str, ...] = ()
    """The titles of the sound tracks behind the mix, for an output that keeps them."""
