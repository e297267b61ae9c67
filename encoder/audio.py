"""The one sound encoder of a show: float samples in, raw AAC frames out, at 48 kHz stereo.

It refuses to resample: every source was brought to the one rate at its edge.
"""

import time
from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
from av.codec.context import Flags
from av.error import FFmpegError
from numpy.typing import NDArray

from studio.errors import EncoderUnavailable
from studio.model.frames import AUDIO_RATE_HZ, EncodedPacket

AUDIO_BITRATE_KBPS = 160
"""Transparent for speech and music in AAC-LC; 2.7 % of a 6 Mbit/s stream."""

AUDIO_TIME_BASE = Fraction(1, AUDIO_RATE_HZ)
_CHANNELS = 2
_JITTER_SAMPLES = 96
"""2 ms: stamps that are this far off are rounding and clock jitter, and correcting them would click; more is a gap or an overlap."""
_LONGEST_GAP_SAMPLES = AUDIO_RATE_HZ * 10
"""Filled with silence at one go; a longer one in several, so that one wrong stamp can't ask for gigabytes."""


class FfmpegAudioEncoder:
    """An AudioEncoder on FFmpeg's AAC. Lives on the `mixer` thread."""

    def __init__(self, track: int = 0) -> None:
        self._track = track
        try:
            context = av.CodecContext.create("aac", "w")
            context.sample_rate = AUDIO_RATE_HZ
            context.layout = "stereo"
            context.format = "fltp"
            context.bit_rate = AUDIO_BITRATE_KBPS * 1000
            context.time_base = AUDIO_TIME_BASE
            context.flags |= Flags.global_header
            context.open()
        except (FFmpegError, ValueError) as error:
            raise EncoderUnavailable("encoder.cannot_open", codec="aac", reason=type(error).__name__) from error
        self._context = context
        self._frame_size = context.frame_size
        self._waiting: NDArray[np.float32] = np.empty((0, _CHANNELS), np.float32)
        self._next_sample: int | None = None
        self._is_flushed = False
        # FFmpeg appends a "no SBR" sync extension to the two bytes that matter; all decoders take both forms.
        self.extradata = bytes(context.extradata or b"")

    def encode(self, samples: NDArray[np.float32], first_sample: int) -> Sequence[EncodedPacket]:
        """Encode (N, 2) float32 in [-1, 1]; a gap of over 2 ms before `first_sample` becomes silence, an overlap is cut.

        Sound before the session's zero is left out.
        """
        finite = samples if np.isfinite(samples).all() else np.nan_to_num(samples)
        block = np.clip(finite, -1.0, 1.0).astype(np.float32, copy=False)
        if self._next_sample is None:
            self._next_sample = max(first_sample, 0)
        missing = first_sample - (self._next_sample + len(self._waiting))
        if missing > _JITTER_SAMPLES:
            silence = np.zeros((min(missing, _LONGEST_GAP_SAMPLES), _CHANNELS), np.float32)
            block = np.concatenate([silence, block])
        elif missing < -_JITTER_SAMPLES:
            block = block[-missing:]
        self._waiting = np.concatenate([self._waiting, block])
        return self._whole_frames()

    def flush(self) -> Sequence[EncodedPacket]:
        """What is left, the last frame filled up with silence; a second flush has nothing."""
        if self._is_flushed:
            return ()
        self._is_flushed = True
        packets: list[EncodedPacket] = []
        if len(self._waiting):
            rest = -len(self._waiting) % self._frame_size
            self._waiting = np.concatenate([self._waiting, np.zeros((rest, _CHANNELS), np.float32)])
            packets += self._whole_frames()
        return [*packets, *self._packets(None)]

    def _whole_frames(self) -> list[EncodedPacket]:
        packets: list[EncodedPacket] = []
        size = self._frame_size
        while len(self._waiting) >= size and self._next_sample is not None:
            planar = np.ascontiguousarray(self._waiting[:size].T)
            frame = av.AudioFrame.from_ndarray(planar, format="fltp", layout="stereo")
            frame.sample_rate = AUDIO_RATE_HZ
            frame.pts, frame.time_base = self._next_sample, AUDIO_TIME_BASE
            self._waiting = self._waiting[size:]
            self._next_sample += size
            packets += self._packets(frame)
        return packets

    def _packets(self, frame: av.AudioFrame | None) -> list[EncodedPacket]:
        try:
            packets = self._context.encode(frame)
        except FFmpegError as error:
            raise EncoderUnavailable("encoder.failed", codec="aac", reason=type(error).__name__) from error
        stamp_ns = time.monotonic_ns()
        # The encoder's own delay comes first, stamped before zero: FLV can't say so and would shift the sound against
        # the picture by 21 ms. Left out, every packet's stamp is the true time of what a decoder gives for it.
        return [
            EncodedPacket(
                kind="audio",
                data=bytes(packet),
                pts=packet.pts,
                dts=packet.pts,
                duration=packet.duration or self._frame_size,
                time_base=AUDIO_TIME_BASE,
                is_keyframe=True,
                stamp_ns=stamp_ns,
                track=self._track,
            )
            for packet in packets
            if packet.pts is not None and packet.pts >= 0
        ]
