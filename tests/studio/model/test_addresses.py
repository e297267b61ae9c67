import pytest

from studio.errors import InvalidInput
from studio.model.addresses import check_listen, is_host, parse_listen


@pytest.mark.parametrize("listen", ["0.0.0.0:8787", "192.168.1.2:8787", ":8787", "[::]:8787", "studio.example:8787", "127.0.0.2:8787"])
def test_tokens_are_not_served_beyond_this_machine_in_the_clear(listen):
    with pytest.raises(InvalidInput) as caught:
        parse_listen(listen)
    assert caught.value.code == "remote.listen_beyond"
    assert "tunnel" in check_listen(listen)


@pytest.mark.parametrize(
    "listen",
    ["8787", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x", "127.0.0.1:99999999999999", "127.0.0.1:８７"],
)
def test_an_address_without_a_port_is_refused(listen):
    with pytest.raises(InvalidInput) as caught:
        parse_listen(listen)
    assert caught.value.code == "remote.listen"
    assert "127.0.0.1:8787" in check_listen(listen)


def test_addresses_of_this_machine_are_taken():
    assert parse_listen("") is None
    assert check_listen("") == check_listen("localhost:1") == ""
    assert parse_listen("127.0.0.1:8787") == ("127.0.0.1", 8787)
    assert parse_listen("[::1]:8787") == ("::1", 8787)


@pytest.mark.parametrize("place", ["h", "h:1935", "10.0.0.1:65535", "[::1]:1935", "user:word@h:1935"])
def test_a_server_has_a_host_and_perhaps_a_port(place):
    assert is_host(place)


@pytest.mark.parametrize("place", ["", ":1935", "h:0", "h:65536", "h:99999", "h:x", "[::1", "@"])
def test_what_is_no_host_is_known_before_anybody_calls_it(place):
    assert not is_host(place)
