"""Picture and sound encoder: rate, keyframes, tags, gaps, and which codecs really work."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from encoder import FfmpegEncoders, probe
from encoder.probe import choose_codec
from studio.errors import EncoderUnavailable
from studio.model.frames import ProgramFrame, VideoFrame
from studio.model.settings import EncoderSettings, VideoSettings
from tests.encoder.show import FPS, HEIGHT, SAMPLES, SETTINGS, VIDEO, WIDTH, beep, encode, number_in, picture


def _open(settings=SETTINGS, video=VIDEO):
    return FfmpegEncoders().open(video, settings)


def _frame(index, **options):
    return ProgramFrame(picture(index, **options), index, 0, repeated=False, board_version=0)


def _decoder(header):
    context = av.CodecContext.create("h264", "r")
    context.extradata = header.video_extradata
    return context


def _decoded(header, packets):
    context = _decoder(header)
    frames = []
    for packet in packets:
        frames += context.decode(av.Packet(packet.data))
    return frames + context.decode(None)


def _kbps(packets, seconds):
    return sum(len(packet.data) for packet in packets if packet.kind == "video") * 8 / seconds / 1000


def test_every_packet_is_avcc_with_its_own_time_and_a_stamp(show):
    assert show.header.video_extradata[0] == 1, "AVCC"
    pictures = [packet for packet in show.packets if packet.kind == "video"]
    assert [packet.pts for packet in pictures] == list(range(240))
    assert all(packet.dts == packet.pts and packet.duration == 1 for packet in pictures)
    assert all(int.from_bytes(packet.data[:4], "big") < len(packet.data) for packet in pictures)
    stamps = [packet.stamp_ns for packet in pictures]
    assert stamps == sorted(stamps)


def test_the_planes_arrive_as_they_went_in(show):
    frames = _decoded(show.header, [packet for packet in show.packets if packet.kind == "video"][:30])
    luma = frames[29].to_ndarray()[:HEIGHT, :WIDTH].astype(int)
    assert number_in(luma) == 29
    chroma = frames[29].to_ndarray().reshape(-1)[HEIGHT * WIDTH :]
    assert abs(int(chroma[: chroma.size // 2].mean()) - 110) <= 1
    assert abs(int(chroma[chroma.size // 2 :].mean()) - 140) <= 1


def test_the_vui_says_bt709_limited_even_before_the_first_picture(show):
    """A decoder that has the headers alone knows the colours; no one has to guess."""
    frame = _decoded(show.header, show.packets[:1])[0]
    assert (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc) == (1, 1, 1, 1)


@pytest.mark.parametrize("preset", ["ultrafast", "veryfast"])
@pytest.mark.parametrize("latency", ["low", "normal"])
def test_the_rate_is_within_5_percent_of_the_profiles_on_moving_content(preset, latency):
    settings = replace(SETTINGS, preset=preset, latency=latency, bitrate_kbps=1200, keyframe_s=2)
    show = encode(12, settings)
    assert _kbps(show.packets, 12) == pytest.approx(1200, rel=0.05)


def test_no_second_takes_far_more_than_its_share():
    show = encode(8, replace(SETTINGS, bitrate_kbps=1200, keyframe_s=2))
    for second in range(8):
        within = [packet for packet in show.packets if second * 1000 <= packet.dts_ms < second * 1000 + 1000]
        assert _kbps(within, 1) < 1200 * 1.6


def test_a_lower_rate_is_followed_within_a_second_with_unchanged_headers_and_comes_back():
    pictures, _, header = _open(replace(SETTINGS, bitrate_kbps=2000))
    packets = []
    for index in range(10 * FPS):
        if index == 3 * FPS:
            pictures.set_bitrate_kbps(600)
        if index == 6 * FPS:
            pictures.set_bitrate_kbps(9999)
        packets += pictures.encode(_frame(index), index)
    packets += pictures.flush()

    def kbps(begin, end):
        return _kbps([packet for packet in packets if begin * 1000 <= packet.dts_ms < end * 1000], end - begin)

    assert kbps(1, 3) == pytest.approx(2000, rel=0.2)
    assert kbps(4, 6) == pytest.approx(600, rel=0.3)
    assert kbps(7, 10) == pytest.approx(2000, rel=0.2), "cut to the opening rate, and back within a second"
    assert len(_decoded(header, packets)) == 300


@pytest.mark.parametrize("latency", ["low", "normal"])
def test_skipped_frames_leave_their_gap_and_do_not_move_the_keyframes(latency):
    pictures, _, header = _open(replace(SETTINGS, latency=latency))
    packets = []
    shown = [index for index in range(5 * FPS) if index not in range(25, 40) and index != 60 and index not in range(95, 99)]
    for index in shown:
        packets += pictures.encode(_frame(index), index)
    packets += pictures.flush()
    assert sorted(packet.pts for packet in packets) == shown
    assert [packet.pts for packet in packets if packet.is_keyframe] == [0, 40, 61, 90, 120], "each second's first picture that there is"
    dts = [packet.dts for packet in packets]
    assert all(before < after for before, after in pairwise(dts))
    assert all(packet.dts <= packet.pts for packet in packets)
    assert [number_in(frame.to_ndarray()[:HEIGHT]) for frame in _decoded(header, packets)] == shown


def test_a_cut_to_another_scene_makes_no_keyframe_of_its_own():
    pictures, _, _ = _open(replace(SETTINGS, keyframe_s=2, preset="veryfast"))
    keyframes = []
    for index in range(4 * FPS):
        planes = np.full((HEIGHT * 3 // 2, WIDTH), 40 if index // 17 % 2 else 200, np.uint8)
        frame = ProgramFrame(VideoFrame(planes, 0, index), index, 0, repeated=False, board_version=0)
        keyframes += [packet.pts for packet in pictures.encode(frame, index) if packet.is_keyframe]
    assert keyframes == [0, 60]


def test_low_latency_holds_no_picture_back_and_cuts_it_into_four_slices_at_most(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    pictures, _, _ = _open(replace(SETTINGS, preset="veryfast"))
    for index in range(5):
        (packet,) = pictures.encode(_frame(index), index)
        assert packet.pts == index
        slices, at = 0, 0
        while at < len(packet.data):
            slices += packet.data[at + 4] & 31 in {1, 5}
            at += 4 + int.from_bytes(packet.data[at : at + 4], "big")
        assert 2 <= slices <= 4


def test_groups_of_pictures_are_closed_so_that_a_player_may_begin_at_any_keyframe():
    show = encode(3, replace(SETTINGS, latency="normal", preset="veryfast"))
    packets = [packet for packet in show.packets if packet.kind == "video"]
    begin = next(place for place, packet in enumerate(packets) if packet.is_keyframe and packet.pts > 0)
    numbers = sorted(number_in(frame.to_ndarray()[:HEIGHT]) for frame in _decoded(show.header, packets[begin:]))
    assert numbers == list(range(30, 90))


def test_the_preset_is_the_profiles():
    show = encode(0.1, replace(SETTINGS, preset="veryfast"))
    words = show.packets[0].data.decode("latin-1")
    assert "subme=2" in words, "x264's own note in the stream"
    assert "scenecut=0" in words
    assert "nal_hrd=none" in words
    assert "subme=0" in encode(0.1, replace(SETTINGS, preset="ultrafast")).packets[0].data.decode("latin-1")


@pytest.mark.parametrize(("width", "height", "fps"), [(360, 640, 25), (64, 64, 1), (66, 130, 120), (3840, 64, 60)])
def test_portrait_and_the_ends_of_what_a_profile_may_ask_encode(width, height, fps):
    pictures, _, header = _open(SETTINGS, VideoSettings(width=width, height=height, fps=fps))
    frame = ProgramFrame(VideoFrame.black(width, height), 0, 0, repeated=False, board_version=0)
    (decoded,) = _decoded(header, pictures.encode(frame, 0))
    assert (decoded.width, decoded.height) == (width, height)


def test_a_second_flush_has_nothing():
    pictures, sounds, _ = _open(replace(SETTINGS, latency="normal"))
    pictures.encode(_frame(0), 0)
    sounds.encode(beep(0), 0)
    assert len(pictures.flush()) == 1
    assert len(sounds.flush()) >= 1
    assert (pictures.flush(), sounds.flush()) == ((), ())


def _sound(header, packets):
    context = av.CodecContext.create("aac", "r")
    context.extradata = header.audio_extradata
    blocks = [frame.to_ndarray() for packet in packets for frame in context.decode(av.Packet(packet.data))]
    return np.concatenate(blocks, axis=1)[0]


def test_the_sound_has_no_offset_and_begins_at_zero():
    _, sounds, header = _open()
    packets = [packet for index in range(60) for packet in sounds.encode(beep(index), index * SAMPLES)]
    assert packets[0].pts == 0
    assert [packet.pts for packet in packets] == [1024 * number for number in range(len(packets))]
    loud = np.abs(_sound(header, packets)) > 0.2
    second = int(np.flatnonzero(loud & (np.arange(loud.size) > 24_000))[0])
    assert abs(second - 48_000) < 48, "within a millisecond"


def test_a_gap_in_the_sound_becomes_silence_and_an_overlap_is_cut():
    _, sounds, header = _open()
    tone = np.full((4800, 2), 0.0, np.float32)
    tone[:, 0] = tone[:, 1] = 0.5 * np.sin(np.arange(4800) * 2 * np.pi * 1000 / 48_000)
    packets = [
        *sounds.encode(tone, 0),
        *sounds.encode(tone, 14_400),
        *sounds.encode(tone, 14_400),
        *sounds.encode(tone, 24_000),
        *sounds.flush(),
    ]
    wave = np.abs(_sound(header, packets))
    loud = wave[: wave.size // 256 * 256].reshape(-1, 256).max(axis=1) > 0.25
    begins = 256 * (np.flatnonzero(loud[1:] & ~loud[:-1]) + 1)
    ends = 256 * (np.flatnonzero(loud[:-1] & ~loud[1:]) + 1)
    assert np.allclose(begins[-2:], [14_400, 24_000], atol=512), begins
    assert np.allclose(ends, [4_800, 19_200, 28_800], atol=512), ends


def test_a_stamp_that_jitters_by_a_sample_changes_no_sample():
    _, sounds, header = _open()
    packets = []
    for index in range(30):
        packets += sounds.encode(np.full((480, 2), 0.25, np.float32), index * 480 + (index % 3 - 1 if index else 0))
    packets += sounds.flush()
    wave = _sound(header, packets)[4800:9600]
    assert wave.min() > 0.2, "no click of silence between blocks"


def test_sound_that_is_not_a_number_or_too_loud_does_not_break_the_encoder():
    _, sounds, header = _open()
    block = np.full((4800, 2), np.nan, np.float32)
    block[100:200] = np.inf
    block[200:300] = -1e30
    packets = [*sounds.encode(block, 0), *sounds.flush()]
    assert np.isfinite(_sound(header, packets)).all()


def test_auto_takes_the_encoder_that_is_tested_everywhere():
    assert choose_codec("auto") == "libx264"
    assert choose_codec("libx264") == "libx264"


def test_the_probe_says_what_works_and_why_the_rest_does_not():
    found = {line["name"]: line for line in probe()}
    assert found["libx264"] == {"name": "libx264", "works": True, "detail": ""}
    for name, line in found.items():
        assert line["works"] != bool(line["detail"]), name
        assert "encoder." in line["detail"] or line["works"]


def test_a_codec_that_is_listed_but_cannot_run_is_unavailable():
    broken = [line["name"] for line in probe() if not line["works"]]
    assert broken, "no machine has the hardware of all makers"
    for name in broken:
        with pytest.raises(EncoderUnavailable):
            _open(replace(SETTINGS, codec=name))


@pytest.mark.parametrize("codec", ["h265", "aac", "", "libx264 -vn"])
def test_a_codec_that_is_none_of_ours_is_unavailable(codec):
    with pytest.raises(EncoderUnavailable) as told:
        _open(replace(SETTINGS, codec=codec))
    assert told.value.code == "encoder.unknown"


def test_a_failing_probe_prints_nothing():
    done = subprocess.run(
        [sys.executable, "-c", "import encoder; encoder.probe()"],
        capture_output=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert (done.stdout, done.stderr) == (b"", b"")


def test_the_default_profile_opens():
    _, _, header = FfmpegEncoders().open(VideoSettings(), EncoderSettings())
    assert (header.width, header.height, header.fps, header.video_bitrate_kbps) == (1920, 1080, 30, 6000)
    assert (header.video_codec, header.audio_codec, header.audio_rate_hz, header.audio_channels) == ("h264", "aac", 48_000, 2)
