"""Every way in which a server or a network lets us down, and what the output makes of it."""

import itertools
import logging
import socket
import ssl
import subprocess

import numpy as np
import pytest

from encoder import open_output
from encoder.sender import RtmpOutput
from studio.model.settings import OutputSettings
from tests import servers
from tests.encoder.conftest import LOOP_S
from tests.encoder.ingest import ingest, script
from tests.encoder.show import AT_ONCE_S, Player, Told, moved, stops_at_once

KEY = "k-5up3r-53cr3t"


def _output(server, told=None, **settings) -> RtmpOutput:
    output = open_output(OutputSettings(name="main", server=server, key=KEY, **settings), told or Told())
    assert isinstance(output, RtmpOutput)
    return output


def _until(output, state, timeout_s=servers.PATIENCE_S):
    servers.wait_until(lambda: output.stats().state == state, timeout_s, f"{state} (now {output.stats()})")


def test_a_strict_server_has_nothing_to_complain_about(show):
    with ingest() as server:
        output = _output(server.server)
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: len(server.media(9)) > 45, what="pictures arrive")
        servers.wait_until(lambda: server.ended_by, what="the end")
    assert server.complaints == []
    assert server.names() == ["connect", "releaseStream", "FCPublish", "createStream", "publish", "FCUnpublish", "deleteStream"]
    connect = server.commands[0][2]
    assert (connect["app"], connect["tcUrl"]) == ("live", server.server)
    assert server.commands[4][3:] == [KEY, "live"]
    assert output.stats().state == "stopped"


def test_a_session_begins_with_metadata_both_headers_and_a_keyframe_at_zero(show):
    with ingest() as server:
        output = _output(server.server)
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: len(server.media(9)) > 5, what="pictures arrive")
    tags = [message for message in server.messages if message.kind in {8, 9, 18}]
    name, event, facts = script(tags[0])
    assert (name, event) == ("@setDataFrame", "onMetaData")
    assert (facts["width"], facts["height"], facts["framerate"], facts["videodatarate"]) == (320, 240, 30, 800)
    assert (tags[1].kind, tags[1].body[:5], tags[2].kind, tags[2].body[:2]) == (9, b"\x17\0\0\0\0", 8, b"\xaf\0")
    assert (tags[3].kind, tags[3].body[:2], tags[3].timestamp_ms) == (9, b"\x17\1", 0)
    sounds = [message.timestamp_ms for message in server.media(8)]
    assert sounds[0] < 22
    assert set(np.diff(sounds)) <= {21, 22}


def test_pings_are_answered_and_windows_acknowledged(show):
    with ingest() as server:
        output = _output(server.server)
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: any(m.kind == 4 and m.body == b"\0\7\0\0\x30\x39" for m in server.messages), what="a pong")
    assert any(message.kind == 5 for message in server.messages), "the window's size in answer to the peer bandwidth"
    assert server.complaints == []


def test_a_server_that_does_not_know_release_stream_is_no_trouble(show):
    with ingest("unknown_release") as server:
        output = _output(server.server)
        with Player(show, [output], loop_s=LOOP_S):
            _until(output, "live")


def test_a_server_that_accepts_and_stays_silent_costs_nobody_else_anything(show, monkeypatch):
    with ingest("silent") as silent, ingest() as good:
        lost, fine = _output(silent.server), _output(good.server)
        fine.start(show.header)
        _until(fine, "live")
        monkeypatch.setattr("encoder.publication._ANSWER_NS", 700_000_000)
        with Player(show, [lost, fine], loop_s=LOOP_S) as player:
            servers.wait_until(lambda: lost.stats().detail == "output.silent", what="silence is noticed")
            servers.wait_until(lambda: silent.connections >= 2, what="another attempt")
            assert fine.stats().dropped == fine.stats().missed == 0
            assert player.slowest_put_s < AT_ONCE_S
            monkeypatch.setattr("encoder.publication._ANSWER_NS", 300_000_000_000)
            assert stops_at_once(lost)
    assert lost.stats().connects == 0
    assert lost.stats().missed > 0


