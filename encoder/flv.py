"""What a video or sound packet looks like inside an FLV tag, which is also an RTMP message's body.

Pure: bytes in, bytes out. It cuts no corners on stamps: one time base of whole milliseconds for picture and sound.
"""

import struct
from dataclasses import dataclass
from typing import Literal

from encoder.amf import EcmaArray
from studio.model.frames import EncodedPacket, StreamHeader

TAG_AUDIO, TAG_VIDEO, TAG_SCRIPT = 8, 9, 18

_AVC_KEYFRAME, _AVC_INTER = 0x17, 0x27
_BY_FOUR_SIGNS = 0x90
"""Enhanced RTMP: a keyframe's tag whose codec follows as four signs, here with the decoder's configuration."""
_FOUR_SIGNS = {"hevc": b"hvc1", "av1": b"av01"}
_AAC_STEREO = 0xAF
"""Format 10 (AAC); rate, size and channels read 44 kHz, 16 bit, stereo whatever they are: the AudioSpecificConfig decides."""


@dataclass(frozen=True, slots=True)
class Tag:
    """The body of one tag with its time from the zero of the connection or file."""

    kind: Literal[8, 9, 18]
    timestamp_ms: int
    body: bytes


def metadata(header: StreamHeader) -> EcmaArray:
    """`onMetaData` as players and servers read it."""
    return EcmaArray(
        {
            "width": float(header.width),
            "height": float(header.height),
            "framerate": float(header.fps),
            "videocodecid": 7.0,
            "videodatarate": float(header.video_bitrate_kbps),
            "audiocodecid": 10.0,
            "audiodatarate": float(header.audio_bitrate_kbps),
            "audiosamplerate": float(header.audio_rate_hz),
            "audiosamplesize": 16.0,
            "audiochannels": float(header.audio_channels),
            "stereo": header.audio_channels == 2,
            "encoder": "Encore Studio",
        }
    )


def sequence_headers(header: StreamHeader) -> tuple[Tag, Tag]:
    """The AVCDecoderConfigurationRecord (or what stands for it) and the AudioSpecificConfig, at time zero."""
    signs = _FOUR_SIGNS.get(header.video_codec)
    head = bytes((_AVC_KEYFRAME, 0, 0, 0, 0)) if signs is None else bytes((_BY_FOUR_SIGNS,)) + signs
    return (
        Tag(TAG_VIDEO, 0, head + header.video_extradata),
        Tag(TAG_AUDIO, 0, bytes((_AAC_STEREO, 0)) + header.audio_extradata),
    )


def packet_tag(packet: EncodedPacket, zero_ms: float) -> Tag:
    """The packet as a tag; `zero_ms` (of the session) is the connection's or file's zero, and the packet isn't before it."""
    timestamp_ms = round(packet.dts_ms - zero_ms)
    if packet.kind == "audio":
        return Tag(TAG_AUDIO, timestamp_ms, bytes((_AAC_STEREO, 1)) + packet.data)
    shown_ms = round(packet.pts * packet.time_base.numerator * 1000 / packet.time_base.denominator - zero_ms)
    head = struct.pack(">BB", _AVC_KEYFRAME if packet.is_keyframe else _AVC_INTER, 1)
    return Tag(TAG_VIDEO, timestamp_ms, head + (shown_ms - timestamp_ms).to_bytes(3, "big", signed=True) + packet.data)


def file_bytes(tags: tuple[Tag, ...]) -> bytes:
    """A whole FLV file of the tags: picture and sound, no script data."""
    parts = [b"FLV\x01\x05\x00\x00\x00\x09", bytes(4)]
    for tag in tags:
        stamp = tag.timestamp_ms & 0xFFFFFFFF
        head = struct.pack(">I", tag.kind << 24 | len(tag.body)) + (stamp & 0xFFFFFF).to_bytes(3, "big") + bytes((stamp >> 24, 0, 0, 0))
        parts += [head, tag.body, struct.pack(">I", len(tag.body) + 11)]
    return b"".join(parts)
