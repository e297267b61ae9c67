"""What every Output promises, over all of them: a server and each kind of file."""

from dataclasses import replace

import numpy as np
import pytest

from encoder import open_output
from studio.model.settings import OutputSettings
from tests import decode, servers
from tests.encoder.conftest import LOOP_S
from tests.encoder.ingest import ingest
from tests.encoder.show import AT_ONCE_S, HEIGHT, SETTINGS, WIDTH, Player, Told, encode, moved, number_in, put_as_taken, stops_at_once

FILES = ("mp4", "mkv", "flv", "ts")


@pytest.fixture(params=["rtmp", *FILES])
def place(request, tmp_path):
    """Settings of an output that works, of each kind."""
    if request.param == "rtmp":
        with ingest() as server:
            yield OutputSettings(name="out", server=server.server, key="k")
            assert server.complaints == []
    else:
        yield OutputSettings(name="out", path=str(tmp_path / f"show.{request.param}"))


def _live(place, show, told=None):
    output = open_output(place, told or Told())
    output.start(show.header)
    servers.wait_until(lambda: output.stats().state == "live", what="live")
    return output


def test_states_go_from_idle_over_live_to_stopped_and_each_is_told(place, show):
    told = Told()
    output = open_output(place, told)
    assert output.stats().state == "idle"
    with Player(show, [output], loop_s=LOOP_S):
        servers.wait_until(lambda: output.stats().frames > 10, what="pictures")
        assert output.stats().state == "live"
    assert told.names() == ["connecting", "live", "stopped"]
    assert output.stats().state == "stopped"
    assert {stats.name for stats in told.states} == {"out"}


def test_pictures_that_were_put_are_counted_none_lost(place, show):
    output = _live(place, show)
    for packet in sorted(show.until(0.5), key=lambda packet: packet.dts_ms):
        output.put(moved(packet, 0))
    output.stop(servers.PATIENCE_S)
    stats = output.stats()
    assert (stats.frames, stats.dropped, stats.missed) == (15, 0, 0)
    assert stats.bytes > sum(len(packet.data) for packet in show.until(0.5))


def test_put_never_blocks_and_stop_is_quick_and_may_come_twice(place, show):
    output = open_output(place, Told())
    with Player(show, [output], loop_s=LOOP_S) as player:
        servers.wait_until(lambda: output.stats().frames > 20, what="pictures")
        assert stops_at_once(output)
        assert stops_at_once(output)
    assert player.slowest_put_s < AT_ONCE_S
    output.put(moved(show.packets[0], 0))


def test_an_output_that_never_started_stops(place, show):
    output = open_output(place, Told())
    output.put(show.packets[0])
    output.retry_now()
    output.stop(1.0)
    assert output.stats().state == "stopped"


def test_a_session_joined_in_the_middle_begins_at_the_next_keyframe(place, show):
    output = _live(place, show)
    late = [packet for packet in sorted(show.until(2.6), key=lambda packet: packet.dts_ms) if packet.dts_ms >= 1500]
    for packet in late:
        output.put(moved(packet, 0))
    output.stop(servers.PATIENCE_S)
    stats = output.stats()
    assert (stats.frames, stats.missed) == (18, 15)


@pytest.mark.parametrize("extension", FILES)
def test_a_recording_holds_every_picture_sound_and_tag(extension, show, tmp_path):
    path = tmp_path / f"show.{extension}"
    output = open_output(OutputSettings(name="archive", path=str(path)), Told())
    _play_all(output, show)
    assert decode.decode_errors(path) == []
    assert [number_in(luma) for luma in decode.luma_frames(path, WIDTH, HEIGHT)] == list(range(240))
    assert np.allclose(decode.keyframe_times(path), np.arange(8) + decode.keyframe_times(path)[0], atol=0.0015)
    seen = decode.describe(path)
    assert (seen.video["color_space"], seen.video["color_range"], seen.video["r_frame_rate"]) == ("bt709", "tv", "30/1")
    assert seen.audio["sample_rate"] == "48000"
    assert abs(float(seen.video["start_time"]) - float(seen.audio["start_time"])) < 0.005
    assert len(decode.packet_times(path, "a")) >= 374


def test_the_sound_of_a_recording_is_where_it_was_put(show, tmp_path):
    """The beep begins with the flash of each second: within one millisecond, encoder delay and all."""
    path = tmp_path / "show.mkv"
    _play_all(open_output(OutputSettings(name="archive", path=str(path)), Told()), show)
    assert np.allclose(decode.beep_times(path, 0.1)[1:7], np.arange(1, 7), atol=0.001)
    assert np.allclose(decode.flash_times(path, WIDTH, HEIGHT), np.arange(8), atol=0.001)


@pytest.fixture(scope="module")
def reordered():
    """A show with lookahead and B-frames."""
    show = encode(4, replace(SETTINGS, latency="normal", preset="veryfast"))
    assert any(packet.pts != packet.dts for packet in show.packets)
    return show


@pytest.mark.parametrize("extension", FILES)
def test_b_frames_are_recorded_with_their_sound_in_step(extension, reordered, tmp_path):
    path = tmp_path / f"show.{extension}"
    _play_all(open_output(OutputSettings(name="archive", path=str(path)), Told()), reordered)
    assert decode.decode_errors(path) == []
    assert [number_in(luma) for luma in decode.luma_frames(path, WIDTH, HEIGHT)] == list(range(120))
    assert max(map(abs, decode.offsets_ms(path, WIDTH, HEIGHT))) <= 2


def test_a_closed_mp4_is_a_plain_one_with_an_index(show, tmp_path):
    path = tmp_path / "show.mp4"
    _play_all(open_output(OutputSettings(name="archive", path=str(path)), Told()), show)
    assert _boxes(path.read_bytes())[-2:] == ["mdat", "moov"]
    assert "moof" not in _boxes(path.read_bytes())
    assert decode.describe(path).video["nb_frames"] == "240"


def _boxes(data):
    names, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        names.append(data[at + 4 : at + 8].decode())
        at += int.from_bytes(data[at + 8 : at + 16], "big") if size == 1 else size
    return names


def _play_all(output, show):
    output.start(show.header)
    servers.wait_until(lambda: output.stats().state == "live", what="live")
    put_as_taken(output, show, LOOP_S, LOOP_S)
    output.stop(servers.PATIENCE_S)
    assert output.stats().state == "stopped", output.stats()
