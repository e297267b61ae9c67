"""H.264 bytes between the two ways of writing them: start codes (Annex B) and lengths (AVCC).

It moves bytes only; it never looks into a slice and never changes one.
"""

import struct

_START_CODE = b"\x00\x00\x01"
_NAL_SPS = 7
_NAL_PPS = 8
_NAL_TYPE_MASK = 0x1F
_PROFILES_WITHOUT_FORMAT = (66, 77, 88)
"""Baseline, Main, Extended: their record ends before the sample format."""
_FORMAT_420_8_BIT = b"\xfd\xf8\xf8\x00"
"""Chroma format 1 and 8 bits for both, each under its reserved bits; no SPS extensions."""


def split_annex_b(data: bytes) -> list[bytes]:
    """The NAL units between start codes, without them (ITU-T H.264, Annex B)."""
    units: list[bytes] = []
    start = data.find(_START_CODE)
    while start >= 0:
        start += 3
        end = data.find(_START_CODE, start)
        # A fourth zero before the next start code belongs to that code; a NAL unit never ends in a zero byte.
        unit = data[start : end if end >= 0 else len(data)].rstrip(b"\x00")
        if unit:
            units.append(unit)
        start = end
    return units


def to_avcc(data: bytes) -> bytes:
    """A picture as length-prefixed NAL units, 4 bytes each, as FLV, mp4 and Matroska carry it."""
    parts: list[bytes] = []
    for unit in split_annex_b(data):
        parts.append(struct.pack(">I", len(unit)))
        parts.append(unit)
    return b"".join(parts)


def avc_configuration(extradata: bytes) -> bytes:
    """The AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1) from SPS and PPS in Annex B.

    Raises ValueError when one of the two is missing.
    """
    units = split_annex_b(extradata)
    sequence_sets = [unit for unit in units if unit[0] & _NAL_TYPE_MASK == _NAL_SPS and len(unit) > 3]
    picture_sets = [unit for unit in units if unit[0] & _NAL_TYPE_MASK == _NAL_PPS]
    if not sequence_sets or not picture_sets:
        raise ValueError("no SPS or no PPS in the encoder's extradata")
    first = sequence_sets[0]
    record = bytearray((1, first[1], first[2], first[3], 0xFF, 0xE0 | len(sequence_sets)))
    for unit in sequence_sets:
        record += struct.pack(">H", len(unit)) + unit
    record.append(len(picture_sets))
    for unit in picture_sets:
        record += struct.pack(">H", len(unit)) + unit
    if first[1] not in _PROFILES_WITHOUT_FORMAT:
        record += _FORMAT_420_8_BIT
    return bytes(record)
