"""The conversation without a socket: any server's answer is obeyed or refused, and no key gets out but to the server."""

import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from encoder import amf
from encoder.chunks import ChunkReader, Message, write_message
from encoder.flv import Tag
from encoder.rtmp import RtmpSession
from encoder.target import parse_target
from studio.errors import InvalidInput, OutputFailed
from studio.model.frames import StreamHeader
from studio.model.settings import OutputSettings

KEY = "k-5up3r-53cr3t"


def _target(server="rtmp://example.test:1936/live/room", key=KEY):
    return parse_target(OutputSettings(name="main", server=server, key=key))


@pytest.fixture(scope="module")
def header(show) -> StreamHeader:
    return show.header


def _shaken(header, target=None) -> RtmpSession:
    """A session past its handshake."""
    session = RtmpSession(target or _target(), header)
    hello = session.take_outgoing()
    assert len(hello) == 1537
    session.receive(b"\x03" + bytes(1536) + hello[1:])
    return session


def _command(*values) -> bytes:
    return write_message(3, Message(20, 0, 0, amf.encode(*values)), 128)


def _connected(header) -> RtmpSession:
    session = _shaken(header)
    session.receive(_command("_result", 1, None, {"code": "NetConnection.Connect.Success"}))
    return session


def _publishing(header) -> RtmpSession:
    session = _connected(header)
    session.receive(_command("_result", 4, None, 9))
    return session


def _live(header) -> RtmpSession:
    session = _publishing(header)
    session.receive(_command("onStatus", 0, None, {"level": "status", "code": "NetStream.Publish.Start"}))
    assert session.step == "live"
    return session


def _said(data: bytes) -> list[list]:
    """The commands in what was sent after the handshake's last part."""
    reader = ChunkReader()
    reader.feed(data)
    commands = []
    while (message := reader.next_message()) is not None:
        if message.kind == 1:
            reader.set_chunk_size(struct.unpack(">I", message.body)[0])
        elif message.kind == 20:
            commands.append(amf.decode(message.body))
    return commands


def test_the_conversation_follows_the_book(header):
    session = RtmpSession(_target(), header)
    hello = session.take_outgoing()
    answer = bytes(range(256)) * 6
    session.receive(b"\x03" + answer)
    assert session.take_outgoing() == b""
    session.receive(hello[1:])
    sent = session.take_outgoing()
    assert sent[:1536] == answer
    ((name, number, facts),) = _said(sent[1536:])
    assert (name, number, facts["app"], facts["tcUrl"]) == ("connect", 1, "live/room", "rtmp://example.test:1936/live/room")
    session.receive(_command("_result", 1, None, {"code": "NetConnection.Connect.Success"}))
    assert [command[0] for command in _said(session.take_outgoing())] == ["releaseStream", "FCPublish", "createStream"]
    session.receive(_command("_error", 2, None, None) + _command("_error", 3, None, None) + _command("_result", 4, None, 9))
    assert session.take_outgoing().count(KEY.encode()) == 1
    assert session.step == "publish"


def test_it_is_live_only_when_the_server_says_so(header):
    session = _publishing(header)
    session.receive(_command("onStatus", 0, None, {"level": "status", "code": "NetStream.Play.Start"}))
    assert session.step == "publish"
    session.receive(_command("onStatus", 0, None, {"level": "status", "code": "NetStream.Publish.Start"}))
    assert session.step == "live"


def test_media_goes_to_the_stream_that_the_server_gave(header):
    data = _live(header).send_tag(Tag(9, 5, b"abc"))
    assert struct.unpack_from("<I", data, 8)[0] == 9


def test_a_farewell_names_stream_and_key_and_only_once(header):
    session = _live(header)
    session.take_outgoing()
    assert [command[0] for command in _said_in_4096(session.farewell_bytes())] == ["FCUnpublish", "deleteStream"]
    assert session.farewell_bytes() == b""
    assert RtmpSession(_target(), header).farewell_bytes() == b""


def _said_in_4096(data):
    return _said(write_message(2, Message(1, 0, 0, struct.pack(">I", 4096)), 128) + data)


def test_a_new_chunk_size_counts_from_the_next_message_on(header):
    session = _connected(header)
    long_words = {"code": "NetStream.Publish.Start", "level": "status", "description": "x" * 3000}
    session.receive(write_message(2, Message(1, 0, 0, struct.pack(">I", 2000)), 128))
    session.receive(write_message(3, Message(20, 0, 0, amf.encode("_result", 4, None, 1)), 2000))
    session.receive(write_message(3, Message(20, 0, 0, amf.encode("onStatus", 0, None, long_words)), 2000))
    assert session.step == "live"


def test_commands_behind_an_amf3_byte_are_understood(header):
    session = _publishing(header)
    body = b"\0" + amf.encode("onStatus", 0, None, {"level": "status", "code": "NetStream.Publish.Start"})
    session.receive(write_message(3, Message(17, 0, 0, body), 128))
    assert session.step == "live"


