"""The one video encoder of a show: I420 planes in, H.264 pictures in AVCC out, by PyAV.

It refuses to change its headers while open: rate may follow the network, preset, size and rate of pictures may not.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import cast

import av
from av.codec.context import Flags, ThreadType
from av.error import FFmpegError
from av.video.frame import PictureType

from encoder.nal import avc_configuration, to_avcc
from studio.errors import EncoderUnavailable
from studio.model.frames import EncodedPacket, ProgramFrame
from studio.model.settings import EncoderSettings, VideoSettings

BT709 = 1
LIMITED_RANGE = 1
_MOST_SLICES = 4
"""zerolatency cuts a picture into one slice a thread; beyond 4 each slice costs rate and some TV decoders refuse it."""

_NVENC_PRESETS = {"ultrafast": "p1", "superfast": "p2", "veryfast": "p3", "faster": "p4", "fast": "p5", "medium": "p6", "slow": "p7"}
_PIXEL_FORMATS = {"h264_qsv": "nv12", "h264_vaapi": "nv12"}


_QUICK = (
    ":me=dia:subme=0:trellis=0:mixed-refs=0:analyse=none",
    ":me=dia:subme=0:trellis=0:mixed-refs=0:analyse=none:chroma-qp-offset=-2",
)
"""x264 with the least search, for half of veryfast's cost and a fifth of medium's. What stands in SPS and PPS stays as the preset has it;
slower presets shift the chroma's step by 2 for their psychovisual search, so the second way writes that shift down."""


def _x264_options(settings: EncoderSettings, quick: str) -> dict[str, str]:
    options = {
        "preset": settings.preset,
        # Scene cuts moved the keyframes to 1.25, 2.49, 3.72 s where 2 s were asked for (facts.md).
        "x264-params": "scenecut=0:open-gop=0" + quick,
        "forced-idr": "1",
    }
    if settings.latency == "low":
        options["tune"] = "zerolatency"
    return options


def _codec_options(codec: str, settings: EncoderSettings, quick: str) -> dict[str, str]:
    """Options of each encoder for constant rate, IDR where asked and, with `latency="low"`, nothing held back."""
    is_low = settings.latency == "low"
    if codec == "libx264":
        return _x264_options(settings, quick)
    if codec == "h264_nvenc":
        low = {"tune": "ull", "zerolatency": "1", "rc-lookahead": "0"} if is_low else {"tune": "hq"}
        return {"preset": _NVENC_PRESETS[settings.preset], "rc": "cbr", "forced-idr": "1", "no-scenecut": "1", **low}
    if codec == "h264_qsv":
        return {"preset": settings.preset.replace("super", "very").replace("ultra", "very"), "forced_idr": "1", "look_ahead": "0"}
    if codec == "h264_amf":
        return {"rc": "cbr", "usage": "lowlatency" if is_low else "transcoding", "forced_idr": "1"}
    if codec == "h264_videotoolbox":
        return {"realtime": "1", "allow_sw": "0"}
    return {}


def open_video_context(codec: str, video: VideoSettings, settings: EncoderSettings, quick: str = "") -> av.VideoCodecContext:
    """An open codec context at the settings' ceiling rate; `quick` are more words for x264. Raises EncoderUnavailable."""
    rate_bps = settings.bitrate_kbps * 1000
    try:
        context = cast("av.VideoCodecContext", av.CodecContext.create(codec, "w"))
        context.width, context.height = video.width, video.height
        context.pix_fmt = _PIXEL_FORMATS.get(codec, "yuv420p")
        context.time_base = Fraction(1, video.fps)
        context.framerate = Fraction(video.fps)
        context.gop_size = video.fps * settings.keyframe_s
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = LIMITED_RANGE
        context.flags |= Flags.global_header | Flags.closed_gop
        if settings.latency == "low":
            context.max_b_frames = 0
        _set_threads(context, settings)
        # bit_rate = maxrate = bufsize and no nal-hrd: only so does x264 follow a later change of bit_rate (facts.md).
        context.bit_rate = rate_bps
        context.options = {"maxrate": str(rate_bps), "bufsize": str(rate_bps), **_codec_options(codec, settings, quick)}
        context.open()
    except (FFmpegError, ValueError) as error:
        raise EncoderUnavailable("encoder.cannot_open", codec=codec, reason=reason_of(error)) from error
    return context


def _set_threads(context: av.VideoCodecContext, settings: EncoderSettings) -> None:
    cores = os.cpu_count() or 2
    if settings.latency == "low":
        context.thread_type = ThreadType.SLICE
        context.thread_count = max(2, min(cores, _MOST_SLICES))
    else:
        # PyAV's default, slice threads, would cut the picture here too; 0 lets x264 take 1.5 frames a core.
        context.thread_type = ThreadType.FRAME
        context.thread_count = 0


def reason_of(error: Exception) -> str:
    """What FFmpeg said, by the kind of its error."""
    return type(error).__name__


