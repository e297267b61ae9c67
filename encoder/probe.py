"""Which video encoders really work here, found out by encoding two frames with each.

It never trusts a name: FFmpeg lists `h264_nvenc` on machines without that hardware.
"""

from collections.abc import Sequence
from typing import TypedDict

import av
import numpy as np

from encoder.dense import ENCODERS, DenseEncoder
from encoder.video import FfmpegVideoEncoder
from studio.errors import EncoderUnavailable
from studio.model.frames import ProgramFrame, VideoFrame
from studio.model.settings import STREAM_CODECS, EncoderSettings, VideoSettings

CODECS: tuple[str, ...] = STREAM_CODECS
"""In the order in which `codec="auto"` takes them: the one that is tested on every machine first, hardware by name or in need."""

DENSE: tuple[str, ...] = tuple(name for names in ENCODERS.values() for name in names)
"""Of recordings alone."""

_PROBE_VIDEO = VideoSettings(width=320, height=240, fps=30)
"""Large enough for every hardware encoder's least size (nvenc: 145 by 49)."""


class ProbedEncoder(TypedDict):
    """One line of `main.py devices`."""

    name: str
    works: bool
    detail: str


def try_codec(codec: str) -> None:
    """Encode two frames. Raises EncoderUnavailable with the reason."""
    if codec not in av.codecs_available:
        raise EncoderUnavailable("encoder.not_in_build", codec=codec)
    encoder = (DenseEncoder if codec in DENSE else FfmpegVideoEncoder)(codec, _PROBE_VIDEO, EncoderSettings(bitrate_kbps=1000))
    packets = 0
    for index in range(2):
        planes = np.full((_PROBE_VIDEO.height * 3 // 2, _PROBE_VIDEO.width), 16 + 100 * index, np.uint8)
        frame = ProgramFrame(VideoFrame(planes, 0, index), index, 0, repeated=False, board_version=0)
        packets += len(encoder.encode(frame, index))
    packets += len(encoder.flush())
    if packets != 2:
        raise EncoderUnavailable("encoder.no_pictures", codec=codec, packets=packets)


def probe(codecs: Sequence[str] = CODECS) -> list[ProbedEncoder]:
    """Every known encoder with whether it works and, where not, why (a KnownError's code and params)."""
    found: list[ProbedEncoder] = []
    for codec in codecs:
        try:
            try_codec(codec)
        except EncoderUnavailable as error:
            found.append({"name": codec, "works": False, "detail": str(error)})
        else:
            found.append({"name": codec, "works": True, "detail": ""})
    return found


def open_dense(codec: str, video: VideoSettings, settings: EncoderSettings) -> DenseEncoder:
    """The first encoder of "hevc" or "av1" that works here, tried and open. Raises EncoderUnavailable."""
    for name in ENCODERS[codec]:
        try:
            try_codec(name)
            return DenseEncoder(name, video, settings)
        except EncoderUnavailable:
            continue
    raise EncoderUnavailable("encoder.no_dense", codec=codec.upper())


def choose_codec(wanted: str) -> str:
    """The codec to open: the wanted one, tried, or for "auto" the first that works. Raises EncoderUnavailable."""
    if wanted != "auto":
        if wanted not in CODECS:
            raise EncoderUnavailable("encoder.unknown", codec=wanted, known=", ".join(CODECS))
        if wanted != "libx264":  # software that is in the build needs no trial, and the first picture is due within 3 s
            try_codec(wanted)
        return wanted
    for codec in CODECS:
        try:
            try_codec(codec)
        except EncoderUnavailable:
            continue
        return codec
    raise EncoderUnavailable("encoder.none_works")
