"""HEVC and AV1, for recordings: smaller files than H.264 at the same picture, for more of the machine's time.

Nothing is held back (no lookahead, no B-frames): a killed program loses no more of such a recording than of any other.
"""

import os
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, cast

import av
from av.codec.context import Flags
from av.error import FFmpegError
from av.video.frame import PictureType

from encoder.video import BT709, LIMITED_RANGE, as_picture, encoded, reason_of
from studio.engine.priority import end_real_time
from studio.errors import EncoderUnavailable
from studio.model.frames import EncodedPacket, ProgramFrame
from studio.model.settings import EncoderSettings, VideoSettings

ENCODERS: Final = {
    "hevc": ("hevc_nvenc", "hevc_qsv", "hevc_amf", "hevc_videotoolbox", "libx265"),
    "av1": ("av1_nvenc", "av1_qsv", "av1_amf", "libsvtav1"),
}
"""In the order in which they are tried: hardware first, since software takes from the show's own processor time."""

SHARE: Final = {"hevc": 0.6, "av1": 0.5}
"""Of the stream's rate. Measured on the sample clip at 1080p, luma PSNR 45.4 dB with each: x264 veryfast 6,027 kbit/s, x265 ultrafast
3,318, SVT-AV1 preset 10 3,118 (processor time a frame: 24, 43, 28 ms on two cores)."""

_PIXEL_FORMATS: Final = {"hevc_qsv": "nv12", "av1_qsv": "nv12"}
_OPTIONS: Final[dict[str, dict[str, str]]] = {
    "libx265": {"preset": "ultrafast", "tune": "zerolatency", "forced-idr": "1"},
    "libsvtav1": {"preset": "10"},
    "hevc_nvenc": {"preset": "p4", "rc": "vbr", "forced-idr": "1", "no-scenecut": "1", "rc-lookahead": "0"},
    "av1_nvenc": {"preset": "p4", "rc": "vbr", "forced-idr": "1", "no-scenecut": "1", "rc-lookahead": "0"},
    "hevc_qsv": {"preset": "veryfast", "forced_idr": "1", "look_ahead": "0"},
    "av1_qsv": {"preset": "veryfast", "forced_idr": "1"},
    "hevc_amf": {"usage": "lowlatency", "forced_idr": "1"},
    "av1_amf": {"usage": "lowlatency", "forced_idr": "1"},
    "hevc_videotoolbox": {"realtime": "1", "allow_sw": "0"},
}
_MOST_THREADS: Final = 4


def _threads() -> int:
    """Half of the processors: the other half is the show's."""
    return max(1, min(_MOST_THREADS, (os.cpu_count() or 2) // 2))


def _options(name: str, rate_bps: int) -> dict[str, str]:
    options = dict(_OPTIONS[name])
    if name == "libsvtav1":
        # Without rtc the library warns of artefacts above preset 9; pred-struct 1 is low delay, rc 2 a constant rate.
        return options | {"svtav1-params": f"lp={_threads()}:pred-struct=1:rc=2:rtc=1"}
    options |= {"maxrate": str(rate_bps * 3 // 2), "bufsize": str(rate_bps * 2)}
    if name == "libx265":
        options["x265-params"] = f"log-level=none:scenecut=0:open-gop=0:pools={_threads()}"
    return options


class DenseEncoder:
    """A PictureEncoder of HEVC (Annex B) or AV1 (OBUs) by the encoder of FFmpeg's `name`; lives on one thread."""

    def __init__(self, name: str, video: VideoSettings, settings: EncoderSettings) -> None:
        self.name = name
        self.time_base = Fraction(1, video.fps)
        self.codec = next(codec for codec, names in ENCODERS.items() if name in names)
        self.bitrate_kbps = round(settings.bitrate_kbps * SHARE[self.codec])
        self._format = _PIXEL_FORMATS.get(name, "yuv420p")
        self._keyframe_frames = video.fps * settings.keyframe_s
        self._newest_group = -1
        self._is_flushed = False
        # SVT-AV1 writes its settings to the terminal at each start, and nothing else turns that off.
        os.environ.setdefault("SVT_LOG", "1")
        try:
            self._context = self._open(video)
        except (FFmpegError, ValueError) as error:
            raise EncoderUnavailable("encoder.cannot_open", codec=name, reason=reason_of(error)) from error
        end_real_time()
        self.extradata = bytes(self._context.extradata or b"")
        if not self.extradata:
            raise EncoderUnavailable("encoder.no_headers", codec=name)

    def _open(self, video: VideoSettings) -> av.VideoCodecContext:
        context = cast("av.VideoCodecContext", av.CodecContext.create(self.name, "w"))
        context.width, context.height, context.pix_fmt = video.width, video.height, self._format
        context.time_base, context.framerate = self.time_base, Fraction(video.fps)
        context.gop_size = self._keyframe_frames
        context.max_b_frames = 0
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = LIMITED_RANGE
        context.flags |= Flags.global_header | Flags.closed_gop
        context.bit_rate = self.bitrate_kbps * 1000
        context.options = _options(self.name, context.bit_rate)
        context.open()
        return context

    def encode(self, frame: ProgramFrame, index: int) -> Sequence[EncodedPacket]:
        """Encode; the first picture at or past each multiple of the keyframe distance is a keyframe. Raises EncoderUnavailable."""
        picture = as_picture(frame, index, self.time_base, self._format)
        group = index // self._keyframe_frames
        picture.pict_type = PictureType.I if group > self._newest_group else PictureType.NONE
        self._newest_group = max(group, self._newest_group)
        return encoded(self._context, picture, self.name, self.time_base)

    def flush(self) -> Sequence[EncodedPacket]:
        """What is still inside; a second flush has nothing."""
        if self._is_flushed:
            return ()
        self._is_flushed = True
        return encoded(self._context, None, self.name, self.time_base)