@pytest.mark.parametrize(
    ("code", "expected", "is_retryable"),
    [
        ("NetStream.Publish.BadName", "output.name_refused", False),
        ("NetStream.Publish.Denied", "output.publish_refused", False),
        ("NetConnection.Connect.Closed", "output.closed", True),
        (f"NetStream.{KEY}", "output.publish_refused", False),
        ("<b>{0.__class__}%s\n</b>", "output.publish_refused", False),
    ],
)
def test_a_refusal_is_told_by_its_status_word_without_the_servers_sentence(header, code, expected, is_retryable):
    session = _publishing(header)
    with pytest.raises(OutputFailed) as told:
        session.receive(_command("onStatus", 0, None, {"level": "error", "code": code, "description": f"bad key {KEY}"}))
    assert (told.value.code, told.value.retryable) == (expected, is_retryable)
    assert told.value.params.get("said", "") in {"", code}
    assert KEY not in str(told.value) + repr(told.value) + repr(session)


@pytest.mark.parametrize(
    "answer",
    [
        ("_error", 1, None, {"code": "NetConnection.Connect.Rejected"}),
        ("_error", 1),
        ("_error", 1, None, None),
    ],
)
def test_a_refused_connect_is_a_refused_app(header, answer):
    with pytest.raises(OutputFailed) as told:
        _shaken(header).receive(_command(*answer))
    assert told.value.code == "output.app_refused"


@pytest.mark.parametrize("stream", [None, "9", -1, float("nan"), float("inf"), 2**40])
def test_a_stream_number_that_is_none_is_refused(header, stream):
    session = _connected(header)
    with pytest.raises(OutputFailed):
        session.receive(_command("_result", 4, None, stream))


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=1500), begin=st.sampled_from(["new", "shaken", "publishing", "live"]))
def test_a_server_may_send_anything(header, data, begin):
    session = {"new": lambda h: RtmpSession(_target(), h), "shaken": _shaken, "publishing": _publishing, "live": _live}[begin](header)
    try:
        session.receive(data)
        assert len(session.take_outgoing()) < 100_000
    except OutputFailed as error:
        assert KEY not in str(error)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    kind=st.integers(0, 24),
    body=st.binary(max_size=60)
    | st.builds(amf.encode, st.text(max_size=12), st.floats(), st.none(), st.dictionaries(st.text(max_size=6), st.floats())),
)
def test_a_server_may_send_any_message(header, kind, body):
    session = _live(header)
    try:
        session.receive(write_message(3, Message(kind, 0, 0, body), 128))
    except OutputFailed as error:
        assert KEY not in str(error)


@pytest.mark.parametrize(
    ("settings_", "app", "key", "tc_url", "port"),
    [
        (OutputSettings(server="rtmp://a.test/live", key="k"), "live", "k", "rtmp://a.test/live", 1935),
        (OutputSettings(server="rtmp://a.test/live/", key=" k\n"), "live", "k", "rtmp://a.test/live", 1935),
        (OutputSettings(server="rtmp://a.test:99/x/y?s=1", key="k?a=1&b=/2"), "x/y?s=1", "k?a=1&b=/2", "rtmp://a.test:99/x/y?s=1", 99),
        (OutputSettings(url="rtmps://a.test/x/y/k?a=/1"), "x/y", "k?a=/1", "rtmps://a.test/x/y", 443),
        (OutputSettings(server="rtmp://[::1]:1935/live", key="k"), "live", "k", "rtmp://[::1]:1935/live", 1935),
    ],
)
def test_an_address_comes_apart_as_the_contract_says(settings_, app, key, tc_url, port):
    target = parse_target(settings_)
    assert (target.app, target.key, target.tc_url, target.port) == (app, key, tc_url, port)
    assert target.is_tls == tc_url.startswith("rtmps")


@pytest.mark.parametrize(
    "server", ["", "rtmp://", "http://a.test/live", "rtmp://a.test", "rtmp://a.test:x/live", "rtmp:///live", "rtmp://[::1/live"]
)
def test_an_address_that_can_be_none_is_refused_without_repeating_it(server):
    with pytest.raises(InvalidInput) as told:
        parse_target(OutputSettings(name="main", server=server, key=KEY))
    assert KEY not in str(told.value)


@pytest.mark.parametrize(
    ("key", "code"), [("", "output.no_key"), (" \n", "output.no_key"), ("a b", "output.bad_key"), ("a\ud800", "output.bad_key")]
)
def test_a_key_with_a_blank_inside_or_none_at_all_is_refused_in_words(key, code):
    with pytest.raises(InvalidInput) as told:
        _target(key=key)
    assert told.value.code == code


def test_no_repr_shows_a_key_or_an_app(header):
    target = _target("rtmp://example.test/app-s3cret")
    assert "s3cret" not in repr(target)
    assert KEY not in repr(target) + repr(RtmpSession(target, header))
