"""Addresses as a profile writes them: where the control API listens besides, and the host of a server.

Pure: nothing is looked up, and no address is taken.
"""

from typing import Final
from urllib.parse import urlsplit

from studio.errors import InvalidInput

_OWN: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_PORTS: Final = range(1, 65_536)


def parse_listen(listen: str) -> tuple[str, int] | None:
    """Host and port of `[remote] listen`, None for "". Raises InvalidInput.

    Only this machine's own addresses: tokens must not cross a network in the clear, so a tunnel or a proxy with TLS stands before it.
    """
    if not listen:
        return None
    host, colon, port = listen.rpartition(":")
    if not (colon and port.isascii() and port.isdigit() and int(port[:6]) in _PORTS):
        raise InvalidInput("remote.listen", listen=listen)
    if host not in _OWN:
        raise InvalidInput("remote.listen_beyond", listen=listen)
    return host.strip("[]"), int(port)


def check_listen(listen: str) -> str:
    """What is allowed where `listen` can't be listened at."""
    try:
        parse_listen(listen)
    except InvalidInput as error:
        is_elsewhere = error.code == "remote.listen_beyond"
        return "only this computer's own address, behind a tunnel or a proxy with TLS" if is_elsewhere else "HOST:PORT, as 127.0.0.1:8787"
    return ""


def is_host(place: str) -> bool:
    """Whether this is HOST or HOST:PORT, with or without a login before it."""
    try:
        parts = urlsplit(f"//{place}")
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port beyond 65,535 or no number, a [ that nothing closes
        return False
