"""What real ingests need of a publisher, each against a server that holds every broken rule against us."""

import itertools
import socket
import ssl
import subprocess
import threading

import pytest

from encoder import open_output
from encoder.sender import RtmpOutput
from studio.model.settings import OutputSettings
from tests import servers
from tests.encoder.conftest import LOOP_S
from tests.encoder.ingest import ingest
from tests.encoder.show import Player, Told, put_as_taken, stops_at_once

KEY = "k-5up3r-53cr3t?token=a/b&sign=%2F=="


def _output(server, told=None, key=KEY) -> RtmpOutput:
    output = open_output(OutputSettings(name="main", server=server, key=key), told or Told())
    assert isinstance(output, RtmpOutput)
    return output


@pytest.mark.parametrize("begin_ms", [0xFFFFFF - 15_000, 2**31 - 15_000], ids=["2^24", "2^31"])
def test_stamps_that_outgrow_their_field_are_extended_in_every_chunk(show, monkeypatch, begin_ms):
    """Sixteen and a half seconds across the border; the server compares each type 3 chunk's stamp with its message's."""
    monkeypatch.setattr("encoder.publication.Publication._FIRST_MS", begin_ms)
    with ingest(begin_ms=begin_ms) as server:
        output = _output(server.server)
        output.start(show.header)
        servers.wait_until(lambda: output.stats().state == "live", what="live")
        put_as_taken(output, show, 17.0, LOOP_S)
        servers.wait_until(lambda: server.complaints or server.media(9)[-1].timestamp_ms > begin_ms + 16_500, what="the other side")
        output.stop(servers.PATIENCE_S)
    assert server.complaints == []
    assert max(len(message.body) for message in server.media(9)) > 4096, "no picture was larger than a chunk"
    assert all(0 < after.timestamp_ms - before.timestamp_ms <= 34 for before, after in itertools.pairwise(server.media(9)))
    assert output.stats().dropped == output.stats().missed == 0


def test_small_windows_are_acknowledged_and_every_ping_is_answered(show):
    with ingest(window=2_000, pings=500) as server:
        output = _output(server.server)
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: len([m for m in server.messages if m.kind == 4]) == 500, what="all pongs")
    assert [int.from_bytes(m.body[2:6], "big") for m in server.messages if m.kind == 4] == list(range(12345, 12845))
    assert server.acknowledged == sorted(server.acknowledged)
    assert max(server.acknowledged) > 6_000
    assert server.complaints == []


def test_a_key_keeps_its_query_to_the_letter(show):
    with ingest() as server:
        with Player(show, [_output(server.server)], loop_s=LOOP_S):
            servers.wait_until(lambda: len(server.media(9)) > 3, what="pictures")
        servers.wait_until(lambda: "deleteStream" in server.names(), what="the goodbye")
    said = {command[0]: command for command in server.commands}
    assert [said[name][3] for name in ("releaseStream", "FCPublish", "publish", "FCUnpublish")] == [KEY] * 4
    assert said["deleteStream"][3] == 1


@pytest.mark.parametrize(
    ("fault", "detail", "params"),
    [
        ("redirect", "output.redirected", {"host": "127.0.0.1", "to": "rtmp://other.example.test:1936/elsewhere"}),
        ("needs_login", "output.needs_login", {"host": "127.0.0.1", "kind": "adobe"}),
    ],
)
def test_being_sent_elsewhere_or_asked_for_a_login_is_told_and_the_key_stays_here(show, fault, detail, params):
    with ingest(fault) as server:
        output = _output(server.server)
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().state == "refused", what="refused")
            assert (output.stats().detail, dict(output.stats().detail_params)) == (detail, params)
    assert KEY.encode() not in b"".join(message.body for message in server.messages)


def test_it_publishes_over_ipv6(show):
    with ingest(family=socket.AF_INET6) as server, Player(show, [_output(server.server)], loop_s=LOOP_S):
        servers.wait_until(lambda: len(server.media(9)) > 10, what="pictures")
    assert server.complaints == []