@pytest.mark.parametrize(
    ("fault", "state", "detail"),
    [
        ("refuse_app", "refused", "output.app_refused"),
        ("refuse_name", "refused", "output.name_refused"),
        ("echo_key", "refused", "output.publish_refused"),
        ("close_at_publish", "refused", "output.publish_refused"),
        ("close_after_start", "refused", "output.publish_refused"),
        ("garbage", "connecting", "output.not_rtmp"),
        ("huge_chunk_size", "connecting", "output.not_rtmp"),
        ("deep_amf", "connecting", "output.not_rtmp"),
    ],
)
def test_what_a_server_does_wrong_is_said_and_never_the_key(show, fault, state, detail, caplog):
    caplog.set_level(logging.DEBUG)
    told = Told()
    with ingest(fault) as server:
        output = _output(server.server, told)
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: (output.stats().state, output.stats().detail) == (state, detail), what=f"{state} {detail}")
            shown = repr([output, told.states, output.stats(), server.server])
    assert KEY not in shown + caplog.text
    assert output.stats().frames == 0 or fault == "close_after_start"


def test_a_refusal_is_not_repeated_in_a_rush_but_at_once_when_asked_to(show, monkeypatch):
    monkeypatch.setattr("encoder.retry._REFUSED_S", (300.0,))
    with ingest("refuse_name") as server:
        output = _output(server.server)
        with Player(show, [output], loop_s=LOOP_S):
            _until(output, "refused")
            servers.wait_until(lambda: server.connections == 1, what="one attempt")
            server.fault = "none"
            output.retry_now()
            _until(output, "live")
    assert server.connections == 2


def test_a_port_where_nobody_listens_is_tried_again_and_again(show):
    port = servers.free_port()
    output = _output(f"rtmp://127.0.0.1:{port}/live")
    with Player(show, [output], loop_s=LOOP_S):
        servers.wait_until(lambda: output.stats().detail == "output.unreachable", what="nobody there")
        servers.wait_until(lambda: output.stats().missed > 0, what="pictures are missed")
        with ingest(port=port) as server:
            _until(output, "live")
            assert server.connections == 1
    assert output.stats().dropped == 0


def test_a_name_that_nobody_knows_is_said():
    output = _output("rtmp://nowhere.invalid/live")
    output.start(_header())
    servers.wait_until(lambda: output.stats().detail == "output.no_address", 30, "no address")
    assert output.stats().state == "connecting"
    output.stop(5.0)


def _header():
    from tests.encoder.show import encode

    return encode(0.1).header


def test_each_address_of_a_name_is_tried_and_the_name_asked_again_each_time(show, monkeypatch):
    closed, asked = servers.free_port(), []
    with ingest() as server:
        answers = [[closed], [closed, server.port]]

        def resolve(host, port, **_):
            asked.append((host, port))
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", at)) for at in answers[min(len(asked), 2) - 1]]

        monkeypatch.setattr("encoder.names.socket.getaddrinfo", resolve)
        output = _output("rtmp://moving.test/live")
        with Player(show, [output], loop_s=LOOP_S):
            _until(output, "live")
    assert asked == [("moving.test", 1935)] * 2


def test_a_server_that_stops_reading_is_left_and_its_ghost_is_reset(show, monkeypatch):
    with ingest("stop_reading") as server:
        output = _output(server.server)
        with Player(show, [output], loop_s=LOOP_S) as player:
            servers.wait_until(lambda: len(server.media()) >= server.after_messages, what="the server reads no more")
            monkeypatch.setattr("encoder.progress._STALLED_NS", 800_000_000)
            servers.wait_until(lambda: output.stats().detail == "output.stalled", what="the stall is seen")
            monkeypatch.setattr("encoder.progress._STALLED_NS", 300_000_000_000)  # a machine that stands still is no second stall
            server.fault = "none"
            _until(output, "live")
            assert player.slowest_put_s < AT_ONCE_S
    assert server.held_ended_by == ["reset"]
    assert output.stats().connects == 2
    assert server.complaints == []


