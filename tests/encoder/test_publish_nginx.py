"""Publishing to a real server, seen by a real player: nginx with its RTMP module, and Debian's ffmpeg."""

from dataclasses import replace

import numpy as np
import pytest

from encoder import open_output
from studio.model.settings import OutputSettings
from tests import decode, servers
from tests.encoder.conftest import LOOP_S
from tests.encoder.show import AT_ONCE_S, HEIGHT, SETTINGS, WIDTH, Player, Told, encode, number_in

KEY = "k-5up3r-53cr3t"


def _published(server, told, name="main"):
    return open_output(OutputSettings(name=name, server=server, key=KEY), told)


def _pull(server, show, tmp_path, seconds, told):
    """Publish, and record so many seconds from when the server has it."""
    output = _published(server.server, told)
    output.start(show.header)
    servers.wait_until(lambda: output.stats().state == "live", what="live")
    with Player(show, [output], loop_s=LOOP_S):
        servers.wait_until(lambda: output.stats().frames > 5, what="the first pictures are out")
        path = servers.pull(server.url(KEY), tmp_path / "pull.flv", seconds)
    return path, output.stats()


@pytest.fixture(scope="module")
def pulled(show, tmp_path_factory):
    """Five seconds of a publication as ffmpeg recorded them, the output's counters, and the states that it told."""
    told = Told()
    with servers.nginx() as server:
        path, stats = _pull(server, show, tmp_path_factory.mktemp("pulled"), 5, told)
    return path, stats, told.names()


def test_another_program_sees_every_picture_once_and_no_decoder_complains(pulled):
    path, stats, states = pulled
    assert decode.decode_errors(path) == []
    numbers = [number_in(luma) for luma in decode.luma_frames(path, WIDTH, HEIGHT)]
    assert len(numbers) >= 120
    assert numbers == [number % 240 for number in range(numbers[0], numbers[0] + len(numbers))]
    assert (stats.state, stats.dropped, stats.missed, stats.connects) == ("stopped", 0, 0, 1)
    assert states == ["connecting", "live", "stopped"]


def test_the_stream_says_bt709_limited_30_a_second_and_stereo_at_48_khz(pulled):
    seen = decode.describe(pulled[0])
    assert {name: seen.video[name] for name in ("color_space", "color_transfer", "color_primaries", "color_range", "pix_fmt")} == {
        "color_space": "bt709",
        "color_transfer": "bt709",
        "color_primaries": "bt709",
        "color_range": "tv",
        "pix_fmt": "yuv420p",
    }
    assert (seen.video["codec_name"], seen.video["r_frame_rate"], seen.video["width"], seen.video["height"]) == (
        "h264",
        "30/1",
        WIDTH,
        HEIGHT,
    )
    assert (seen.audio["codec_name"], seen.audio["sample_rate"], seen.audio["channels"]) == ("aac", "48000", 2)


def test_keyframes_come_exactly_every_keyframe_s_and_flash_and_beep_together(pulled):
    _check_times(pulled[0])


def test_the_same_holds_with_lookahead_and_b_frames(tmp_path):
    reordered = encode(LOOP_S, replace(SETTINGS, latency="normal", preset="veryfast"))
    assert any(packet.pts != packet.dts for packet in reordered.packets)
    with servers.nginx() as server:
        path, stats = _pull(server, reordered, tmp_path, 4, Told())
    assert decode.decode_errors(path) == []
    assert stats.dropped == 0
    _check_times(path)


def _check_times(path):
    times = decode.keyframe_times(path)
    assert len(times) >= 3
    assert np.allclose(np.diff(times), 1.0, atol=0.0015), times
    offsets = decode.offsets_ms(path, WIDTH, HEIGHT)
    assert offsets
    assert max(map(abs, offsets)) <= 5, offsets


def test_a_server_killed_and_started_again_is_live_again_and_the_recording_has_no_gap(show, tmp_path):
    told = Told()
    with servers.nginx() as server:
        output = _published(server.server, told)
        recording = open_output(OutputSettings(name="archive", path=str(tmp_path / "show.mkv")), Told())
        with Player(show, [output, recording], loop_s=LOOP_S) as player:
            servers.wait_until(lambda: output.stats().frames > 15, what="live")
            server.kill()
            servers.wait_until(lambda: output.stats().state == "reconnecting", what="the loss is seen")
            seen_missing = output.stats().frames
            servers.wait_until(lambda: output.stats().missed > 0, what="pictures are missed")
            server.start()
            servers.wait_until(lambda: output.stats().state == "live", what="live again")
            servers.wait_until(lambda: output.stats().frames > seen_missing + 30, what="pictures flow")
            path = servers.pull(server.url(KEY), tmp_path / "after.flv", 2)
        assert player.slowest_put_s < AT_ONCE_S
    stats = output.stats()
    assert stats.connects == 2
    assert stats.dropped == 0
    assert decode.decode_errors(path) == []
    assert "reconnecting" in told.names()
    numbers = [number_in(luma) for luma in decode.luma_frames(tmp_path / "show.mkv", WIDTH, HEIGHT)]
    assert numbers == [number % 240 for number in range(len(numbers))]


@pytest.mark.parametrize("begin_ms", [0xFFFFFF - 2500, 2**31 - 2500], ids=["2^24", "2^31"])
def test_a_show_longer_than_four_and_a_half_hours_goes_on(show, tmp_path, monkeypatch, begin_ms):
    """Past 2^24 ms stamps are extended, in every chunk of a message: begin a session just before."""
    monkeypatch.setattr("encoder.publication.Publication._FIRST_MS", begin_ms)
    with servers.nginx() as server:
        path, stats = _pull(server, show, tmp_path, 4, Told())
    assert stats.connects == 1
    assert decode.decode_errors(path) == []
    assert np.allclose(np.diff(decode.keyframe_times(path)), 1.0, atol=0.0015)


def test_the_app_is_the_whole_path_and_the_key_keeps_its_query(show, tmp_path):
    with servers.nginx(app="live") as server:
        output = open_output(OutputSettings(name="main", url=f"{server.server}/{KEY}?token=a/b&x=1"), Told())
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().frames > 5, what="live")
            path = servers.pull(server.url(KEY), tmp_path / "pull.flv", 1)
    assert decode.describe(path).video["codec_name"] == "h264"


def test_a_wrong_key_is_refused_in_words_and_tried_again_slowly(show):
    told = Told()
    with servers.nginx(extra="on_publish http://127.0.0.1:9/never;") as server:
        output = _published(server.server, told)
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().state == "refused", what="refused")
            assert output.stats().detail == "output.publish_refused"
            assert output.stats().connects == 0
            assert KEY not in repr(output.stats())


def test_an_unknown_app_is_told_as_refused(show):
    told = Told()
    with servers.nginx() as server:
        output = _published(server.server.replace("/live", "/nowhere"), told)
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().state == "refused", what="refused")
    assert told.states[1].detail in {"output.app_refused", "output.publish_refused"}


def test_a_key_that_somebody_else_streams_with_is_told_as_refused(show):
    with servers.nginx() as server:
        first, second = _published(server.server, Told(), "first"), _published(server.server, Told(), "second")
        with Player(show, [first], loop_s=LOOP_S):
            servers.wait_until(lambda: first.stats().frames > 1, what="the first is live")
            with Player(show, [second], loop_s=LOOP_S):
                servers.wait_until(lambda: second.stats().state == "refused", what="the second is refused")
            assert second.stats().frames == 0
            assert first.stats().state == "live"
