"""What stands in the stream's headers, read by another parser: colours, keyframes, slices, and parameter sets that never change."""

import os
from dataclasses import replace

import pytest

from encoder import FfmpegEncoders
from studio.model.frames import ProgramFrame
from studio.model.settings import EncoderSettings
from tests.encoder.headers import annex_b, decode_complaints, trace
from tests.encoder.show import FPS, SETTINGS, VIDEO, picture

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium")
TWO_SECONDS = replace(SETTINGS, keyframe_s=2, preset="veryfast")


def encoded(settings: EncoderSettings, seconds: float, eased=(), *, skipped=()):
    """(header, packets): eased from and until the seconds in `eased`, frames in `skipped` left out."""
    video, _, header = FfmpegEncoders().open(VIDEO, settings)
    packets = []
    for index in range(round(seconds * FPS)):
        if index in skipped:
            continue
        video.ease(is_quick=bool(eased) and eased[0] * FPS <= index < eased[1] * FPS)
        packets += video.encode(ProgramFrame(picture(index), index, 0, repeated=False, board_version=0), index)
    return header, [*packets, *video.flush()]


def written(folder, header, packets):
    path = folder / "stream.h264"
    path.write_bytes(annex_b(header, packets))
    return path


@pytest.mark.parametrize("latency", ["low", "normal"])
@pytest.mark.parametrize("preset", PRESETS)
def test_the_quicker_way_changes_no_header_and_no_decoder_complains(preset, latency, tmp_path):
    settings = replace(SETTINGS, preset=preset, latency=latency)
    header, packets = encoded(settings, 5, (1.5, 3.2))
    path = written(tmp_path, header, packets)
    sets, accesses = trace(path)
    assert decode_complaints(path, 150) == []
    assert [unit.title for unit in sets] == ["Sequence Parameter Set", "Picture Parameter Set"]
    again = [unit for access in accesses for unit in access.units if "Parameter Set" in unit.title]
    assert all(unit.fields == sets["Picture" in unit.title].fields for unit in again)
    keyframes = [packet.pts for packet in packets if packet.is_keyframe]
    assert keyframes == [0, 30, 60, 90, 120], "the way changes at a keyframe that is due anyway"
    dts = [packet.dts for packet in packets]
    assert dts == sorted(set(dts))
    assert all(packet.dts <= packet.pts for packet in packets)


def test_the_quicker_way_is_really_taken_from_the_next_keyframe_on_and_given_back():
    video, _, _ = FfmpegEncoders().open(VIDEO, TWO_SECONDS)
    ways = []
    for index in range(8 * FPS):
        video.ease(is_quick=FPS <= index < 5 * FPS)
        video.encode(ProgramFrame(picture(index), index, 0, repeated=False, board_version=0), index)
        ways.append(video.is_quick)
    changes = [index for index in range(1, len(ways)) if ways[index] != ways[index - 1]]
    assert changes == [2 * FPS, 6 * FPS]


def test_a_rate_that_was_lowered_stays_lowered_in_the_quicker_way():
    video, _, _ = FfmpegEncoders().open(VIDEO, replace(SETTINGS, bitrate_kbps=2000))
    video.set_bitrate_kbps(500)
    video.ease(is_quick=True)
    packets = []
    for index in range(8 * FPS):
        packets += video.encode(ProgramFrame(picture(index), index, 0, repeated=False, board_version=0), index)
    late = [packet for packet in packets if packet.pts >= 3 * FPS]
    assert sum(len(packet.data) for packet in late) * 8 / 5 / 1000 == pytest.approx(500, rel=0.25)


def test_skipped_frames_at_the_change_leave_rising_times(tmp_path):
    settings = replace(SETTINGS, latency="normal", preset="veryfast")
    gone = {*range(25, 33), 34, 36, 37, *range(88, 97)}
    header, packets = encoded(settings, 5, (0.5, 2.5), skipped=gone)
    dts = [packet.dts for packet in packets]
    assert dts == sorted(set(dts))
    assert all(packet.dts <= packet.pts for packet in packets)
    assert decode_complaints(written(tmp_path, header, packets), 150 - len(gone)) == []


@pytest.mark.parametrize("latency", ["low", "normal"])
def test_the_parameter_sets_say_colours_in_limited_range_and_nothing_of_a_fixed_buffer(latency, tmp_path):
    header, packets = encoded(replace(TWO_SECONDS, latency=latency), 0.5)
    sets, _ = trace(written(tmp_path, header, packets))
    sequence = sets[0].fields
    vui = ("colour_primaries", "transfer_characteristics", "matrix_coefficients", "video_full_range_flag")
    assert [sequence[name] for name in vui] == [1, 1, 1, 0]
    assert (sequence["pic_width_in_mbs_minus1"], sequence["frame_mbs_only_flag"], sequence["chroma_format_idc"]) == (19, 1, 1)
    assert sequence["nal_hrd_parameters_present_flag"] == 0, "or the rate could not follow the network"


@pytest.mark.parametrize("cores", [1, 2, 16, 64])
@pytest.mark.parametrize("latency", ["low", "normal"])
def test_idr_exactly_every_two_seconds_closed_and_in_four_slices_at_most(cores, latency, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    header, packets = encoded(replace(TWO_SECONDS, latency=latency), 7)
    _, accesses = trace(written(tmp_path, header, packets))
    assert len(accesses) == 7 * FPS
    assert [number for number, access in enumerate(accesses) if access.is_idr] == [0, 60, 120, 180]
    assert all(1 <= len(access.slices) <= 4 for access in accesses)
    key_at = None
    for packet in packets:  # closed: nothing after a keyframe is shown before it
        key_at = packet.pts if packet.is_keyframe else key_at
        assert packet.pts >= key_at


@pytest.mark.parametrize("preset", ["ultrafast", "veryfast"])
def test_no_stretch_of_the_stream_needs_more_than_a_second_of_buffer(preset):
    """The leaky bucket (ITU-T H.264, Annex C) at the profile's rate: it never holds more than one second of it."""
    rate = 1_000_000
    header, packets = encoded(replace(TWO_SECONDS, preset=preset, bitrate_kbps=rate // 1000), 8)
    held = most = 0.0
    for packet in packets:
        held = max(0.0, held - rate / FPS) + len(packet.data) * 8
        most = max(most, held)
    assert most <= rate * 1.05
    assert header.video_bitrate_kbps * 1000 == rate
