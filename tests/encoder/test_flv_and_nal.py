"""Our FLV bodies against FFmpeg's own muxer, and H.264 between its two notations."""

import io

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoder.flv import TAG_AUDIO, TAG_VIDEO, Tag, file_bytes, packet_tag, sequence_headers
from encoder.mux import Muxer
from encoder.nal import avc_configuration, split_annex_b, to_avcc


def _tags(data: bytes) -> list[Tag]:
    tags, at = [], 13
    while at < len(data):
        size = int.from_bytes(data[at + 1 : at + 4], "big")
        stamp = int.from_bytes(data[at + 4 : at + 7], "big") | data[at + 7] << 24
        tags.append(Tag(data[at], stamp, data[at + 11 : at + 11 + size]))
        at += size + 15
    return tags


def test_our_tags_are_those_of_ffmpegs_muxer_byte_for_byte(show):
    file = io.BytesIO()
    muxer = Muxer(file, "flv", show.header)
    packets = sorted(show.until(1.0), key=lambda packet: packet.dts_ms)
    for packet in packets:
        muxer.mux(packet, 0.0)
    muxer.close()
    theirs = [tag for tag in _tags(file.getvalue()) if tag.kind in {TAG_AUDIO, TAG_VIDEO}]
    ours = [*sequence_headers(show.header), *(packet_tag(packet, 0.0) for packet in packets)]
    for kind in (TAG_AUDIO, TAG_VIDEO):
        mine = [tag for tag in ours if tag.kind == kind]
        # Theirs ends with an "end of sequence" tag for the picture.
        other = [tag for tag in theirs if tag.kind == kind and tag.body[1:2] != b"\x02"][: len(mine)]
        assert [(tag.timestamp_ms, tag.body) for tag in mine] == [(tag.timestamp_ms, tag.body) for tag in other]


def test_a_file_of_the_headers_alone_tells_ffmpeg_both_streams(show):
    with av.open(io.BytesIO(file_bytes(sequence_headers(show.header))), "r", format="flv") as container:
        assert [stream.codec_context.name for stream in container.streams] == ["h264", "aac"]
        assert container.streams.video[0].codec_context.extradata == show.header.video_extradata


_units = st.lists(
    st.binary(min_size=1, max_size=40).filter(lambda unit: b"\0\0\1" not in unit and b"\0\0\0" not in unit and unit[-1] and unit[0]),
    max_size=6,
)


@given(_units, st.booleans())
def test_nal_units_survive_the_way_from_start_codes_to_lengths(units, is_long):
    code = b"\0\0\0\1" if is_long else b"\0\0\1"
    data = b"".join(code + unit for unit in units)
    assert split_annex_b(data) == units
    read, avcc = [], to_avcc(data)
    while avcc:
        size = int.from_bytes(avcc[:4], "big")
        read.append(avcc[4 : 4 + size])
        avcc = avcc[4 + size :]
    assert read == units


@given(st.binary(max_size=300))
def test_any_bytes_can_be_split(data):
    avcc = to_avcc(data)
    while avcc:
        size = int.from_bytes(avcc[:4], "big")
        assert len(avcc) >= 4 + size
        assert avcc[4 : 4 + size] in data
        avcc = avcc[4 + size :]


@pytest.mark.parametrize("data", [b"", b"\0\0\1\x67\x64\x00\x1f", b"\0\0\1\x68\xee", b"nonsense"])
def test_headers_without_sps_or_pps_are_refused(data):
    with pytest.raises(ValueError, match="SPS"):
        avc_configuration(data)


def test_the_configuration_of_high_profile_tells_chroma_and_depth():
    record = avc_configuration(b"\0\0\0\1\x67\x64\x00\x1f\xac\0\0\0\1\x68\xee\x3c")
    assert record[:6] == b"\x01\x64\x00\x1f\xff\xe1"
    assert record.endswith(b"\xfd\xf8\xf8\x00")
    assert avc_configuration(b"\0\0\1\x67\x42\xc0\x1f\xac\0\0\1\x68\xee").endswith(b"\x68\xee")