def as_picture(frame: ProgramFrame, index: int, time_base: Fraction, pixel_format: str) -> av.VideoFrame:
    """The frame as FFmpeg's, with its colours named; the planes aren't copied where the format is theirs."""
    picture = av.VideoFrame.from_numpy_buffer(frame.frame.planes, format="yuv420p")
    if pixel_format != "yuv420p":
        picture = picture.reformat(format=pixel_format)
    picture.pts, picture.time_base = index, time_base
    picture.colorspace = picture.color_primaries = picture.color_trc = BT709
    picture.color_range = LIMITED_RANGE
    return picture


def encoded(context: av.VideoCodecContext, picture: av.VideoFrame | None, codec: str, time_base: Fraction) -> list[EncodedPacket]:
    """What an encoder gives for a picture, or at last for None; empty after that. Raises EncoderUnavailable."""
    try:
        packets = context.encode(picture)
    except FFmpegError as error:
        raise EncoderUnavailable("encoder.failed", retryable=True, codec=codec, reason=reason_of(error)) from error
    stamp_ns = time.monotonic_ns()
    return [
        EncodedPacket(
            kind="video",
            data=bytes(packet),
            pts=packet.pts or 0,
            dts=packet.dts or 0,
            duration=packet.duration or 1,
            time_base=time_base,
            is_keyframe=packet.is_keyframe,
            stamp_ns=stamp_ns,
        )
        for packet in packets
    ]


class FfmpegVideoEncoder:
    """A VideoEncoder on a codec of FFmpeg. Lives on the `encode` thread; `set_bitrate_kbps` takes effect with the next frame."""

    def __init__(self, codec: str, video: VideoSettings, settings: EncoderSettings) -> None:
        self._context = open_video_context(codec, video, settings)
        self._opening = (codec, video, settings)
        self._codec = codec
        self._pixel_format = _PIXEL_FORMATS.get(codec, "yuv420p")
        self._time_base = Fraction(1, video.fps)
        self._keyframe_frames = video.fps * settings.keyframe_s
        self._ceiling_kbps = settings.bitrate_kbps
        self._newest_group = -1
        self._newest_dts: int | None = None
        self._has_quick = codec == "libx264"
        self.is_quick = self._wants_quick = False
        self._is_flushed = False
        try:
            self.extradata = avc_configuration(self._context.extradata or b"")
        except ValueError as error:
            raise EncoderUnavailable("encoder.no_headers", codec=codec) from error

    @property
    def time_base(self) -> Fraction:
        """Of every packet: one tick is one frame."""
        return self._time_base

    def encode(self, frame: ProgramFrame, index: int) -> Sequence[EncodedPacket]:
        """Encode without copying the planes; the first frame at or past each multiple of the keyframe distance is an IDR.

        Raises EncoderUnavailable when the codec gives up (a driver reset, a device that went away).
        """
        picture = as_picture(frame, index, self._time_base, self._pixel_format)
        group = index // self._keyframe_frames
        # By the frame's number, not by the encoder's count, so that skipped frames don't move the keyframes.
        is_keyframe = group > self._newest_group
        picture.pict_type = PictureType.I if is_keyframe else PictureType.NONE
        self._newest_group = max(group, self._newest_group)
        waited = self._change_way() if is_keyframe and index and self._wants_quick != self.is_quick else []
        return [*waited, *self._packets(picture)]

    def set_bitrate_kbps(self, bitrate_kbps: int) -> None:
        """Ask for another rate; above the opening one x264 would ignore it, so it is cut to that."""
        self._context.bit_rate = min(bitrate_kbps, self._ceiling_kbps) * 1000

    def ease(self, *, is_quick: bool) -> None:
        """Encode in a quicker way with the same headers from the next keyframe on, or in full again. x264 alone has one: for hardware,
        encoding is not what the processor is busy with.
        """
        self._wants_quick = is_quick and self._has_quick

    def _change_way(self) -> list[EncodedPacket]:
        """Another context in place of this one, at a keyframe; what the old one still held. SPS and PPS must be the same to the bit."""
        for quick in _QUICK if self._wants_quick else ("",):
            context = open_video_context(*self._opening, quick)
            if avc_configuration(context.extradata or b"") == self.extradata:
                waited = self._packets(None)
                context.bit_rate = self._context.bit_rate
                self._context, self.is_quick = context, self._wants_quick
                return waited
        self._has_quick = self._wants_quick = False
        return []

    def flush(self) -> Sequence[EncodedPacket]:
        """What lookahead and B-frames still hold; a second flush has nothing."""
        if self._is_flushed:
            return ()
        self._is_flushed = True
        return self._packets(None)

    def _packets(self, picture: av.VideoFrame | None) -> list[EncodedPacket]:
        packets = encoded(self._context, picture, self._codec, self._time_base)
        return [replace(packet, data=to_avcc(packet.data), dts=self._rising(packet.dts)) for packet in packets]

    def _rising(self, dts: int) -> int:
        """The decoding time, above the last one: a fresh context that begins with skipped frames would go back by them."""
        self._newest_dts = dts if self._newest_dts is None else max(dts, self._newest_dts + 1)
        return self._newest_dts