def test_a_link_that_takes_half_the_rate_loses_pictures_up_to_keyframes_and_no_sound(show):
    with ingest(bytes_a_second=60_000) as server:
        output = _output(server.server)
        with Player(show, [output], loop_s=LOOP_S) as player:
            servers.wait_until(lambda: output.stats().dropped > 20 and player.played_s > 6, what="pictures are dropped")
            stats = output.stats()
    assert stats.connects == 1
    assert stats.missed <= 3
    assert stats.backlog_ms_max < 1300, "this reader opens its window in jerks; the fault table has the figure of a real link"
    assert 0 < stats.wanted_kbps < 800
    sounds = [message.timestamp_ms for message in server.media(8)]
    assert set(np.diff(sounds)) <= {21, 22}, "every frame of sound"
    pictures = server.media(9)
    for before, after in itertools.pairwise(pictures):
        if after.timestamp_ms - before.timestamp_ms > 34:
            assert after.body[0] == 0x17, "after a gap comes a keyframe"
    assert server.complaints == []


def test_a_link_too_slow_for_sound_and_keyframes_is_connected_anew(show):
    told = Told()
    with ingest(bytes_a_second=9_000) as server:
        output = _output(server.server, told)
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().detail == "output.too_slow", what="too slow")
    assert "live" in told.names()


def test_the_first_keyframe_waits_for_a_connection_that_stands_within_its_queue(show):
    """A publication that needs 300 ms to stand still begins with the show's first picture, not a keyframe distance later."""
    with ingest() as server:
        output = _output(server.server)
        output.start(show.header)
        for packet in sorted(show.until(0.5), key=lambda packet: packet.dts_ms):
            output.put(moved(packet, 0))
        servers.wait_until(lambda: output.stats().frames >= 14, what="the first pictures arrive")
        output.stop(2.0)
    assert output.stats().missed == 0


def test_stop_sends_what_waits(show):
    with ingest() as server:
        output = _output(server.server)
        output.start(show.header)
        _until(output, "live")
        for packet in sorted(show.until(0.6), key=lambda packet: packet.dts_ms):
            output.put(moved(packet, 0))
        output.stop(3.0)
        servers.wait_until(lambda: "deleteStream" in server.names(), what="the goodbye")
    assert len(server.media(9)) == 18
    assert output.stats().frames == 18


def test_each_picture_of_a_show_that_never_got_through_is_missed_those_too_that_still_waited_at_the_stop(show):
    output = _output(f"rtmp://127.0.0.1:{servers.free_port()}/live")
    output.start(show.header)
    packets = [moved(packet, 0) for packet in sorted(show.until(1.6), key=lambda packet: packet.dts_ms)]
    for packet in packets:
        output.put(packet)
    output.stop(servers.PATIENCE_S)
    stats = output.stats()
    assert (stats.frames, stats.dropped, stats.missed) == (0, 0, sum(packet.kind == "video" for packet in packets))


def test_an_address_that_can_be_none_fails_in_words():
    output = open_output(OutputSettings(name="main", server="rtmp://127.0.0.1/live", key=""), Told())
    output.start(_header())
    _until(output, "failed")
    assert output.stats().detail == "output.no_key"
    output.stop(1.0)
    output.stop(1.0)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem", context


def test_rtmps_goes_live_where_the_certificate_checks(show, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with ingest(tls=certificate[1]) as server:
        output = _output(server.server)
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: len(server.media(9)) > 60, what="pictures arrive")
    assert output.stats().kind == "rtmps"
    assert server.complaints == []
    assert set(np.diff([message.timestamp_ms for message in server.media(9)])) <= {33, 34}


def test_rtmps_with_a_certificate_that_does_not_check_sends_no_key_and_never_falls_back(show, certificate):
    with ingest(tls=certificate[1]) as server:
        output = _output(server.server)
        with Player(show, [output], loop_s=LOOP_S):
            _until(output, "refused")
            assert output.stats().detail == "output.bad_certificate"
    assert server.messages == []


def test_rtmps_to_a_server_without_tls_fails_and_sends_nothing_in_the_clear(show, monkeypatch):
    monkeypatch.setattr("encoder.dial._TLS_S", 0.5)
    with ingest() as server:
        output = _output(server.server.replace("rtmp:", "rtmps:"))
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().detail == "output.tls_failed", what="TLS fails")
    assert server.messages == []
    assert server.complaints[:1] == ["C0 is not version 3"]