@pytest.fixture
def dead_address():
    """An address that never answers, as a network without IPv6 does: a listener whose queue is full."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()


def _names(monkeypatch, *addresses):
    rows = [(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, 0, "", (host, port)) for host, port in addresses]
    monkeypatch.setattr("encoder.names.socket.getaddrinfo", lambda *_, **__: rows)


def test_an_address_that_never_answers_does_not_hold_up_the_other_family(show, monkeypatch, dead_address):
    monkeypatch.setattr("encoder.dial._CONNECT_S", 300.0)  # who waits for the dead one first isn't live in time
    with ingest(family=socket.AF_INET6) as server:
        _names(monkeypatch, dead_address, (server.host, server.port))
        output = _output("rtmp://both.example.test/live")
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().state == "live", what="live")


def test_an_attempt_on_addresses_that_never_answer_ends_and_is_made_anew(show, monkeypatch, dead_address):
    _names(monkeypatch, dead_address)
    output = _output("rtmp://dead.example.test/live")
    with Player(show, [output], loop_s=LOOP_S):
        servers.wait_until(
            lambda: output.stats().detail == "output.unreachable", what="unreachable: the system alone would take two minutes"
        )


def test_an_attempt_on_addresses_that_never_answer_does_not_hold_up_a_stop(show, monkeypatch, dead_address):
    monkeypatch.setattr("encoder.dial._CONNECT_S", 300.0)
    asked = threading.Event()
    row = (socket.AF_INET, socket.SOCK_STREAM, 0, "", dead_address)
    monkeypatch.setattr("encoder.names.socket.getaddrinfo", lambda *_, **__: asked.set() or [row])
    output = _output("rtmp://dead.example.test/live")
    with Player(show, [output], loop_s=LOOP_S):
        assert asked.wait(servers.PATIENCE_S)
        assert stops_at_once(output)


def test_a_resolver_that_hangs_is_told_and_holds_no_stop_up(monkeypatch, show):
    answers = threading.Event()
    asked = []

    def resolve(*_, **__):
        asked.append(1)
        answers.wait(120)
        raise OSError("too late")

    monkeypatch.setattr("encoder.names.socket.getaddrinfo", resolve)
    output = _output("rtmp://slow.example.test/live")
    try:
        with Player(show, [output], loop_s=LOOP_S) as player:
            servers.wait_until(lambda: output.stats().detail == "output.no_address", what="no address")
            told_s = player.played_s
            servers.wait_until(lambda: player.played_s > told_s + 1.5, what="the next attempt")
            assert stops_at_once(output)
            assert asked == [1], "a question that hangs is not asked again"
    finally:
        answers.set()


def test_a_stop_does_not_wait_for_a_server_that_reads_nothing_any_more(show):
    with ingest("stop_reading") as server:
        output = _output(server.server)
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().backlog_ms > 300, what="the line is full")
            assert stops_at_once(output)
    assert output.stats().state == "stopped"


def test_a_name_that_the_server_holds_for_our_lost_connection_is_asked_for_until_it_is_free(show, monkeypatch):
    monkeypatch.setattr("encoder.sender.SETTLED_S", 0.3)
    told = Told()
    with ingest() as server:
        output = _output(server.server, told)
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: len(server.media(9)) > 30, what="settled")
            server.fault = "refuse_name"
            server.hang_up()
            servers.wait_until(lambda: server.connections >= 5, what="asked again and again")
            assert (output.stats().state, output.stats().detail) == ("reconnecting", "output.still_held")
            server.fault = "none"
            servers.wait_until(lambda: output.stats().state == "live", what="live again")
    assert "refused" not in told.names()
    assert output.stats().connects == 2


@pytest.fixture(scope="module")
def named_certificate(tmp_path_factory):
    """A certificate for one name, and the names that were asked for (SNI)."""
    folder = tmp_path_factory.mktemp("named")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout",
         folder / "key.pem", "-out", folder / "cert.pem", "-subj", "/CN=live.example.test", "-addext", "subjectAltName=DNS:live.example.test"],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    context, asked = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), []
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    context.sni_callback = lambda _, name, __: asked.append(name)
    return folder / "cert.pem", context, asked


def test_rtmps_asks_for_the_servers_name_and_goes_live_when_the_certificate_is_its(show, named_certificate, monkeypatch):
    path, context, asked = named_certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with ingest(tls=context) as server:
        _names(monkeypatch, (server.host, server.port))
        with Player(show, [_output("rtmps://live.example.test/live")], loop_s=LOOP_S):
            servers.wait_until(lambda: len(server.media(9)) > 10, what="pictures")
    assert asked == ["live.example.test"]
    assert server.complaints == []


def test_a_trusted_certificate_for_another_name_gets_no_byte_of_rtmp(show, named_certificate, monkeypatch):
    path, context, _ = named_certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with ingest(tls=context) as server:
        _names(monkeypatch, (server.host, server.port))
        output = _output("rtmps://other.example.test/live")
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: output.stats().state == "refused", what="refused")
            assert output.stats().detail == "output.bad_certificate"
    assert server.messages == []
    assert output.stats().bytes == 0


def test_a_stop_in_the_middle_of_a_silent_tls_handshake_is_quick(show, monkeypatch):
    monkeypatch.setattr("encoder.dial._TLS_S", 300.0)
    with ingest("silent") as server:
        output = _output(server.server.replace("rtmp:", "rtmps:"))
        with Player(show, [output], loop_s=LOOP_S):
            servers.wait_until(lambda: server.connections == 1, what="connected")
            assert stops_at_once(output)
